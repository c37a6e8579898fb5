import Foundation
import Testing

/// What shells offer when Tab is pressed.
@Suite struct CompletionTests {
    private let command: Command
    init() throws { command = try Command() }

    private func script(_ shell: String) throws -> String {
        try command.write("complete.\(shell)", try command.run("--generate-completion-script", shell).output)
    }

    private static func program(_ name: String) -> String? {
        ["/usr/bin/", "/bin/"].map { $0 + name }.first(where: FileManager.default.isExecutableFile)
    }

    private func run(_ shell: String, _ arguments: [String]) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.program(shell)))
        process.arguments = arguments
        process.currentDirectoryURL = command.folder
        let programs = URL(fileURLWithPath: Command.program).deletingLastPathComponent().path
        process.environment = ["PATH": "\(programs):/usr/bin:/bin", "HOME": command.folder.path, "TERM": "dumb"]
        for name in ["offered", "err"] { try command.write(name, "") }
        process.standardOutput = FileHandle(forWritingAtPath: command.path("offered"))
        process.standardError = FileHandle(forWritingAtPath: command.path("err"))
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(try String(contentsOfFile: command.path("err"), encoding: .utf8) == "")
        return try String(contentsOfFile: command.path("offered"), encoding: .utf8).split(separator: "\n").map(
            String.init)
    }

    /// As bash does it when Tab is pressed behind `line`, whose last word is what was typed of it.
    private func bash(_ line: [String]) throws -> [String] {
        let words = ([Command.program] + line).map { "'\($0)'" }.joined(separator: " ")
        let (word, before) = (line.last ?? "", line.dropLast().last ?? "")
        return try run(
            "bash",
            [
                "--norc", "-c",
                """
                source '\(try script("bash"))'
                COMP_WORDS=(\(words)); COMP_CWORD=\(line.count); COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9; COMP_KEY=9
                _stratagem stratagem '\(word)' '\(before)'
                printf '%s\\n' "${COMPREPLY[@]}"
                """,
            ])
    }

    private func fish(_ line: [String]) throws -> [String] {
        let words = (["stratagem"] + line).joined(separator: " ")
        let lines = try run("fish", ["--no-config", "-c", "source '\(try script("fish"))'; complete -C '\(words)'"])
        // Behind a tab fish says what it is for.
        return lines.compactMap { $0.split(separator: "\t").first.map(String.init) }
    }

    /// A terminal of zsh's own, in which it lists what it would insert.
    private func zsh(_ line: [String]) throws -> [String] {
        let words = (["stratagem"] + line).joined(separator: " ")
        let lines = try run(
            "zsh",
            [
                "-f", "-c",
                """
                zmodload zsh/zpty
                zpty shell zsh -f -i
                zpty -w shell "PS1=; unset zle_bracketed_paste; stty cols 300; autoload -Uz compinit; compinit -u -D"
                zpty -w shell "source '\(try script("zsh"))'; compdef _stratagem stratagem"
                zpty -w shell 'list() { compadd() { local -a found; builtin compadd -O found "$@"; (( $#found )) && print -lr -- "<"$^found">"; builtin compadd "$@" }; _main_complete; compstate[insert]=; compstate[list]= }'
                zpty -w shell "zle -C list complete-word list; bindkey '^X' list; echo rea''dy"
                zpty -r shell text '*ready*'
                zpty -w -n shell $'\(words)\\C-X'
                sleep 3
                while zpty -rt shell text; do print -r -- "$text"; done
                zpty -d shell
                """,
            ])
        return lines.flatMap { $0.matches(of: /<([^>]*)>/).map { String($0.1) } }
    }

    private func offered(_ shell: String, _ line: [String]) throws -> Set<String>? {
        guard Self.program(shell) != nil else { return nil }
        switch shell {
        case "bash": return Set(try bash(line))
        case "fish": return Set(try fish(line))
        default: return Set(try zsh(line))
        }
    }

    @Test(arguments: ["solve", "eval"], ["be", ""]) func tabOffersStrategies(name: String, word: String) throws {
        defer { command.remove() }
        try FileManager.default.createDirectory(atPath: command.path("plugins"), withIntermediateDirectories: true)
        try command.write("plugins/broken.so", "no plugin")
        let offered = try bash([name, "--plugin-path", command.path("plugins"), "--strategy", word])
        #expect(offered.contains("beam-search") && offered.contains("majority") == word.isEmpty, "\(offered)")
        #expect(offered.allSatisfy { $0.wholeMatch(of: /[a-z0-9-]+/) != nil }, "\(offered)")
    }

    /// Next to files that may be meant.
    @Test(arguments: ["bash", "zsh", "fish"]) func tabOffersShortNames(shell: String) throws {
        defer { command.remove() }
        try command.write("tests.jsonl", "")
        try command.write("test.txt", "")
        try command.write("reference.toml", "")
        let folder = command.path("testing")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func plain(_ found: Set<String>?) -> Set<String>? {
            found.map { Set($0.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }) }
        }
        for name in ["eval", "recommend", "difficulty", "label", "match"] {
            let found = plain(try offered(shell, [name, "--data", "te"]))
            #expect(found == nil || found == ["test", "tests.jsonl", "testing"], "\(name): \(found ?? [])")
        }
        let bundles: Set = ["reference", "reference-pair", "reference-rollout", "reference.toml"]
        for line in [["solve", "--bundle", "re"], ["doctor", "--bundle", "re"], ["match", "--small", "re"]] {
            let found = plain(try offered(shell, line))
            #expect(found == nil || found == bundles, "\(line): \(found ?? [])")
        }
        // It wants solutions that people have judged, and none are shipped.
        let judged = plain(try offered(shell, ["judge", "--data", "te"]))
        #expect(judged == nil || judged == ["tests.jsonl", "testing"], "\(judged ?? [])")
        let text = try String(contentsOfFile: script(shell), encoding: .utf8)
        #expect(text.contains("reference-rollout") && text.contains("train"), "whether or not the shell is here")
    }
}
