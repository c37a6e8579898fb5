import ArgumentParser
import ReferenceModels

/// The parser's completion script, with the short names of shipped files beside the files themselves. The parser
/// knows files, or names, or a function of ours that would have to do for every shell what shells do with files
/// (folders, quotes, what is hidden): so its script gets what it lacks.
enum CompletionScript {
    static func withShortNames(_ script: String) -> String {
        var lines = script.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for kind in [ShippedFiles.Kind.data, .bundle] {
            let (endings, names) = (ShippedCompletions.endings(kind), ShippedFiles.names(kind))
            lines = lines.map { zsh(fish(bash($0, endings, names), endings, names), endings, names) }
        }
        return lines.joined(separator: "\n")
    }

    /// One more call beside the one that offers files.
    private static func bash(_ line: String, _ endings: [String], _ names: [String]) -> String {
        let files = " -o plusdirs -fX '!*.@(\(endings.joined(separator: "|")))'"
        guard line.hasSuffix(files) else { return line }
        return line + "\n" + line.dropLast(files.count) + " -W '" + names.joined(separator: "'$'\\n''") + "'"
    }

    /// Two actions in place of one.
    private static func zsh(_ line: String, _ endings: [String], _ names: [String]) -> String {
        let files = #"_files -g '\''"# + endings.map { "*." + $0 }.joined(separator: " ") + #"'\''"#
        return line.replacing(":" + files, with: ":{compadd -- \(names.joined(separator: " "));\(files)}")
    }

    /// One more command in the substitution whose output is offered.
    private static func fish(_ line: String, _ endings: [String], _ names: [String]) -> String {
        let files = "set -l exts " + endings.map { #"\'\#($0)\'"# }.joined(separator: " ") + ";"
        return line.replacing("(" + files, with: #"(printf %s\\n \#(names.joined(separator: " "));"# + files)
    }
}
