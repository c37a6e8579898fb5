import ArgumentParser

/// The root command.
struct Stratagem: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "stratagem",
        abstract: "Search strategies for test-time compute, as plugins.",
        discussion: """
            A small model answers better if it may try more than once. A strategy, loaded from a \
            shared object, says what to try next; a verifier says which try is the best.

            Examples:
              stratagem solve "Ann has 3 apples and buys 4 more. How many has she?"
              stratagem solve --example 7 --strategy beam-search --budget 16 --watch
              stratagem eval --strategy best-of-n --strategy majority --budget 4,16
              stratagem plugins

            Exit status: 0 done; 1 it ran and failed; 2 refused before it ran (usage, files, \
            plugins, problems); 130 interrupted, with partial results printed.
            """,
        version: "stratagem \(version), plugin ABI 1.0",
        subcommands: [
            Solve.self, Eval.self, Merge.self, Query.self, MeasureDifficulty.self, Fit.self, Match.self, ReportCommand.self, Plugins.self, New.self, Trust.self,
            Label.self,
            CheckCommand.self, Replay.self, Bench.self, Manual.self,
        ])
}
