import Foundation
import Testing

/// What people see goes through one file, which makes it fit for a terminal.
@Suite struct WaysOut {
    /// Of Swift and C: each would write to standard output or standard error by itself.
    /// Calls of methods that happen to be called so ("report.print(") are not meant.
    nonisolated(unsafe) private static let waysOut: [(what: String, pattern: Regex<Substring>)] = [
        ("print", /(?:^|[^.\w])(?:print|debugPrint|dump)\(/),
        ("stdio", /(?:^|[^.\w])(?:printf|vprintf|puts|putchar|perror|psignal|wprintf)\(/),
        ("stdio", /\b(?:stdout|stderr)\b(?!_)/),
        ("a file handle", /FileHandle\.standard(?:Output|Error)|FileHandle\(fileDescriptor: ?(?:1|2|STD)/),
        (
            "write(2)",
            /(?:^|\W)(?:write|writev|pwrite|send|dprintf|vdprintf|fdopen)\((?:1|2|STDOUT_FILENO|STDERR_FILENO)\b/
        ),
        ("a log", /(?:^|\W)(?:NSLog|os_log|syslog|Logger)\(/),
        ("a terminal", /"\/dev\/(?:tty|stdout|stderr|fd\/[12])"/),
    ]

    /// By their names, for files move: and why.
    private static let mayWrite: [String: String] = [
        "Output.swift": "the one way out",
        "IsolatedServer.swift": "of a worker, whose output the host reads and passes on",
        "ServerLog.swift": "a log whose lines are handed to the program",
        "Language.swift": "names that C and other languages have taken",
    ]

    private static func name(_ file: Tidy.File) -> String {
        file.path.split(separator: "/").last.map(String.init) ?? ""
    }

    static func isWayOut(_ line: Substring) -> String? {
        let code = line.prefix(upTo: line.firstRange(of: "//")?.lowerBound ?? line.endIndex)
        return waysOut.first { code.firstMatch(of: $0.pattern) != nil }?.what
    }

    private static let sources = Tidy.files.filter { file in
        file.path.hasPrefix("Sources/") && [".swift", ".c", ".h", ".cpp"].contains { file.path.hasSuffix($0) }
            && mayWrite[name(file)] == nil
    }

    @Test func everythingGoesThroughOutput() {
        #expect(Self.sources.count > 200)
        for file in Self.sources {
            for (index, line) in file.lines.enumerated() {
                if let what = Self.isWayOut(line) {
                    Issue.record("\(file.path):\(index + 1): \(what) writes past Output: \(line.prefix(100))")
                }
            }
        }
    }

    /// Escape codes are made in one place; anywhere else they would be spelt out.
    @Test func escapesAreMadeInOnePlace() {
        let makers: Set = ["Output.swift", "Plain.swift"]
        for file in Self.sources where !makers.contains(Self.name(file)) {
            for (index, line) in file.lines.enumerated()
            where line.contains("\\u{1B}") || line.contains("\\033[") || line.contains("\\x1b") {
                Issue.record("\(file.path):\(index + 1): an escape code: \(line.prefix(100))")
            }
        }
    }

    @Test(arguments: [
        "        print(text)", "debugPrint(x)", "    fputs(text, stderr)", "FileHandle.standardOutput.write(data)",
        "_ = Glibc.write(1, p, n)",
        "write(STDERR_FILENO, p, n)", "    printf(\"x\")", "puts(text)", "perror(\"open\")", "NSLog(\"%@\", x)",
        "open(\"/dev/tty\", O_WRONLY)",
        "fprintf(stderr, \"x\")", "FileHandle(fileDescriptor: 2)",
    ])
    func aWayOutIsSeen(line: String) { #expect(Self.isWayOut(line[...]) != nil) }

    @Test(arguments: [
        "report.print(to: page)", "Self.print(x)", "// print(x)", "blueprint(x)", "write(descriptor, p, n)",
        "snprintf(text, 9, \"x\")", "isatty(STDOUT_FILENO)",
    ])
    func otherCodeIsNot(line: String) { #expect(Self.isWayOut(line[...]) == nil) }
}
