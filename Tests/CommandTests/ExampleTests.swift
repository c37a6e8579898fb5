import Foundation
import Testing

/// The examples, built and used as the README says.
@Suite struct ExampleTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// One answer only: every window agrees.
    private static let settled = """
        problem What is 2 + 2?
          Add them.
            #### 4 | end
        """
    /// Two answers, as likely as each other: a window of 40 never agrees.
    private static let open = """
        problem What is 2 + 2?
          Add them.
            #### 4 | end
          Guess.
            #### 5 | end
        """

    private func shell(_ command: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", command]
        process.currentDirectoryURL = URL(fileURLWithPath: Self.root)
        process.standardOutput = FileHandle.standardError
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(command)")
    }

    private func generations(_ plugin: String, _ script: String, window: Int, in command: Command) throws -> [String: Any] {
        let bundle = try command.write("example.script", script)
        let outcome = try command.run("solve", "What is 2 + 2?", "--bundle", bundle, "--strategy", plugin, "--budget", "80",
                                      "--param", "window=\(window)", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        return try #require(json["cost"] as? [String: Any]).merging(["answer": json["answer"] ?? ""]) { first, _ in first }
    }

    private func checkEarlyStop(_ plugin: String, in command: Command) throws {
        let settled = try generations(plugin, Self.settled, window: 4, in: command)
        #expect(settled["generations"] as? Int == 4)
        #expect(settled["answer"] as? String == "4")
        let open = try generations(plugin, Self.open, window: 40, in: command)
        #expect(open["generations"] as? Int == 80)
    }

    @Test func earlyStopInC() throws {
        let command = try Command()
        defer { command.remove() }
        let plugin = command.path("early-stop.so")
        try shell("cc -std=c99 -Wall -Wextra -pedantic -Werror -shared -fPIC -I Sources/CStratagem/include examples/early-stop/early_stop.c -o \(plugin)")
        try checkEarlyStop(plugin, in: command)
    }

    @Test func earlyStopInSwift() throws {
        let command = try Command()
        defer { command.remove() }
        let scratch = command.path("build")
        try shell("swift build -c release --package-path examples/early-stop-swift --scratch-path \(scratch)")
        try checkEarlyStop(scratch + "/release/libearly-stop.so", in: command)
    }

    /// The README shows the very file that is built here.
    @Test func readmeShowsTheExample() throws {
        let source = try String(contentsOfFile: Self.root + "/examples/early-stop-swift/Sources/EarlyStop/EarlyStop.swift", encoding: .utf8)
        let readme = try String(contentsOfFile: Self.root + "/README.md", encoding: .utf8)
        #expect(readme.contains(source.trimmingCharacters(in: .newlines)))
    }

    /// docs/abi.md is made from the header.
    @Test func abiReferenceIsCurrent() throws {
        try shell("docs/abi-reference.py --check")
    }
}
