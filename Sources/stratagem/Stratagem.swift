import ArgumentParser

/// The root command.
struct Stratagem: AsyncParsableCommand {

    static let configuration = CommandConfiguration(
        commandName: "stratagem",
        abstract: "Search strategies for test-time compute, as plugins.",
        discussion: """
            A small model answers better if it can try more than once. A strategy, loaded from a \
            shared object, decides what to try next; a verifier judges which try is best.

            Examples:
              stratagem solve "A boy has 12 pencils. His sister has 4 fewer pencils than he has. How many pencils do they have together?"
              stratagem solve --example 7 --strategy beam-search --budget 16 --watch
              stratagem eval --strategy best-of-n --strategy majority --budget 4,16
              stratagem plugins

            Exit status: 0 done; 1 it ran and failed; 2 refused before it ran (usage, files, \
            plugins, problems); 130 interrupted, with partial results printed.
            """,
        version: "stratagem \(Version.text), plugin ABI 1.1",
        subcommands: [
            Solve.self, Eval.self, Recommend.self, Merge.self, Query.self, MeasureDifficulty.self, Fit.self, Match.self,
            ReportCommand.self, Plugins.self, New.self,
            BundleCommand.self, Trust.self, Label.self, Serve.self, View.self, Judge.self,
            DoctorCommand.self, CheckCommand.self, Replay.self, Bench.self, Manual.self,
        ])

    @Flag(help: "Print the licences of the libraries in the program.")
    var licenses = false

    mutating func run() async throws {
        guard licenses else { throw CleanExit.helpRequest(self) }
        Output.text(Notice.text)
    }
}
