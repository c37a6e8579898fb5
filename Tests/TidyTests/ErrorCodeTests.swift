import Foundation
import SearchCore
import Testing

/// docs/errors.md is what the codes' own tables say, and every code is made somewhere.
@Suite struct ErrorCodeTests {
    /// `stratagem manual --errors > docs/errors.md` makes it true again.
    @Test func thePageIsUpToDate() throws {
        let page = try #require(Tidy.files.first { $0.path == "docs/errors.md" })
        #expect(page.lines.joined(separator: "\n") == ErrorSection.page)
    }

    @Test func everyCodeHasOneEntry() {
        let entries = ErrorSection.all.flatMap(\.entries)
        #expect(entries.count > 150)
        let counts = Dictionary(entries.map { ($0.code, 1) }, uniquingKeysWith: +)
        for code in ErrorCode.allCases {
            #expect(counts[code] == 1, "\(code) has \(counts[code] ?? 0) entries in ErrorTables*.swift")
        }
        for entry in entries {
            #expect(!entry.origins.isEmpty && Set(entry.origins).count == entry.origins.count, "\(entry.code)")
            for text in [entry.cause, entry.remedy] {
                #expect(text.hasSuffix(".") && !text.contains("\n") && !text.contains(" | "), "\(entry.code): \(text)")
            }
        }
    }

    @Test func everyCodeIsMade() {
        let sources = Tidy.swift.filter {
            $0.path.hasPrefix("Sources/") && !$0.path.hasPrefix("Sources/SearchCore/Errors/ErrorTable")
        }
        .map { $0.lines.joined(separator: "\n") }
        let members = Set(sources.flatMap { text in text.matches(of: /\.([a-z][A-Za-z0-9]+)/).map { String($0.1) } })
        for code in ErrorCode.allCases where !members.contains(Self.member(code)) {
            Issue.record("\(code): no source makes it")
        }
    }

    /// The case's name, as the sources spell it.
    private static func member(_ code: ErrorCode) -> String {
        let words = code.rawValue.split(separator: "_")
        return words.dropFirst().reduce(words.first.map(String.init) ?? "") {
            $0 + $1.prefix(1).uppercased() + $1.dropFirst()
        }
    }

    @Test func codesAreLowerSnakeCase() {
        for code in ErrorCode.allCases {
            #expect(code.rawValue.wholeMatch(of: /[a-z]+(_[a-z0-9]+)*/) != nil, "\(code)")
        }
    }

    @Test func aStoredCodeIsReadOrKeptInTheMessage() {
        #expect(StratagemError(.model, stored: "no_scores", "none") == StratagemError(.model, .noScores, "none"))
        #expect(
            StratagemError(.model, stored: "of_tomorrow", "new")
                == StratagemError(.model, .unknownCode, "of_tomorrow: new"))
    }
}
