import Foundation
import Testing

/// Whatever takes longer than two seconds says on a terminal that it continues. Each of these continues
/// for ever, so that no machine is too quick or too slow for it.
@Suite struct ProgressTests {
    @Test(arguments: [
        (
            [
                "query", "STORE", "--sql",
                "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c",
            ], "reading the store, "
        ),
        (
            ["solve", "What is 2 + 2?", "--bundle", "SCRIPT", "--budget", "seconds=1000000", "--strategy", "PLUGIN"],
            " tokens/s, about 277 h 4"
        ),
        (
            ["eval", "--data", "DATA", "--bundle", "SCRIPT", "--budget", "seconds=1000000", "--strategy", "PLUGIN"],
            "tokens/s"
        ),
        (["check", "HANGING", "--timeout", "1000"], "checking, "),
    ]) func isShown(_ arguments: [String], _ words: String) throws {
        let command = try Command()
        defer { command.remove() }
        var named = [
            "SCRIPT": try command.write("tree.script", Command.script), "STORE": command.path("s.db"),
            "DATA": try command.write("d.jsonl", "{\"problem\": \"What is 2 + 2?\", \"answer\": \"4\"}\n"),
        ]
        if arguments.contains("STORE") {
            #expect(
                try command.run(
                    "eval", "--data", command.path("d.jsonl"), "--budget", "1", "--out", command.path("s.db")
                ).status == 0)
        }
        if arguments.contains("PLUGIN") {
            named["PLUGIN"] = try InterruptTests.searching.build(in: command, isTrusted: true)
        }
        if arguments.contains("HANGING") {
            named["HANGING"] = try InterruptTests.hanging.build(in: command, isTrusted: false)
        }
        let terminal = try PseudoTerminal()
        let process = try terminal.start(arguments.map { named[$0] ?? $0 }, in: command)
        defer { process.waitUntilExit() }
        defer { kill(process.processIdentifier, SIGKILL) }
        var shown = ""
        let latest = Date(timeIntervalSinceNow: 120)
        while Date() < latest, process.isRunning, !shown.contains(words) {
            shown += terminal.read()
            usleep(20_000)
        }
        #expect(shown.contains(words), "\(shown.debugDescription)")
    }
}
