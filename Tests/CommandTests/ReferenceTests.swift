import Foundation
import Testing

/// What is said of reference answers before a run, which functions read answers, and what a
/// run's texts came to.
struct ReferenceTests {
    private let command: Command
    init() throws { command = try Command() }

    private func object(_ outcome: Command.Outcome) throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any],
            "no JSON object: \(outcome.output)\(outcome.errors)")
    }

    private func data(_ answers: [String]) throws -> String {
        let lines = try answers.enumerated().map { index, answer in
            String(
                decoding: try JSONSerialization.data(withJSONObject: [
                    "problem": "Question \(index + 1)", "answer": answer,
                ]), as: UTF8.self) + "\n"
        }
        return try command.write("d.jsonl", lines.joined())
    }

    @Test func unreadReferencesAreToldWithTheirPrice() throws {
        defer { command.remove() }
        let file = try data(["42", "abc", "12:00", "1e-05", "x^2 + 1", "C", "1,000"])
        let outcome = try command.run("eval", "--data", file, "--strategy", "greedy", "--budget", "1", "--json")
        #expect(outcome.status == 0)
        #expect(
            outcome.errors.contains(
                "3 of 7 reference answers are not readable as a value by 'numeric': abc (line 2), 12:00 (line 3), x^2 + 1 (line 5)"
            ), "\(outcome.errors)")
        #expect(
            outcome.errors.contains("counts as wrong")
                && outcome.errors.contains("'math' reads them all: pass --extract math --equal math"))
        let answers = try #require(try object(outcome)["answers"] as? [String: Any])
        #expect(
            answers["unread"] as? Int == 3 && answers["references"] as? Int == 7 && answers["unreachable"] as? Int == 0)
        #expect(
            answers["extract"] as? String == "gsm8k" && answers["equal"] as? String == "numeric"
                && answers["chosen_by"] as? String == "default")
        for arguments in [
            ["label", "--rollouts", "0", "--samples", "1"], ["difficulty", "--samples", "2", "--thresholds", "0.5"],
        ] {
            let outcome = try command.start(arguments + ["--data", file, "--bundle", command.path("tree.script")])
                .wait()
            #expect(
                outcome.errors.contains("3 of 7 reference answers are not readable as a value by 'numeric'"),
                "\(arguments): \(outcome.errors)")
        }
        let good = try command.run(
            "eval", "--data", try data(["42", "C", "1/2"]), "--strategy", "greedy", "--budget", "1")
        #expect(good.errors == "")
    }

    @Test func whatNoSolutionCanMeetIsTold() throws {
        defer { command.remove() }
        let outcome = try command.run(
            "eval", "--data", try data(["42", "x^2 + 1"]), "--extract", "last-number", "--strategy", "greedy",
            "--budget", "1", "--json")
        #expect(
            outcome.errors.contains(
                "1 of 2 reference answers is impossible to match by any solution: 'last-number' finds something else in the text: x^2 + 1 (line 2)"
            ), "\(outcome.errors)")
        #expect((try object(outcome)["answers"] as? [String: Any])?["unreachable"] as? Int == 1)
        #expect(try command.run("eval", "--data", try data(["42"]), "--equal", "numerik").errors.contains("numeric"))
    }

    /// MATH's data are read by `math` where no bundle says anything; a bundle and an option go first.
    @Test func mathIsTheDefaultForMATH() throws {
        defer { command.remove() }
        let file = try data(["\\frac{1}{2}", "\\left( 3, \\frac{\\pi}{2} \\right)"])
        let script = try command.write(
            "m.script",
            "problem Question 1\n  So $\\boxed{0.5}$. | end\nproblem Question 2\n  The answer is $(3, \\pi/2)$. | end\n"
        )
        let arguments = ["eval", "--data", file, "--strategy", "greedy", "--budget", "1"]
        func right(_ more: [String]) throws -> (Int?, [String: Any], String) {
            let outcome = try command.start(arguments + ["--json"] + more).wait()
            let report = try object(outcome)
            return (
                (report["results"] as? [[String: Any]])?.first?["correct"] as? Int,
                try #require(report["answers"] as? [String: Any]), outcome.errors
            )
        }
        let (count, answers, errors) = try right(["--bundle", script, "--out", command.path("s.db")])
        #expect(count == 2 && answers["chosen_by"] as? String == "data" && answers["equal"] as? String == "math")
        #expect(errors.contains("looks like MATH"))
        let text = try command.start(arguments + ["--bundle", script]).wait().output
        #expect(text.contains("Answers are found with math and compared with math: the data look like MATH."))
        let rows = try command.start([
            "query", command.path("s.db"), "--sql", "SELECT extract, equal, answers_by FROM study", "--json",
        ]).wait().output
        #expect(rows.contains("\"answers_by\": \"data\"") && rows.contains("\"extract\": \"math\""), "\(rows)")
        let bundle = try command.write(
            "b.toml",
            "name = \"b\"\ncontext = 64\n[answers]\nextract = \"boxed\"\nequal = \"exact\"\n[template]\nproblem = \"{problem}\"\n[models.policy]\nscript = \"m.script\"\n"
        )
        let own = try right(["--bundle", bundle])
        #expect(
            own.0 == 0 && own.1["chosen_by"] as? String == "bundle" && own.1["equal"] as? String == "exact"
                && !own.2.contains("looks like MATH"))
        let option = try right(["--bundle", bundle, "--equal", "math"])
        #expect(
            option.0 == 1 && option.1["chosen_by"] as? String == "option" && option.1["extract"] as? String == "boxed")
    }

    @Test func doubledProblemsAreTold() throws {
        defer { command.remove() }
        let line = "{\"problem\": \"What is 2 + 2?\", \"answer\": \"4\"}\n"
        func interval(_ text: String) throws -> ([Double]?, Command.Outcome, [String: Any]) {
            let outcome = try command.run(
                "eval", "--data", try command.write("d.jsonl", text), "--strategy", "best-of-n", "--budget", "8",
                "--json")
            let report = try object(outcome)
            return ((report["results"] as? [[String: Any]])?.first?["ci95"] as? [Double], outcome, report)
        }
        let (single, quiet, _) = try interval(line)
        let (doubled, told, report) = try interval(line + line)
        #expect(single != nil && single == doubled && quiet.errors == "")
        #expect(told.errors.contains("1 of 2 problems occurs earlier in the file"), "\(told.errors)")
        #expect(report["repeated"] as? Int == 1)
    }

    private static let long = """
        problem Question 1
          First we count them one after the other and then
            we add them up.
              #### 42 | end
        """

    @Test func truncatedTextsAreTold() throws {
        defer { command.remove() }
        let script = try command.write("long.script", Self.long)
        let arguments = [
            "eval", "--data", try data(["42"]), "--bundle", script, "--budget", "4", "--out", command.path("s.db"),
            "--resume",
        ]
        let cells = ["--strategy", "majority:max_tokens=5", "--strategy", "majority"]
        let outcome = try command.start(arguments + cells).wait()
        #expect(outcome.status == 0 && outcome.output.contains("cut by a limit"))
        #expect(
            outcome.output.contains("majority:max_tokens=5 @ 4: 100.0 % of 4 texts were cut by a limit"),
            "\(outcome.output)")
        // From the store, and the same.
        let again = try command.start(arguments + cells + ["--json"]).wait()
        let results = try #require(try object(again)["results"] as? [[String: Any]])
        let texts = results.map { $0["texts"] as? [String: Any] }
        #expect(
            texts[0]?["truncated"] as? Int == 4 && texts[0]?["truncated_share"] as? Double == 1
                && texts[1]?["truncated"] as? Int == 0 && texts[1]?["ended"] as? Int == 4)
        let rows = try command.start([
            "query", command.path("s.db"), "--sql", "SELECT sum(truncated) AS cut FROM runs", "--json",
        ]).wait().output
        #expect(rows.contains("\"cut\": 4"), "\(rows)")
        let one = try command.start([
            "solve", "Question 1", "--bundle", script, "--strategy", "majority", "--param", "max_tokens=5", "--budget",
            "4",
        ]).wait()
        #expect(one.output.contains("4 of 4 texts were cut by a limit"), "\(one.output)")
        // As eval takes it; not both for one parameter.
        let short = ["solve", "Question 1", "--bundle", script, "--strategy", "majority:max_tokens=5", "--budget", "4"]
        #expect(try command.start(short).wait().output == one.output)
        let twice = try command.start(short + ["--param", "max_tokens=6"]).wait()
        #expect(twice.status == 2 && twice.errors.contains("max_tokens is given twice"), "\(twice.errors)")
        let clean = try command.start(Array(arguments.prefix(7)) + ["--strategy", "majority"]).wait()
        #expect(
            clean.output.contains("cut short") && !clean.output.contains("were cut short"),
            "the share is always there, a remark only where it matters")
    }

    @Test func aVerifierWithoutNumbersIsTold() throws {
        defer { command.remove() }
        let script = try command.write(
            "nan.script", "problem Question 1\n  A. | value 0.5\n    #### 1 | end value nan\n")
        let store = command.path("s.db")
        let arguments = [
            "eval", "--data", try data(["1"]), "--bundle", script, "--strategy", "best-of-n", "--budget", "4", "--out",
            store, "--resume",
        ]
        let outcome = try command.start(arguments).wait()
        #expect(
            outcome.output.contains("best-of-n @ 4: the verifier gave no number from 0 to 1 for"), "\(outcome.output)")
        let results = try #require(
            try object(try command.start(arguments + ["--json"]).wait())["results"] as? [[String: Any]])
        #expect((results[0]["texts"] as? [String: Any])?["unscored"] as? Int ?? 0 > 0)
        let report = try command.start(["report", store, "--json"]).wait()
        #expect(
            report.output.contains("The verifier gave no number from 0 to 1") || report.errors.contains("gnuplot"),
            "\(report.output)\(report.errors)")
    }
}
