import Engine
import SearchCore
import Testing
@testable import Studies

/// The statistics of a race, on results made by hand.
struct RaceTests {
    private func isNear(_ a: Double, _ b: Double, within distance: Double = 1e-4) -> Bool { abs(a - b) <= distance }

    static func outcome(_ isRight: Bool, tokens: Int = 10) -> EvalOutcome {
        EvalOutcome(answer: isRight ? "1" : "2", isCorrect: isRight, cost: Cost(tokens: tokens, flops: .nan))
    }

    /// A race of strategies that are right where `right` says so.
    static func race(_ right: [[Bool]], tokens: [Int]? = nil, margin: Double = RaceDesign.usualMargin) -> Race {
        let racers = right.enumerated().map { index, row in
            Racer(
                name: "s\(index)", strategy: "s\(index)", isVariation: false,
                tally: EvalTally(outcomes: row.map { outcome($0, tokens: tokens?[index] ?? 10) }, seconds: 0))
        }
        return Race(racers, design: RaceDesign(problems: right[0].count, candidates: right.count, margin: margin))
    }

    @Test(arguments: [(0.025, 1.959964), (0.05, 1.644854), (0.0001, 3.719016), (0.5, 0), (0.975, -1.959964)])
    func normalPoints(tail: Double, z: Double) { #expect(isNear(Proportion.z(tail: tail), z, within: 1e-5)) }

    @Test func theOneSidedTestAndItsInterval() {
        #expect(isNear(PairedDifference(problems: 20, firstOnly: 0, secondOnly: 5).secondBetterP, 1.0 / 32))
        // P(X <= 2) of 12: (1 + 12 + 66) / 4096.
        #expect(isNear(PairedDifference(problems: 20, firstOnly: 2, secondOnly: 10).secondBetterP, 79.0 / 4096))
        #expect(PairedDifference(problems: 20, firstOnly: 0, secondOnly: 0).secondBetterP == 1)
        let pair = PairedDifference(problems: 21, firstOnly: 1, secondOnly: 7)
        #expect(pair.interval(z: 1.959963984540054) == pair.ci95)
        // By hand: -6/23 ± 3 · √((10/23 − 36/529)/23).
        #expect(isNear(pair.interval(z: 3).lowerBound, -6.0 / 23 - 3 * 0.126273, within: 1e-4))
    }

    /// 5 % and 25 % of the problems are solved by one alone. By hand, with α = 0.025 and power 0.9:
    /// (1.95996 · √0.3 + 1.28155 · √0.26)² / 0.04 = 74.55.
    @Test func problemsToDecide() {
        let pair = PairedDifference(problems: 100, firstOnly: 5, secondOnly: 25)
        #expect(pair.problemsToDecide(level: 0.025, power: 0.9) == 75)
        #expect(PairedDifference(problems: 100, firstOnly: 5, secondOnly: 5).problemsToDecide(level: 0.025) == nil)
    }

    @Test func theFrontier() {
        let isOn = ParetoFrontier.members([(3, 0.5), (1, 0.4), (2, 0.4), (3, 0.6), (9, 0.6), (1, 0.3)])
        #expect(isOn == [false, true, false, true, false, false])
    }

    @Test func problemsAreDivided() {
        let design = RaceDesign(problems: 500, candidates: 21)
        #expect(design.selection == 375 && design.heldOut == 125)
        #expect(design.rounds == [8, 16, 32, 64, 128, 256, 375])
        // Seven rounds and the look at the end, twenty others.
        #expect(isNear(design.level, 0.05 / 160, within: 1e-12))
        #expect(RaceDesign(problems: 79, candidates: 2).heldOut == 0)
        #expect(RaceDesign(problems: 5, candidates: 2).rounds == [5])
        #expect(RaceDesign(problems: 2000, candidates: 2).heldOut == 200)
    }

    @Test func problemsAreDrawnInAnOrderOfTheirOwn() {
        let texts = (0..<50).map { "problem \($0 % 40)" }
        let set = DataSet(
            file: "d", items: texts.enumerated().map { .init(problem: Problem(text: $1, answer: "1"), line: $0 + 1) })
        let drawn = set.drawn(seed: 1)
        #expect(drawn.items != set.items && set.drawn(seed: 2).items != drawn.items && set.drawn(seed: 1) == drawn)
        #expect(Set(drawn.items.map(\.line)) == Set(1...50))
        // Equal texts are not new evidence, and must not be in both parts.
        for (index, item) in drawn.items.enumerated().dropFirst() {
            let first = drawn.items.firstIndex { $0.problem.text == item.problem.text }
            #expect(first == index || first == index - 1)
        }
    }

    /// By hand: 3 strategies, rounds of 8, 16, 32 and 64: level 0.05 / (5 · 2) = 0.005.
    @Test func whatIsWorseBeyondChanceIsDropped() throws {
        let best = (0..<64).map { _ in true }
        let near = (0..<64).map { $0 % 8 != 0 }
        let bad = (0..<64).map { $0 % 8 == 0 }
        var race = Self.race([near, best, bad])
        #expect(race.design.level == 0.005)
        // Seven differences of eight: 2⁻⁷ is more than the level.
        race.judge(at: 8)
        #expect(race.racing == [0, 1, 2])
        race.judge(at: 16)
        #expect(race.racers[2].fate == .dropped(at: 16) && race.racing == [0, 1])
        race.judge(at: 32)
        // Eight differences of 64: 2⁻⁸ is less.
        race.judge(at: 64)
        #expect(race.racers[0].fate == .dropped(at: 64))
        #expect(race.rounds.map(\.dropped) == [[], [2], [], [0]])
        let found = try #require(Recommendation(race))
        #expect(found.leader == 1 && found.members == [1] && found.recommended == 1)
        #expect(race.racers[2].measured == 16 && found.difference(2).secondOnly == 14)
        #expect(found.interval(0).upperBound < 0 && found.interval(2).upperBound < 0)
    }

    /// The best estimate is recommended, unless a much cheaper one is surely near it.
    @Test func whatIsCheapMustSurelyBeNear() throws {
        let best = (0..<64).map { $0 % 2 == 0 }
        let near = (0..<64).map { $0 % 2 == 0 && $0 != 0 }
        func found(_ tokens: [Int], margin: Double) throws -> Recommendation {
            var race = Self.race([best, near], tokens: tokens, margin: margin)
            for size in race.design.rounds { race.judge(at: size) }
            return try #require(Recommendation(race))
        }
        // By hand: one of 64 problems, level 0.05 / 5: 1/66 + 2.3263 · √((3/66 − 1/66²)/66) = 0.0760; and the other way
        // round, where the difference is in favour, −1/66 + 0.0609.
        let sure = try found([100, 20], margin: 0.08)
        #expect(isNear(sure.lossAtMost[1] ?? 1, 0.0760) && isNear(sure.lossAtMost[0] ?? 1, 0.0457))
        #expect(sure.leader == 0 && sure.members == [1, 0] && sure.cheapestWithin == 1 && sure.recommended == 1)
        // It cannot be told from the best either, and may be too far below.
        let open = try found([100, 20], margin: 0.07)
        #expect(open.members == [1, 0] && open.cheapestWithin == 0 && open.recommended == 0)
        // What saves a tenth is not worth a point.
        let little = try found([100, 90], margin: 0.08)
        #expect(little.cheapestWithin == 1 && little.recommended == 0)
        #expect(try found([100, 80], margin: 0.08).recommended == 1)
        #expect(try found([100, 20], margin: 0.02).cheapestWithin == nil, "not even the leader is surely that near")
    }

    /// Whichever is the best: the leader may lead by chance.
    @Test func nearTheLeaderAloneIsNotEnough() throws {
        // The first two are right on the same problems but one; the third is as good as the second, on others.
        let first = (0..<64).map { $0 < 32 }
        let second = (0..<64).map { $0 < 31 }
        let third = (0..<64).map { $0 >= 33 }
        var race = Self.race([first, second, third], tokens: [100, 20, 100], margin: 0.1)
        for size in race.design.rounds { race.judge(at: size) }
        // The first problems are not in a drawn order here: nobody may be dropped by it.
        for racer in 0..<3 { race.racers[racer].fate = .racing }
        race.measure(64)
        let found = try #require(Recommendation(race))
        #expect(found.leader == 0 && -found.interval(1).lowerBound < 0.1)
        #expect(found.lossAtMost[1, default: 0] > 0.3 && found.cheapestWithin == nil && found.recommended == 0)
    }

    @Test func whatIsLeftToDecide() throws {
        let best = (0..<64).map { $0 % 2 == 0 }
        let near = (0..<64).map { $0 % 2 == 0 && $0 != 0 }
        var race = Self.race([best, near, best], tokens: [500, 20, 100])
        for size in race.design.rounds { race.judge(at: size) }
        let found = try #require(Recommendation(race))
        #expect(found.leader == 2, "of equally accurate ones the cheapest leads")
        #expect(found.members == [1, 2, 0] && found.recommended == 2)
        #expect(found.isOnFrontier == [false, true, true])
        let open = found.open(pace: 1)
        #expect(open.map(\.racer) == [1, 0] && open[1].problems == nil)
        // One difference of 64 problems: p = 1/64, (2.5758 · √p + 0.8416 · √(p − p²))² / p².
        #expect(open[0].problems == found.difference(1).problemsToDecide(level: 0.005))
        #expect((730...750).contains(open[0].problems ?? 0), "\(open)")
        #expect(open[0].seconds == Double((open[0].problems ?? 0) - 64) * 120)
        #expect(found.reach(seconds: 6200, pace: 1) == 64 + 10)
    }

    /// Twenty strategies that are all the best: the first is dropped in at most one of twenty races.
    @Test func theBestIsSeldomDropped() {
        let random = SampleRandom(seed: 11)
        var draw: UInt64 = 0
        var dropped = 0
        for _ in 0..<200 {
            let ease = (0..<120).map { _ -> Double in
                draw += 1
                return random.uniform(draw)
            }
            let right = (0..<20).map { _ in
                ease.map { ease -> Bool in
                    draw += 1
                    return random.uniform(draw) < ease
                }
            }
            var race = Self.race(right)
            for size in race.design.rounds { race.judge(at: size) }
            if case .dropped = race.racers[0].fate { dropped += 1 }
        }
        #expect(dropped <= 10, "\(dropped) of 200")
    }

    /// Strategies that all of their runs fail are no strategies; that is said of them.
    @Test func whatAlwaysFailsLeaves() throws {
        var race = Self.race([[Bool](repeating: true, count: 8), [Bool](repeating: true, count: 8)])
        let error = StratagemError(.user, .noVerifier, "there is none")
        for item in 0..<8 { race.racers[0].tally.outcomes[item]?.error = error }
        race.judge(at: 8)
        #expect(race.racers[0].fate == .failed(error) && race.racing == [1])
    }
}
