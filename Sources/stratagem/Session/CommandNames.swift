import ArgumentParser
import SearchCore

/// A command that does not exist. The parser would only say that an argument is unexpected.
enum CommandNames {
    static func check(_ arguments: [String], of program: any ParsableCommand.Type) throws(StratagemError) {
        let asksForHelp = arguments.first == "help"
        guard let typed = arguments.dropFirst(asksForHelp ? 1 : 0).first, !typed.hasPrefix("-") else { return }
        let all = program.configuration.subcommands
        let names = all.map { $0._commandName } + ["help"]
        guard !names.contains(typed) else { return }
        let shown = all.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
        let solve = typed.contains(" ") ? ". If it is a problem: stratagem solve \(ShellWord.quoted(typed))" : ""
        throw StratagemError(
            .user, .usage,
            "there is no command '\(typed.prefix(60))'\(Nearest.suggestion(typed, among: names))\(solve). The commands are \(shown.joined(separator: ", "))"
        )
    }
}
