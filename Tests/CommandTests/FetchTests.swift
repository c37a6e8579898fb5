import Foundation
import Testing

/// What the build fetches: the file with the hash that we name, or nothing; and none of it is run.
struct FetchTests {
    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
        .appendingPathComponent("Sources/CLlama")
    /// SHA-256 of "the weights of nothing\n".
    private static let hash = "c9ab509e720c4204ca1427343cc468f43058054e218d9d15fa03c0aa25a23b9b"
    private let command: Command

    /// A package index in a folder, of one project with one file.
    init() throws {
        command = try Command()
        for folder in ["simple/thing", "files"] {
            try FileManager.default.createDirectory(atPath: command.path(folder), withIntermediateDirectories: true)
        }
        try command.write("files/thing-1.tar.gz", "the weights of nothing\n")
        try command.write(
            "simple/thing/index.html",
            "<html><a href=\"../../files/thing-1.tar.gz#sha256=\(Self.hash)\">thing-1.tar.gz</a></html>")
    }

    private func fetch(_ project: String, _ hash: String) throws -> (status: Int32, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", Self.sources.appendingPathComponent("fetch.py").path, project, hash, command.path("out"),
        ]
        process.environment = ProcessInfo.processInfo.environment.merging([
            "PIP_INDEX_URL": "file://\(command.path("simple"))"
        ]) { $1 }
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: command.folder.path).sorted()
    }

    @Test func theFileWithTheHash() throws {
        defer { command.remove() }
        #expect(try fetch("thing", Self.hash).status == 0)
        #expect(try String(contentsOfFile: command.path("out"), encoding: .utf8) == "the weights of nothing\n")
    }

    /// The index says that it is the file, and it is another.
    @Test func aFileWithAnotherHashIsThrownAway() throws {
        defer { command.remove() }
        try command.write("files/thing-1.tar.gz", "the weights of something\n")
        let before = try files()
        let outcome = try fetch("thing", Self.hash)
        #expect(outcome.status == 1 && outcome.errors.contains("and \(Self.hash) was wanted"), "\(outcome.errors)")
        #expect(try files() == before, "nothing is left")
    }

    @Test func whatIsNotThereIsSaid() throws {
        defer { command.remove() }
        let other = String(Self.hash.reversed())
        #expect(try fetch("thing", other).errors.contains("no file of thing with the SHA-256 \(other)"))
        #expect(try fetch("nothing", Self.hash).errors.hasPrefix("fetch: nothing: "))
    }

    /// pip would build what it downloads, to ask for its name.
    @Test func nothingIsInstalled() throws {
        for name in ["build-llama.sh", "fetch.py"] {
            let text = try String(contentsOf: Self.sources.appendingPathComponent(name), encoding: .utf8)
            for word in ["pip install", "pip download", "pip wheel", "venv", "setup.py"] {
                #expect(!text.contains(word), "\(name): \(word)")
            }
        }
    }
}
