import ArgumentParser
import Foundation
import SearchCore

/// File names that are empty: `-o ""` is most often a shell variable that is not set. Told in one place for all
/// commands, by the parser's own description of which arguments are files.
enum EmptyNames {
    private struct Tool: Decodable { var command: Command }

    private struct Command: Decodable {
        var commandName: String
        var subcommands: [Command]?
        var arguments: [Argument]?
    }

    private struct Argument: Decodable {
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
        var names: [Name]?
        var valueName: String?
        var completionKind: Completion?
        var isFile: Bool { completionKind?.file != nil || completionKind?.directory != nil }

        func isSpelled(_ text: some StringProtocol) -> Bool { names?.contains { $0.spelled == text } ?? false }
    }

    static func check(_ arguments: [String]) throws(StratagemError) {
        // The description takes a while: it is made if there is reason only.
        guard arguments.contains(where: { $0.isEmpty || $0.hasSuffix("=") }),
              let root = try? JSONDecoder().decode(Tool.self, from: Data(Stratagem._dumpHelp().utf8)).command,
              let command = root.subcommands?.first(where: { $0.commandName == arguments.first }) else { return }
        if let name = nameless(Array(arguments.dropFirst()), command.arguments ?? []) {
            throw StratagemError(.user, "usage", "\(name) names no file: it is empty. Write a name, or leave it out")
        }
    }

    /// The first option or argument that should name a file and is empty.
    private static func nameless(_ words: [String], _ known: [Argument]) -> String? {
        var option: Argument?
        var places = known.filter { $0.kind == "positional" }[...]
        for word in words {
            let isValue = option != nil
            let isPlaced = !isValue && !(word.hasPrefix("-") && word.count > 1)
            if word.isEmpty, let found = option ?? places.first, found.isFile {
                return found.names?.last?.spelled ?? found.valueName ?? "an argument"
            }
            if word.hasSuffix("="), !isValue, let found = known.first(where: { $0.isSpelled(word.dropLast()) }), found.isFile {
                return found.names?.last?.spelled
            }
            if isPlaced, places.count > 1 { places.removeFirst() }
            option = isValue ? nil : known.first { $0.kind == "option" && $0.isSpelled(word) }
        }
        return nil
    }
}
