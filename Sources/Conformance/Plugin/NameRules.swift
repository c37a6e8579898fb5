import CStratagem

/// How names, ids and lines must look, as the header says.
enum NameRules {
    static func isShortName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 128
            && name.utf8.allSatisfy { isLower($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
    }

    static func isIdentifier(_ name: String) -> Bool {
        guard let first = name.utf8.first, isLower(first), name.utf8.count <= 128 else { return false }
        return name.utf8.allSatisfy { isLower($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
    }

    static func isReverseURI(_ id: String) -> Bool {
        let parts = id.split(separator: ".", omittingEmptySubsequences: false)
        return id.utf8.count <= 128 && parts.count >= 2
            && parts.allSatisfy { part in
                !part.isEmpty
                    && part.utf8.allSatisfy {
                        isLower($0 | 0x20) || isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                    }
            }
    }

    static func isVersion(_ version: String) -> Bool {
        let core = version.prefix { $0 != "-" && $0 != "+" }.split(separator: ".", omittingEmptySubsequences: false)
        return core.count == 3 && core.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }
    }

    /// Nil if it is one line of UTF-8 without control characters.
    static func complaint(line raw: stg_str) -> String? {
        guard let line = text(raw) else { return "\(quoted(raw)) is not UTF-8" }
        return line.unicodeScalars.contains { $0.properties.generalCategory == .control }
            ? "\(quoted(raw)) holds a control character" : nil
    }

    private static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
