/// Text that comes from a file, a model, a server or a plugin, made fit for a person's
/// terminal: what a terminal would act upon is spelt out ("\u{1b}"), and what is long is cut.
///
/// Programs get texts as they are: in JSON the same characters are escaped as JSON does,
/// which reads back as the same text.
public enum Plain {
    /// Of one line of text, in characters as Unicode counts scalars.
    public static let lineMax = 4000
    /// Of a name within a line.
    public static let nameMax = 80

    /// Several lines: line feeds and tabs stay.
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

    /// JSON text, with what a terminal would act upon as JSON escapes. To be called for
    /// whole JSON: such characters can only be within its strings.
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

    /// Whether a terminal would interpret it instead of showing it: control characters, what
    /// changes the direction of writing or begins a new line, invisible tags, and what
    /// Unicode keeps for a program's own use (as ``Emphasis`` does).
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
        // Letters, digits, signs: nearly everything.
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

/// Colours within a text that has yet to be cleaned: marks that nobody else can write,
/// since they hold a number drawn when the program starts.
///
/// So the one place that writes to people can spell out every escape that it finds, and
/// still colour what we coloured.
public enum Emphasis {
    private static let begin: Unicode.Scalar = "\u{10FF00}"
    private static let end: Unicode.Scalar = "\u{10FF01}"
    private static let secret = String(UInt64.random(in: 0 ... .max), radix: 36)

    /// `text` in a style: the parameters of SGR ("1", "38;5;172").
    public static func mark(_ text: String, _ code: String) -> String {
        text.isEmpty ? "" : "\(begin)\(secret);\(code)\(end)\(text)\(begin)\(secret);0\(end)"
    }

    /// What a person is to see: everything else made plain, marks as escape codes, or
    /// left out where there are no colours.
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

    /// How many characters a person sees of it.
    public static func width(_ text: String) -> Int { plain(text, colours: false).count }
}
