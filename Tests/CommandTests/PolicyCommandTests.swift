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

    static let names = (0..<12).map { "easy \($0)" } + (0..<12).map { "hard \($0)" }

    static func tree(verifier: Double) -> String {
        names.map { name in
            let (right, wrong) = name.hasPrefix("easy") ? (9, 1) : (1, 9)
            let value = name.hasPrefix("easy") ? 0.9 : verifier
            return "problem \(name)\n  A. | weight \(right) value \(value)\n    #### 1 | end value \(value)\n"
                + "  B. | weight \(wrong) value 0.1\n    #### 2 | end value 0.1\n"
        }.joined()
    }

    private func study() throws -> String {
        let outcome = try command.run(
            "eval", "--bundle", script, "--data", data, "--out", command.path("dev.db"), "--budget", "1,16",
            "--strategy", "majority", "--strategy", "best-of-n", "--strategy", "best-of-n:selection=naive")
        #expect(outcome.status == 0)
        return command.path("dev.db")
    }

    @Test func measuresDifficulty() throws {
        defer { command.remove() }
        let outcome = try command.run(
            "difficulty", "--bundle", script, "--data", data, "--samples", "32", "--bins", "2", "--json")
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
        let run = try command.run(
            "difficulty", "--bundle", script, "--data", data, "--samples", "16", "--bins", "2", "--json")
        #expect(stored.status == 0)
        let bounds = try [stored, run].map { try #require(try object($0.output)["bounds"] as? [String: [Double]]) }
        #expect(bounds[0] == bounds[1])
    }

    @Test func predictedDifficultyNeedsNoAnswers() throws {
        defer { command.remove() }
        let texts = try command.write("texts.jsonl", Self.names.map { "{\"problem\": \"\($0)\"}\n" }.joined())
        func run(_ more: String...) throws -> Command.Outcome {
            try command.start(["difficulty", "--bundle", script, "--data", texts, "--bins", "2", "--json"] + more)
                .wait()
        }
        for isAsked in [true, false] {
            let outcome = try isAsked ? run("--kind", "predicted") : run()
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("24 problems of 24 have no answer: predicted difficulty only") != isAsked)
            let bounds = try #require(try object(outcome.output)["bounds"] as? [String: [Double]])
            #expect(bounds["predicted"]?.count == 1 && bounds["oracle"] == nil)
        }
        for kind in ["oracle", "both"] {
            let outcome = try run("--kind", kind)
            #expect(outcome.status == 2 && outcome.errors.contains("has no \"answer\""), "\(outcome.errors)")
        }
    }

    /// Known before a sample is drawn: refused, and nothing printed. Known only afterwards: it
    /// failed, and what was sampled is printed.
    @Test func binsThatCannotBeFilled() throws {
        defer { command.remove() }
        for (arguments, why) in [
            (["--bins", "25"], "24 problems cannot fill 25 bins"),
            (["--limit", "1", "--bins", "2"], "1 problem cannot fill 2 bins"),
            (["--samples", "2", "--bins", "4"], "2 samples per problem distinguish at most 3 difficulties"),
            (["--bins", "2", "--thresholds", "0.5"], "Give one of them"),
        ] {
            let outcome = try command.start(["difficulty", "--bundle", script, "--data", data] + arguments).wait()
            #expect(outcome.status == 2 && outcome.errors.contains(why), "\(arguments): \(outcome.errors)")
            #expect(outcome.output == "")
        }
        let alike = try command.write(
            "alike.script",
            Self.names.map { "problem \($0)\n  A. | weight 1 value 0.9\n    #### 1 | end value 0.9\n" }.joined())
        let outcome = try command.run(
            "difficulty", "--bundle", alike, "--data", data, "--bins", "2", "--kind", "oracle")
        #expect(outcome.status == 1)
        #expect(
            outcome.errors.contains("oracle difficulty has no bins: all 24 problems are equally hard (ease 1.000)"),
            "\(outcome.errors)")
        #expect(outcome.output.components(separatedBy: "  ease 1.000\n").count == 25)
    }

    @Test func oneProblem() throws {
        defer { command.remove() }
        let outcome = try command.run("difficulty", "--bundle", script, "easy 3", "--thresholds", "0.5", "--json")
        let problems = try #require(try object(outcome.output)["problems"] as? [[String: Any]])
        #expect((problems[0]["predicted"] as? [String: Any])?["bin"] as? Int == 1)
        #expect(problems[0]["oracle"] == nil)
    }

    /// On hard problems the single best score wins at 16; on easy ones nothing is better than best-of-n.
    @Test func fitsAndServes() throws {
        defer { command.remove() }
        let policy = command.path("policy.toml")
        let outcome = try command.run("fit", try study(), "-o", policy, "--bins", "2", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let fit = try object(outcome.output)
        let choices = try #require(fit["choices"] as? [[String: Any]])
        #expect(choices.compactMap { $0["spend"] as? Int } == [1, 16, 1, 16])
        #expect(
            choices.compactMap { $0["run"] as? String } == [
                "best-of-n", "best-of-n", "best-of-n", "best-of-n:selection=naive",
            ])
        #expect(
            fit["rule"] as? String == "favoured" && fit["charged"] as? Bool == true && fit["standard_errors"] is NSNull)
        let budgets = try #require(fit["budgets"] as? [[String: Any]])
        // A quarter of 16; of 1, all that there is.
        #expect(
            budgets.compactMap { $0["samples"] as? Int } == [1, 4]
                && budgets.compactMap { $0["gain"] as? Double }.allSatisfy { $0 >= 0 })
        let hard = try command.run(
            "solve", "--bundle", script, "hard 1", "--strategy", "compute-optimal", "--param", "table=\(policy)",
            "--json")
        let found = try object(hard.output)
        #expect(hard.status == 0 && (found["cost"] as? [String: Any])?["generations"] as? Int == 16)
        let easy = try object(
            try command.run(
                "solve", "--bundle", script, "easy 1", "--strategy", "compute-optimal", "--param", "table=\(policy)",
                "--json"
            ).output)
        #expect(easy["answer"] as? String == "1" && (easy["cost"] as? [String: Any])?["generations"] as? Int == 16)
        let free = try object(
            try command.run(
                "solve", "--bundle", script, "easy 1", "--strategy", "compute-optimal", "--param", "table=\(policy)",
                "--difficulty-free", "--json"
            ).output)
        #expect((free["cost"] as? [String: Any])?["generations"] as? Int == 16)
        #expect((free["difficulty_cost"] as? [String: Any])?["generations"] as? Int == 16)
        // The same table with other weights.
        let other = try command.write("other.script", Self.tree(verifier: 0.7))
        let refused = try command.run(
            "solve", "--bundle", other, "easy 1", "--strategy", "compute-optimal", "--param", "table=\(policy)")
        #expect(refused.status != 0 && refused.errors.contains("fitted for other models"))
    }

    /// The other rule: on easy problems one try is within the error.
    @Test func fitsTheSmallest() throws {
        defer { command.remove() }
        let policy = command.path("policy.toml")
        let outcome = try command.run(
            "fit", try study(), "-o", policy, "--bins", "2", "--rule", "smallest", "--difficulty-free", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let fit = try object(outcome.output)
        #expect((fit["choices"] as? [[String: Any]])?.compactMap { $0["spend"] as? Int } == [1, 1, 1, 16])
        #expect(
            fit["rule"] as? String == "smallest" && fit["charged"] as? Bool == false
                && fit["standard_errors"] as? Double == 1)
        let easy = try object(
            try command.run(
                "solve", "--bundle", script, "easy 1", "--strategy", "compute-optimal", "--param", "table=\(policy)",
                "--json"
            ).output)
        // Four samples tell that it is easy; no more are drawn.
        #expect(easy["answer"] as? String == "1" && (easy["cost"] as? [String: Any])?["generations"] as? Int == 4)
        let unused = try command.run("fit", command.path("dev.db"), "--standard-errors", "2")
        #expect(unused.status == 2 && unused.errors.contains("--standard-errors is for --rule smallest"))
    }

    @Test func differentModelsAreNotFittedTogether() throws {
        defer { command.remove() }
        let first = try study()
        let other = try command.write("other.script", Self.tree(verifier: 0.7))
        _ = try command.run(
            "eval", "--bundle", other, "--data", data, "--out", command.path("other.db"), "--budget", "4")
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
        let unknown = try complaint(store, "--strategy", "best-of-m")
        #expect(unknown.contains("best-of-n, majority") && unknown.contains("did you mean 'best-of-n'?"), "\(unknown)")
        #expect(try complaint(store, "--bins", "2", "--thresholds", "0.5").contains("Give one of them"))
        #expect(try complaint(store, "--standard-errors", "inf").contains("must be a finite number"))
        #expect(try complaint(command.path("none.db")).contains("none.db"))
        #expect(try complaint(data).contains("d.jsonl"))
        #expect(
            try complaint(store, "--role", "judge").contains(
                "--role judge: the stores' models are policy, prm, reviser"))
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

    private static func reference(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .appendingPathComponent("Sources/ReferenceModels/Resources/\(name).toml").path
    }

    /// 317,120 parameters against 4,401,920.
    @Test func matchesTheReferenceModels() throws {
        defer { command.remove() }
        let outcome = try command.run(
            "match", "--small", Self.reference("reference-pair"), "--prompt-tokens", "100", "--answer-tokens", "60",
            "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let budgets = try #require(try object(outcome.output)["budgets"] as? [[String: Double]])
        let sizes = 4_401_920.0 / 317_120
        for (budget, ratio) in zip(budgets, [0.16, 0.79, 22]) {
            #expect(budget["r"] == ratio)
            #expect(abs((budget["v1"] ?? 0) - (sizes + 3 * (sizes - 1) / ratio)) < 1e-6)
            #expect(abs((budget["iclr"] ?? 0) - (sizes + 1.5 * (sizes - 1) / ratio)) < 1e-6)
            #expect((budget["exact"] ?? 0) > 1)
        }
        // Texts are enough to measure lengths on.
        let texts = try command.write(
            "texts.jsonl", "{\"problem\": \"Ann has 3 apples and buys 4 more. How many apples does she have?\"}\n")
        let measured = try command.run("match", "--small", Self.reference("reference-pair"), "--data", texts, "--json")
        #expect(measured.status == 0, "\(measured.errors)")
        #expect((try object(measured.output)["answer_tokens"] as? Int ?? 0) > 1)
        // The most tokens that it takes: no overflow.
        let most = try command.run(
            "match", "--small", Self.reference("reference-pair"), "--prompt-tokens", "1000000000", "--answer-tokens",
            "1000000000", "--json")
        #expect(most.status == 0, "\(most.errors)")
    }

    @Test func whatCannotBeMatchedIsRefused() throws {
        defer { command.remove() }
        func complaint(_ arguments: String..., small: String = "x.toml") throws -> String {
            let outcome = try command.start(["match", "--small", small] + arguments).wait()
            #expect(outcome.status == 2, "\(arguments): \(outcome.errors)")
            #expect(outcome.output == "")
            return outcome.errors
        }
        let most = "9223372036854775807"
        #expect(
            try complaint("--prompt-tokens", most, "--answer-tokens", most).contains(
                "--prompt-tokens must be from 1 to 1000000000"))
        #expect(try complaint("--answer-tokens", "0").contains("--answer-tokens must be from 1 to 1000000000"))
        for ratio in ["1e-300", "1e7", "inf", "nan", "0", "0.1,"] {
            #expect(try complaint("--ratio=\(ratio)").contains("expected numbers from 0.000001 to 1000000"), "\(ratio)")
        }
        #expect(try complaint("--served", "1e300", "--trained", "1").contains("is R = 1e+300: expected"))
        #expect(try complaint("--served", "inf", "--trained", "1").contains("--served must be a finite number"))
        #expect(try complaint("--served", "1", "--trained", "nan").contains("--trained must be a finite number"))
        #expect(try complaint("--served", "0", "--trained", "1").contains("--served must be above 0"))
        let bundle = Self.reference("reference")
        #expect(
            try complaint("--large", bundle, "--prompt-tokens", "9", "--answer-tokens", "9", small: bundle).contains(
                "the large one must have more"))
    }
}
