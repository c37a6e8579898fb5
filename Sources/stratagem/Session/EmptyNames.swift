import ArgumentParser
import SearchCore

/// File names that are empty: `-o ""` is most often a shell variable that is not set. Checked in one place for all
/// commands, by the parser's own description of which arguments are files.
enum EmptyNames {
    static func check(_ arguments: [String], of program: any ParsableCommand.Type) throws(StratagemError) {
        // The description takes a while: it is made if there is reason only.
        guard arguments.contains(where: { $0.isEmpty || $0.hasSuffix("=") }),
            let command = CommandDescription.of(program)?.subcommands?.first(where: {
                $0.commandName == arguments.first
            })
        else { return }
        if let name = nameless(Array(arguments.dropFirst()), command.arguments ?? []) {
            throw StratagemError(.user, .usage, "\(name) is empty. Write a file name, or leave it out")
        }
    }

    /// The first option or argument that should name a file and is empty.
    private static func nameless(_ words: [String], _ known: [CommandDescription.Argument]) -> String? {
        var option: CommandDescription.Argument?
        var places = known.filter { $0.kind == "positional" }[...]
        for word in words {
            let isValue = option != nil
            let isPlaced = !isValue && !(word.hasPrefix("-") && word.count > 1)
            if word.isEmpty, let found = option ?? places.first, found.isFile {
                return found.names?.last?.spelled ?? found.valueName ?? "an argument"
            }
            if word.hasSuffix("="), !isValue, let found = known.first(where: { $0.isSpelled(word.dropLast()) }),
                found.isFile
            {
                return found.names?.last?.spelled
            }
            if isPlaced, places.count > 1 { places.removeFirst() }
            option = isValue ? nil : known.first { $0.kind == "option" && $0.isSpelled(word) }
        }
        return nil
    }
}
