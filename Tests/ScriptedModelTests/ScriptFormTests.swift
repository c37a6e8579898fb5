import SearchCore
import Testing

@testable import ScriptedModel

/// Scripts as other editors save them, and with numbers that no tree can have.
@Suite struct ScriptFormTests {
    private static let plain = "problem a\n  b | weight 2 value 0.5 tokens 3\n    #### 1 | end\n"

    private func steps(_ source: String) throws -> (String, [String]) {
        let script = try Script(parsing: source)
        return ("\(script.roots)", script.notes)
    }

    @Test func marksAndLineEndsOfOtherEditors() throws {
        let (wanted, none) = try steps(Self.plain)
        #expect(none.isEmpty)
        for (source, note) in [
            ("\u{FEFF}" + Self.plain, "byte order mark"), (Self.plain.replacing("\n", with: "\r\n"), "CR LF"),
            ("\u{FEFF}" + Self.plain.replacing("\n", with: "\r\n"), "CR LF"),
        ] {
            let (found, notes) = try steps(source)
            #expect(found == wanted && notes.last?.contains(note) == true, "\(notes)")
        }
    }

    @Test func valuesThatAreNotFiniteAreSaid() throws {
        let (_, notes) = try steps("problem a\n  b | value nan\n  c | value -inf\n")
        #expect(notes == ["2 values are not finite (the first in line 2): the verifier counts as broken there"])
    }

    @Test(arguments: [
        "tokens 1000000000", "tokens 9223372036854775807", "tokens 65537", "tokens 0", "tokens -1", "weight nan",
        "weight inf", "weight 0", "weight -1",
    ])
    func numbersThatNoTreeHas(attribute: String) {
        let error = #expect(throws: StratagemError.self) { try Script(parsing: "problem a\n  b | \(attribute)\n") }
        #expect(
            error?.code == .badScript && error?.message.contains("line 2") == true,
            "\(attribute): \(error?.message ?? "")")
    }

    /// What goes through a tree calls itself: a deep one was the end of the process.
    @Test func levelsAreBounded() throws {
        func deep(_ levels: Int) -> String {
            "problem a\n" + (1...levels).map { String(repeating: "  ", count: $0) + "b\n" }.joined()
        }
        _ = try Places(try Script(parsing: deep(256)))
        let error = #expect(throws: StratagemError.self) { try Script(parsing: deep(257)) }
        #expect(
            error?.code == .badScript && error?.message.contains("line 258: a tree has 256 levels") == true,
            "\(error?.message ?? "")")
    }

    /// Each step is small, and all of them together are not; so with weights.
    @Test func sumsAreBounded() throws {
        let many = "problem a\n" + String(repeating: "  b | tokens 65536\n", count: 40)
        #expect(throws: StratagemError.self) { try Places(Script(parsing: many)) }
        let few = "problem a\n" + String(repeating: "  b | tokens 65536\n", count: 20)
        #expect(try Places(Script(parsing: few)).all.count == 21)
        #expect(throws: StratagemError.self) { try Places(Script([ScriptedStep("a", tokens: 1 << 40)])) }
        #expect(throws: StratagemError.self) {
            try Places(Script(parsing: "problem a\n  b | weight 1e308\n  c | weight 1e308\n"))
        }
    }
}
