import Foundation
import Testing

/// A recorded search, told again to the plugin by the built program.
@Suite struct ReplayCommandTests {
    private static let plugins = URL(fileURLWithPath: Command.program).deletingLastPathComponent().path

    /// The lines of a trace of beam search.
    private func trace(_ command: Command) throws -> [String] {
        let outcome = try command.run(
            "solve", "What is 2 + 2?", "--strategy", "beam-search", "--budget", "4", "--trace",
            command.path("run.jsonl"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try String(contentsOfFile: command.path("run.jsonl"), encoding: .utf8).split(separator: "\n").map(
            String.init)
    }

    private func replay(_ lines: [String], _ more: String..., ending: String = "\n", in command: Command) throws
        -> Command.Outcome
    {
        let file = try command.write("changed.jsonl", lines.joined(separator: "\n") + ending)
        return try command.start(["replay", file] + more).wait()
    }

    @Test func theSamePluginAsksForTheSame() throws {
        let command = try Command()
        defer { command.remove() }
        let lines = try trace(command)
        for plugin in [[], [Self.plugins + "/libstg-beam-search.so"]] {
            let outcome = try command.start(["replay", command.path("run.jsonl")] + plugin).wait()
            #expect(
                outcome.status == 0 && outcome.output == "beam-search: the same in all \(lines.count - 1) turns\n",
                "\(outcome.output)\(outcome.errors)")
        }
    }

    @Test func itSaysWhereTheAsksFirstDiffer() throws {
        let command = try Command()
        defer { command.remove() }
        var lines = try trace(command)
        let place = try #require(lines[1].range(of: "\"temperature\":0.8"))
        lines[1].replaceSubrange(place, with: "\"temperature\":0.9")
        let outcome = try replay(lines, in: command)
        #expect(
            outcome.status == 1
                && outcome.output.hasPrefix("beam-search: differs in turn 0, ask 0: temperature was 0.9, is 0.8"),
            "\(outcome.output)\(outcome.errors)")
    }

    @Test func whatIsNoWholeTraceIsRefused() throws {
        let command = try Command()
        defer { command.remove() }
        let lines = try trace(command)
        let half = String(lines[2].prefix(lines[2].count / 2))
        let table: [(what: String, lines: [String], ending: String, words: String)] = [
            ("cut after a line", Array(lines.dropLast()), "\n", "no answer was given by then"),
            ("cut in a line", [lines[0], lines[1], half], "", "line 3 breaks off in the middle"),
            ("a header alone", [lines[0]], "\n", "cut short"),
            ("nothing", [], "", "it is empty"),
            ("no trace", ["hello"], "\n", "line 1 is not the header of a trace"),
            (
                "another version", [lines[0].replacing("\"version\":1", with: "\"version\":2")] + lines.dropFirst(),
                "\n", "a trace of version 2"
            ),
            ("damaged in the middle", [lines[0], half] + lines.dropFirst(2), "\n", "line 2 is not a round of a trace"),
            ("a line twice", [lines[0], lines[1], lines[1]] + lines.dropFirst(2), "\n", "turn"),
            (
                "another build's",
                [lines[0].replacing(/"pluginHash":"[0-9a-f]{8}/, with: "\"pluginHash\":\"00000000")]
                    + lines.dropFirst(), "\n", "was made by a plugin with the hash 00000000"
            ),
        ]
        for row in table {
            let outcome = try replay(row.lines, ending: row.ending, in: command)
            #expect(
                outcome.status == 2 && outcome.output == "" && outcome.errors.contains(row.words),
                "\(row.what): \(outcome.status) \(outcome.output)\(outcome.errors)")
        }
        // What can be replayed is, if that is wanted.
        let forced = try replay(Array(lines.dropLast()), "--force", in: command)
        #expect(
            forced.status == 0 && forced.errors.contains("continuing because of --force"),
            "\(forced.output)\(forced.errors)")
    }

    @Test func anotherPluginIsRefused() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try trace(command)
        let outcome = try command.run("replay", command.path("run.jsonl"), Self.plugins + "/libstg-greedy.so")
        #expect(outcome.status == 2 && outcome.errors.contains("beam-search"), "\(outcome.errors)")
        // Found in a folder, it is nobody's wish to run it in this process; named, it is.
        let folder = command.path("strangers")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Self.plugins + "/libstg-beam-search.so", toPath: folder + "/beam.so")
        let found = try command.run("replay", command.path("run.jsonl"), "--plugin-path", folder, "--allow-shadowing")
        #expect(found.status == 2 && found.errors.contains("a replay runs it inside this process"), "\(found.errors)")
        let named = try command.run("replay", command.path("run.jsonl"), folder + "/beam.so")
        #expect(named.status == 0, "\(named.errors)")
        try #require(mkfifo(command.path("fifo"), 0o600) == 0)
        let fifo = try command.run("replay", command.path("fifo"))
        #expect(fifo.status == 2 && fifo.errors.contains("regular file"), "\(fifo.errors)")
    }
}
