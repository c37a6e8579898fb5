import ArgumentParser
import Glibc
import SearchCore
import Studies

struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Combine the stores of a study's shards.",
        discussion: """
            Name every shard of the study once; the stores must have the same problems, models and plugins.

            Examples:
              stratagem eval --grid study.toml --out a.db --shard 1/2      # on one machine
              stratagem eval --grid study.toml --out b.db --shard 2/2      # on another
              stratagem merge a.db b.db -o study.db
            """)

    @Argument(
        help: ArgumentHelp("Stores that `stratagem eval --out --shard` wrote.", valueName: "store"),
        completion: .file(extensions: ["db"]))
    var stores: [String]

    @Option(
        name: [.short, .long], help: ArgumentHelp("The new store.", valueName: "file"),
        completion: .file(extensions: ["db"]))
    var output: String

    @Flag(name: .customLong("allow-missing"), help: "Allow missing shards, and cells that some shards do not have.")
    var allowMissing = false

    mutating func run() throws {
        Interrupt.beforeQuitting { [output] in unlink(StoreMerge.temporary(of: output)) }
        let merged = try Progress.during("merging") { () throws(StratagemError) in
            try StoreMerge.merge(stores, into: output, allowMissing: allowMissing)
        }
        let missing = merged.wanted - merged.runs
        Output.note(
            "\(output): \(Readable.count(merged.runs)) runs of \(stores.count) stores"
                + (missing > 0
                    ? "; \(Readable.count(missing)) of \(Readable.count(merged.wanted)) are missing: continue stopped shards with --resume"
                    : ""))
    }
}
