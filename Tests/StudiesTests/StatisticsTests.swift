import SearchCore
import SearchRuntime
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

    /// By hand: problem sums of what is off the mean, and those of the seeds.
    @Test func twoWayMean() {
        let mean = TwoWayMean([[1, 1, 0], [1, 0, 0]])
        #expect(mean.mean == 0.5 && mean.problems == 3 && mean.seeds == 2 && mean.count == 6)
        // By problem 1, 0, -1: (1 + 0 + 1) / 36 · 3/2. By seed 0.5, -0.5: 0.5 / 36 · 2. Both: 1.5 / 36 · 6/5.
        #expect(abs(mean.variance - max(3.0 / 36, 3.0 / 36 + 1.0 / 36 - 1.8 / 36)) < 1e-12)
        #expect(TwoWayMean([[1, 1], [1, 1]]).share95.upperBound == 1)
        #expect(TwoWayMean([[1, 1], [1, 1]]).share95 == Proportion.wilson95(successes: 2, of: 2))
        // A problem that is there twice counts as one; what was not measured counts as nothing.
        #expect(TwoWayMean([[1, 0, 0, 1]], clusters: [0, 1, 1, 0]).problems == 2)
        #expect(TwoWayMean([[1, nil], [nil, 0]]).count == 2)
        #expect(TwoWayMean([[nil], [nil]]).count == 0)
    }

    /// Problems of all difficulties, five seeds of each, and seeds that are good or bad for all problems alike: the
    /// interval holds what other problems and other seeds would show, about 95 times in 100. Seeds taken as more
    /// problems would not.
    @Test(arguments: [0.0, 0.1]) func coverage(seedSpread: Double) {
        let random = SampleRandom(seed: 7)
        var draw: UInt64 = 0
        func uniform() -> Double {
            draw += 1
            return Double(random.bits(draw) >> 11) / 0x1p53
        }
        var (held, heldNaively) = (0, 0)
        let rounds = 1000
        for _ in 0..<rounds {
            let ease = (0..<80).map { _ in uniform() < 0.5 ? 0.2 + 0.1 * uniform() : 0.7 + 0.1 * uniform() }
            let values = (0..<5).map { _ in
                let shift = (uniform() - 0.5) * 2 * seedSpread
                return ease.map { $0 + shift > uniform() ? 1.0 : 0.0 }
            }
            let mean = TwoWayMean(values)
            held += mean.share95.contains(0.5) ? 1 : 0
            let right = values.joined().count { $0 == 1 }
            heldNaively += Proportion.wilson95(successes: right, of: 400).contains(0.5) ? 1 : 0
        }
        #expect((900...980).contains(held), "\(held)")
        #expect(heldNaively < 880, "\(heldNaively)")
    }

    @Test func timeLeft() {
        var statistics = RuntimeStatistics()
        statistics.policy.decodedTokens = 100
        #expect(TimeLeft.seconds(of: Limits(generations: 8), statistics, after: 10) == nil, "no text has ended")
        #expect(TimeLeft.seconds(of: Limits(generations: 8, seconds: 60), statistics, after: 10) == 50)
        #expect(TimeLeft.seconds(of: Limits(tokens: 400), statistics, after: 10) == 30)
        (statistics.endedTexts, statistics.endedTokens) = (2, 50)
        // Eight texts of 25 tokens, 100 of these are done.
        #expect(TimeLeft.seconds(of: Limits(generations: 8), statistics, after: 10) == 10)
        #expect(TimeLeft.seconds(of: Limits(generations: 8, tokens: 150), statistics, after: 10) == 5)
        #expect(TimeLeft.seconds(of: Limits(generations: 2), statistics, after: 10) == 0)
    }
}
