import Foundation
import Testing

/// difficulty, fit, match and compute-optimal through the built program, on problems
/// of two kinds: easy ones that the model gets right nine times of ten, and hard ones
/// that it gets wrong as often, though the verifier would know.
struct PolicyCommandTests {
    private let command: Command
    private let script: String
    private let data: String

    init() throws {
        command = try Command()
        script = try command.write("two.script", Self.tree(verifier: 0.6))
        data = try command.write("d.jsonl", Self.names.map { "{\"problem\": \"\($0)\", \"answer\": \"1\"}\n" }.joined())
    }

    private static let names = (0..<12).map { "easy \($0)" } + (0..<12).map { "hard \($0)" }

    private static func tree(verifier: Double) -> String {
        names.map { name in
            let (right, wrong) = name.hasPrefix("easy") ? (9, 1) : (1, 9)
            let value = name.hasPrefix("easy") ? 0.9 : verifier
            return "problem \(name)\n  A. | weight \(right) value \(value)\n    #### 1 | end value \(value)\n"
                + "  B. | weight \(wrong) value 0.1\n    #### 2 | end value 0.1\n"
        }.joined()
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "no JSON object: \(text)")
    }

    private func study() throws -> String {
        let outcome = try command.run("eval", "--bundle", script, "--data", data, "--out", command.path("dev.db"), "--budget", "1,16",
                                      "--strategy", "majority", "--strategy", "best-of-n", "--strategy", "best-of-n:selection=naive")
        #expect(outcome.status == 0)
        return command.path("dev.db")
    }

    @Test func measuresDifficulty() throws {
        defer { command.remove() }
        let outcome = try command.run("difficulty", "--bundle", script, "--data", data, "--samples", "32", "--bins", "2", "--json")
        #expect(outcome.status == 0)
        let problems = try #require(try object(outcome.output)["problems"] as? [[String: Any]])
        for kind in ["oracle", "predicted"] {
            let bins = problems.compactMap { ($0[kind] as? [String: Any])?["bin"] as? Int }
            #expect(bins == Array(repeating: 1, count: 12) + Array(repeating: 2, count: 12), "\(kind)")
        }
        // Each sample: a step of one token, an answer of two, and its end.
        #expect((try object(outcome.output)["cost"] as? [String: Any])?["tokens"] as? Int == 24 * 32 * 4)
        // The same problems, from a store: the same samples.
        let stored = try command.run("difficulty", "--store", try study(), "--samples", "16", "--bins", "2", "--json")
        let run = try command.run("difficulty", "--bundle", script, "--data", data, "--samples", "16", "--bins", "2", "--json")
        #expect(stored.status == 0)
        let bounds = try [stored, run].map { try #require(try object($0.output)["bounds"] as? [String: [Double]]) }
        #expect(bounds[0] == bounds[1])
    }

    @Test func oneProblem() throws {
        defer { command.remove() }
        let outcome = try command.run("difficulty", "--bundle", script, "easy 3", "--thresholds", "0.5", "--json")
        let problems = try #require(try object(outcome.output)["problems"] as? [[String: Any]])
        #expect((problems[0]["predicted"] as? [String: Any])?["bin"] as? Int == 1)
        #expect(problems[0]["oracle"] == nil)
    }

    /// On hard problems the single best score wins at 16; on easy ones one try is enough.
    @Test func fitsAndServes() throws {
        defer { command.remove() }
        let policy = command.path("policy.toml")
        let outcome = try command.run("fit", try study(), "-o", policy, "--bins", "2", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let choices = try #require(try object(outcome.output)["choices"] as? [[String: Any]])
        let spends = choices.compactMap { $0["spend"] as? Int }
        #expect(spends == [1, 1, 1, 16])
        #expect(choices[3]["run"] as? String == "best-of-n:selection=naive")
        let hard = try command.run("solve", "--bundle", script, "hard 1", "--strategy", "compute-optimal", "--param", "table=\(policy)", "--json")
        let found = try object(hard.output)
        #expect(hard.status == 0 && (found["cost"] as? [String: Any])?["generations"] as? Int == 16)
        let easy = try object(try command.run("solve", "--bundle", script, "easy 1", "--strategy", "compute-optimal", "--param", "table=\(policy)", "--json").output)
        // Four samples tell that it is easy; no more are drawn.
        #expect(easy["answer"] as? String == "1" && (easy["cost"] as? [String: Any])?["generations"] as? Int == 4)
        let free = try object(try command.run("solve", "--bundle", script, "easy 1", "--strategy", "compute-optimal", "--param", "table=\(policy)",
                                              "--difficulty-free", "--json").output)
        #expect((free["cost"] as? [String: Any])?["generations"] as? Int == 1)
        #expect((free["difficulty_cost"] as? [String: Any])?["generations"] as? Int == 16)
        // The same table with other weights.
        let other = try command.write("other.script", Self.tree(verifier: 0.7))
        let refused = try command.run("solve", "--bundle", other, "easy 1", "--strategy", "compute-optimal", "--param", "table=\(policy)")
        #expect(refused.status != 0 && refused.errors.contains("fitted for other models"))
    }

    @Test func differentModelsAreNotFittedTogether() throws {
        defer { command.remove() }
        let first = try study()
        let other = try command.write("other.script", Self.tree(verifier: 0.7))
        _ = try command.run("eval", "--bundle", other, "--data", data, "--out", command.path("other.db"), "--budget", "4")
        let outcome = try command.run("fit", first, command.path("other.db"))
        #expect(outcome.status == 2 && outcome.errors.contains("was measured with another"))
    }

    @Test func whatCannotBeFittedIsRefused() throws {
        defer { command.remove() }
        let store = try study()
        func complaint(_ arguments: String...) throws -> String {
            let outcome = try command.start(["fit"] + arguments).wait()
            #expect(outcome.status == 2, "\(arguments)")
            return outcome.errors
        }
        #expect(try complaint(store, "--bins", "25").contains("24 problems cannot fill 25 bins"))
        #expect(try complaint(store, "--strategy", "lookahead").contains("no finished run"))
        #expect(try complaint(command.path("none.db")).contains("none.db"))
        #expect(try complaint(data).contains("d.jsonl"))
        #expect(try complaint(store, "--role", "judge").contains("--role judge: the stores' models are policy, prm, reviser"))
        #expect(try complaint(store, "--thresholds", "x").contains("expected numbers"))
        #expect(try complaint(store, "-o", "/nowhere/policy.toml").contains("cannot be written"))
    }

    @Test func whatDifficultyAndMatchRefuse() throws {
        defer { command.remove() }
        func status(_ arguments: String...) throws -> Int32 { try command.start(arguments).wait().status }
        #expect(try status("difficulty") == 2)
        #expect(try status("difficulty", "--bundle", script, "easy 1", "--kind", "oracle") == 2)
        #expect(try status("difficulty", "--bundle", script, "--data", data, "--samples", "0") == 2)
        #expect(try status("solve", "--bundle", script, "easy 1", "--difficulty-free") == 2)
        #expect(try status("match", "--small", command.path("none.toml")) == 2)
        #expect(try status("match", "--small", "x.toml", "--ratio", "-1") == 2)
        #expect(try status("match", "--small", "x.toml", "--served", "3") == 2)
    }

    /// The reference policy against itself: as large, so there is nothing to win.
    @Test func matchesTheReferenceModels() throws {
        defer { command.remove() }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let bundle = root.appendingPathComponent("Sources/ReferenceModels/Resources/reference.toml").path
        let outcome = try command.run("match", "--small", bundle, "--large", bundle, "--prompt-tokens", "100", "--answer-tokens", "60", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let budgets = try #require(try object(outcome.output)["budgets"] as? [[String: Double]])
        #expect(budgets.map { $0["r"] } == [0.16, 0.79, 22] && budgets.allSatisfy { $0["v1"] == 1 && $0["iclr"] == 1 })
        // One greedy answer, less the verifier's look at the problem: that leaves not one sample.
        #expect(budgets.allSatisfy { (0..<1).contains($0["exact"] ?? 2) })
    }
}
