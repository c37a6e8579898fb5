import SearchCore
import Testing

/// What a person's terminal gets to see of texts that anybody may have written.
@Suite struct PlainTests {
    @Test(arguments: [
        ("an \u{1B}[31mescape", "an \\u{1b}[31mescape"), ("over\rwritten", "over\\rwritten"),
        ("bell\u{7}, \u{7F}", "bell\\u{7}, \\u{7f}"),
        ("8-bit \u{9B}2J", "8-bit \\u{9b}2J"), ("turned \u{202E}round\u{2066}", "turned \\u{202e}round\\u{2066}"),
        ("mark \u{200F}\u{61C}", "mark \\u{200f}\\u{61c}"), ("line\u{2028}s", "line\\u{2028}s"),
        ("tag \u{E0041}", "tag \\u{e0041}"),
        ("\u{10FF00}x;1\u{10FF01}", "\\u{10ff00}x;1\\u{10ff01}"), ("\u{FEFF}\u{FFFE}", "\\u{feff}\\u{fffe}"),
        ("plain, ü, 漢字, 👩‍🔬, עברית, a\tb\nc", "plain, ü, 漢字, 👩‍🔬, עברית, a\tb\nc"), ("", ""),
    ])
    func whatATerminalActsUponIsSpeltOut(text: String, shown: String) { #expect(Plain.text(text) == shown) }

    @Test func aLineIsOneAndIsCut() {
        #expect(Plain.line("a\nb\rc\td") == "a\\nb\\rc\td")
        #expect(Plain.line("abcdef", max: 3) == "abc…")
        #expect(Plain.line("abc", max: 3) == "abc")
        #expect(Plain.line("\u{1B}bc", max: 1) == "\\u{1b}…")
        #expect(Plain.name(String(repeating: "x", count: 1000)).count == 81)
        // A letter under a thousand accents is one character, and not one to show.
        #expect(Plain.name("e" + String(repeating: "\u{301}", count: 1000)).unicodeScalars.count == 81)
    }

    /// JSON reads back as the same text.
    @Test func jsonStaysExact() {
        #expect(
            Plain.json("{\"a\": \"\u{202E}\u{9B}\u{7F}\u{E0041}ü\"}\n")
                == "{\"a\": \"\\u202e\\u009b\\u007f\\udb40\\udc41ü\"}\n")
        #expect(Plain.json("{\"a\":\n\t1}") == "{\"a\":\n\t1}")
    }

    @Test func onlyOurOwnMarksBecomeColours() {
        let text = "see \(Emphasis.mark("this \u{1B}[5m", "1"))\u{1B}[31m \u{10FF00}1\u{10FF01}"
        #expect(
            Emphasis.plain(text, colours: true)
                == "see \u{1B}[1mthis \\u{1b}[5m\u{1B}[0m\\u{1b}[31m \\u{10ff00}1\\u{10ff01}")
        #expect(Emphasis.plain(text, colours: false) == "see this \\u{1b}[5m\\u{1b}[31m \\u{10ff00}1\\u{10ff01}")
        #expect(Emphasis.width(Emphasis.mark("four", "1")) == 4)
        #expect(Emphasis.mark("", "1") == "")
    }
}
