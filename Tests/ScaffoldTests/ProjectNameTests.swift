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
        "", "-", "My-Search", "my_search", "my search", "2nd", "-a", "a-", "a--b", "é", "a/b", "../a", "a.b", "a\u{0}b", "a\nb",
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
            ("while", .c), ("int", .c), ("plugin", .c), ("class", .cpp), ("template", .cpp), ("strategy", .swift), ("self", .swift),
            ("optional", .swift), ("match", .rust), ("crate", .rust), ("none", .python), ("lambda", .python), ("random", .python),
            ("json", .python), ("stratagem", .python),
        ]
        for (word, language) in words {
            let error = #expect(throws: StratagemError.self, "\(word)") { try ProjectName(word, language: language) }
            #expect(error?.origin == .user && error?.code == "bad_name")
            let suggested = try #require(error?.message.split(separator: "'").last.map(String.init))
            #expect(throws: Never.self, "\(suggested)") { try ProjectName(suggested, language: language) }
        }
        // A word of one language is a name in another.
        #expect(throws: Never.self) { try ProjectName("lambda", language: .c) }
        #expect(throws: Never.self) { try ProjectName("class", language: .c) }
    }

    @Test func suggestsTheNearest() {
        #expect(ProjectName.nearest("MySearch") == "my-search")
        #expect(ProjectName.nearest("my_search!") == "my-search")
        #expect(ProjectName.nearest("2 beams") == "search-2-beams")
        #expect(ProjectName.nearest("while") == "while-search")
        #expect(ProjectName.nearest("") == "my-search")
    }
}
