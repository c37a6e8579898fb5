import Foundation
import Glibc
import Testing

/// What others have written reaches no terminal as it is: not what a plugin logs, not
/// what a store, a data set or a file's name holds.
@Suite struct TerminalTests {
    /// An escape, a carriage return, a change of direction, an 8-bit escape, its own line.
    private static let evil = "one\u{1B}[2J\rtwo\u{202E} three\u{9B}\nanswer  42\u{7F}"
    private static let active: Set<Unicode.Scalar> = ["\u{1B}", "\r", "\u{202E}", "\u{9B}", "\u{7F}", "\u{10FF00}"]

    private static func isPlain(_ text: String) -> Bool { !text.unicodeScalars.contains { active.contains($0) } }

    private static let plugin: Result<String, any Error> = Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("terminal-\(getpid())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "cc", "-std=gnu11", "-w", "-O1", "-shared", "-fPIC", "-pthread", "-I\(root)/Sources/CStratagem/include",
            "-o", folder + "/hostile.so", root + "/Tests/IsolationTests/Fixtures/hostile.c",
        ]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return folder + "/hostile.so"
    }

    @Test(arguments: ["escapes-log", "escapes-error", "print", "escapes-path"]) func whatAPluginSaysIsPlain(
        _ deed: String
    ) throws {
        let command = try Command()
        defer { command.remove() }
        let arguments = [
            "solve", "What is 2 + 2?", "--budget", "4", "--strategy", try Self.plugin.get(), "--param", "deed=\(deed)",
            "--trace-abi",
        ]
        let outcome = try command.start(arguments).wait()
        #expect(Self.isPlain(outcome.errors) && Self.isPlain(outcome.output), "\(outcome.errors.debugDescription)")
        // Nothing of it stands at the beginning of a line, where a result would.
        #expect(!outcome.errors.split(separator: "\n").contains { $0.hasPrefix("answer  42") }, "\(outcome.errors)")
        if deed.hasPrefix("escapes-l") || deed.hasPrefix("escapes-e") {
            #expect(outcome.errors.contains("one\\u{1b}[2J\\rtwo\\u{202e} three\\u{9b}"), "\(outcome.errors)")
        }
        if deed == "escapes-path" { #expect(outcome.errors.contains("mkdir \"/\\u{1b}[31m"), "\(outcome.errors)") }
    }

    /// For programs the same text is exact.
    @Test func jsonIsExact() throws {
        let command = try Command()
        defer { command.remove() }
        let arguments = [
            "solve", "What is 2 + 2?", "--budget", "4", "--strategy", try Self.plugin.get(), "--param",
            "deed=escapes-error", "--json",
        ]
        let outcome = try command.start(arguments).wait()
        #expect(Self.isPlain(outcome.output))
        let found = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        let message = try #require((found["error"] as? [String: Any])?["message"] as? String)
        #expect(message.contains(Self.evil), "\(message.debugDescription)")
    }

    /// Problems, answers and names from data sets, through the store, in `eval` and `query`.
    @Test func storesAndDataSetsArePlain() throws {
        let command = try Command()
        defer { command.remove() }
        let name = "evil\u{1B}[31m\r\u{202E}.jsonl"
        let line = try JSONSerialization.data(withJSONObject: [
            "problem": "What is 2 + 2?\u{1B}[2J\u{202E}", "answer": "4\u{1B}]0;x\u{7}",
        ])
        try line.write(to: URL(fileURLWithPath: command.path(name)))
        let store = command.path("s\u{1B}[31m.db")
        let outcome = try command.run("eval", "--data", command.path(name), "--budget", "2", "--out", store)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            Self.isPlain(outcome.output) && Self.isPlain(outcome.errors),
            "\(outcome.output.debugDescription)\(outcome.errors.debugDescription)")
        for arguments in [
            ["study"], ["cells"], ["problems"], ["failures"],
            ["--sql", "SELECT text, answer, char(27) || '[31m' AS \"a\u{1B}b\" FROM problems"],
        ] {
            let text = try command.start(["query", store] + arguments).wait()
            #expect(text.status == 0, "\(arguments): \(text.errors)")
            #expect(Self.isPlain(text.output), "\(arguments): \(text.output.debugDescription)")
            let json = try command.start(["query", store, "--json"] + arguments).wait()
            #expect(Self.isPlain(json.output), "\(arguments): \(json.output.debugDescription)")
            let read = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
            if arguments[0] == "study" {
                #expect(
                    ((read as? [String: Any])?["data"] as? String)?.contains("evil\u{1B}[31m\r\u{202E}") == true,
                    "\(read)")
            }
        }
        for arguments in [
            ["query", command.path("none\u{1B}[31m.db")], ["solve", "x", "--strategy", "a\u{1B}[31mb"],
            ["solve", "x", "--bundle", "b\u{202E}.toml"],
            ["fit", store, "--out", "/nowhere\u{1B}/x"], ["trust", "p\r\u{1B}.so"], ["solve", "--no\u{1B}[31msuch"],
        ] {
            let refused = try command.start(arguments).wait()
            #expect(
                refused.status != 0 && Self.isPlain(refused.errors), "\(arguments): \(refused.errors.debugDescription)")
        }
    }

    /// On a terminal there are colours of ours, and no others.
    @Test func aTerminalGetsOurColoursOnly() throws {
        let command = try Command()
        defer { command.remove() }
        let terminal = try PseudoTerminal()
        let process = try terminal.start(
            [
                "solve", "What is 2 + 2?", "--budget", "4", "--bundle",
                try command.write("tree.script", Command.script),
                "--strategy", try Self.plugin.get(), "--param", "deed=escapes-error",
            ], in: command)
        process.waitUntilExit()
        let text = terminal.read()
        #expect(text.contains("\u{1B}[31mplugin\u{1B}[0m"), "\(text.debugDescription)")
        // What is left are the terminal's own line ends.
        let rest = text.replacing("\u{1B}[31m", with: "").replacing("\u{1B}[0m", with: "").replacing("\r\n", with: "\n")
        #expect(Self.isPlain(rest), "\(text.debugDescription)")
        #expect(rest.contains("one\\u{1b}[2J\\rtwo"), "\(rest)")
    }
}
