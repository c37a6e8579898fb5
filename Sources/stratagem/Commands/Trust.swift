import ArgumentParser
import Foundation
import SearchCore
import StrategyHost

struct Trust: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Allow a plugin to run inside this program, or stop allowing it.",
        discussion: """
            A plugin that is neither part of the program nor trusted runs in its own process, \
            which cannot read your files, use the network or start programs. Trust is bound to the \
            file's bytes, not to its path: a changed file is untrusted again. See docs/threat-model.md.

            Examples:
              stratagem trust ./libmine.so
              stratagem trust --list
              stratagem trust --remove ./libmine.so
            """)

    @Argument(
        help: ArgumentHelp(
            "A plugin's file; with --remove, its path or the beginning of its hash.", valueName: "plugin"),
        completion: .file(extensions: ["so"]))
    var plugins: [String] = []

    @Flag(help: "List the trusted plugins.")
    var list = false

    @Flag(help: "Stop trusting these plugins.")
    var remove = false

    @Flag(help: "Print the list as JSON: sha256, path.")
    var json = false

    mutating func validate() throws {
        if list, remove || !plugins.isEmpty { throw ValidationError("--list takes no other arguments.") }
        if !list, plugins.isEmpty { throw ValidationError("Name a plugin, or pass --list.") }
    }

    mutating func run() throws {
        guard let store = TrustStore.standard(environment: ProcessInfo.processInfo.environment) else {
            throw StratagemError(
                .user, .trustFile,
                "the list of trusted plugins has no place: set HOME or XDG_DATA_HOME (a set-uid program trusts nothing)"
            )
        }
        if list { return Self.show(try store.entries(), json: json) }
        var changed: [TrustStore.Entry] = []
        for plugin in plugins { changed += remove ? try Self.remove(plugin, store) : [try store.trust(plugin)] }
        if json { return Self.show(changed, json: true) }
        for entry in changed {
            Output.line(
                remove
                    ? "No longer trusted: \(entry.path)"
                    : "Trusted as it is now: \(entry.path)\n  SHA-256 \(entry.sha256)\n  It runs inside stratagem from now on, with all your rights."
            )
        }
    }

    private static func remove(_ plugin: String, _ store: TrustStore) throws(StratagemError) -> [TrustStore.Entry] {
        let gone = try store.remove(plugin)
        guard !gone.isEmpty else {
            throw StratagemError(.user, .notTrusted, "\(plugin) is not trusted. See stratagem trust --list")
        }
        return gone
    }

    private static func show(_ entries: [TrustStore.Entry], json: Bool) {
        if json {
            Output.json(JSON.array(entries.map { ["sha256": .string($0.sha256), "path": .string($0.path)] }).pretty)
        } else if entries.isEmpty {
            Output.note("Only the plugins beside the program are trusted.")
        } else {
            for entry in entries { Output.line("\(entry.sha256)  \(entry.path)") }
        }
    }
}
