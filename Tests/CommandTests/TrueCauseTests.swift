import Foundation
import Testing

/// What is refused, said or kept of files and numbers that are not what they seem.
struct TrueCauseTests {
    private let command: Command
    init() throws { command = try Command() }

    @Test func numbersOfBenchHaveBounds() throws {
        defer { command.remove() }
        for arguments in [
            ["--problems", "0"], ["--problems", "-3"], ["--problems", "501"], ["--samples", "0"],
            ["--samples", "1000000000"],
        ] {
            let outcome = try command.start(["bench", "--part", "host"] + arguments).wait()
            #expect(
                outcome.status == 2 && outcome.errors.contains("\(arguments[0]) must be from 1 to"),
                "\(arguments): \(outcome.errors)")
        }
    }

    /// A report of checks is no reason to lose a study.
    @Test func aStoreIsNotWrittenOverByAReportOfChecks() throws {
        defer { command.remove() }
        let data = try command.write("d.jsonl", "{\"problem\": \"What is 2 + 2?\", \"answer\": \"4\"}\n")
        let store = command.path("s.db")
        #expect(try command.run("eval", "--data", data, "--out", store, "--budget", "1").status == 0)
        let before = try Data(contentsOf: URL(fileURLWithPath: store))
        let plugin = URL(fileURLWithPath: Command.program).deletingLastPathComponent().appendingPathComponent(
            "libstg-greedy.so"
        ).path
        for target in [store, plugin] {
            let outcome = try command.start(["check", plugin, "--level", "1", "--junit", target]).wait()
            #expect(outcome.status == 2 && outcome.errors.contains("would_overwrite"), "\(outcome.errors)")
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: store)) == before)
        let report = command.path("r.xml")
        #expect(try command.start(["check", plugin, "--level", "1", "--junit", report]).wait().status == 0)
        #expect(try String(contentsOfFile: report, encoding: .utf8).hasSuffix("</testsuites>\n"))
    }

    @Test func aPointerInPlaceOfTheWeights() throws {
        defer { command.remove() }
        try command.write(
            "m.gguf",
            "version https://git-lfs.github.com/spec/v1\noid sha256:\(String(repeating: "0", count: 64))\nsize 4000000000\n"
        )
        let bundle = try command.write(
            "b.toml",
            "name = \"b\"\ncontext = 64\n[template]\nproblem = \"{problem}\"\n[models.policy]\ngguf = \"m.gguf\"\n")
        let outcome = try command.run("solve", "x", "--bundle", bundle)
        #expect(
            outcome.status == 2 && outcome.errors.contains("Git LFS pointer")
                && outcome.errors.contains("git lfs pull"), "\(outcome.errors)")
    }

    @Test func marksOfEncoding() throws {
        defer { command.remove() }
        let script = try command.write("bom.script", "\u{FEFF}" + Command.script.replacing("\n", with: "\r\n"))
        let outcome = try command.run(
            "solve", "What is 2 + 2?", "--bundle", script, "--strategy", "best-of-n", "--budget", "16")
        #expect(outcome.status == 0 && outcome.output.contains("answer  4"), "\(outcome.output)\(outcome.errors)")
        #expect(outcome.errors.contains("byte order mark") && outcome.errors.contains("CR LF"))
        let data = try command.write("bom.jsonl", "\u{FEFF}{\"problem\": \"What is 2 + 2?\", \"answer\": \"4\"}\n")
        #expect(try command.run("eval", "--data", data, "--budget", "1").status == 0)
        let array = try command.write("array.json", "\u{FEFF}[{\"problem\": \"What is 2 + 2?\", \"answer\": \"4\"}]\n")
        let refusal = try command.run("eval", "--data", array, "--budget", "1")
        #expect(refusal.status == 0 || refusal.errors.contains("JSON array"), "\(refusal.errors)")
    }

    /// What standard error says of a verifier that gave no number, the JSON says too.
    @Test func aVerifierWithoutNumbersIsInTheJSON() throws {
        defer { command.remove() }
        let script = try command.write("nan.script", "problem a\n  A. | value nan\n    #### 1 | end value nan\n")
        let data = try command.write("d.jsonl", "{\"problem\": \"a\", \"answer\": \"1\"}\n")
        let outcome = try command.run(
            "difficulty", "--bundle", script, "--data", data, "--samples", "4", "--thresholds", "0.5", "--json")
        #expect(outcome.status == 1 && outcome.errors.contains("are not finite"), "\(outcome.errors)")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        let errors = try #require(object["errors"] as? [[String: Any]])
        #expect(errors.first?["code"] as? String == "no_scores")
    }
}
