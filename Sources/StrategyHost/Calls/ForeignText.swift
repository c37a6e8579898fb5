import CStratagem
import SearchCore

/// Reads texts that a plugin wrote; every check exists once, here.
enum ForeignText {
    /// The longest texts that a descriptor may have, in bytes.
    static let nameBytesMax = 128
    static let lineBytesMax = 4096

    /// The text, or nil if its pointer and size contradict each other, if it is longer than `bytesMax`, or if it is not
    /// UTF-8.
    static func utf8(_ text: stg_str, bytesMax: Int) -> String? {
        guard text.size <= bytesMax else { return nil }
        guard text.size > 0 else { return "" }
        guard let data = text.data else { return nil }
        return data.withMemoryRebound(to: UInt8.self, capacity: text.size) { bytes in
            String(validating: UnsafeBufferPointer(start: bytes, count: text.size), as: UTF8.self)
        }
    }

    /// One line that may be printed to a terminal, because it contains nothing that a terminal acts upon.
    static func line(_ text: stg_str) -> String? {
        guard let line = utf8(text, bytesMax: lineBytesMax) else { return nil }
        return line.unicodeScalars.contains(where: Plain.isActive) ? nil : line
    }

    /// `[a-z0-9-]+`: what people type.
    static func shortName(_ text: stg_str) -> String? {
        matching(text) { byte, _ in isLower(byte) || isDigit(byte) || byte == UInt8(ascii: "-") }
    }

    /// `[a-z][a-z0-9_]*`: a parameter's id.
    static func identifier(_ text: stg_str) -> String? {
        matching(text) { byte, index in
            isLower(byte) || (index > 0 && (isDigit(byte) || byte == UInt8(ascii: "_")))
        }
    }

    /// `org.example.beam`: at least two parts of letters, digits, `-` and `_`.
    static func reverseURI(_ text: stg_str) -> String? {
        let plain = matching(text) { byte, _ in
            isLower(byte | 0x20) || isDigit(byte)
                || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains(byte)
        }
        guard let plain else { return nil }
        let parts = plain.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count >= 2 && !parts.contains("") ? plain : nil
    }

    /// `1.2.3`, `1.2.3-rc.1+build`.
    static func semanticVersion(_ text: stg_str) -> String? {
        let plain = matching(text) { byte, _ in
            isLower(byte | 0x20) || isDigit(byte)
                || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+")].contains(byte)
        }
        guard let plain else { return nil }
        let core = plain.prefix { $0 != "-" && $0 != "+" }.split(separator: ".", omittingEmptySubsequences: false)
        let isNumber = { (part: Substring) in !part.isEmpty && part.utf8.allSatisfy(isDigit) }
        return core.count == 3 && core.allSatisfy(isNumber) ? plain : nil
    }

    /// The text in quotes for a message, whatever bytes it contains.
    static func quoted(_ text: stg_str) -> String {
        guard text.size > 0 else { return "\"\" (empty)" }
        guard let data = text.data else { return "(NULL, \(text.size) bytes)" }
        let shown = UnsafeRawBufferPointer(start: data, count: min(text.size, 64))
        let plain = Plain.line(
            String(decoding: shown, as: UTF8.self).replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))
        let quoted = "\"" + plain.replacing("\t", with: "\\t")
        return quoted + (text.size > 64 ? "\"… (\(text.size) bytes)" : "\"")
    }

    private static func matching(_ text: stg_str, _ isAllowed: (UInt8, Int) -> Bool) -> String? {
        guard let name = utf8(text, bytesMax: nameBytesMax), !name.isEmpty else { return nil }
        for (index, byte) in name.utf8.enumerated() where !isAllowed(byte, index) { return nil }
        return name
    }

    private static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
