import Foundation
import Testing

/// A disk that fills while an eval writes its store.
struct FullDiskTests {
    private let command: Command
    init() throws { command = try Command() }

    /// The size of files stands in for the disk: to whoever writes it is the same.
    private func run(kilobytes: Int, _ arguments: [String]) throws -> Command.Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments =
            ["-c", "trap '' XFSZ; ulimit -f \(kilobytes); exec \"$@\"", "bash", Command.program] + arguments
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": command.folder.path, "TMPDIR": command.folder.path]
        let running = Command.Running(process: process, output: command.path("out"), errors: command.path("err"))
        for file in [running.output, running.errors] { try Data().write(to: URL(fileURLWithPath: file)) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: running.output)
        process.standardError = FileHandle(forWritingAtPath: running.errors)
        try process.run()
        return try running.wait()
    }

    @Test func theStoreStaysWholeAndGoesOn() throws {
        defer { command.remove() }
        let data = try command.write(
            "d.jsonl", (1...600).map { "{\"problem\": \"What is 2 + 2? (\($0))\", \"answer\": \"4\"}\n" }.joined())
        let script = try command.write("tree.script", Command.script)
        let arguments = [
            "eval", "--data", data, "--bundle", script, "--strategy", "majority", "--budget", "1000", "--out",
            command.path("s.db"), "--resume", "--json",
        ]
        let outcome = try run(kilobytes: 1024, arguments)
        #expect(outcome.status == 1 && outcome.errors.contains("s.db"), "\(outcome.status) \(outcome.errors)")
        #expect(outcome.output.contains("\"complete\": false"))
        let rows = try command.start(["query", command.path("s.db"), "--json"]).wait()
        #expect(rows.status == 0, "\(rows.errors)")
        let again = try command.start(arguments).wait()
        #expect(again.status == 0 && again.output.contains("\"problems\": 600"), "\(again.errors)")
    }
}
