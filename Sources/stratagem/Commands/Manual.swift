import ArgumentParser

/// Writes the pages that are made from the program itself: `stratagem manual > docs/stratagem.1` and
/// `stratagem manual --errors > docs/errors.md`. Tests compare them.
struct Manual: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual", abstract: "Print the manual page.", shouldDisplay: false)

    @Flag(help: "Print docs/errors.md instead.") var errors = false

    /// `Program` prints the page instead: it needs the description of all commands, this one included.
    mutating func run() throws {}
}
