import Foundation
import Testing

/// `view` as a program: what it takes and refuses, how it ends.
struct ViewCommandTests {
    private let command: Command
    init() throws { command = try Command() }

    private func refused(_ arguments: String...) throws -> String {
        let outcome = try command.start(["view"] + arguments + ["--port", "0"]).wait()
        #expect(outcome.status == 2, "\(outcome.errors)")
        return outcome.errors
    }

    private func store(_ name: String) throws -> String {
        let data = try command.write("d.jsonl", "{\"question\": \"What is 2 + 2?\", \"answer\": \"#### 4\"}\n")
        #expect(try command.run("eval", "--data", data, "--budget", "2", "--out", command.path(name)).status == 0)
        return command.path(name)
    }

    @Test func whatIsNothingToLookAtIsRefused() throws {
        defer { command.remove() }
        #expect(try refused(command.path("none.db")).contains("[bad_view]"))
        #expect(try refused(command.folder.path).contains("is not a regular file"))
        #expect(
            try refused(try command.write("text.db", "a text")).contains(
                "neither a store (an SQLite file that eval --out wrote) nor a trace"))
        #expect(try refused(try command.write("empty.db", "")).contains("neither a store"))
        #expect(try refused(try command.write("t.jsonl", "{\"version\": 9}\n")).contains("[bad_trace]"))
        let store = try store("s.db")
        #expect(try refused(store, store).contains("one store is shown at a time"))
        var bytes = try Data(contentsOf: URL(fileURLWithPath: store))
        bytes.removeSubrange(5000...)
        try bytes.write(to: URL(fileURLWithPath: command.path("half.db")))
        #expect(try refused(command.path("half.db")).contains("[bad_store]"))
    }

    @Test func ctrlCEndsIt() throws {
        defer { command.remove() }
        let running = try command.start(["view", try store("s.db"), "--port", "0"])
        let port = try #require(try port(of: running))
        // Its port is taken: a second one says so.
        let second = try command.start(["view", command.path("s.db"), "--port", port]).wait()
        #expect(second.status == 2 && second.errors.contains("[port_in_use]"), "\(second.errors)")
        running.interrupt()
        #expect(try running.wait().status == 0)
    }

    private func port(of running: Command.Running) throws -> String? {
        let latest = Date(timeIntervalSinceNow: 120)
        while Date() < latest, running.process.isRunning {
            if let match = try String(contentsOfFile: running.errors, encoding: .utf8).firstMatch(
                of: #/127\.0\.0\.1:(\d+)//#)
            {
                return String(match.1)
            }
            usleep(20_000)
        }
        Issue.record("it never said where it listens")
        return nil
    }
}
