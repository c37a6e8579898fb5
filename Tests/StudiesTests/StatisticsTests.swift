import Testing
@testable import Studies

/// Against published values and values worked out elsewhere to more digits.
struct StatisticsTests {
    private func isNear(_ a: Double, _ b: Double, within distance: Double = 1e-4) -> Bool { abs(a - b) <= distance }

    @Test(arguments: [
        // Newcombe 1998, table I, method 3.
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ]) func wilson(successes: Int, trials: Int, low: Double, high: Double) {
        let interval = Proportion.wilson95(successes: successes, of: trials)
        #expect(isNear(interval.lowerBound, low))
        #expect(isNear(interval.upperBound, high))
    }

    @Test func withoutTrials() { #expect(Proportion.wilson95(successes: 0, of: 0) == 0...1) }

    @Test(arguments: [
        // Fagerland, Lydersen, Laake 2013, tables 1 and 2: airway hyper-responsiveness, and complete response.
        (1, 7, 0.0703125, 0.0390625),
        // Binomial tails by hand: 2 · 1/2⁵ and half the point off.
        (0, 5, 0.0625, 0.03125), (5, 0, 0.0625, 0.03125),
        (10, 2, 0.03857421875, 0.0224609375),
        (4, 4, 1, 1), (0, 0, 1, 1), (1, 0, 1, 0.5),
    ]) func mcNemar(first: Int, second: Int, exact: Double, mid: Double) {
        let pair = PairedDifference(problems: 21, firstOnly: first, secondOnly: second)
        #expect(isNear(pair.exactP, exact, within: 1e-9))
        #expect(isNear(pair.midP, mid, within: 1e-9))
    }

    @Test func manyDiscordantPairs() {
        // 2⁻ⁿ is 0 as a double from n = 1075; the answer is not.
        let pair = PairedDifference(problems: 5000, firstOnly: 1000, secondOnly: 1000)
        #expect(isNear(pair.exactP, 1, within: 1e-9))
        #expect(PairedDifference(problems: 5000, firstOnly: 1300, secondOnly: 1000).midP < 1e-6)
    }

    @Test func differenceInterval() {
        // By hand: (2 − 8)/23 ± 1.96 · √((2/23 + 8/23 − (6/23)²)/23).
        let pair = PairedDifference(problems: 21, firstOnly: 1, secondOnly: 7)
        #expect(isNear(pair.difference, -6.0 / 21, within: 1e-9))
        #expect(isNear(pair.ci95.lowerBound, -0.508359, within: 1e-5))
        #expect(isNear(pair.ci95.upperBound, -0.013380, within: 1e-5))
        #expect(PairedDifference(problems: 0, firstOnly: 0, secondOnly: 0).ci95 == -1...1)
    }
}
