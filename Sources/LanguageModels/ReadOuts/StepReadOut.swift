import SearchCore

/// How the steps of an answer are shown to a verifier, at which tokens it is read, and how a value is computed from its
/// probabilities there. This is a value type: it knows texts and tokens, but no model.
///
/// The tokens of a step are what `layOut` makes of its text, tokenised in one piece except for special tokens that its
/// template parts contain, and for parts that are one token. The prompt before the first step is the verifier's
/// template. The turns of a conversation are layout too: the text after a step closes the turn, contains the verdict
/// and opens the next turn. An outcome verifier is shown an answer as one step.
///
/// To add a read-out, add one file and its name in `StepReadOuts.all`.
public protocol StepReadOut: Sendable {
    /// The name of the read-out in a bundle: `read_out = "NAME"`.
    static var name: String { get }
    /// Reads its own keys of the verifier's table, and refuses what cannot work.
    init(_ keys: inout ReadOutKeys) throws(StratagemError)
    /// Everything that influences values, as texts.
    var settings: [String] { get }
    /// The text of a step as it is shown to the verifier.
    func layOut(_ step: StepText) -> [PromptPart]
    /// The tokens that the read-out looks for, each a single token of the verifier's vocabulary. Their ids are passed
    /// back in this order.
    var tokens: [ReadOutToken] { get }
    /// What is read there.
    var reads: ReadOutSource { get }
    /// The multiplications for each value beyond the model's own.
    var parametersPerValue: Int { get }
    /// Refuses a model that it cannot read.
    /// - Parameters:
    ///   - width: the size of the model's hidden states.
    ///   - model: the model's file, for messages.
    func check(width: Int, of model: String) throws(StratagemError)
    /// Where a laid-out step is read.
    func positions(in step: [Int32], ids: [Int32]) -> ReadOutPositions
    /// Reads the model's output at one of the positions, in their order.
    /// - Parameter sum: 0 at a step's first position; the read-out decides what it means.
    func read(_ row: some ReadOutRow, at place: ReadOutPlace, sum: inout Double)
    /// The step's value in [0, 1], when all of its positions have been read.
    /// - Parameter above: the value of the step before it; nil for the first step.
    func value(sum: Double, above: Double?) -> Double
}

extension StepReadOut {
    /// Whether every token is read; FLOPs are counted accordingly.
    public var readsEveryToken: Bool { positions(in: [0], ids: [Int32](repeating: 0, count: tokens.count)) == .all }
    /// The step unchanged, ended by its delimiter.
    public func layOut(_ step: StepText) -> [PromptPart] { [PromptPart(text: step.lead + step.withDelimiter)] }
    public var reads: ReadOutSource { .logits }
    public var parametersPerValue: Int { 0 }
    public func check(width: Int, of model: String) throws(StratagemError) {}
    public func value(sum: Double, above: Double?) -> Double { sum }
}

/// The read-outs that exist.
public enum StepReadOuts {
    public static let all: [any StepReadOut.Type] = [
        TokenReadOut.self, LikelihoodReadOut.self, StepTagReadOut.self, TurnReadOut.self, HeadReadOut.self,
        JudgeReadOut.self,
    ]
}

/// The text of one step, or of the whole answer for an outcome verifier.
public struct StepText: Sendable, Equatable {
    /// The last step of an answer may lack the delimiter.
    public var text: [UInt8]
    /// What ends a step.
    public var delimiter: [UInt8]
    /// Spaces at the end of the template, which a tokenizer joins with the first word after them: they come before the
    /// first step.
    public var lead: [UInt8]
    /// Where in the answer it stands.
    public var place: StepPlace

    public init(_ text: [UInt8], delimiter: [UInt8], lead: [UInt8] = [], place: StepPlace = StepPlace()) {
        (self.text, self.delimiter, self.lead, self.place) = (text, delimiter, lead, place)
    }

    public var withDelimiter: [UInt8] { text.hasSuffix(delimiter) ? text : text + delimiter }
    public var withoutDelimiter: [UInt8] { text.dropping(suffix: delimiter) }
    /// As a turn of a conversation: chat templates strip white space at both ends. The first step continues the text of
    /// the problem's turn.
    public var asTurn: [UInt8] {
        let isSpace = { (byte: UInt8) in byte == 32 || (9...13).contains(byte) }
        let end = text.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? 0
        let start = place.begins ? 0 : text.firstIndex { !isSpace($0) } ?? end
        return lead + text[min(start, end)..<end]
    }
}

/// What a read-out reads at a position.
public enum ReadOutSource: Sendable {
    /// The probabilities of the token that follows.
    case logits
    /// The last hidden state, after the model's final norm.
    case states
}

/// Positions in a step's own tokens whose logits are wanted.
public enum ReadOutPositions: Equatable, Sendable {
    /// The last token.
    case last
    /// Every token.
    case all
    /// One token, by its place in the step.
    case one(Int)
    /// The position that should be read is missing: the step has no value, and its job fails.
    case none
}

/// One position that is being read.
public struct ReadOutPlace: Sendable {
    /// The step's tokens.
    public var step: [Int32]
    public var position: Int
    /// The ids of `StepReadOut.tokens`.
    public var ids: [Int32]

    public init(step: [Int32], position: Int, ids: [Int32]) {
        (self.step, self.position, self.ids) = (step, position, ids)
    }
}

/// A token that a read-out looks for.
public struct ReadOutToken: Sendable, Equatable {
    /// The bundle's key that names it.
    public var key: String
    public var text: String

    public init(key: String, text: String) { (self.key, self.text) = (key, text) }
}

/// A model's output at a position: its probabilities for the token that follows, or its hidden state.
public protocol ReadOutRow {
    /// log p(token), up to a constant of the row.
    subscript(token: Int32) -> Float { get }
    /// The value for the most likely token.
    var maximum: Float { get }
    /// The last hidden state; empty unless the read-out reads states.
    var state: [Float] { get }
}

extension ReadOutRow {
    /// p(good) / (p(good) + Σ p(bad)).
    public func share(of good: Int32, against bad: ArraySlice<Int32>) -> Double {
        let top = Double(self[good])
        return 1 / (1 + bad.reduce(0) { $0 + stableExp(Double(self[$1]) - top) })
    }
}

/// A verifier's table, as its read-out sees it. Every look-up marks the key as known.
public struct ReadOutKeys {
    var table: BundleTable
    /// True for `kind = "prm"`, false for `kind = "orm"`.
    public internal(set) var judgesSteps = true
    /// False if only the text of the bundle is of interest.
    public internal(set) var checksFiles = true

    public mutating func string(_ key: String, default fallback: String? = nil) throws(StratagemError) -> String {
        try table.string(key, default: fallback)
    }

    /// A list of strings; a single string counts as a list of one.
    public mutating func strings(_ key: String, default fallback: [String]? = nil) throws(StratagemError) -> [String] {
        try table.strings(key, default: fallback)
    }

    public mutating func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int)
        throws(StratagemError) -> Int
    {
        table.names.contains(key) ? try table.integer(key, in: range) : fallback
    }

    public mutating func number(_ key: String, in range: ClosedRange<Double>) throws(StratagemError) -> Double? {
        try table.number(key, in: range)
    }

    /// Whether the table has this key, which is not known thereby.
    public func has(_ key: String) -> Bool { table.names.contains(key) }

    /// A file that the bundle names, relative to the bundle's folder.
    public mutating func path(_ key: String, kind: String) throws(StratagemError) -> String {
        try table.path(key, kind: kind, checking: checksFiles)
    }

    /// `closing`: what follows a finished answer before a verifier of whole answers is read.
    public mutating func closing() throws(StratagemError) -> String {
        let closing = try string("closing", default: "")
        guard closing.isEmpty || !judgesSteps else {
            throw refuse(
                "closing", "follows a finished answer, but this verifier judges every step. Write kind = \"orm\"")
        }
        return closing
    }

    public func refuse(_ key: String, _ why: String) -> StratagemError { table.refuse(key, why) }

    /// `good` and `bad`: the tokens that say that a step is right or wrong.
    public mutating func verdicts(good: String? = nil, bad: [String]? = nil) throws(StratagemError) -> (
        good: String, bad: [String]
    ) {
        let good = try string("good", default: good)
        let bad = try strings("bad", default: bad)
        guard !good.isEmpty else { throw refuse("good", "is empty. Name the token that says that a step is right") }
        guard !bad.isEmpty, !bad.contains("") else {
            throw refuse("bad", "is empty. Name at least one token that says that a step is wrong")
        }
        guard !bad.contains(good) else {
            throw refuse("bad", "contains the same token as good, so right and wrong could not be distinguished")
        }
        return (good, bad)
    }
}

extension [UInt8] {
    func hasSuffix(_ end: [UInt8]) -> Bool { count >= end.count && suffix(end.count).elementsEqual(end) }
    /// Without `end`, if the text ends with it.
    func dropping(suffix end: [UInt8]) -> [UInt8] { hasSuffix(end) ? dropLast(end.count) : self }
}
