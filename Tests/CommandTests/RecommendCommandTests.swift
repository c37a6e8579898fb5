import Foundation
import Testing

/// `recommend` on the hand-made tree: greedily the model guesses wrong, and the verifier knows better.
struct RecommendCommandTests {
    private let command: Command
    init() throws { command = try Command() }

    private static let three = ["--strategy", "greedy", "--strategy", "majority", "--strategy", "best-of-n"]
    private static let tokens = ["--budget", "8", "--spend", "tokens=100000000"]

    private func recommend(_ problems: Int, _ more: [String]) throws -> Command.Outcome {
        try command.start(["recommend", "--data", try command.problems(problems)] + more).wait()
    }

    /// What does not depend on what this call spent.
    private func lasting(_ text: String) throws -> NSDictionary {
        var report = try object(text)
        for name in ["spent", "more", "complete"] { report[name] = nil }
        // Wall-clock time is nobody's to repeat.
        report["candidates"] = (report["candidates"] as? [[String: Any]])?.map { one in
            var one = one
            var cost = one["cost"] as? [String: Any]
            cost?["seconds"] = nil
            one["cost"] = cost
            return one
        }
        return report as NSDictionary
    }

    @Test func whatIsClearlyWorseIsDropped() throws {
        defer { command.remove() }
        let outcome = try recommend(100, Self.tokens + Self.three + ["--json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            outcome.errors.hasPrefix(
                "stratagem: 3 strategies at budget 8 on d.jsonl, 75 problems and 25 held out; spends tokens=100000000 at most"
            ), "\(outcome.errors)")
        let report = try object(outcome.output)
        #expect(report["best"] as? String == "best-of-n", "\(outcome.output)")
        let candidates = try #require(report["candidates"] as? [[String: Any]])
        #expect(candidates.map { $0["name"] as? String } == ["greedy", "majority", "best-of-n"])
        #expect(candidates[0]["standing"] as? String == "dropped" && candidates[0]["correct"] as? Int == 0)
        #expect((candidates[0]["left_at"] as? Int ?? 99) <= 16)
        #expect(candidates[2]["standing"] as? String == "recommended")
        let interval = try #require(candidates[0]["simultaneous"] as? [Double])
        #expect(interval[1] < 0)
        let recommended = try #require(report["recommended"] as? [String: Any])
        #expect(recommended["name"] as? String == "best-of-n")
        #expect(report["margin"] as? Double == 0.05)
        #expect((recommended["held_out"] as? [String: Any])?["problems"] as? Int == 25)
        let line = try #require(recommended["command"] as? String)
        #expect(
            line == "stratagem solve --strategy best-of-n --budget 8 --bundle \(command.path("tree.script")) PROBLEM")
    }

    @Test func theTableFitsAndSaysWhatToRun() throws {
        defer { command.remove() }
        let outcome = try recommend(
            100, Self.tokens + Self.three + ["--strategy", "best-of-n:selection=naive,temperature=0.9"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        for line in outcome.output.split(separator: "\n") where !line.hasPrefix("    stratagem ") {
            #expect(line.count <= 100, "\(line)")
        }
        for words in [
            "strategy @ 8", "out at ", "Recommended: best-of-n", "problems held out",
            "\nRun it:\n    stratagem solve --strategy best-of-n", "allows for 3 comparisons", "Spent: ",
        ] {
            #expect(outcome.output.contains(words), "\(words): \(outcome.output)")
        }
    }

    /// Everything that is loaded, with variations, and those that the tree has no role for, with the reason.
    @Test func everyLoadedStrategy() throws {
        defer { command.remove() }
        let outcome = try recommend(40, ["--budget", "4", "--spend", "tokens=100000000", "--json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try object(outcome.output)
        let candidates = try #require(report["candidates"] as? [[String: Any]])
        let names = candidates.compactMap { $0["name"] as? String }
        #expect(names.contains("beam-search") && names.contains("best-of-n:selection=naive"), "\(names)")
        #expect(candidates.contains { $0["variation"] as? Bool == true && ($0["problems"] as? Int ?? 0) > 0 })
        let out = try #require(report["left_out"] as? [[String: String]])
        let reasons = Dictionary(uniqueKeysWithValues: out.map { ($0["strategy"] ?? "", $0["reason"] ?? "") })
        #expect(reasons["adaptive-allocation"]?.contains("all problems at once") == true)
        #expect(reasons["speculative-search"]?.contains("role 'large'") == true)
    }

    @Test func nothingIsRunTwice() throws {
        defer { command.remove() }
        let arguments = Self.tokens + Self.three + ["--out", command.path("s.db"), "--resume", "--json"]
        let first = try recommend(100, arguments)
        let second = try recommend(100, arguments)
        #expect(first.status == 0 && second.status == 0, "\(second.errors)")
        #expect((try object(first.output)["spent"] as? [String: Any])?["tokens"] as? Int ?? 0 > 0)
        #expect((try object(second.output)["spent"] as? [String: Any])?["tokens"] as? Int == 0)
        #expect(try lasting(first.output) == lasting(second.output))
        let query = try command.run("query", command.path("s.db"), "--json")
        #expect(query.status == 0 && query.output.contains("\"best-of-n\""), "an eval store like any other")
    }

    /// A call that a little money ends, and one that is killed: the same command goes on, and comes to what one call
    /// would have come to.
    @Test func killedRacesGoOn() throws {
        defer { command.remove() }
        let arguments = Self.tokens + Self.three + ["--json"]
        let whole = try recommend(400, arguments)
        let store = ["--out", command.path("s.db"), "--resume"]
        let little = try recommend(
            400, ["--budget", "8", "--spend", "tokens=4000", "--json"] + Self.three + store)
        #expect(little.status == 0, "\(little.errors)")
        #expect((try object(little.output)["spent"] as? [String: Any])?["tokens"] as? Int ?? 9999 <= 4400)
        for _ in 0..<5 {
            let running = try command.start(
                ["recommend", "--data", command.path("d.jsonl")] + arguments + store)
            usleep(UInt32.random(in: 20_000...400_000))
            kill(running.process.processIdentifier, SIGKILL)
            _ = try running.wait()
        }
        let last = try recommend(400, arguments + store)
        #expect(last.status == 0, "\(last.errors)")
        #expect(
            try lasting(last.output)["recommended"] as? NSDictionary == lasting(whole.output)["recommended"]
                as? NSDictionary)
        #expect(try lasting(last.output)["candidates"] as? NSArray == lasting(whole.output)["candidates"] as? NSArray)
    }

    @Test func interruptedRacesSayWhatIsKnown() throws {
        defer { command.remove() }
        // Two that cannot be told apart: the race does not end by itself.
        let running = try command.start([
            "recommend", "--data", try command.problems(5000), "--budget", "64", "--json", "--strategy", "best-of-n",
            "--strategy", "best-of-n:temperature=0.9", "--spend", "seconds=200", "--out", command.path("s.db"),
        ])
        let end = Date(timeIntervalSinceNow: 60)
        func runs() -> Int {
            let sql = "SELECT count(*) AS runs FROM runs"
            let found = try? command.start(["query", command.path("s.db"), "--sql", sql, "--csv"]).wait().output
            return found?.split(separator: "\n").last.flatMap { Int($0) } ?? 0
        }
        while Date() < end, runs() < 50 { usleep(20_000) }
        running.interrupt()
        let outcome = try running.wait()
        #expect(outcome.status == 130, "\(outcome.errors)")
        let report = try object(outcome.output)
        #expect(report["complete"] as? Bool == false && (report["rounds"] as? [Any])?.isEmpty == false)
    }

    @Test func thePictureHasIntervals() throws {
        defer { command.remove() }
        guard ["/usr/bin/gnuplot", "/bin/gnuplot"].contains(where: FileManager.default.isExecutableFile) else { return }
        let outcome = try recommend(40, Self.tokens + Self.three + ["-o", command.path("p.svg")])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let svg = try String(contentsOfFile: command.path("p.svg"), encoding: .utf8)
        for words in ["best-of-n", "greedy", "frontier", "recommended: best-of-n", "mean cost of a problem"] {
            #expect(svg.contains(words), "\(words)")
        }
    }

    @Test func badInputIsRefused() throws {
        defer { command.remove() }
        let unanswered = try command.write("u.jsonl", "{\"problem\": \"What is 2 + 2?\"}\n")
        let file = try command.problems(20)
        let cases: [([String], String)] = [
            (["--data", unanswered, "--budget", "4"], "answer"),
            (
                [
                    "--data", try command.write("few.jsonl", "{\"problem\": \"a\", \"answer\": \"1\"}\n"), "--budget",
                    "4",
                ],
                "strategies cannot be compared on fewer than 8"
            ),
            (["--data", file, "--budget", "4", "--spend", "300"], "not counted in generations"),
            (["--data", file, "--budget", "4", "--spend", "seconds="], "--spend: budget 'seconds='"),
            (["--data", file, "--budget", "4", "--spend", "tokens=10"], "--spend tokens=10 is too little"),
            (["--data", file, "--budget", "4,8"], "not a whole number"),
            (["--data", file, "--budget", "4", "--strategy", "best-of-n"], "only one strategy"),
            (["--data", file, "--budget", "4", "--strategy", "best-of-m", "--strategy", "greedy"], "best-of-n"),
            (
                ["--data", file, "--budget", "4", "--strategy", "speculative-search", "--strategy", "greedy"],
                "role 'large'"
            ),
            (["--data", file, "--budget", "4", "--strategy", "greedy", "--strategy", "greedy"], "given twice"),
            (
                ["--data", file, "--budget", "4", "--strategy", "adaptive-allocation", "--strategy", "greedy"],
                "all problems at once"
            ),
            (["--data", file, "--budget", "4", "--resume"], "--resume needs a store"),
            (["--data", file, "--budget", "4", "-o", "p.png"], "must end with .svg"),
            (["--data", file], "--budget"),
            (["--data", file, "--budget", "4", "--margin", "101"], "--margin must be from 0 to 100 points"),
            (["--data", file, "--budget", "4", "--margin", "nan"], "--margin must be from 0 to 100 points"),
        ]
        for (arguments, words) in cases {
            let outcome = try command.start(["recommend"] + arguments).wait()
            #expect(outcome.status == 2 && outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
        }
        // A store of another study, and one that nobody asked to continue.
        let store = command.path("e.db")
        #expect(
            try command.run("eval", "--data", file, "--budget", "4", "--strategy", "greedy", "--out", store).status == 0
        )
        for (more, words) in [([], "exists already"), (["--resume"], "results on other problems")] {
            let outcome = try command.start(
                ["recommend", "--data", file, "--budget", "4", "--out", store] + Self.three + more
            ).wait()
            #expect(outcome.status == 2 && outcome.errors.contains(words), "\(outcome.errors)")
        }
    }

    /// What cannot pay for the first round is said with its price, after a few runs.
    @Test func tooLittleMoneyIsToldItsPrice() throws {
        defer { command.remove() }
        let outcome = try recommend(20, ["--budget", "8", "--spend", "tokens=300"] + Self.three)
        #expect(outcome.status == 1 && outcome.output.isEmpty)
        #expect(
            outcome.errors.contains("--spend tokens=300 does not suffice for the first round, 8 problems for each of 3")
                && outcome.errors.contains("more tokens"), "\(outcome.errors)")
    }
}
