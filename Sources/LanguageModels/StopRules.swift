/// Where steps and answers end, besides the model's own end token.
public struct StopRules: Sendable {
    public let stepDelimiter: [UInt8]
    public let stopStrings: [[UInt8]]

    public init(stepDelimiter: String, stop: [String]) {
        self.stepDelimiter = Array(stepDelimiter.utf8)
        stopStrings = stop.map { Array($0.utf8) }.filter { !$0.isEmpty }
    }

    /// Where the first stop string begins that the bytes from `fresh` on complete.
    public func stop(in text: [UInt8], fresh: Int) -> Int? {
        var first: Int?
        for string in stopStrings {
            if let at = Self.find(string, in: text, from: max(0, fresh - string.count + 1)), at < first ?? .max { first = at }
        }
        return first
    }

    /// Whether the bytes from `fresh` on complete a delimiter of the step that
    /// begins at `start`.
    public func endsStep(_ text: [UInt8], start: Int, fresh: Int) -> Bool {
        Self.find(stepDelimiter, in: text, from: max(start, fresh - stepDelimiter.count + 1)) != nil
    }

    private static func find(_ needle: [UInt8], in text: [UInt8], from: Int) -> Int? {
        guard !needle.isEmpty, text.count >= needle.count, from <= text.count - needle.count else { return nil }
        for at in from...text.count - needle.count {
            if text[at] == needle[0], text[at..<at + needle.count].elementsEqual(needle) { return at }
        }
        return nil
    }
}
