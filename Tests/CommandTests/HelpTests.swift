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

    /// An option that several commands take for the same thing says so in the same words.
    @Test func anOptionHasOneText() throws {
        defer { command.remove() }
        struct Tool: Decodable { var command: Described }
        struct Described: Decodable {
            struct Argument: Decodable {
                struct Name: Decodable { var name: String }
                var names: [Name]?
                var abstract: String?
            }
            var commandName: String
            var subcommands: [Described]?
            var arguments: [Argument]?
            func text(_ option: String) -> String? {
                arguments?.first { $0.names?.contains { $0.name == option } ?? false }?.abstract
            }
        }
        let dump = try command.run("--experimental-dump-help").output
        let all = try #require(try JSONDecoder().decode(Tool.self, from: Data(dump.utf8)).command.subcommands)
        for option in ["out", "resume", "bundle", "extract", "plugin-path"] {
            let texts = all.filter { ["eval", "recommend"].contains($0.commandName) }.map { $0.text(option) }
            #expect(texts.count == 2 && texts[0] != nil && texts[0] == texts[1], "\(option): \(texts)")
        }
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
