import ArgumentParser
import Foundation

/// The manual page, in man(7)'s language, from the parser's own description of the
/// commands.
struct ManualPage {
    private let root: CommandDescription?

    init(_ program: any ParsableCommand.Type) { root = CommandDescription.of(program) }

    var text: String {
        guard let root else { return "" }
        let commands = (root.subcommands ?? []).filter { $0.shouldDisplay != false && $0.commandName != "help" }
        var page = """
            .\\" Made by 'stratagem manual'. Do not edit.
            .TH STRATAGEM 1 "" "stratagem \(Version.text)" "User Commands"
            .SH NAME
            stratagem \\- \(Self.roff((root.abstract ?? "").lowercasedFirst.trimmingFullStop))
            .SH SYNOPSIS

            """
        for command in commands { page += ".B stratagem \(command.commandName)\n.RI [ options ]\n.br\n" }
        page += ".SH DESCRIPTION\n" + Self.paragraphs(root.discussion)
        for command in commands {
            page += ".SH \(command.commandName.uppercased())\n\(Self.roff(command.abstract ?? ""))\n.PP\n"
            page += Self.paragraphs(command.discussion)
            for argument in command.arguments ?? [] where argument.shouldDisplay && !Self.isCommon(argument) {
                page += Self.item(argument)
            }
        }
        return page + Self.tail
    }

    private static func isCommon(_ argument: CommandDescription.Argument) -> Bool {
        argument.names?.contains { ["help", "version"].contains($0.name) } ?? false
    }

    private static func item(_ argument: CommandDescription.Argument) -> String {
        let value = argument.valueName.map { "\\fI\(roff($0))\\fR" } ?? ""
        let name: String
        switch argument.kind {
        case "positional": name = value
        case "flag": name = "\\fB\(names(argument))\\fR"
        default: name = "\\fB\(names(argument))\\fR \(value)"
        }
        let fallback = argument.defaultValue.map { argument.kind == "flag" ? "" : " Default: \(roff($0))." } ?? ""
        return ".TP\n\(name)\n\(roff(argument.abstract ?? ""))\(fallback)\n"
    }

    private static func names(_ argument: CommandDescription.Argument) -> String {
        (argument.names ?? []).map { roff($0.spelled) }.joined(separator: ", ")
    }

    /// Prose stays prose; what is indented (the examples) stays as it is.
    private static func paragraphs(_ text: String?) -> String {
        var page = ""
        var isExample = false
        for line in (text ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
            let wantsExample = line.hasPrefix("  ")
            if wantsExample != isExample {
                page += wantsExample ? ".PP\n.nf\n.RS\n" : ".RE\n.fi\n"
                isExample = wantsExample
            }
            page += line.isEmpty ? ".PP\n" : roff(line.drop { $0 == " " }) + "\n"
        }
        return page + (isExample ? ".RE\n.fi\n" : "")
    }

    private static func roff(_ text: some StringProtocol) -> String {
        let escaped = String(text).replacing("\\", with: "\\e").replacing("-", with: "\\-")
        return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
    }

    private static let tail = """
        .SH EXIT STATUS
        .TP
        0
        Done.
        .TP
        1
        It ran, and failed.
        .TP
        2
        Refused before it ran: usage, files, plugins, problems.
        .TP
        130
        Interrupted (Ctrl\\-C); partial results were printed.
        .SH ENVIRONMENT
        .TP
        STRATAGEM_PATH
        Folders with plugins, separated by colons.
        .TP
        STRATAGEM_MODELS
        The folder of the reference models.
        .TP
        NO_COLOR
        If set and not empty, no colours are used.
        .SH FILES
        .TP
        ~/.local/share/stratagem/plugins
        The user's own plugins (or below XDG_DATA_HOME).

        """
}

extension String {
    fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
    fileprivate var trimmingFullStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
