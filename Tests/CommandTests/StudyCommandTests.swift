import Foundation
import Testing

struct StudyCommandTests {
    private let command: Command
    init() throws { command = try Command() }

    @Test func everyStrategyAtEveryBudget() throws {
        defer { command.remove() }
        let file = try command.problems(6)
        let outcome = try command.run(
            "eval", "--data", file, "--strategy", "best-of-n", "--strategy", "greedy", "--budget", "1,8", "--json",
            "--limit", "5")
        #expect(outcome.status == 0)
        #expect(outcome.errors == "", "no progress where there is no terminal")
        let report = try object(outcome.output)
        let results = try #require(report["results"] as? [[String: Any]])
        #expect(
            results.map { $0["name"] as? String } == ["best-of-n @ 1", "best-of-n @ 8", "greedy @ 1", "greedy @ 8"])
        for result in results {
            #expect(
                Set(result.keys).isSuperset(of: [
                    "strategy", "params", "budget", "problems", "correct", "accuracy", "ci95", "cost",
                    "tokens_per_second",
                ]))
            #expect(result["problems"] as? Int == 5)
        }
        #expect(results[2]["accuracy"] as? Double == 0, "greedily the model guesses")
        #expect(results[1]["correct"] as? Int == 5, "the verifier knows better")
        #expect((report["comparisons"] as? [Any])?.count == 6)
    }

    @Test func table() throws {
        defer { command.remove() }
        let outcome = try command.run(
            "eval", "--data", try command.problems(3), "--strategy", "greedy", "--strategy",
            "best-of-n:selection=naive",
            "--budget", "8")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("greedy @ 8"))
        #expect(outcome.output.contains("best-of-n:selection=naive @ 8    3/3   100.0 %"))
        #expect(outcome.output.contains("p (McNemar)"))
    }

    /// pass@N beside the accuracy: greedily the model has one solution, a wrong one; of eight some are right.
    @Test func whatAnOracleWouldChoose() throws {
        defer { command.remove() }
        let outcome = try command.run(
            "eval", "--data", try command.problems(3), "--strategy", "greedy", "--strategy", "majority", "--budget",
            "8", "--json",
            "--out", command.path("s.db"))
        let results = try #require(try object(outcome.output)["results"] as? [[String: Any]])
        #expect(results.map { $0["oracle"] as? Double } == [0, 1], "\(outcome.output)")
        let text = try command.run("eval", "--data", try command.problems(3), "--strategy", "majority", "--budget", "8")
            .output
        #expect(
            text.hasPrefix("strategy @ budget  right  accuracy  95 % interval   pass@N  cut short  tokens"), "\(text)")
        #expect(text.contains("  100.0 %      0.0 %  "), "\(text)")
        // The store knows it too.
        let stored =
            try JSONSerialization.jsonObject(
                with: Data(try command.run("query", command.path("s.db"), "--json").output.utf8)) as? [[String: Any]]
        #expect(stored?.map { $0["oracle"] as? Double } == [0, 1])
    }

    /// Every seed is a case of its own, the same as if it had been run alone; above them stands what they say together.
    @Test func severalSeeds() throws {
        defer { command.remove() }
        let arguments = [
            "eval", "--data", try command.problems(6), "--strategy", "majority", "--strategy", "best-of-n", "--budget",
            "4",
        ]
        let outcome = try command.start(arguments + ["--seeds", "3", "--seed", "5", "--json"]).wait()
        let report = try object(outcome.output)
        let results = try #require(report["results"] as? [[String: Any]])
        #expect(results.map { $0["seed"] as? Int } == [5, 6, 7, 5, 6, 7], "\(outcome.errors)")
        let alone = try #require(
            try object(command.start(arguments + ["--seed", "6", "--json"]).wait().output)["results"]
                as? [[String: Any]])
        #expect(
            results[1]["correct"] as? Int == alone[0]["correct"] as? Int
                && results[4]["correct"] as? Int == alone[1]["correct"] as? Int)
        let groups = try #require(report["over_seeds"] as? [[String: Any]])
        #expect(groups.map { $0["name"] as? String } == ["majority @ 4", "best-of-n @ 4"])
        let right = results[..<3].compactMap { $0["correct"] as? Int }.reduce(0, +)
        #expect(groups[0]["accuracy"] as? Double == Double(right) / 18 && groups[0]["runs"] as? Int == 18)
        let text = try command.start(arguments + ["--seeds", "3"]).wait().output
        #expect(
            text.hasPrefix("strategy @ budget  seeds  accuracy  95 % interval") && !text.contains("seed 1"), "\(text)")
        let csv = try command.start(arguments + ["--seeds", "3", "--csv"]).wait().output.split(separator: "\n")
        #expect(
            csv.count == 9
                && csv[0].hasPrefix(
                    "name,strategy,params,budget,seed,problems,correct,failed,accuracy,ci95_low,ci95_high,oracle,")
        )
        #expect(csv.filter { $0.contains(",all,") }.count == 2)
        for (wrong, words) in [
            (["--seeds", "0"], "--seeds must be from 1 to 1000"),
            (["--seeds", "2", "--seed", "18446744073709551615"], "leaves no room"),
            (["--csv", "--json"], "exclude each other"), (["--seeds", "2", "--grid", "x.toml"], "A grid has"),
        ] {
            let refused = try command.start((wrong.contains("--grid") ? ["eval"] : arguments) + wrong).wait()
            #expect(refused.status == 2 && refused.errors.contains(words), "\(refused.errors)")
        }
    }

    /// Nothing that `query` prints is wider than 100 columns, and programs get all of it.
    @Test func queriesAreReadable() throws {
        defer { command.remove() }
        let long = "best-of-n:selection=naive,temperature=0.75,top_p=0.9,max_tokens=100"
        #expect(
            try command.run(
                "eval", "--data", try command.problems(3), "--strategy", "best-of-n", "--strategy", long, "--strategy",
                "beam-search:beam_width=2", "--budget", "8",
                "--seeds", "2", "--out", command.path("s.db")
            ).status == 0)
        let store = command.path("s.db")
        for arguments in [
            [], ["study"], ["cells"], ["problems"], ["failures"], ["--sql", "SELECT * FROM cells, problems"],
        ] {
            let outcome = try command.start(["query", store] + arguments).wait()
            #expect(outcome.status == 0)
            for line in outcome.output.split(separator: "\n") { #expect(line.count <= 100, "\(arguments): \(line)") }
        }
        let cells = try command.run("query", store).output
        #expect(cells.contains("\nbest-of-n @ 8") && cells.contains("\nbeam-search:"), "\(cells)")
        #expect(
            cells.contains("selection=naive") && cells.contains("temperature=0.75") && !cells.contains("{"), "\(cells)")
        let csv = try command.run("query", store, "--csv").output.split(separator: "\n")
        #expect(csv.count == 7 && csv[0].hasPrefix("strategy,params,budget,seed,problems,correct,"), "\(csv[0])")
        let json = try command.run("query", store, "--json").output
        let listed = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
        let params = listed.compactMap { $0["params"] as? [String: Any] }
        #expect(
            params.count == listed.count
                && params.contains { $0["selection"] as? String == "naive" && $0["top_p"] as? Double == 0.9 },
            "\(json)")
        #expect(csv.contains { $0.contains("\"{\"\"") }, "in a table they stay one column")
        let sql = try command.run("query", store, "--sql", "SELECT text FROM problems ORDER BY id LIMIT 1", "--csv")
        #expect(sql.output == "text\nWhat is 2 + 2? (0)\n")
    }

    @Test func shardsMergeToTheWhole() throws {
        defer { command.remove() }
        let file = try command.problems(9)
        for part in 1...2 {
            #expect(
                try command.start([
                    "eval", "--data", file, "--budget", "4", "--out", command.path("\(part).db"), "--shard",
                    "\(part)/2",
                ]).wait().status == 0)
        }
        let missing = try command.run("merge", command.path("1.db"), "-o", command.path("all.db"))
        #expect(missing.status == 2 && missing.errors.contains("missing: 2/2"))
        #expect(
            try command.run("merge", command.path("1.db"), command.path("2.db"), "-o", command.path("all.db")).status
                == 0)
        let study = try command.run("query", command.path("all.db"), "study")
        #expect(study.output.contains("runs      9 of 9") && study.output.contains("shard     1/1"))
        let cells = try command.run("query", command.path("all.db"), "--json")
        #expect(cells.output.contains("\"problems\": 9"))
    }

    /// The comparison with a larger model rests on it.
    @Test func aStoreKnowsHowLargeItsModelsAre() throws {
        defer { command.remove() }
        let pair = URL(fileURLWithPath: Command.program).deletingLastPathComponent()
            .appendingPathComponent("stratagem_ReferenceModels.resources/Resources/reference-pair.toml").path
        let outcome = try command.run(
            "eval", "--bundle", pair, "--limit", "2", "--strategy", "greedy", "--strategy", "greedy:role=large",
            "--budget", "1",
            "--out", command.path("pair.db"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        let study = try command.run("query", command.path("pair.db"), "study").output
        #expect(study.contains("model     policy, 317,120 parameters, sha256"))
        #expect(study.contains("model     large, 4,401,920 parameters, sha256"))
    }

    @Test func aStrategyThatNeverRanIsAFailure() throws {
        defer { command.remove() }
        let table = try command.write("table.toml", "format = \"stratagem-policy-table/1\"\n")
        let outcome = try command.run(
            "eval", "--data", try command.problems(3), "--strategy", "best-of-n", "--strategy",
            "compute-optimal:table=\(table)",
            "--budget", "4")
        #expect(outcome.status == 1 && outcome.errors.contains("has no [[choice]]"))
        #expect(outcome.output.contains("best-of-n @ 4"), "what ran is shown")
    }

    @Test func gridsAreCounted() throws {
        defer { command.remove() }
        let file = try command.problems(2)
        let many = (1...40).map(String.init).joined(separator: ",")
        let large = try command.write(
            "large.toml", "seeds = [\(many)]\n[[cells]]\nstrategy = \"majority\"\nbudgets = [\(many)]\n")
        let refused = try command.run("eval", "--data", file, "--grid", large)
        #expect(refused.status == 2 && refused.errors.contains("has 1600 cells"))
        let numbers = (1...200).map(String.init).joined(separator: ",")
        let endless = try command.write(
            "endless.toml",
            "seeds = [\(numbers)]\n[[cells]]\nstrategy = \"best-of-n\"\nbudgets = [\(numbers)]\nparams = { n = [\(numbers)] }\n"
        )
        let never = try command.run("eval", "--data", file, "--grid", endless, "--yes")
        #expect(never.status == 2 && never.errors.contains("has 8000000 cells, and one store can have at most 1000000"))
        let small = try command.write(
            "small.toml",
            "[[cells]]\nstrategy = \"best-of-n\"\nbudgets = [1, 4]\nparams = { selection = [\"naive\", \"weighted\"] }\n"
        )
        let outcome = try command.run("eval", "--data", file, "--grid", small, "--json")
        #expect(outcome.status == 0)
        #expect((try object(outcome.output)["results"] as? [Any])?.count == 4)
        let twice = try command.write(
            "twice.toml",
            "[[cells]]\nstrategy = \"best-of-n\"\nbudgets = [1]\nparams = { selection = \"weighted\" }\n[[cells]]\nstrategy = \"best-of-n\"\nbudgets = [1]\n"
        )
        #expect(try command.run("eval", "--data", file, "--grid", twice).errors.contains("occurs twice"))
    }

    @Test(arguments: [
        (["--data", "/nonexistent.jsonl"], "there is no such file"),
        (["--limit", "0"], "--limit must be at least 1"),
        (["--limit", "-1"], "--limit must be at least 1"),
        (["--budget", "4,4"], "4 is given twice"),
        (["--budget", "4,"], "a part of it is empty"),
        (["--strategy", "greedy", "--strategy", "greedy"], "is given twice"),
        (["--strategy", "best-of-n:n"], "is not key=value"),
        (["--strategy", "best-of-m"], "did you mean \"best-of-n\"?"),
        (["--out", "/nonexistent/s.db"], "cannot be made"),
        (["--out", "/tmp"], "exists already"),
        (["--out", "/tmp", "--resume"], "is a folder"),
        (["--out", "/dev/null", "--resume"], "not an eval store"),
        (["--resume"], "name one with --out"),
        (["--out", "x.db", "--shard", "3/2"], "1 <= i <= n"),
        (["--grid", "/nonexistent.toml"], "cannot be read"),
        (["--grid", "x.toml", "--budget", "4"], "A grid has its own strategies"),
    ]) func refused(arguments: [String], message: String) throws {
        defer { command.remove() }
        let file = try command.problems(1)
        let outcome = try command.start(["eval"] + (arguments.contains("--data") ? [] : ["--data", file]) + arguments)
            .wait()
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
        let file = try command.problems(4)
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
            #expect(
                steps.map { $0["label"] as? Double } == [isRight ? 1 : 0, isRight ? 1 : 0],
                "each first step leads to one answer only")
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
