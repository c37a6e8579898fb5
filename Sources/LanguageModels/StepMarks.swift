/// Marks at which sentences end.
enum Sentence {
    /// Words after which a full stop does not end a sentence.
    private static let shortened: Set<[UInt8]> = Set(
        ["mr", "mrs", "ms", "dr", "prof", "st", "vs", "e.g", "i.e", "eq", "fig", "no", "approx", "cf"].map {
            Array($0.utf8)
        })
    private static let wide = ["。", "！", "？"].map { Array($0.utf8) }

    /// Whether the byte at `at` ends a sentence that began at `start`.
    ///
    /// A full stop after a digit may be a decimal point, so such a sentence ends with the blank after it. Numbers of
    /// lists, single letters, factorials and common abbreviations do not end a sentence.
    static func ends(_ text: [UInt8], start: Int, at: Int) -> Bool {
        let byte = text[at]
        if byte >= 0x80 { return wide.contains { text[start...at].ends(with: $0) } }
        if byte == UInt8(ascii: "?") { return at > start }
        if byte.isBlank {
            return at - start >= 2 && text[at - 1] == UInt8(ascii: ".") && text[at - 2].isDigit
                && !isItem(text, start: start, stop: at - 1)
        }
        guard byte == UInt8(ascii: ".") || byte == UInt8(ascii: "!"), at > start, !text[at - 1].isDigit,
            text[at - 1] != byte
        else { return false }
        let word = text[start..<at].reversed().prefix { !$0.isBlank }.reversed().map {
            (65...90).contains($0) ? $0 + 32 : $0
        }
        return word.count > 1 && !shortened.contains(word)
    }

    /// A number at the beginning of a line: "2." of a list.
    private static func isItem(_ text: [UInt8], start: Int, stop: Int) -> Bool {
        let line = text[start..<stop].reversed().prefix { $0 != UInt8(ascii: "\n") }.reversed()
        return line.drop(while: \.isBlank).allSatisfy(\.isDigit)
    }
}

/// Headings such as "Step 2:", "**Step 2:**" or "### Step 2."
enum StepHeading {
    private static let word = Array("step".utf8)

    /// Whether the byte at `at` completes a heading on the line that begins at `line`.
    static func ends(_ text: [UInt8], line: Int, at: Int) -> Bool {
        guard [UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: ")")].contains(text[at]) else { return false }
        let dress: Set<UInt8> = [
            UInt8(ascii: "*"), UInt8(ascii: "#"), UInt8(ascii: "_"), UInt8(ascii: " "), UInt8(ascii: "\t"),
        ]
        var rest = text[line..<at].drop { dress.contains($0) }
        guard rest.count > word.count, rest.prefix(word.count).map({ (65...90).contains($0) ? $0 + 32 : $0 }) == word
        else { return false }
        rest = rest.dropFirst(word.count).drop { $0 == UInt8(ascii: " ") }
        return !rest.isEmpty && rest.allSatisfy(\.isDigit)
    }

    /// Where the heading at the end of `step` begins, including the blanks before it; nil if the step does not end with
    /// a heading.
    static func last(in step: [UInt8]) -> Int? {
        let line = (step.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        guard let end = step.indices.last(where: { $0 >= line && ends(step, line: line, at: $0) }), line > 0 else {
            return nil
        }
        // Only emphasis marks and blanks may follow it.
        guard step[(end + 1)...].allSatisfy({ $0.isBlank || $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "_") }) else {
            return nil
        }
        return step[..<line].lastIndex { !$0.isBlank }.map { $0 + 1 } ?? line
    }
}
