import Foundation
import ScriptedModel
import SearchCore
import SearchRuntime
import StrategyHost
import Testing

/// `compute-optimal` in the real host: what is estimated, looked up, run and charged.
@Suite struct ComputeOptimalTests {
    static let table = """
        # For tests.
        format = "stratagem-policy-table/1"

        [models]
        prm = "PRM"

        [difficulty]
        kind = "predicted"
        verifier = "prm"
        samples = 2
        bounds = [0.45, 0.2]

        [[choice]]
        bin = 1
        budget = 4
        run = "best-of-n:selection=naive"
        spend = 4
        [[choice]]
        bin = 1
        budget = 16
        run = "best-of-n"   # no more than 6 of the 16
        spend = 6
        [[choice]]
        bin = 2
        budget = 8
        run = "beam-search:beam_width=2,temperature=0.5"
        spend = 8
        [[choice]]
        bin = 3
        budget = 8
        run = "majority"
        spend = 8
        """

    /// - Parameter change: of the table's text.
    private func run(
        _ script: String, budget: String, _ parameters: [String: String] = [:],
        change: (String) -> String = { $0 }
    ) async throws -> HostedRun {
        let hash = WeightsHash.of("prm", ScriptedSource(try Script(parsing: script)).weights) ?? ""
        let path = NSTemporaryDirectory() + "table-\(UUID().uuidString).toml"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try change(Self.table.replacingOccurrences(of: "PRM", with: hash)).write(
            toFile: path, atomically: true, encoding: .utf8)
        return try await HostedRun.of(
            "compute-optimal", script, budget: budget, parameters.merging(["table": path]) { mine, _ in mine })
    }

    /// Of eight generations two are the estimate: (0.5 + 0.45) / 2 is bin 1, whose row
    /// for 8 is that of 4. Best-of-4 continues from the two that are there.
    @Test func bestOfNGoesOnFromTheEstimate() async throws {
        let run = try await run(RevisionTests.script, budget: "8")
        #expect(
            run.log == [
                "sample 2 from root, to the end", "score a=1 b=3", "sample 2 from root, to the end", "score a=1 b=3",
                "answer a=1 0.5", "answer a=1 0", "answer b=3 0.45", "answer b=3 0",
            ])
        #expect(run.lines.contains { $0.contains("bin 1 of 3 (1 is the easiest): ran best-of-n:selection=naive") })
        // Four samples of 4 tokens each; each text read once by the verifier, but for its end.
        #expect(run.cost == [4, 4 * 4, 1, 1 + 2 * 3, 0])
    }

    /// Where the table says best-of-N, it is best-of-N: the same samples, cost and votes, whatever the seed.
    @Test func bestOfNIsTheSame() async throws {
        for budget in ["5", "9", "16"] {
            let chosen = try await run(RevisionTests.script, budget: budget) {
                $0.replacing("best-of-n:selection=naive", with: "best-of-n").replacing("spend = 6", with: "spend = 16")
            }
            let spent = ["5": "4", "9": "4", "16": "16"][budget] ?? ""
            let plain = try await HostedRun.of("best-of-n", RevisionTests.script, budget: spent)
            #expect(chosen.result.votes == plain.result.votes && chosen.cost == plain.cost, "\(budget)")
        }
    }

    /// The row of 16 says 6: no more is spent.
    @Test func spendsNoMoreThanTheRowSays() async throws {
        let run = try await run(RevisionTests.script, budget: "16")
        #expect(
            run.log.prefix(3) == ["sample 2 from root, to the end", "score a=1 b=3", "sample 4 from root, to the end"])
        #expect(run.result.cost.generations == 6)
        #expect(run.result.votes.first == Vote(answer: "1", weight: 1.5, count: 3))
    }

    /// Bin 2: beams get what the estimate left, and it is charged: 2 + 6 of 8.
    @Test func theEstimateIsCharged() async throws {
        let run = try await run(RevisionTests.script.replacing("value 0.45", with: "value 0.3"), budget: "8")
        #expect(run.log.prefix(3) == ["sample 2 from root, to the end", "score a=1 b=3", "run beam-search"])
        #expect(run.result.cost.generations == 8)
        // The samples of the estimate come last, and have no vote.
        #expect(run.log.suffix(2) == ["answer a=1 0", "answer b=3 0"])
    }

    /// Each budget with bounds and samples of its own: at 8 one sample of 0.5, which is bin 2 of two there; at 16
    /// two of 0.475, which is bin 1 of one.
    @Test func boundsOfTheBudget() async throws {
        let levels = """
            bounds = [0.45, 0.2]

            [[budget]]
            budget = 8
            samples = 1
            bounds = [0.6]
            [[budget]]
            budget = 16
            samples = 2
            bounds = []

            [[choice]]
            bin = 1
            budget = 8
            run = "majority"
            spend = 8
            [[choice]]
            bin = 2
            budget = 8
            run = "best-of-n"
            spend = 3
            [[choice]]
            bin = 1
            budget = 16
            run = "best-of-n"
            spend = 5
            """
        func change(_ text: String) -> String { text.components(separatedBy: "bounds = ")[0] + levels }
        let eight = try await run(RevisionTests.script, budget: "9", change: change)
        #expect(
            eight.log.prefix(3) == ["sample 1 from root, to the end", "score a=1", "sample 2 from root, to the end"])
        #expect(eight.result.cost.generations == 3)
        #expect(
            eight.lines.contains {
                $0.contains("ease 0.500 (") && $0.contains("bin 2 of 2 (1 is the easiest): ran best-of-n")
            })
        let sixteen = try await run(RevisionTests.script, budget: "16", change: change)
        #expect(sixteen.log.first == "sample 2 from root, to the end" && sixteen.result.cost.generations == 5)
        // Below all budgets: the smallest one's.
        #expect(
            try await run(RevisionTests.script, budget: "2", change: change).lines.contains {
                $0.contains("bin 2 of 2")
            })
        for (good, bad, complaint) in [
            ("budget = 16\nsamples", "budget = 8\nsamples", "has the budget 8 twice"),
            ("bounds = [0.6]", "bounds = [0.6, 0.3]", "has 2 bounds of budget 8, so 3 bins, but no choice for bin 3"),
            ("bounds = [0.6]", "bounds = [0.3, 0.6]", "do not fall"),
            ("budget = 16\nrun", "budget = 32\nrun", "has 0 bounds of budget 16, so 1 bins, but no choice for bin 1"),
            (
                "[[budget]]\nbudget = 16\nsamples = 2\nbounds = []\n", "",
                "a choice for budget 16, but no [[budget]] of it"
            ),
            ("samples = 2\nbounds = []", "samples = 0\nbounds = []", "from 0 samples"),
            ("[[choice]]", "[choice]", "the key bin in [choice], which is not known"),
            ("[[budget]]", "[budget]", "the key budget in [budget], which is not known"),
        ] {
            let refused = try await run(RevisionTests.script, budget: "8") {
                change($0).replacingOccurrences(of: good, with: bad)
            }
            #expect(
                refused.result.error?.message.contains(complaint) == true,
                "\(String(describing: refused.result.error?.message))")
        }
    }

    /// Known beforehand it costs nothing.
    @Test func knownEaseIsFree() async throws {
        let run = try await run(RevisionTests.script, budget: "8", ["ease": "0.1"])
        #expect(run.log.first == "sample 8 from root, to the end")
        #expect(run.result.cost.generations == 8 && run.result.cost.verifierTokens == 0)
    }

    @Test func aSampleWithoutAnswerCountsNothing() async throws {
        let run = try await run(RevisionTests.script.replacing("#### 3 | end", with: "no | end"), budget: "8")
        // 0.5 / 2 is 0.25: bin 2.
        #expect(run.lines.contains { $0.contains("ease 0.250 (") && $0.contains("bin 2 of") })
    }

    /// NaN is not a score: the problem counts as hard, and the run ends as it should.
    @Test func aVerifierThatGivesNaN() async throws {
        let script = RevisionTests.script.replacing("value 0.45", with: "value nan").replacing(
            "value 0.5", with: "value nan")
        let run = try await run(script, budget: "8")
        #expect(
            run.lines.contains { $0.contains("ease 0.000 (") && $0.contains("bin 3 of") }
                && run.lines.contains { $0.contains("the verifier failed") })
        #expect(run.result.error == nil && run.result.answer != nil)
    }

    @Test func neverPassesTheBudget() async throws {
        for budget in 1...20 {
            let generations = try await run(RevisionTests.script, budget: "\(budget)")
            #expect(
                generations.result.cost.generations <= budget && generations.result.error == nil
                    && generations.result.answer != nil)
            let tokens = try await run(RevisionTests.script, budget: "tokens=\(budget)")
            #expect(tokens.result.cost.tokens <= budget && tokens.result.error == nil)
        }
    }

    @Test(arguments: [
        ("stratagem-policy-table/1", "stratagem-policy-table/9", "is of format"),
        ("format = \"stratagem-policy-table/1\"", "", "has no line: format"),
        ("bounds = [0.45, 0.2]", "bounds = [0.2, 0.45]", "do not fall"),
        ("bounds = [0.45, 0.2]", "bounds = [0.45, nan]", "expected a list of numbers"),
        ("bounds = [0.45, 0.2]", "bounds = [0.45, 0.2, 0.1]", "no choice for bin 4"),
        ("bin = 3", "bin = 7", "no choice for bin 3"),
        ("bin = 3", "bin = three", "expected a whole number"),
        ("spend = 6", "spend = 60", "has an invalid choice"),
        ("samples = 2", "samples 2", "neither a header nor key = value"),
        ("run = \"majority\"", "run = majority", "expected a text in quotes"),
        ("verifier = \"prm\"", "", "uses oracle difficulty"),
        ("verifier = \"prm\"", "verifier = \"prm\"\nwibble = 3", "the key wibble in [difficulty], which is not known"),
        ("kind = \"predicted\"", "kind = \"magic\"", "uses the difficulty \"magic\""),
        ("samples = 2", "samples = 0", "from 0 samples"),
        ("samples = 2", "samples = 1000000000", "from 1000000000 samples"),
        ("bounds = [0.45, 0.2]", "bounds = [5.0, 0.2]", "has the bound 5.0"),
        ("budget = 16", "budget = 4", "two choices for bin 1 and budget 4"),
    ])
    func aTableThatMakesNoSense(_ good: String, _ bad: String, _ complaint: String) async throws {
        let run = try await run(RevisionTests.script, budget: "8") { $0.replacingOccurrences(of: good, with: bad) }
        #expect(
            run.result.error?.message.contains(complaint) == true, "\(String(describing: run.result.error?.message))")
        #expect(run.result.cost.tokens == 0)
    }

    @Test func aTableForOtherModels() async throws {
        let run = try await run(RevisionTests.script, budget: "8") {
            $0.replacing(#/prm = "[0-9a-f]{4}/#, with: "prm = \"0000")
        }
        #expect(run.result.error?.message.contains("was fitted for other models: its prm has the SHA-256 0000") == true)
    }

    @Test func noTable() async throws {
        let run = try await HostedRun.of("compute-optimal", RevisionTests.script, budget: "8")
        #expect(run.log.first == "run best-of-n" && run.result.answer == "1" && run.result.cost.generations == 8)
        #expect(run.lines.contains { $0.contains("there is no policy table, so this is best-of-n") })
    }

    /// What it says to run is not there, or does not take such parameters: the run fails and says why.
    @Test(arguments: ["no-such-thing", "majority:beam_width=2", "compute-optimal"])
    func aTableThatRunsWhatCannotRun(_ spec: String) async throws {
        let run = try await run(RevisionTests.script, budget: "8", ["ease": "0.1"]) {
            $0.replacingOccurrences(of: "\"majority\"", with: "\"\(spec)\"")
        }
        #expect(run.result.error != nil && run.result.answer == nil)
    }

    /// The bundle's own table is found without being named, by nested runs too.
    @Test func theBundlesTable() async throws {
        let folder = NSTemporaryDirectory() + "bundle-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Self.table.replacingOccurrences(of: "prm = \"PRM\"", with: "").write(
            toFile: folder + "/t.toml", atomically: true, encoding: .utf8)
        let run = try await HostedRun.of("compute-optimal", RevisionTests.script, budget: "8") {
            $0.strategyDefaults.folder = folder
            $0.strategyDefaults.values = ["compute-optimal": ["table": "t.toml"]]
        }
        #expect(run.result.answer == "1")
        let missing = try await HostedRun.of("compute-optimal", RevisionTests.script, budget: "8") {
            $0.strategyDefaults.values = ["compute-optimal": ["table": "/nowhere/t.toml"]]
        }
        #expect(missing.result.error?.message.contains("/nowhere/t.toml does not exist") == true)
    }
}
