import Foundation
import Testing

/// examples/solve-with-engine: its own program on the engine, as docs/engine.md shows it.
@Suite struct EngineExampleTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let source = root.appendingPathComponent("examples/solve-with-engine/main.swift")

    private func run(_ arguments: String...) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Command.program).deletingLastPathComponent()
            .appendingPathComponent("solve-with-engine")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }

    @Test func isShortAndIsWhatTheDocumentShows() throws {
        let source = try String(contentsOf: Self.source, encoding: .utf8)
        #expect(source.split(separator: "\n", omittingEmptySubsequences: false).count <= 40)
        let page = try String(contentsOf: Self.root.appendingPathComponent("docs/engine.md"), encoding: .utf8)
        #expect(page.contains("```swift\n\(source)```"))
    }

    @Test func solvesAsTheCommandLineDoes() throws {
        let command = try Command()
        defer { command.remove() }
        let bundle = try command.write("example.script", Command.script)
        let told = try command.run("solve", "What is 2 + 2?", "--bundle", bundle, "--budget", "16", "--json")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(told.output.utf8)) as? [String: Any])
        let cost = try #require(json["cost"] as? [String: Any])
        let own = try run("What is 2 + 2?", bundle)
        #expect(own.status == 0)
        let lines = own.output.split(separator: "\n").map(String.init)
        #expect(lines.first == json["answer"] as? String && lines.first == "4")
        #expect(lines.last == "  \(cost["tokens"] ?? "") tokens sampled")
    }

    @Test func itEndsWithItsOwnStatus() throws {
        #expect(try run().status == 2)
        #expect(try run("What is 2 + 2?", "/nowhere/at/all.toml").status == 1)
    }
}
