import StrategyKit
import Testing

/// Chances and prices, against values that were worked out on paper.
@Suite struct StoppingTests {
    private func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-6 }

    /// Of five coins one or more show heads: 31/32. Of eight, two or more: 247/256.
    @Test func theLeadOverTheSecond() {
        #expect(Stopping.lead(of: 4, over: 0) == 31.0 / 32)
        #expect(near(Stopping.lead(of: 6, over: 1), 247.0 / 256))
        for votes in [0, 1, 7, 500, 5000] { #expect(near(Stopping.lead(of: votes, over: votes), 0.5)) }
        #expect(Stopping.lead(of: 900_000, over: 100_000) == 1)
    }

    /// Dirichlet(4, 2, 2) and (5, 2, 2), integrated by parts; with one other it is the Beta of the two.
    @Test func theLeadOverAll() {
        #expect(near(Stopping.lead(of: 3, over: [1, 1]), 1 - 1.125 / 3 + 106.0 / 243 / 6))
        #expect(near(Stopping.lead(of: 4, over: [1, 1]), 1 - 2.625 / 12 + 184.0 / 243 / 24))
        #expect(near(Stopping.lead(of: 2, over: [2, 2]), 1.0 / 3) && abs(Stopping.lead(of: 0, over: [0]) - 0.5) < 1e-4)
        for (first, second) in [(4, 0), (6, 1), (40, 31), (400, 350)] {
            #expect(abs(Stopping.lead(of: first, over: [second]) - Stopping.lead(of: first, over: second)) < 1e-4)
        }
    }

    /// δ = 1 has no bound on top. t = .3, s = .1: .3 + .1 ln 10. A price of half of s and more: the median.
    @Test func theFairCap() {
        #expect(near(Stopping.fairCap(ofSorted: [0.1, 0.3, 0.5], price: 0.005, delta: 1), 0.3 + 0.1 * 2.302585093))
        #expect(Stopping.fairCap(ofSorted: [0.1, 0.3, 0.5], price: 0.051, delta: 1) == 0.3)
        #expect(Stopping.fairCap(ofSorted: [0, 0.5, 1], price: 0.001, delta: 1) == 0.999)
    }
}
