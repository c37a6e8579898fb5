/// Makes text that comes from a file, a model, a server or a plugin safe for a person's terminal: characters that a
/// terminal would act upon are spelt out ("\u{1b}"), and long texts are cut.
///
/// Programs get texts as they are: in JSON the same characters are escaped as JSON does,
/// which reads back as the same text.
public enum Plain {
    /// The most characters of one line of text, counted as Unicode scalars.
    public static let lineMax = 4000
    /// The most characters of a name within a line.
    public static let nameMax = 80

    /// A text of several lines: line feeds and tabs are kept.
    public static func text(_ text: String) -> String { spelt(text) { $0 == "\n" || $0 == "\t" } }

    /// One line, with at most `max` scalars of `text`.
    public static func line(_ text: String, max: Int = lineMax) -> String {
        let scalars = text.unicodeScalars
        guard let cut = scalars.index(scalars.startIndex, offsetBy: max, limitedBy: scalars.endIndex),
            cut < scalars.endIndex
        else {
            return spelt(text) { $0 == "\t" }
        }
        return spelt(String(scalars[..<cut])) { $0 == "\t" } + "…"
    }

    /// A name of something: one line, short.
    public static func name(_ text: String, max: Int = nameMax) -> String { line(text, max: max) }

    /// JSON text in which characters that a terminal would act upon are JSON escapes. Call it with whole JSON: such
    /// characters can occur only within its strings.
    public static func json(_ json: String) -> String {
        guard needsCare(json, { $0 == "\n" || $0 == "\t" }) else { return json }
        var result = String.UnicodeScalarView()
        for scalar in json.unicodeScalars {
            guard isActive(scalar), scalar != "\n", scalar != "\t" else {
                result.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                let hex = String(unit, radix: 16)
                result.append(contentsOf: ("\\u" + String(repeating: "0", count: 4 - hex.count) + hex).unicodeScalars)
            }
        }
        return String(result)
    }

    /// Whether a terminal would interpret the character instead of showing it: control characters, characters that
    /// change the direction of writing or begin a new line, invisible tags, and the private-use characters of Unicode
    /// (which ``Emphasis`` uses).
    public static func isActive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: true
        case 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x206F: true
        case 0xFDD0...0xFDEF, 0x10FF00...0x10FF01, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE0FFF: true
        default: scalar.value & 0xFFFE == 0xFFFE
        }
    }

    /// How a character is spelt out.
    static func spelt(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(scalar.value, radix: 16))}"
        }
    }

    private static func needsCare(_ text: String, _ stays: (Unicode.Scalar) -> Bool) -> Bool {
        // Letters, digits and punctuation: nearly all texts.
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return false }
        return text.unicodeScalars.contains { isActive($0) && !stays($0) }
    }

    private static func spelt(_ text: String, _ stays: (Unicode.Scalar) -> Bool) -> String {
        guard needsCare(text, stays) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isActive(scalar), !stays(scalar) {
                result.append(contentsOf: spelt(scalar).unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }
}

/// Colours within a text that has yet to be cleaned: marks that nobody else can write, since they contain a number that
/// is drawn when the program starts.
///
/// So the one place that writes text for people can spell out every escape that it finds, and still show our own
/// colours.
public enum Emphasis {
    private static let begin: Unicode.Scalar = "\u{10FF00}"
    private static let end: Unicode.Scalar = "\u{10FF01}"
    private static let secret = String(UInt64.random(in: 0 ... .max), radix: 36)

    /// `text` in a style: the parameters of SGR ("1", "38;5;172").
    public static func mark(_ text: String, _ code: String) -> String {
        text.isEmpty ? "" : "\(begin)\(secret);\(code)\(end)\(text)\(begin)\(secret);0\(end)"
    }

    /// The text that a person sees: everything else is made plain; marks become escape codes, or are left out where
    /// there are no colours.
    public static func plain(_ text: String, colours: Bool) -> String {
        guard text.unicodeScalars.contains(begin) else { return Plain.text(text) }
        var result = ""
        var rest = text.unicodeScalars[...]
        while let start = rest.firstIndex(of: begin) {
            result += Plain.text(String(rest[..<start]))
            let after = rest.index(after: start)
            guard let code = code(&rest, after) else {
                result += Plain.text(String(begin))
                rest = rest[after...]
                continue
            }
            if colours { result += "\u{1B}[\(code)m" }
        }
        return result + Plain.text(String(rest))
    }

    /// The style of a mark that begins before `start`; then `rest` continues after it.
    private static func code(_ rest: inout Substring.UnicodeScalarView, _ start: String.Index) -> String? {
        guard let stop = rest[start...].firstIndex(of: end) else { return nil }
        let inner = String(rest[start..<stop])
        guard inner.hasPrefix(secret + ";") else { return nil }
        rest = rest[rest.index(after: stop)...]
        return String(inner.dropFirst(secret.count + 1))
    }

    /// How many characters of the text a person sees.
    public static func width(_ text: String) -> Int { plain(text, colours: false).count }
}
