import Foundation
import Testing

/// Studies that grow, or were stopped or killed, and go on.
struct StudyResumeTests {
    private let command: Command
    init() throws { command = try Command() }

    /// A study of some problems, gone on with by more of them, is the study of all of them.
    @Test func aStudyGrows() throws {
        defer { command.remove() }
        let file = try command.problems(40)
        func eval(_ limit: Int, _ store: String, _ more: String...) throws -> Command.Outcome {
            try command.start(
                [
                    "eval", "--data", file, "--strategy", "best-of-n", "--strategy", "beam-search", "--budget", "4,8",
                    "--limit", "\(limit)",
                    "--out", command.path(store), "--resume", "--json",
                ] + more
            ).wait()
        }
        let columns =
            "r.answer, r.correct, r.generations, r.tokens, r.prompt_tokens, r.verifier_tokens, r.flops, r.ended, r.truncated"
        let rows = """
            SELECT c.strategy, c.budget, p.text, \(columns), (SELECT group_concat(v.answer || v.weight || v.count) FROM votes v WHERE v.run = r.id),
            (SELECT group_concat(a.rank || a.node || ifnull(a.score, '-') || a.text) FROM candidates a WHERE a.run = r.id)
            FROM runs r JOIN cells c ON c.id = r.cell JOIN problems p ON p.id = r.problem ORDER BY c.strategy, c.budget, r.problem
            """
        #expect(try eval(15, "grown.db").status == 0)
        let grown = try eval(40, "grown.db")
        #expect(grown.status == 0, "\(grown.errors)")
        #expect(try eval(40, "whole.db").status == 0)
        #expect(try query("grown.db", rows) == query("whole.db", rows))
        #expect(try query("grown.db", rows).split(separator: "\n").count > 160 && runs(in: "grown.db") == 160)
        let identity = "SELECT data_name, data_sha256, bundle, (SELECT count(*) FROM problems) FROM study"
        #expect(try query("grown.db", identity) == query("whole.db", identity))
        // Fewer are another study, and so are other problems or another model.
        let fewer = try eval(20, "grown.db")
        #expect(fewer.status == 2 && fewer.errors.contains("results on other problems"), "\(fewer.errors)")
        #expect(try runs(in: "grown.db") == 160)
        try command.write(
            "d.jsonl",
            (0..<50).map { "{\"question\": \"What is 2 + 2? (\($0 == 3 ? 99 : $0))\", \"answer\": \"4\"}\n" }.joined())
        let others = try eval(50, "grown.db")
        #expect(others.status == 2 && others.errors.contains("results on other problems"), "\(others.errors)")
        let shard = try eval(40, "grown.db", "--shard", "1/2")
        #expect(shard.status == 2, "\(shard.errors)")
    }

    @Test func stoppedStudyGoesOn() throws {
        defer { command.remove() }
        let file = try command.problems(3000)
        let arguments = [
            "eval", "--data", file, "--strategy", "majority", "--budget", "100", "--json", "--out",
            command.path("s.db"), "--resume",
        ]
        let running = try command.start(arguments)
        #expect(try waitForRuns(in: "s.db"))
        running.interrupt()
        let first = try running.wait()
        #expect(first.status == 130)
        #expect(try object(first.output)["complete"] as? Bool == false)
        let results = try #require(try object(first.output)["results"] as? [[String: Any]])
        let before = try #require(results[0]["problems"] as? Int)
        #expect(before > 0 && before < 3000)
        #expect(try runs(in: "s.db") == before)
        let last = try command.start(arguments).wait()
        #expect(last.status == 0)
        let whole = try #require(try object(last.output)["results"] as? [[String: Any]])
        #expect(whole[0]["problems"] as? Int == 3000)
        #expect(try runs(in: "s.db") == 3000)
    }

    /// Killed at any moment and gone on with, a study ends with the rows that it
    /// would have had. STRATAGEM_KILLS makes it more moments than CI's ten.
    @Test func killedStudyGoesOn() throws {
        defer { command.remove() }
        let moments = ProcessInfo.processInfo.environment["STRATAGEM_KILLS"].flatMap { Int($0) } ?? 10
        let file = try command.problems(300)
        func arguments(_ store: String) -> [String] {
            [
                "eval", "--data", file, "--strategy", "best-of-n", "--strategy", "beam-search", "--budget", "16,32",
                "--out", command.path(store), "--resume",
            ]
        }
        // Of texts only their names: ids count up in the order of arrival. Wall-clock time is nobody's to repeat.
        let rows = """
            SELECT c.strategy, c.params, c.budget, r.problem, r.answer, r.correct, r.error_code, r.generations, r.tokens, r.prompt_tokens, r.verifier_tokens,
            r.wasted_tokens, r.flops, (SELECT group_concat(v.rank || v.answer || v.weight || v.count) FROM votes v WHERE v.run = r.id),
            (SELECT group_concat(a.rank || a.node || a.revision || a.correct || ifnull(a.answer, '-') || ifnull(a.score, '-') || ifnull(hex(a.steps), '-') || a.tokens || a.text)
            FROM candidates a WHERE a.run = r.id) FROM runs r JOIN cells c ON c.id = r.cell ORDER BY c.strategy, c.params, c.budget, r.problem
            """
        let begin = Date()
        #expect(try command.start(arguments("whole.db")).wait().status == 0)
        let seconds = Date().timeIntervalSince(begin)
        let wanted = try query("whole.db", rows)
        #expect(wanted.count > 10_000)
        var killed = 0
        for moment in 0..<moments {
            let running = try command.start(arguments("killed.db"))
            usleep(UInt32(Double.random(in: 0...1) * seconds / 4 * 1e6))
            kill(running.process.processIdentifier, SIGKILL)
            if try running.wait().status == 128 + SIGKILL { killed += 1 }
            // A study that came to its end begins again.
            if FileManager.default.fileExists(atPath: command.path("killed.db")), (try? runs(in: "killed.db")) == 1200 {
                #expect(try query("killed.db", rows) == wanted, "after \(moment + 1) kills")
                for end in ["", "-wal", "-shm"] {
                    try? FileManager.default.removeItem(atPath: command.path("killed.db") + end)
                }
            }
        }
        #expect(killed > 0)
        #expect(try command.start(arguments("killed.db")).wait().status == 0)
        #expect(try query("killed.db", rows) == wanted)
    }

    private func query(_ store: String, _ sql: String) throws -> String {
        try command.run("query", command.path(store), "--sql", sql, "--json").output
    }

    private func runs(in store: String) throws -> Int {
        let rows =
            try JSONSerialization.jsonObject(with: Data(query(store, "SELECT count(*) AS runs FROM runs").utf8))
            as? [[String: Int]]
        return rows?.first?["runs"] ?? 0
    }

    private func waitForRuns(in store: String) throws -> Bool {
        let end = Date(timeIntervalSinceNow: 30)
        while Date() < end {
            if FileManager.default.fileExists(atPath: command.path(store)), (try? runs(in: store)) ?? 0 > 0 {
                return true
            }
        }
        return false
    }
}
