import Foundation
import Testing

/// What is built in is named, with its licence, by the page and by the program.
struct NoticeTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func file(_ name: String) throws -> String {
        try String(contentsOf: Self.root.appendingPathComponent(name), encoding: .utf8)
    }

    @Test func theProgramPrintsThePage() throws {
        let command = try Command()
        defer { command.remove() }
        let outcome = try command.run("--licenses")
        #expect(outcome.status == 0)
        #expect(try outcome.output == file("NOTICE"), "after a change: python3 Sources/stratagem/notice.py")
    }

    /// Those that we name, and, where they were fetched, those that they need.
    @Test func everyPackageIsThere() throws {
        let notice = try file("NOTICE")
        var names = try file("Package.swift").matches(of: /\.package\(url: "[^"]*\/([^"\/]+)"/).map { String($0.1) }
        #expect(names.count >= 9)
        let checkouts = Self.root.appendingPathComponent(".build/checkouts").path
        names += (try? FileManager.default.contentsOfDirectory(atPath: checkouts)) ?? []
        for name in Set(names) { #expect(notice.contains(name), "\(name) is not in NOTICE") }
        for name in ["llama.cpp", "ggml", "Swift's runtime", "SQLite", "libffi"] { #expect(notice.contains(name)) }
    }
}
