import Foundation
import SearchCore
import Testing

@Suite struct ShellWordTests {
    @Test func plainWordsStayAsTheyAre() {
        for word in ["--seed", "best-of-n@16", "/tmp/a_b.so", "N=4,5", "Beam"] {
            #expect(ShellWord.quoted(word) == word)
        }
    }

    @Test func aShellReadsBackWhatWasQuoted() throws {
        let words = ["", "two words", "it's", "$HOME `id` \"x\" \\", "line\nbreak", "a*b?[c]", "~", "é", "'", "#x"]
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", "printf '%s\\0' " + words.map(ShellWord.quoted).joined(separator: " ")]
        let pipe = Pipe()
        shell.standardOutput = pipe
        try shell.run()
        let read = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        shell.waitUntilExit()
        #expect(read == words.map { $0 + "\0" }.joined())
    }
}
