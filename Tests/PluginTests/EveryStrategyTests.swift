import CStratagem
import Testing

/// What holds for every strategy, in every turn.
@Suite struct EveryStrategyTests {
    static let names = [
        "greedy", "majority", "best-of-n", "beam-search", "lookahead", "self-certainty", "confidence-filter",
    ]
    /// Searches by step and by role: written as one function each, so they cannot be saved.
    static let byStep = ["dvts", "rebase", "mcts", "particle-filter", "ab-mcts", "speculative-search", "mixture"]

    /// Whole answers need a way to the end from everywhere.
    static var tree: Tree {
        var tree = LookaheadTests.tree
        tree.options["c"] = ["=2", "f"]
        tree.options["d"] = ["~"]
        return tree
    }
    private func run(_ name: String) throws -> Run { try Run(name, FakeHost(Self.tree, generations: 4)) }

    /// A state that was saved and restored before every turn changes nothing.
    @Test(arguments: names) func savedAndRestoredEveryTurn(_ name: String) throws {
        let straight = try run(name)()
        let moved = try run(name)
        moved.movesEveryTurn = true
        #expect(try moved() == straight)
        #expect(straight.contains { $0.hasPrefix("answer") })
    }

    /// Told structs that have grown since this plugin was built.
    @Test(arguments: names + byStep) func aLaterHost(_ name: String) throws {
        let run = try run(name)
        run.padding = 24
        #expect(try run() == self.run(name)())
    }

    /// Stopped in any turn, by any stop, even one of a later version, it is done at once.
    @Test(arguments: names + byStep, [STG_EVENT_CANCELLED, STG_EVENT_BUDGET_OVER, 99])
    func stoppedInAnyTurn(_ name: String, _ event: stg_event) throws {
        for round in 1...12 {
            let run = try run(name)
            run.stop = (round, event)
            let log = try run()
            let whole = try self.run(name)()
            let asked = log.prefix { !$0.hasPrefix("answer") }
            #expect(Array(asked) == Array(whole.prefix(asked.count)))
            #expect(run.rounds <= round)
        }
    }

    /// What the host never passes must not be divided by either.
    @Test(arguments: ["best-of-n", "beam-search", "lookahead"], [.min, -1, 0, .max] as [Int64])
    func valuesOutsideTheTableAreRefused(_ name: String, _ value: Int64) throws {
        for parameter in ["n", "beam_width"] where name != "best-of-n" || parameter == "n" {
            #expect(throws: (any Error).self) {
                try Run(name, FakeHost(Self.tree, generations: 4), [parameter: .int(value)])()
            }
        }
    }

    /// Unknown outcomes end the search with what there is.
    @Test(arguments: names + byStep) func unknownOutcome(_ name: String) throws {
        let host = FakeHost(Self.tree, generations: 4)
        host.fault = { _, ask in ask.kind == STG_ASK_SAMPLE ? 99 : nil }
        #expect(try !Run(name, host)().contains { $0.hasPrefix("answer") })
    }

    /// Scores that are not scores leave the vote to the count.
    @Test(arguments: [Double.nan, -1, 2, .infinity]) func nonsenseScores(_ score: Double) throws {
        var tree = Self.tree
        for name in ["a=1", "b=6", "c=2"] { tree.scores[name] = score }
        tree.options["a"] = ["=1"]
        tree.options["b"] = ["=6"]
        tree.options["d"] = ["=6"]
        tree.scores["d=6"] = score
        let log = try Run("best-of-n", FakeHost(tree, generations: 4))()
        #expect(
            log.filter { $0.hasPrefix("answer") } == ["answer b=6 1", "answer d=6 1", "answer a=1 1", "answer c=2 1"])
    }

    /// Bytes that no save wrote are refused, with a reason, and leak nothing.
    @Test(arguments: names) func damagedState(_ name: String) throws {
        var bits: UInt64 = 3
        for size in [1, 7, 8, 24, 56, 64, 100] {
            let bytes = (0..<size).map { _ in
                bits = bits &* 6364136223846793005 &+ 1442695040888963407
                return UInt8(bits >> 56)
            }
            let run = try run(name)
            let error = try #require(throws: Failure.self) { try run.restore(bytes) }
            #expect("\(error)" == "the saved state is damaged")
            #expect(run.instance == nil)
        }
    }

    /// Created and destroyed without a turn, and destroyed in mid-run.
    @Test(arguments: names + byStep) func destroyedAtAnyTime(_ name: String) throws {
        try run(name).create()
        let run = try run(name)
        run.host.fault = { _, _ in STG_OUTCOME_MODEL_FAILED }
        #expect(throws: Failure.self) { try run() }
    }

    @Test(arguments: names + byStep) func fuzzedHost(_ name: String) throws {
        var bits: UInt64 = 11
        func random(_ bound: UInt64) -> UInt64 {
            bits = bits &* 6364136223846793005 &+ 1442695040888963407
            return (bits >> 33) % bound
        }
        for _ in 0..<300 {
            let budget = 1 + random(9)
            let host = FakeHost(Self.tree, generations: budget, tokens: random(2) == 0 ? .max : random(30))
            host.fault = { _, _ in random(5) == 0 ? stg_outcome(1 + random(7)) : nil }
            let parameters: [String: Value] = [
                "n": .int(Int64(1 + random(12))), "beam_width": .int(Int64(1 + random(6))),
                "lookahead_steps": .int(Int64(random(4))),
            ]
            do { try Run(name, host, parameters)() } catch let failure as Failure {
                #expect("\(failure)" == "the model failed before it finished an answer")
            }
            #expect(host.generations <= budget)
        }
    }
}
