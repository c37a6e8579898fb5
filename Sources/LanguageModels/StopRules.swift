/// Where steps and answers end, besides the model's own end token.
public struct StopRules: Sendable {
    public let steps: StepRule
    public let stopStrings: [[UInt8]]
    /// The number of last bytes of an answer in which a stop string may have begun.
    public let tailBytes: Int

    public init(steps: StepRule, stop: [String]) {
        self.steps = steps
        stopStrings = stop.map { Array($0.utf8) }.filter { !$0.isEmpty }
        tailBytes = max(0, (stopStrings.map(\.count).max() ?? 0) - 1)
    }

    /// The end of an answer, in which a stop string may begin that continues in the next text.
    public func tail(of text: some Collection<UInt8>, after above: [UInt8] = []) -> [UInt8] {
        if tailBytes == 0 { return [] }
        return text.count >= tailBytes ? Array(text.suffix(tailBytes)) : Array((above + text).suffix(tailBytes))
    }
}

/// One sample's text as it grows, with the ends of its steps and of the answer. It is the same for every backend.
public struct SampleText: Sendable {
    /// The effect of a token.
    public enum Event: Equatable, Sendable {
        case goesOn
        /// It completed a step.
        case step
        /// It completed a stop string: the answer is over, and `text` ends where that string begins.
        case stop
    }

    public private(set) var text: [UInt8] = []
    /// Where the completed steps end.
    public private(set) var stepEnds: [Int] = []
    private let rules: StopRules
    private var scanner: StepScanner
    /// The answer before this sample, followed by the sample's text with control tokens written out. Stop strings are
    /// searched for in it.
    private var spelled: [UInt8]
    private let tailCount: Int
    /// The ranges of `spelled` that are not text.
    private var controls: [Range<Int>] = []

    /// - Parameter tail: the tail of the answer so far; see ``StopRules/tail(of:after:)``.
    public init(_ rules: StopRules, after tail: [UInt8] = []) {
        self.rules = rules
        scanner = StepScanner(rules.steps)
        spelled = tail
        tailCount = tail.count
    }

    /// Appends a token.
    /// - Parameters:
    ///   - piece: its text.
    ///   - control: how a token without text is written in templates and stop strings.
    public mutating func take(_ piece: some Collection<UInt8>, control: [UInt8] = []) -> Event {
        let fresh = text.count
        text += piece
        if let stop = firstStop(piece, control) {
            text.removeSubrange(stop...)
            stepEnds.removeAll { $0 > stop }
            return .stop
        }
        guard scanner.take(text, fresh: fresh) else { return .goesOn }
        stepEnds.append(text.count)
        return .step
    }

    /// The tail of the answer for texts that continue below this sample.
    public var tail: [UInt8] { Array(spelled.suffix(rules.tailBytes)) }

    /// Where the first stop string that this token completes begins in the text.
    private mutating func firstStop(_ piece: some Collection<UInt8>, _ control: [UInt8]) -> Int? {
        guard !rules.stopStrings.isEmpty else { return nil }
        let fresh = spelled.count
        if !control.isEmpty { controls.append(fresh..<fresh + control.count) }
        spelled += control
        spelled += piece
        var first: Int?
        for string in rules.stopStrings {
            if let at = ByteSearch.find(string, in: spelled, from: max(0, fresh - string.count + 1)), at < first ?? .max
            {
                first = at
            }
        }
        return first.map { at in
            // A stop string that began above this sample cannot be removed there, so this sample is empty.
            let silent = controls.reduce(0) { $0 + min(max(0, at - $1.lowerBound), $1.count) }
            return max(0, at - tailCount - silent)
        }
    }
}
