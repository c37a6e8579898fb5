import Foundation
import Testing

/// What a command writes is there whole or not at all, whenever it is killed.
struct KillTests {
    private static let moments = 20
    private let command: Command
    private let store: String

    init() throws {
        command = try Command()
        let script = try command.write("two.script", PolicyCommandTests.tree(verifier: 0.6))
        let data = try command.write(
            "d.jsonl", PolicyCommandTests.names.map { "{\"problem\": \"\($0)\", \"answer\": \"1\"}\n" }.joined())
        store = command.path("s.db")
        for part in 1...2 {
            let outcome = try command.run(
                "eval", "--bundle", script, "--data", data, "--out", command.path("\(part).db"), "--budget", "1,4,64",
                "--strategy", "majority", "--strategy", "best-of-n", "--shard", "\(part)/2")
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        #expect(try merge("s.db").status == 0)
    }

    private func merge(_ name: String) throws -> Command.Outcome {
        try command.run("merge", command.path("1.db"), command.path("2.db"), "-o", command.path(name))
    }

    private func isThere(_ name: String) -> Bool { FileManager.default.fileExists(atPath: command.path(name)) }

    /// Runs it once to the end, for its time, then kills it at moments of that. After each, `check` looks at what is
    /// there and `remove` takes it away.
    private func killed(_ arguments: [String], check: () throws -> Void, remove: () throws -> Void) throws {
        let begin = Date()
        let whole = try command.start(arguments).wait()
        #expect(whole.status == 0, "\(arguments.first ?? ""): \(whole.errors)")
        let seconds = Date().timeIntervalSince(begin)
        try check()
        var killed = 0
        for _ in 0..<Self.moments {
            try remove()
            let running = try command.start(arguments)
            usleep(UInt32(Double.random(in: 0...1) * seconds * 1e6))
            kill(running.process.processIdentifier, SIGKILL)
            if try running.wait().status == 128 + SIGKILL { killed += 1 }
            try check()
        }
        #expect(killed > 0, "none was at work any more")
        try remove()
    }

    /// For what is the same text every time.
    private func killed(_ arguments: [String], writing names: [String]) throws {
        #expect(try command.start(arguments).wait().status == 0)
        let wanted = try names.map { try Data(contentsOf: URL(fileURLWithPath: command.path($0))) }
        try killed(arguments) { () throws in
            for (name, whole) in zip(names, wanted) where isThere(name) {
                #expect(
                    try Data(contentsOf: URL(fileURLWithPath: command.path(name))) == whole,
                    "\(name) of \(arguments.first ?? "") is there by half")
            }
        } remove: {
            for name in names { try? FileManager.default.removeItem(atPath: command.path(name)) }
        }
    }

    @Test func aMergedStore() throws {
        defer { command.remove() }
        func contents(_ name: String) throws -> String {
            let sql =
                "SELECT (SELECT count(*) FROM runs), (SELECT count(*) FROM candidates), (SELECT count(*) FROM votes), (SELECT sum(tokens) FROM runs)"
            return try command.run("query", command.path(name), "--sql", sql, "--json").output
        }
        let wanted = try contents("s.db")
        try killed(["merge", command.path("1.db"), command.path("2.db"), "-o", command.path("all.db")]) { () throws in
            if isThere("all.db") { #expect(try contents("all.db") == wanted, "half a merge calls itself whole") }
        } remove: {
            try? FileManager.default.removeItem(atPath: command.path("all.db"))
        }
        // Whatever was killed, the same merge goes through.
        #expect(try merge("all.db").status == 0)
        #expect(try contents("all.db") == wanted)
    }

    @Test func tablesPagesAndTraces() throws {
        defer { command.remove() }
        try killed(["fit", store, "--bins", "2", "-o", command.path("policy.toml")], writing: ["policy.toml"])
        try killed(["report", store, "--markdown", command.path("r.md")], writing: ["r.md"])
        try killed(
            [
                "solve", "What is 2 + 2?", "--bundle", command.path("tree.script"), "--strategy", "beam-search",
                "--tree", command.path("t.svg"),
            ], writing: ["t.svg"])
    }

    /// The lines that are whole, without the times that were taken.
    private func labelLines() throws -> [String] {
        let text = try String(contentsOfFile: command.path("l.jsonl"), encoding: .utf8)
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
            String($0).replacing(/"seconds":[^,}]+/, with: "")
        }
    }

    /// Every line that is there is whole, but for the last, and the same command continues from them.
    @Test func labels() throws {
        defer { command.remove() }
        let arguments = [
            "label", "--bundle", command.path("two.script"), "--data", command.path("d.jsonl"), "--out",
            command.path("l.jsonl"),
        ]
        #expect(try command.start(arguments).wait().status == 0)
        let wanted = try labelLines()
        try killed(arguments) { () throws in
            guard isThere("l.jsonl") else { return }
            #expect(try wanted.starts(with: labelLines()))
            #expect(try command.start(arguments).wait().status == 0)
            #expect(try labelLines() == wanted)
        } remove: {
            try? FileManager.default.removeItem(atPath: command.path("l.jsonl"))
        }
    }

    @Test func projects() throws {
        defer { command.remove() }
        let folder = command.path("my-walk")
        func files() throws -> [String] { try FileManager.default.subpathsOfDirectory(atPath: folder).sorted() }
        #expect(try command.start(["new", "my-walk", "--lang", "rust", folder]).wait().status == 0)
        let wanted = try files()
        try FileManager.default.removeItem(atPath: folder)
        try killed(["new", "my-walk", "--lang", "rust", folder]) { () throws in
            if isThere("my-walk") { #expect(try files() == wanted, "half a project") }
        } remove: {
            try? FileManager.default.removeItem(atPath: folder)
        }
    }
}
