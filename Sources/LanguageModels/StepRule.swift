/// Where a step ends.
///
/// A step ends with the token that completes its delimiter, and the delimiter is a part of the step. All rules except
/// the literal delimiter are for free text: they do not end a step inside `\boxed{…}` or a code fence, or a step that
/// has only blanks. See `StepScanner`, which reads a sample as it grows.
public enum StepRule: Sendable, Equatable {
    /// A literal string: `step_delimiter = "…"`.
    case delimiter(String)
    /// A line feed.
    case line
    /// A blank line.
    case paragraph
    /// A full stop, question mark or exclamation mark that ends a sentence, or a line feed.
    case sentence
    /// The heading of the next step: "Step 2:".
    case numbered
    case pattern(StepPattern)

    /// The named rules, as in `steps = "NAME"`.
    public static let named: [(name: String, rule: StepRule)] = [
        ("line", .line), ("paragraph", .paragraph), ("sentence", .sentence), ("Step k:", .numbered),
    ]

    /// The text that identifies the rule in a study. A literal delimiter keeps the text from before there were rules,
    /// because stores contain it.
    var setting: String {
        switch self {
        case .delimiter(let text): text
        case .pattern(let pattern): "steps pattern \(pattern.source)"
        case .line: "steps line"
        case .paragraph: "steps paragraph"
        case .sentence: "steps sentence"
        case .numbered: "steps numbered"
        }
    }

    /// Strings at which a server must stop so that the end of every step is among them; nil if there are no such
    /// strings.
    public var serverStops: [String]? {
        switch self {
        case .delimiter(let text): [text]
        case .line, .paragraph: ["\n"]
        case .sentence: ["\n", ".", "!", "?", "。", "！", "？"]
        case .numbered: (1...64).map { "Step \($0):" }
        case .pattern: nil
        }
    }

    /// The text that ends `step`, to be shown to a verifier; if nothing ends it (the last step of an answer), the usual
    /// delimiter.
    public func delimiter(of step: [UInt8]) -> [UInt8] {
        switch self {
        case .delimiter(let text): return Array(text.utf8)
        case .line: return [UInt8(ascii: "\n")]
        case .paragraph:
            let blanks = Array(step.suffix(step.reversed().prefix(while: \.isBlank).count))
            return blanks.count { $0 == UInt8(ascii: "\n") } > 1 ? blanks : Array("\n\n".utf8)
        case .sentence: return Array(step.suffix(step.reversed().prefix(while: \.isBlank).count))
        case .numbered: return StepHeading.last(in: step).map { Array(step[$0...]) } ?? Array("\n\n".utf8)
        case .pattern(let pattern):
            guard let match = pattern.lastMatch(in: step), match.upperBound == step.count else {
                return [UInt8(ascii: "\n")]
            }
            return Array(step[match])
        }
    }

    /// Whether a text ends with a complete step.
    public func endsStep(_ text: [UInt8]) -> Bool {
        if case .delimiter(let end) = self { return text.hasSuffix(Array(end.utf8)) }
        var scanner = StepScanner(self)
        var (read, isOver): ([UInt8], Bool) = ([], false)
        for byte in text {
            read.append(byte)
            isOver = scanner.take(read, fresh: read.count - 1)
        }
        return isOver
    }
}

/// Reads one step as it grows, and says when it has ended.
struct StepScanner {
    private let rule: StepRule
    private let literal: [UInt8]
    /// Where the step begins in the text.
    private var start: Int
    /// Where the line begins that is being read.
    private var line: Int
    private var hasWords = false
    private var lineHasWords = false
    private var isInFence = false
    /// The number of open braces since `\boxed{`; 0 outside a box.
    private var braces = 0
    /// Where the last box or fence ended: nothing before this position ends a step.
    private var free: Int

    /// - Parameter start: where the step begins.
    init(_ rule: StepRule, at start: Int = 0) {
        self.rule = rule
        if case .delimiter(let text) = rule { literal = Array(text.utf8) } else { literal = [] }
        (self.start, line, free) = (start, start, start)
    }

    /// Reads the bytes of one token, which `text` has from `fresh` on.
    /// - Returns: whether the step has ended.
    mutating func take(_ text: [UInt8], fresh: Int) -> Bool {
        if case .delimiter = rule {
            guard ByteSearch.find(literal, in: text, from: max(start, fresh - literal.count + 1)) != nil else {
                return false
            }
            begin(at: text.count)
            return true
        }
        var isOver = false
        for at in fresh..<text.count where read(text, at) { isOver = true }
        if case .pattern(let pattern) = rule, hasWords, !isProtected, pattern.matches(text, from: free) {
            isOver = true
        }
        guard isOver, !isProtected else { return false }
        begin(at: text.count)
        return true
    }

    private mutating func begin(at place: Int) {
        (start, line, free) = (place, place, place)
        (hasWords, lineHasWords, isInFence, braces) = (false, false, false, 0)
    }

    private var isProtected: Bool { isInFence || braces > 0 }

    /// Reads one byte; returns whether it completes a delimiter.
    private mutating func read(_ text: [UInt8], _ at: Int) -> Bool {
        let byte = text[at]
        defer { if !byte.isBlank { (hasWords, lineHasWords) = (true, true) } }
        if byte == UInt8(ascii: "\n") { return endLine(text, at) }
        if braces > 0 {
            if byte == UInt8(ascii: "{") { braces += 1 }
            if byte == UInt8(ascii: "}") { braces -= 1 }
            if braces == 0 { free = at + 1 }
            return false
        }
        if isInFence { return false }
        if byte == UInt8(ascii: "{"), Self.boxes.contains(where: { text[start...at].ends(with: $0) }) {
            braces = 1
            return false
        }
        switch rule {
        case .sentence: return Sentence.ends(text, start: start, at: at)
        case .numbered: return StepHeading.ends(text, line: line, at: at) && text[start..<line].contains { !$0.isBlank }
        case .delimiter, .line, .paragraph, .pattern: return false
        }
    }

    private static let boxes = ["\\boxed{", "\\fbox{"].map { Array($0.utf8) }

    private mutating func endLine(_ text: [UInt8], _ at: Int) -> Bool {
        let isBlank = !lineHasWords
        let isFence = Self.isFence(text[line..<at])
        line = at + 1
        lineHasWords = false
        // A box that was never closed does not swallow the rest of the answer.
        if isBlank, braces > 0 { (braces, free) = (0, at) }
        if isFence, braces == 0 {
            isInFence.toggle()
            free = at + 1
            // The line that closes a fence ends a step like any other line.
            if isInFence { return false }
        }
        guard !isProtected, hasWords else { return false }
        switch rule {
        case .line, .sentence: return true
        case .paragraph: return isBlank
        case .delimiter, .numbered, .pattern: return false
        }
    }

    private static func isFence(_ line: ArraySlice<UInt8>) -> Bool {
        let words = line.drop(while: \.isBlank)
        return words.starts(with: "```".utf8) || words.starts(with: "~~~".utf8)
    }
}

extension UInt8 {
    /// A space, a tab, a line feed.
    var isBlank: Bool { self == 0x20 || (9...13).contains(self) }
    var isDigit: Bool { (0x30...0x39).contains(self) }
}

extension ArraySlice<UInt8> {
    func ends(with end: [UInt8]) -> Bool { count >= end.count && suffix(end.count).elementsEqual(end) }
}

enum ByteSearch {
    /// Where `needle` begins for the last time in `text`.
    static func last(_ needle: [UInt8], in text: [UInt8]) -> Int? {
        guard !needle.isEmpty, text.count >= needle.count else { return nil }
        return (0...text.count - needle.count).last {
            text[$0] == needle[0] && text[$0..<$0 + needle.count].elementsEqual(needle)
        }
    }

    /// Where `needle` begins in `text`, from `from` on.
    static func find(_ needle: [UInt8], in text: [UInt8], from: Int) -> Int? {
        guard !needle.isEmpty, text.count >= needle.count, from <= text.count - needle.count else { return nil }
        for at in from...text.count - needle.count {
            if text[at] == needle[0], text[at..<at + needle.count].elementsEqual(needle) { return at }
        }
        return nil
    }
}
