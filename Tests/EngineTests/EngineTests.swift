import Foundation
import Locking
import SearchCore
import SearchRuntime
import Testing
@testable import Engine

/// The engine as a library: on a hand-made tree instead of a model, with the plugins that lie beside the tests.
@Suite struct EngineTests {
    /// The wrong answer is likelier, the verifier knows better.
    private static let script = """
        problem What is 2 + 2?
          Add them. | weight 3 value 0.8
            #### 4 | end value 0.9
          Guess. | weight 4 value 0.2
            #### 5 | end value 0.1
        """
    private static let problem = Problem(text: "What is 2 + 2?", answer: "4")

    /// Calls `body` with options for a script in a folder that is removed again.
    private func withOptions<Result>(script: String = script, _ body: (EngineOptions) async throws -> Result)
        async throws -> Result
    {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("engine-\(UUID().uuidString).script")
        try Data(script.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var options = EngineOptions()
        options.bundle = file.path
        return try await body(options)
    }

    @Test func solvesAProblem() async throws {
        try await withOptions { options in
            let engine = try Engine(options)
            let result = try await engine.solve(Self.problem, strategy: "best-of-n", limits: Limits(generations: 16))
            #expect(result.answer == "4" && result.error == nil && !result.wasCancelled)
            #expect(result.cost.generations == 16)
            #expect(engine.grader.isCorrect(result.answer, of: Self.problem) == true)
            #expect(engine.grader.isCorrect("5", of: Self.problem) == false)
        }
    }

    @Test func enginesLiveSideBySide() async throws {
        try await withOptions { options in
            let engines = try [Engine(options), Engine(options)]
            async let first = engines[0].solve(Self.problem, limits: Limits(generations: 8), seed: 3)
            async let second = engines[1].solve(Self.problem, limits: Limits(generations: 8), seed: 3)
            let (one, other) = try await (first, second)
            #expect(one.candidates == other.candidates && one.votes == other.votes)
        }
    }

    @Test func whatIsRefusedIsThrown() async throws {
        var missing = EngineOptions()
        missing.bundle = "/nowhere/at/all.script"
        let error = #expect(throws: StratagemError.self) { try Engine(missing) }
        #expect(error?.origin == .user && error?.code == .badBundle)
        try await withOptions { options in
            let engine = try Engine(options)
            await #expect(throws: StratagemError.self) {
                try await engine.solve(Self.problem, strategy: "no-such-strategy", limits: Limits(generations: 1))
            }
            await #expect(throws: StratagemError.self) {
                try await engine.solve(
                    Self.problem, parameters: ["no_such_parameter": "1"], limits: Limits(generations: 1))
            }
        }
    }

    @Test func theLogIsTheCallers() async throws {
        // Levels come from plugins, which may send any number.
        let levels = [Int32.min, -1, 0, 1, 2, 3, 4, .max].map { LogLevel(ofPlugin: $0) }
        #expect(levels == [.debug, .debug, .debug, .information, .warning, .error, .error, .error])
        #expect(LogLevel.information < .notice && LogLevel.notice < .warning)
    }

    @Test func difficultyIsMeasuredInOrderAndCanBeStopped() async throws {
        try await withOptions(
            script: Self.script + """

                problem What is 3 + 3?
                  Guess.
                    #### 7 | end value 0.1
                """
        ) { options in
            let engine = try Engine(options)
            let runs = try DifficultyRuns(engine, samples: 8, seed: 0, needsScores: true)
            let problems = [Problem(text: "What is 3 + 3?", answer: "6"), Self.problem]
            let seen = Locked<[Int]>([])
            let measured = try await runs.measure(problems, observe: { done in seen.withLock { $0.append(done) } })
            #expect(measured.map(\.problem) == problems && seen.withLock { $0 } == [1, 2])
            #expect(measured[0].difficulty.ease(.oracle) == 0 && measured[1].difficulty.ease(.oracle) > 0)
            #expect(try await runs.measure(problems, isStopped: { true }).isEmpty)
            // Stopped after the first was begun: what is done is kept.
            let asked = Locked(0)
            let some = try await runs.measure(
                problems,
                isStopped: {
                    asked.withLock {
                        $0 += 1
                        return $0 > 1
                    }
                })
            #expect(some.map(\.problem) == [problems[0]])
        }
    }

    @Test func aPlanRefusesWhatIsGivenTwice() async throws {
        let registry = Engine.plugins()
        let plan = try EvalPlan(
            strategies: ["majority", "best-of-n:selection=naive"], budgets: "1,4", seed: 7, registry: registry)
        #expect(
            plan.cases.map(\.name) == [
                "majority @ 1", "majority @ 4", "best-of-n:selection=naive @ 1", "best-of-n:selection=naive @ 4",
            ])
        #expect(plan.cases.allSatisfy { $0.seed == 7 } && plan.strategies.count == 4)
        for (strategies, budgets) in [
            (["majority", "majority"], "1"), (["majority"], "4,4"), (["majority"], ""), (["nobody"], "1"),
        ] {
            #expect(throws: StratagemError.self, "\(strategies) \(budgets)") {
                try EvalPlan(strategies: strategies, budgets: budgets, seed: 0, registry: registry)
            }
        }
    }
}
