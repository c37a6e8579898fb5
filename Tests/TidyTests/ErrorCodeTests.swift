import Foundation
import Testing

/// docs/errors.md has every code that the sources make, and no other.
@Suite struct ErrorCodeTests {
    private static let sources = Tidy.swift.filter { $0.path.hasPrefix("Sources/") }.map { $0.lines.joined(separator: "\n") }

    /// Where codes are written: errors themselves, and the short ways to make one.
    private static var made: Set<String> {
        var codes: Set<String> = []
        for text in sources {
            for found in text.matches(of: /StratagemError\(\s*[^,()"]+,\s*"([a-z_]+)"/) { codes.insert(String(found.1)) }
            for found in text.matches(of: /violation\(\s*"([a-z_]+)"/) { codes.insert(String(found.1)) }
            for found in text.matches(of: /refuse\(\s*"(gguf_[a-z]+)"/) { codes.insert(String(found.1)) }
            for found in text.matches(of: /refused\(\s*"([a-z_]+)"/) { codes.insert(String(found.1)) }
        }
        return codes
    }

    private static func listed() throws -> [String] {
        let page = try #require(Tidy.files.first { $0.path == "docs/errors.md" })
        return page.lines.compactMap { $0.firstMatch(of: /^\| `([a-z_]+)` \|/).map { String($0.1) } }
    }

    @Test func everyCodeIsOnThePage() throws {
        let listed = Set(try Self.listed())
        let made = Self.made
        #expect(made.count > 90, "the sources are read wrongly: \(made.count) codes")
        for code in made.subtracting(listed).sorted() { Issue.record("\(code) is not in docs/errors.md: add its cause and its remedy") }
    }

    @Test func everyCodeOfThePageIsMade() throws {
        let listed = try Self.listed()
        #expect(listed.count == Set(listed).count, "a code is there twice")
        for code in listed where !Self.sources.contains(where: { $0.contains("\"\(code)\"") }) {
            Issue.record("docs/errors.md has \(code), and no source makes it")
        }
    }
}
