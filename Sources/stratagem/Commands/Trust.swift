import ArgumentParser
import Foundation
import SearchCore
import StrategyHost

struct Trust: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let a plugin run inside this program, or no longer.",
        discussion: """
            A plugin that neither lies beside the program nor is trusted runs in a process of its own, \
            which can read no files of yours, use no network and start no programs. Trust is in the \
            file's bytes, not in its place: a changed file is untrusted again. See docs/threat-model.md.

            Examples:
              stratagem trust ./libmine.so
              stratagem trust --list
              stratagem trust --remove ./libmine.so
            """)

    @Argument(help: ArgumentHelp("A plugin's file; with --remove, its path or the beginning of its hash.", valueName: "plugin"), completion: .file(extensions: ["so"]))
    var plugins: [String] = []

    @Flag(help: "List what is trusted.")
    var list = false

    @Flag(help: "Trust these no longer.")
    var remove = false

    @Flag(help: "Print the list as JSON: sha256, path.")
    var json = false

    mutating func validate() throws {
        if list, remove || !plugins.isEmpty { throw ValidationError("--list stands alone.") }
        if !list, plugins.isEmpty { throw ValidationError("Name a plugin, or pass --list.") }
    }

    mutating func run() throws {
        guard let store = TrustStore.standard(environment: ProcessInfo.processInfo.environment) else {
            throw StratagemError(.user, .trustFile, "there is no place to remember it: set HOME or XDG_DATA_HOME (a set-uid program trusts nothing)")
        }
        if list { return Self.show(try store.entries(), json: json) }
        var changed: [TrustStore.Entry] = []
        for plugin in plugins { changed += remove ? try Self.remove(plugin, store) : [try store.trust(plugin)] }
        if json { return Self.show(changed, json: true) }
        for entry in changed {
            Output.line(remove ? "No longer trusted: \(entry.path)" : "Trusted as it is now: \(entry.path)\n  SHA-256 \(entry.sha256)\n  It runs inside stratagem from now on, with all your rights.")
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
            Output.note("No plugin is trusted but those beside the program.")
        } else {
            for entry in entries { Output.line("\(entry.sha256)  \(entry.path)") }
        }
    }
}
