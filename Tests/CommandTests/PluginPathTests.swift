import Foundation
import Testing

/// Files that are not plugins, given where a plugin is wanted: refused with the reason,
/// at once, whatever they are.
@Suite struct PluginPathTests {
    struct Wrong: Sendable, CustomTestStringConvertible {
        var what: String
        /// Said by `solve`, `plugins` and `trust`.
        var words: String
        /// `check` refuses what is not a file; of a file that is not a plugin it says so as a finding.
        var checkStatus: Int32
        var testDescription: String { what }
    }

    static let wrong = [
        Wrong(what: "nothing", words: "does not exist", checkStatus: 2),
        Wrong(what: "directory", words: "a directory", checkStatus: 2),
        Wrong(what: "fifo", words: "a named pipe", checkStatus: 2),
        Wrong(what: "loop", words: "a symbolic link that leads back to itself", checkStatus: 2),
        Wrong(what: "device", words: "a device", checkStatus: 2),
        Wrong(what: "empty", words: "empty", checkStatus: 1),
        Wrong(what: "text", words: "is not an ELF file", checkStatus: 1),
        Wrong(what: "huge", words: "2147483648 bytes", checkStatus: 2),
        Wrong(what: "cut", words: "truncated", checkStatus: 1),
        Wrong(what: "library", words: "stg_plugin_entry", checkStatus: 1),
    ]

    private func make(_ what: String, at path: String) throws {
        switch what {
        case "nothing": break
        case "directory": try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        case "fifo": try #require(mkfifo(path, 0o600) == 0)
        case "loop": try #require(symlink(path, path) == 0)
        case "device": try #require(symlink("/dev/zero", path) == 0)
        case "empty": try Data().write(to: URL(fileURLWithPath: path))
        case "text": try Data("#!/bin/sh\necho hello\n".utf8).write(to: URL(fileURLWithPath: path))
        case "huge":
            try Data().write(to: URL(fileURLWithPath: path))
            try #require(truncate(path, 2 << 30) == 0)
        default:
            let folder = URL(fileURLWithPath: Command.program).deletingLastPathComponent().path
            let plugin = try Data(contentsOf: URL(fileURLWithPath: folder + "/libstg-majority.so"))
            if what == "cut" { try plugin.prefix(plugin.count / 2).write(to: URL(fileURLWithPath: path)) }
            guard what == "library" else { return }
            // The entry by another name.
            var renamed = plugin
            while let place = renamed.range(of: Data("stg_plugin_entry".utf8)) {
                renamed[place.lowerBound] = UInt8(ascii: "S")
            }
            try renamed.write(to: URL(fileURLWithPath: path))
        }
    }

    @Test(arguments: wrong) func itIsRefused(_ wrong: Wrong) throws {
        let command = try Command()
        defer { command.remove() }
        let folder = command.path("folder")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/wrong.so"
        try make(wrong.what, at: path)
        for arguments in [
            ["solve", "What is 2 + 2?", "--strategy", path],
            [
                "eval", "--data", try command.write("d.jsonl", "{\"problem\": \"a\", \"answer\": \"1\"}\n"),
                "--strategy", path,
            ], ["trust", path],
        ] {
            let outcome = try command.start(arguments).wait()
            #expect(outcome.status == 2, "\(arguments[0]): \(outcome.output)\(outcome.errors)")
            #expect(outcome.output == "" && outcome.errors.contains(wrong.words), "\(arguments[0]): \(outcome.errors)")
        }
        let checked = try command.run("check", path, "--level", "1")
        #expect(checked.status == wrong.checkStatus, "\(checked.output)\(checked.errors)")
        // Found in a folder it stops nobody: the list says why it is not used.
        let listed = try command.run("plugins", "--plugin-path", folder)
        #expect(listed.status == 0 && listed.output.contains("beam-search"), "\(listed.errors)")
        if wrong.what != "nothing" { #expect(listed.output.contains(wrong.words), "\(listed.output.prefix(2000))") }
    }
}
