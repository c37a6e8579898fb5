import Foundation
import Testing

struct HelpTests {
    private let command: Command
    init() throws { command = try Command() }

    @Test(arguments: [
        "", "solve", "eval", "difficulty", "fit", "match", "plugins", "new", "trust", "label", "bench", "serve", "view",
        "recommend",
    ]) func helpHasExamples(name: String) throws {
        defer { command.remove() }
        let outcome = try command.start((name.isEmpty ? [] : [name]) + ["--help"]).wait()
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("Examples:\n  stratagem \(name)"))
        #expect(outcome.errors == "")
    }

    @Test func version() throws {
        defer { command.remove() }
        let outcome = try command.run("--version")
        #expect(outcome.status == 0)
        #expect(outcome.output.hasPrefix("stratagem "))
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func completions(shell: String) throws {
        defer { command.remove() }
        let outcome = try command.run("--generate-completion-script", shell)
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("stratagem") && outcome.output.contains("plugin-path"))
    }

    /// As bash does it when Tab is pressed behind `stratagem COMMAND --strategy WORD`.
    @Test(arguments: ["solve", "eval"], ["be", ""]) func tabOffersStrategies(name: String, word: String) throws {
        defer { command.remove() }
        let script = try command.write("complete.bash", try command.run("--generate-completion-script", "bash").output)
        try FileManager.default.createDirectory(atPath: command.path("bin"), withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: command.path("plugins"), withIntermediateDirectories: true)
        try command.write("plugins/broken.so", "no plugin")
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/bash")
        let line = [Command.program, name, "--plugin-path", command.path("plugins"), "--strategy", word]
        let words = line.map { "'\($0)'" }.joined(separator: " ")
        shell.arguments = [
            "--norc", "-c",
            """
            source '\(script)'
            COMP_WORDS=(\(words)); COMP_CWORD=5; COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9; COMP_KEY=9
            _stratagem stratagem '\(word)' --strategy 2>err
            printf '%s\\n' "${COMPREPLY[@]}" >out
            """,
        ]
        shell.currentDirectoryURL = command.folder
        shell.environment = ["PATH": "/usr/bin:/bin", "HOME": command.folder.path]
        try shell.run()
        shell.waitUntilExit()
        let offered = try String(contentsOfFile: command.path("out"), encoding: .utf8).split(separator: "\n").map(
            String.init)
        #expect(offered.contains("beam-search") && offered.contains("majority") == word.isEmpty, "\(offered)")
        #expect(offered.allSatisfy { $0.wholeMatch(of: /[a-z0-9-]+/) != nil }, "\(offered)")
        #expect(try String(contentsOfFile: command.path("err"), encoding: .utf8) == "")
    }

    /// `stratagem manual > docs/stratagem.1` makes it true again.
    @Test func manualPageIsUpToDate() throws {
        defer { command.remove() }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let written = try String(contentsOf: root.appendingPathComponent("docs/stratagem.1"), encoding: .utf8)
        #expect(try command.run("manual").output == written)
    }

    @Test func plugins() throws {
        defer { command.remove() }
        try FileManager.default.createDirectory(atPath: command.path("plugins"), withIntermediateDirectories: true)
        try command.write("plugins/broken.so", "this is no shared object")
        let text = try command.run("plugins", "--plugin-path", command.path("plugins"))
        #expect(text.status == 0)
        for name in ["beam-search", "best-of-n", "greedy", "lookahead", "majority"] {
            #expect(text.output.contains("\n\(name)  ") || text.output.hasPrefix("\(name)  "))
        }
        #expect(text.output.contains("refused  \(command.path("plugins/broken.so"))"))
        let outcome = try command.run("plugins", "--json", "--plugin-path", command.path("plugins"))
        let list = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
        let broken = try #require(list.first { ($0["path"] as? String)?.hasSuffix("broken.so") == true })
        #expect(broken["status"] as? String == "refused")
        #expect(broken["reason"] is String)
        let beam = try #require(list.first { $0["name"] as? String == "beam-search" })
        #expect(Set(beam.keys).isSuperset(of: ["path", "name", "version", "status", "reason", "strategies"]))
        #expect(beam["status"] as? String == "loaded")
    }

    @Test func closedPipeEndsQuietly() throws {
        defer { command.remove() }
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/bash")
        shell.arguments = ["-c", "(sleep 0.5; \"\(Command.program)\" plugins 2>err; echo $? >status) | true"]
        shell.currentDirectoryURL = command.folder
        try shell.run()
        shell.waitUntilExit()
        #expect(try String(contentsOfFile: command.path("status"), encoding: .utf8) == "141\n")
        #expect(try String(contentsOfFile: command.path("err"), encoding: .utf8) == "")
    }
}
