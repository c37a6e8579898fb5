import Testing
@testable import StrategyKit

/// Draws from distributions: their moments over 20,000 draws of a fixed seed, and what they do with bits that are not
/// random.
@Suite struct DrawTests {
    /// Steele, Lea and Flood 2014.
    struct SplitMix: RandomNumberGenerator {
        var state: UInt64 = 7
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
    struct Constant: RandomNumberGenerator {
        let bits: UInt64
        mutating func next() -> UInt64 { bits }
    }

    private func moments(_ draw: (inout SplitMix) -> Double) -> (mean: Double, variance: Double) {
        var random = SplitMix()
        let draws = (0..<20_000).map { _ in draw(&random) }
        let mean = draws.reduce(0, +) / Double(draws.count)
        return (mean, draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(draws.count))
    }

    @Test func normal() {
        let (mean, variance) = moments { $0.normal() }
        #expect(abs(mean) < 0.03 && abs(variance - 1) < 0.05)
    }

    @Test(arguments: [0.5, 1, 4]) func gamma(_ shape: Double) {
        let (mean, variance) = moments { $0.gamma(shape) }
        #expect(abs(mean / shape - 1) < 0.05 && abs(variance / shape - 1) < 0.1)
    }

    /// The mean is a / (a + b), the variance a b / ((a + b)² (a + b + 1)).
    @Test func beta() {
        let (mean, variance) = moments { $0.beta(2, 6) }
        #expect(abs(mean - 0.25) < 0.01 && abs(variance - 12.0 / 64 / 9) < 0.002)
    }

    @Test func placesAreAsLikelyAsTheirWeights() {
        var random = SplitMix()
        var counts = [0, 0, 0, 0]
        for place in random.places(20_000, in: [1, 0, 2, 5]) { counts[place] += 1 }
        #expect(counts[1] == 0)
        for (count, share) in zip(counts, [0.125, 0, 0.25, 0.625]) {
            #expect(abs(Double(count) / 20_000 - share) < 0.02)
        }
        #expect(random.places(2, in: [0, 0]) == [0, 0] && random.places(1, in: []) == [0])
    }

    @Test(arguments: [0, 1 << 63, UInt64.max]) func bitsThatAreNotRandomEnd(_ bits: UInt64) {
        var random = Constant(bits: bits)
        for shape in [0.5, 1, 100] { #expect(random.gamma(shape) >= 0 && random.normal().isFinite) }
        #expect((0...1).contains(random.beta(0.5, 0.5)))
        #expect((0...1).contains(random.places(1, in: [1, 1])[0]))
    }

    @Test func softmaxShares() {
        #expect(softmax([0, 0]) == [0.5, 0.5])
        let shares = softmax([1, 0.5, 0], temperature: 0.5)  // e², e, 1
        #expect(
            abs(shares[0] - 0.6652) < 1e-4 && abs(shares[1] - 0.2447) < 1e-4 && abs(shares.reduce(0, +) - 1) < 1e-12)
        #expect(softmax([1000, 0]) == [1, 0])
        #expect(softmax([1, 3], temperature: 0) == [0, 1])
        #expect(softmax([]).isEmpty)
    }
}
