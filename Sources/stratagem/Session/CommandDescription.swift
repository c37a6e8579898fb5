import ArgumentParser
import Foundation

/// A command as the argument parser describes it: what the manual page is made from, and how
/// arguments that are files are told from others.
struct CommandDescription: Decodable {
    struct Argument: Decodable {
        struct Name: Decodable {
            var kind: String
            var name: String
            var spelled: String { (kind == "long" ? "--" : "-") + name }
        }
        struct Completion: Decodable {
            var file: Ignored?
            var directory: Ignored?
        }
        struct Ignored: Decodable {}

        var kind: String
        var shouldDisplay: Bool
        var names: [Name]?
        var valueName: String?
        var defaultValue: String?
        var abstract: String?
        var completionKind: Completion?

        var isFile: Bool { completionKind?.file != nil || completionKind?.directory != nil }
        func isSpelled(_ text: some StringProtocol) -> Bool { names?.contains { $0.spelled == text } ?? false }
    }

    var commandName: String
    var abstract: String?
    var discussion: String?
    var shouldDisplay: Bool?
    var subcommands: [CommandDescription]?
    var arguments: [Argument]?

    /// Of the whole program. It takes a while.
    static func of(_ program: any ParsableCommand.Type) -> CommandDescription? {
        struct Tool: Decodable { var command: CommandDescription }
        return try? JSONDecoder().decode(Tool.self, from: Data(program._dumpHelp().utf8)).command
    }
}
