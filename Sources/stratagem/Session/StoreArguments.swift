import ArgumentParser

/// Options of the commands that keep their runs in a store.
struct StoreArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp("Keep every run in this SQLite file (docs/store.md).", valueName: "file"),
        completion: .file(extensions: ["db"]))
    var out: String?

    @Flag(
        help:
            "Continue the store that --out names, or start it if it does not exist: runs that it has are not repeated.")
    var resume = false

    mutating func validate() throws {
        if resume, out == nil { throw ValidationError("--resume needs a store: name one with --out.") }
    }
}
