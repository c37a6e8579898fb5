import Foundation
import Testing

struct StudyCommandTests {
    private let command: Command
    init() throws { command = try Command() }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "no JSON object: \(text)")
    }

    private func data(_ count: Int) throws -> String {
        try command.write("d.jsonl", (0..<count).map { "{\"question\": \"What is 2 + 2? (\($0))\", \"answer\": \"two and two\\n#### 4\"}\n" }.joined())
    }

    @Test func everyStrategyAtEveryBudget() throws {
        defer { command.remove() }
        let file = try data(6)
        let outcome = try command.run("eval", "--data", file, "--strategy", "best-of-n", "--strategy", "greedy", "--budget", "1,8", "--json", "--limit", "5")
        #expect(outcome.status == 0)
        #expect(outcome.errors == "", "no progress where there is no terminal")
        let report = try object(outcome.output)
        let results = try #require(report["results"] as? [[String: Any]])
        #expect(results.map { $0["name"] as? String } == ["best-of-n @ 1", "best-of-n @ 8", "greedy @ 1", "greedy @ 8"])
        for result in results {
            #expect(Set(result.keys).isSuperset(of: ["strategy", "params", "budget", "problems", "correct", "accuracy", "ci95", "cost", "tokens_per_second"]))
            #expect(result["problems"] as? Int == 5)
        }
        #expect(results[2]["accuracy"] as? Double == 0, "greedily the model guesses")
        #expect(results[1]["correct"] as? Int == 5, "the verifier knows better")
        #expect((report["comparisons"] as? [Any])?.count == 6)
    }

    @Test func table() throws {
        defer { command.remove() }
        let outcome = try command.run("eval", "--data", try data(3), "--strategy", "greedy", "--strategy", "best-of-n:selection=naive", "--budget", "8")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("greedy @ 8"))
        #expect(outcome.output.contains("best-of-n:selection=naive @ 8    3/3   100.0 %"))
        #expect(outcome.output.contains("p (McNemar)"))
    }

    @Test func stoppedStudyGoesOn() throws {
        defer { command.remove() }
        let file = try data(800)
        let arguments = ["eval", "--data", file, "--strategy", "majority", "--budget", "100", "--json", "--journal", command.path("j")]
        let running = try command.start(arguments)
        let end = Date(timeIntervalSinceNow: 30)
        while Date() < end, ((try? Data(contentsOf: URL(fileURLWithPath: command.path("j"))).count) ?? 0) < 1000 { usleep(5_000) }
        running.interrupt()
        let first = try running.wait()
        #expect(first.status == 130)
        #expect(try object(first.output)["complete"] as? Bool == false)
        let results = try #require(try object(first.output)["results"] as? [[String: Any]])
        let before = try #require(results[0]["problems"] as? Int)
        #expect(before > 0 && before < 800)
        let lines = try String(contentsOfFile: command.path("j"), encoding: .utf8).split(separator: "\n").count
        #expect(lines == before)
        // Killed outright, it goes on too.
        let killed = try command.start(arguments)
        usleep(400_000)
        kill(killed.process.processIdentifier, SIGKILL)
        _ = try killed.wait()
        let last = try command.start(arguments).wait()
        #expect(last.status == 0)
        let whole = try #require(try object(last.output)["results"] as? [[String: Any]])
        #expect(whole[0]["problems"] as? Int == 800)
        #expect(try String(contentsOfFile: command.path("j"), encoding: .utf8).split(separator: "\n").count == 800)
    }

    @Test(arguments: [
        (["--data", "/nonexistent.jsonl"], "there is no such file"),
        (["--limit", "0"], "--limit must be at least 1"),
        (["--limit", "-1"], "--limit must be at least 1"),
        (["--budget", "4,4"], "4 is given twice"),
        (["--budget", "4,"], "'' is not a whole number"),
        (["--strategy", "greedy", "--strategy", "greedy"], "is given twice"),
        (["--strategy", "best-of-n:n"], "is not key=value"),
        (["--strategy", "best-of-m"], "did you mean \"best-of-n\"?"),
        (["--out", "/nonexistent/s.db"], "cannot be made"),
        (["--out", "/tmp"], "is there already"),
        (["--out", "/tmp", "--resume"], "is a folder"),
        (["--out", "/dev/null", "--resume"], "not an eval store"),
        (["--resume"], "name one with --out"),
        (["--out", "x.db", "--shard", "3/2"], "1 <= i <= n"),
        (["--grid", "/nonexistent.toml"], "cannot be read"),
        (["--grid", "x.toml", "--budget", "4"], "a grid has strategies"),
    ]) func refused(arguments: [String], message: String) throws {
        defer { command.remove() }
        let file = try data(1)
        let outcome = try command.start(["eval"] + (arguments.contains("--data") ? [] : ["--data", file]) + arguments).wait()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(outcome.output == "")
    }

    @Test func badDataNamesTheLine() throws {
        defer { command.remove() }
        let file = try command.write("bad.jsonl", "{\"problem\":\"a\",\"answer\":\"1\"}\n{\"problem\":\"b\"}\n")
        let outcome = try command.run("eval", "--data", file)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("bad.jsonl:2: the problem has no \"answer\""))
    }

    @Test func labels() throws {
        defer { command.remove() }
        let file = try data(4)
        let out = command.path("labels.jsonl")
        let arguments = ["label", "--data", file, "--samples", "6", "--rollouts", "8", "--seed", "3"]
        let printed = try command.start(arguments).wait()
        #expect(printed.status == 0)
        let lines = try printed.output.split(separator: "\n").map { try object(String($0)) }
        #expect(lines.count == 4)
        let solutions = try #require(lines[0]["solutions"] as? [[String: Any]])
        #expect(solutions.count == 6)
        for solution in solutions {
            let steps = try #require(solution["steps"] as? [[String: Any]])
            let isRight = solution["correct"] as? Bool == true
            #expect(steps.map { $0["label"] as? Double } == [isRight ? 1 : 0, isRight ? 1 : 0], "each first step leads to one answer only")
        }
        // Half of it, then the rest: the same bytes but for the seconds.
        func plain(_ text: String) -> String { text.replacing(/"seconds":[^,]*,/, with: "") }
        #expect(try command.start(arguments + ["--out", out, "--limit", "2"]).wait().status == 0)
        let handle = try #require(FileHandle(forWritingAtPath: out))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("{\"problem\":\"half".utf8))
        try handle.close()
        let rest = try command.start(arguments + ["--out", out, "--json"]).wait()
        #expect(rest.status == 0)
        #expect(rest.errors.contains("2 of 4 problems are labelled already"))
        #expect(try object(rest.output)["new"] as? Int == 2)
        #expect(try plain(String(contentsOfFile: out, encoding: .utf8)) == plain(printed.output))
        let other = try command.start(arguments + ["--out", out, "--temperature", "0.5"]).wait()
        #expect(other.status == 2)
        #expect(other.errors.contains("other settings"))
    }
}
