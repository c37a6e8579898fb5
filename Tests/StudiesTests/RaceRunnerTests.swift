import Engine
import Locking
import SearchCore
import Testing
@testable import Studies

/// Races that are run, with strategies whose accuracy and cost are known.
struct RaceRunnerTests {
    private let data = DataSet(
        file: "d",
        items: (0..<200).map { .init(problem: Problem(text: "problem \($0)", answer: "1"), line: $0 + 1) })
    private struct Start: Hashable { var racer, item: Int }
    private let started = Locked<[Start]>([])

    /// - Parameter right: of ten problems, how many each strategy solves; the same ones first.
    private func runner(_ right: [Int], tokens: [Int], purse: Purse) -> RaceRunner {
        let cases = right.indices.map { index in
            EvalCase(spec: "s\(index)", strategy: "s\(index)", params: [:], limits: Limits(generations: 1))
        }
        return RaceRunner(data: data, cases: cases, purse: purse, grader: Grader { $0 == $1 }) {
            [data, started] racer, items, done in
            started.withLock { $0.append(Start(racer: racer, item: items[0])) }
            let problem = data.items[items[0]].problem
            var result = RunResult(
                problem: problem, strategy: "s\(racer)", params: [:], limits: Limits(generations: 1), seed: 0)
            result.answer = items[0] % 10 < right[racer] ? "1" : "2"
            result.cost = Cost(tokens: tokens[racer], flops: .nan)
            done([result])
        }
    }

    private func race(_ count: Int, variations: Set<Int> = []) -> Race {
        let empty = EvalTally(outcomes: Array(repeating: nil, count: 200), seconds: 0)
        return Race(
            (0..<count).map {
                Racer(
                    name: "s\($0)", strategy: variations.contains($0) ? "s0" : "s\($0)",
                    isVariation: variations.contains($0), tally: empty)
            }, design: RaceDesign(problems: 200, candidates: count))
    }

    @Test func untilItIsDecided() async throws {
        var race = race(3)
        await runner([9, 8, 1], tokens: [10, 5, 1], purse: Purse(Limits(tokens: 1_000_000))).run(&race) { _ in }
        #expect(race.design.selection == 150 && race.rounds.map(\.problems) == [8, 16, 32, 64, 150])
        // Fifteen that only the first solves: 2⁻¹⁵.
        #expect(race.racers[1].fate == .dropped(at: 150))
        #expect(race.racers[2].fate == .dropped(at: 16))
        let found = try #require(Recommendation(race))
        #expect(found.recommended == 0 && found.heldOut?.recommended.finished.count == 50)
        #expect(found.heldOut?.recommended.correct == 45)
        let counts = (0..<3).map { racer in started.withLock { $0.count { $0.racer == racer } } }
        #expect(
            counts == [200, 150, 16], "who was dropped is not run again, and the held-out problems are the chosen one's"
        )
    }

    @Test func nothingIsRunTwice() async throws {
        var first = race(3)
        await runner([9, 8, 1], tokens: [10, 5, 1], purse: Purse(Limits(tokens: 1000))).run(&first) { _ in }
        #expect((33..<64).contains(Recommendation(first)?.problems ?? 0), "a part of a round")
        var second = race(3)
        for racer in 0..<3 { second.racers[racer].tally = first.racers[racer].tally }
        await runner([9, 8, 1], tokens: [10, 5, 1], purse: Purse(Limits(tokens: 1_000_000))).run(&second) { _ in }
        let all = started.withLock { $0 }
        #expect(Set(all).count == all.count)
        #expect(second.racers.map(\.fate) == [.racing, .dropped(at: 150), .dropped(at: 16)])
    }

    /// Nobody is dropped for money: the rest is for the better half, and those set aside are not called worse.
    @Test func theLowerHalfIsSetAsideWhenMoneyEnds() async throws {
        var race = race(8)
        let purse = Purse(Limits(tokens: 8 * 16 * 10 + 700))
        await runner([9, 9, 9, 9, 8, 8, 8, 8], tokens: Array(repeating: 10, count: 8), purse: purse).run(&race) { _ in }
        let aside = race.racers.indices.filter { if case .setAside = race.racers[$0].fate { true } else { false } }
        #expect(aside == [4, 5, 6, 7] || aside == [2, 3, 4, 5, 6, 7], "\(race.racers.map(\.fate))")
        let found = try #require(Recommendation(race))
        #expect(found.setAside == aside && found.problems > 8)
        #expect(purse.spent.tokens <= 8 * 16 * 10 + 700)
        #expect(race.racers.allSatisfy { if case .dropped = $0.fate { false } else { true } })
    }

    @Test func theSpendIsKept() async throws {
        for most in [100, 300, 1000, 5000] {
            var race = race(4)
            let purse = Purse(Limits(tokens: most))
            await runner([9, 8, 7, 6], tokens: [10, 10, 10, 10], purse: purse).run(&race) { _ in }
            #expect(purse.spent.tokens <= most, "\(purse.spent.tokens) of \(most)")
            if most == 100 { #expect(Recommendation(race) == nil, "not even the first round") }
        }
    }

    @Test func variationsComeInWhenThereIsRoom() async throws {
        var race = race(4, variations: [2, 3])
        await runner([8, 5, 9, 2], tokens: [10, 10, 10, 10], purse: Purse(Limits(tokens: 1_000_000))).run(&race) { _ in
        }
        let found = try #require(Recommendation(race))
        #expect(found.leader == 2 && race.racers[3].measured > 0 && !found.members.contains(3))
        var poor = self.race(4, variations: [2, 3])
        await runner([8, 5, 9, 2], tokens: [10, 10, 10, 10], purse: Purse(Limits(tokens: 300))).run(&poor) { _ in }
        #expect(poor.waiting == [2, 3])
    }

    @Test func aStopKeepsTheRoundsThatAreDone() async throws {
        var race = race(2)
        var runner = runner([9, 8], tokens: [10, 10], purse: Purse(Limits(tokens: 1_000_000)))
        runner.isStopped = { [started] in started.withLock { $0.count } >= 100 }
        await runner.run(&race) { _ in }
        let found = try #require(Recommendation(race))
        #expect(race.rounds.map(\.problems) == [8, 16, 32] && (32...50).contains(found.problems))
        #expect(found.heldOut == nil)
    }
}
