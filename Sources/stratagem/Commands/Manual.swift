import ArgumentParser

/// Writes the manual page from the commands themselves, so that it stays true:
/// `stratagem manual > docs/stratagem.1`. A test compares.
struct Manual: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "manual", abstract: "Print the manual page.", shouldDisplay: false)

    mutating func run() throws {
        Output.text(ManualPage().text)
    }
}
