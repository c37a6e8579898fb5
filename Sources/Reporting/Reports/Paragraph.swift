import SearchCore

/// A text of somebody else's below a label: broken between words, and set in, so that no line of
/// it can pose as a line of ours.
enum Paragraph {
    /// More lines are cut in the middle: how a text begins and how it ends says most.
    static let linesMost = 60
    private static let linesFirst = 20

    /// - Parameter label: before the first line; all others are set in as far.
    static func lines(_ label: String, _ text: String, width: Int) -> [String] {
        let most = max(20, width - label.count)
        var body = text.split(separator: "\n", omittingEmptySubsequences: false).flatMap {
            broken(Plain.line(String($0), max: .max), most)
        }
        while body.last == "" { body.removeLast() }
        let start = body.firstIndex { $0 != "" } ?? body.endIndex
        body.removeFirst(start)
        if body.count > linesMost {
            let hidden = body.count - linesMost + 1
            body.replaceSubrange(
                linesFirst..<linesFirst + hidden, with: ["… (\(hidden) lines left out: --json has them all)"])
        }
        let indent = String(repeating: " ", count: label.count)
        return body.enumerated().map { place, line in line.isEmpty ? "" : (place == 0 ? label : indent) + line }
    }

    /// A line in pieces of at most `most` characters, broken at spaces where there are any.
    static func broken(_ line: String, _ most: Int) -> [String] {
        var pieces: [String] = []
        var rest = Substring(line)
        while let end = rest.index(rest.startIndex, offsetBy: most, limitedBy: rest.endIndex), end < rest.endIndex {
            // The space that is broken at may stand right behind the piece.
            let space = rest[...end].lastIndex(of: " ")
            // What a line is set in by does not part words.
            let cut = space.flatMap { rest[..<$0].contains { $0 != " " } ? $0 : nil } ?? end
            pieces.append(String(rest[..<cut]).trimmingSpaces)
            rest = rest[cut...].drop { $0 == " " }
        }
        if !rest.isEmpty || pieces.isEmpty { pieces.append(String(rest).trimmingSpaces) }
        return pieces
    }
}

extension String {
    /// Without spaces behind.
    fileprivate var trimmingSpaces: String { String(reversed().drop { $0 == " " }.reversed()) }
}
