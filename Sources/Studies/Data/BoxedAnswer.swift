/// `\boxed{…}` of a worked solution.
enum BoxedAnswer {
    /// The last one whose braces close, or that has none: `\boxed 7`, `\boxed\frac{1}{2}`. Nil if there is none, or
    /// nothing is in it. One pass, whatever is nested.
    static func last(in text: String) -> String? {
        let bytes = Array(text.utf8)
        /// Where the insides of the open braces begin, and whether they are a box's.
        var open: [(start: Int, isBox: Bool)] = []
        var found = 0..<0
        var place = 0
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\\"):
                guard let behind = markEnd(bytes, at: place) else {
                    // `\{` is not a brace.
                    place += 2
                    continue
                }
                let start = bytes[behind...].firstIndex { $0 != UInt8(ascii: " ") } ?? bytes.count
                if start < bytes.count, bytes[start] == UInt8(ascii: "{") {
                    open.append((start + 1, true))
                    place = start + 1
                } else {
                    let end = unbracedEnd(bytes, from: start)
                    if end > start { found = start..<end }
                    // Looked at again: a brace in it may close one before it.
                    place = start
                }
                continue
            case UInt8(ascii: "{"): open.append((place + 1, false))
            case UInt8(ascii: "}"):
                if let (start, isBox) = open.popLast(), isBox, start >= found.lowerBound { found = start..<place }
            default: break
            }
            place += 1
        }
        let answer = String(decoding: bytes[found], as: UTF8.self).trimmed
        return answer.isEmpty ? nil : answer
    }

    /// Behind `\boxed` or `\fbox`, if one begins here and is not the beginning of another command's name.
    private static func markEnd(_ bytes: [UInt8], at place: Int) -> Int? {
        for mark in ["\\boxed", "\\fbox"] where bytes[place...].starts(with: mark.utf8) {
            let end = place + mark.utf8.count
            return end < bytes.count && isLetter(bytes[end]) ? nil : end
        }
        return nil
    }

    /// The end of a word without braces of its own, or of a command with its arguments.
    private static func unbracedEnd(_ bytes: [UInt8], from start: Int) -> Int {
        var (end, depth) = (start, 0)
        // No answer is longer: so a text full of marks is read in linear time.
        while end < bytes.count, end < start + 200 {
            let byte = bytes[end]
            if byte == UInt8(ascii: "{") { depth += 1 }
            if byte == UInt8(ascii: "}") { depth -= 1 }
            if depth < 0 || depth == 0 && (byte == UInt8(ascii: "$") || byte <= UInt8(ascii: " ")) { break }
            end += 1
        }
        while end > start, ".,;:".utf8.contains(bytes[end - 1]) { end -= 1 }
        return end
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
