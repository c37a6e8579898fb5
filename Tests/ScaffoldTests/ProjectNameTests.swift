import Foundation
import SearchCore
import Testing
@testable import Scaffold

@Suite struct ProjectNameTests {
    @Test(arguments: Language.allCases)
    func spellsAnOrdinaryName(_ language: Language) throws {
        let name = try ProjectName("my-2nd-search", language: language)
        #expect(name.dashed == "my-2nd-search" && name.snake == "my_2nd_search" && name.camel == "My2ndSearch")
    }

    static let bad = [
        "", "-", "My-Search", "my_search", "my search", "2nd", "-a", "a-", "a--b", "é", "a/b", "../a", "a.b", "a\u{0}b",
        "a\nb",
        String(repeating: "a", count: 51), "ａ", "my-search-\u{1F600}",
    ]

    /// Refused with another name, which is then taken.
    @Test(arguments: bad)
    func refusesWithANameThatWouldDo(_ bad: String) throws {
        for language in Language.allCases {
            let error = #expect(throws: StratagemError.self) { try ProjectName(bad, language: language) }
            let message = try #require(error?.message)
            let suggested = try #require(message.split(separator: "'").last.map(String.init))
            #expect(throws: Never.self, "\(message)") { try ProjectName(suggested, language: language) }
        }
    }

    @Test func refusesWhatMeansSomethingElse() throws {
        let words: [(String, Language)] = [
            ("while", .c), ("int", .c), ("plugin", .c), ("class", .cpp), ("template", .cpp), ("strategy", .swift),
            ("self", .swift),
            ("optional", .swift), ("match", .rust), ("crate", .rust), ("none", .python), ("lambda", .python),
            ("random", .python),
            ("json", .python), ("stratagem", .python),
        ]
        for (word, language) in words {
            let error = #expect(throws: StratagemError.self, "\(word)") { try ProjectName(word, language: language) }
            #expect(error?.origin == .user && error?.code == .badName)
            let suggested = try #require(error?.message.split(separator: "'").last.map(String.init))
            #expect(throws: Never.self, "\(suggested)") { try ProjectName(suggested, language: language) }
        }
        // A word of one language is a name in another.
        #expect(throws: Never.self) { try ProjectName("lambda", language: .c) }
        #expect(throws: Never.self) { try ProjectName("class", language: .c) }
    }

    /// No strategy is called like something of its kit's: the lists of words are held to the sources.
    @Test(arguments: [
        (Language.cpp, "cpp/stratagem.hpp", "^(?:class|struct|enum class) ([A-Z]\\w+)"),
        (.rust, "rust/src/lib.rs", "[ {]([A-Z]\\w+)[,}]"),
        (.python, "python/kit/stratagem.py", "^class ([A-Z]\\w*)"),
        (.python, "python/my_search.py", "^from stratagem import (\\w+)"),
    ])
    func refusesTheKitsOwnNames(_ language: Language, _ file: String, _ pattern: String) throws {
        let text = try String(contentsOfFile: Self.resources + file, encoding: .utf8)
        let found = text.matches(of: try Regex(pattern, as: (Substring, Substring).self).anchorsMatchLineEndings()).map
        { String($0.1) }
        let names = found.filter { $0.first?.isUppercase == true && !$0.hasPrefix("MySearch") }
        #expect(!names.isEmpty)
        for name in names where ProjectName.canBe(name) {
            #expect(throws: StratagemError.self, "\(language): \(name)") {
                try ProjectName(ProjectName.dashes(name), language: language)
            }
        }
    }

    /// The same of StrategyKit's public types.
    @Test func refusesStrategyKitsTypes() throws {
        let folder = Self.resources + "../../StrategyKit"
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let text = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
            for match in text.matches(
                of: #/^public (?:final )?(?:struct|class|enum|protocol) (\w+)/#.anchorsMatchLineEndings())
            where ProjectName.canBe(String(match.1)) {
                #expect(throws: StratagemError.self, "\(match.1)") {
                    try ProjectName(ProjectName.dashes(String(match.1)), language: .swift)
                }
            }
        }
    }

    /// In C a name may be that of anything in the header: nothing of the project's is called just that.
    @Test func theCTemplatesNamesAreItsOwn() throws {
        let text = try String(contentsOfFile: Self.resources + "c/my_search.c", encoding: .utf8)
        #expect(text.matches(of: #/\bmy_search\b/#).isEmpty && text.contains("my_search_strategy"))
    }

    private static let resources =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path + "/Sources/Scaffold/Resources/"

    @Test func suggestsTheNearest() {
        #expect(ProjectName.nearest("MySearch") == "my-search")
        #expect(ProjectName.nearest("my_search!") == "my-search")
        #expect(ProjectName.nearest("2 beams") == "search-2-beams")
        #expect(ProjectName.nearest("while") == "while-search")
        #expect(ProjectName.nearest("") == "my-search")
    }
}

extension ProjectName {
    /// Whether any name is spelt so as a type: `NodeInfo` is node-info's, and `NodeID` nobody's.
    fileprivate static func canBe(_ type: String) -> Bool {
        dashes(type).split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined() == type
    }

    /// `NodeInfo` as a name: `node-info`.
    fileprivate static func dashes(_ type: String) -> String {
        type.replacing(#/(?<before>[a-z0-9])(?<after>[A-Z])/#) { "\($0.before)-\($0.after)" }.lowercased()
    }
}
