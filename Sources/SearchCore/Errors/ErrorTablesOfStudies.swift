extension ErrorSection {
    static let studies = ErrorSection(
        title: "Stores and studies",
        entries: [
            .init(
                .badStore, [.user],
                cause:
                    "The file is not a store, or it is damaged or of another version; the message names the table and the column.",
                remedy: "Correct the store (docs/store.md), or run the study into a new file."),
            .init(
                .unknownCode, [.user, .plugin, .model, .verifier, .host],
                cause:
                    "A store holds a failure whose code this program does not know; the message begins with that code.",
                remedy: "Read the store with the version of the program that wrote it."),
            .init(
                .storeExists, [.user],
                cause: "The file exists already.",
                remedy: "Pass `--resume`, or name another file."),
            .init(
                .storeLocked, [.user],
                cause: "Another program is writing to the store.",
                remedy: "Wait until that program has ended, or name another file."),
            .init(
                .storeDiffers, [.user],
                cause:
                    "The store belongs to another study or to another build of a plugin; the message says what differs.",
                remedy: "Use the same settings and plugins, or name another file."),
            .init(
                .storeGone, [.user],
                cause:
                    "The store was removed or replaced while the program was writing to it, or while `view` showed it.",
                remedy: "The message says where a copy is; for `view`, put a store there and read again."),
            .init(
                .storeFailed, [.host],
                cause: "SQLite failed in an unexpected way.",
                remedy: "Please report it."),
            .init(
                .diskFull, [.user],
                cause: "The disk is full; all committed rows are safe.",
                remedy: "Free some space, and continue with `--resume`."),
            .init(
                .badSql, [.user],
                cause: "The statement of `query --sql` cannot be run, or would do something else than read this store.",
                remedy: "Write one statement that begins with SELECT, WITH or VALUES; docs/store.md lists the tables."),
            .init(
                .badShard, [.user],
                cause: "`--shard` cannot be read, or the stores are not the shards of one study.",
                remedy: "The message says which of the two it is."),
            .init(
                .badGrid, [.user],
                cause: "A grid cannot be read, or it contains a cell twice.",
                remedy: "Correct the grid (docs/store.md)."),
            .init(
                .largeGrid, [.user],
                cause: "The grid has so many cells that they are run only with `--yes`.",
                remedy: "Pass `--yes` if you want to run them all."),
            .init(
                .nothingToFit, [.user],
                cause: "The stores contain no cell that a policy could choose.",
                remedy: "Run several strategies at several budgets into the stores."),
            .init(
                .incompleteStore, [.user],
                cause: "Some cells were not run on all problems.",
                remedy: "Finish the store with `--resume`."),
            .init(
                .emptyStore, [.user],
                cause: "The store contains no runs.",
                remedy: "Continue with `stratagem eval --out FILE --resume`."),
            .init(
                .noGnuplot, [.user],
                cause: "gnuplot is not installed.",
                remedy: "Install it, or use `--json` or `--markdown`."),
            .init(
                .gnuplotFailed, [.host],
                cause: "gnuplot did not draw, or took more than a minute.",
                remedy: "The message quotes gnuplot's output."),
            .init(
                .benchFailed, [.host],
                cause: "A benchmark's bare loop failed.",
                remedy: "Please report it."),
        ])

    static let files = ErrorSection(
        title: "Files and traces",
        entries: [
            .init(
                .cannotWrite, [.user],
                cause: "A file or folder cannot be written.",
                remedy: "Name another file, free some space or correct the permissions."),
            .init(
                .wouldOverwrite, [.user],
                cause: "The output file is also an input file, or it is an SQLite file.",
                remedy: "Name another file."),
            .init(
                .fileGone, [.user],
                cause: "A file was removed or replaced while the program was writing to it.",
                remedy: "The message says where a copy is."),
            .init(
                .badTrace, [.user],
                cause: "A trace cannot be read, or cannot be replayed by this build.",
                remedy: "Record it again with `solve --trace`."),
            .init(
                .traceCutShort, [.user],
                cause: "The trace is truncated.",
                remedy: "Pass `--force` to replay the part that exists."),
            .init(
                .traceWithoutFile, [.user],
                cause: "The trace does not hold a file that a parameter named.",
                remedy: "Record it again without that parameter."),
            .init(
                .otherPlugin, [.user],
                cause: "The trace was recorded with another build of the plugin.",
                remedy: "Pass `--force`, or use that build."),
            .init(
                .badName, [.user],
                cause: "The name that was given to `new` is not allowed for a plugin.",
                remedy: "Use lower-case letters, digits and hyphens."),
            .init(
                .unknownLanguage, [.user],
                cause: "There is no template for that language.",
                remedy: "The message lists the languages."),
            .init(
                .folderExists, [.user],
                cause: "The folder exists and is not empty, or there is a file with this name.",
                remedy: "Name another folder."),
            .init(
                .unwritable, [.user],
                cause: "The files of the project cannot be written.",
                remedy: "Correct the permissions."),
            .init(
                .noTemplates, [.host],
                cause: "The templates are not installed beside the program.",
                remedy: "Install the program with all its files."),
        ])
}
