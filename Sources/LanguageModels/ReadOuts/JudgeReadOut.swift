import SearchCore

/// For a model that is asked whether the text so far is right, and answers in words: the share of the spellings of yes.
///
/// It is read at the first word of its reply; or, with `think`, it writes first what it thinks of the text, and is read
/// where its verdict follows. The question and the reply are not part of the text that follows, unless `next` says that
/// they are.
public struct JudgeReadOut: StepReadOut, Equatable {
    public static let name = "judge"
    /// What follows the text so far. `{number}` is the number of the step.
    public let ask: String
    public let yes: [String]
    public let no: [String]
    /// Nil: the first token of the reply is the verdict.
    public let thought: JudgeThought?

    public init(ask: String, yes: [String], no: [String], thought: JudgeThought? = nil) {
        (self.ask, self.yes, self.no, self.thought) = (ask, yes, no, thought)
    }

    public init(_ keys: inout ReadOutKeys) throws(StratagemError) {
        ask = try keys.string("ask", default: "\nIs this solution right so far? Answer with one word, Yes or No.")
        yes = try keys.strings("yes", default: ["Yes", " Yes", "yes", " yes"])
        no = try keys.strings("no", default: ["No", " No", "no", " no"])
        for (key, words) in [("yes", yes), ("no", no)] where words.isEmpty || words.contains("") {
            throw keys.refuse(key, "has no word, or an empty one. Name every spelling: [\"Yes\", \" Yes\"]")
        }
        if let both = yes.first(where: no.contains) {
            throw keys.refuse("no", "and yes both contain '\(both)', so the two could not be distinguished")
        }
        thought = try JudgeThought(&keys)
    }

    /// Without a thought they are what they were before there were thoughts, because stores contain them.
    public var settings: [String] { [ask, "\(yes.count)"] + yes + no + (thought?.settings ?? []) }
    public var tokens: [ReadOutToken] { [] }
    public func positions(in step: [Int32], ids: [Int32]) -> ReadOutPositions { .last }
    /// The verdict is read by whoever asks.
    public func read(_ row: some ReadOutRow, at place: ReadOutPlace, sum: inout Double) { sum = .nan }

    /// A step with the question behind it, as one text.
    /// - Parameter number: of the step in its answer, from 1.
    public func layOutQuestion(_ step: StepText, number: Int) -> [PromptPart] {
        [
            PromptPart(text: step.lead + step.withoutDelimiter),
            PromptPart(template: ask.replacing("{number}", with: "\(number)")),
        ]
    }
}

/// What a judge writes before its verdict: GenPRM (Zhao et al. 2025, arXiv 2504.00891), ThinkPRM (Khalifa et al. 2025,
/// arXiv 2504.16828).
///
/// It writes up to one of the strings `until`, or to its own end. Then comes the text `verdict`, whether the model has
/// written its beginning or not, and behind it p(yes) / (p(yes) + p(no)) is read. So every thought that ends has a
/// verdict, and one that does not end in `tokens` tokens has none, which is a failure.
public struct JudgeThought: Sendable, Equatable {
    /// The largest number of tokens that it may write.
    public var tokens: Int
    /// The thought ends where one of these begins.
    public var until: [String]
    /// What the thought is followed by.
    public var verdict: String
    /// What follows the verdict if question, thought and verdict stay in the text; nil if they do not.
    public var next: String?
    /// 0: the most likely tokens.
    public var temperature: Double

    public init(tokens: Int, until: [String], verdict: String, next: String? = nil, temperature: Double = 0) {
        (self.tokens, self.until, self.verdict) = (tokens, until, verdict)
        (self.next, self.temperature) = (next, temperature)
    }

    /// Nil if the table has no `think`.
    init?(_ keys: inout ReadOutKeys) throws(StratagemError) {
        guard keys.has("think") else {
            for key in ["verdict", "until", "next", "temperature"] where keys.has(key) {
                throw keys.refuse(key, "is for a judge that writes before its verdict. Add think = 1024, in tokens")
            }
            return nil
        }
        tokens = try keys.integer("think", in: 1...1_048_576, default: 1)
        verdict = try keys.string("verdict")
        let word = verdict.drop(while: \.isWhitespace)
        guard !word.isEmpty else {
            throw keys.refuse(
                "verdict",
                "has no word. Write what the model writes before its verdict: \"\\nIs the solution correct?\"")
        }
        until = try keys.strings("until", default: [String(word)])
        guard !until.isEmpty, !until.contains("") else {
            throw keys.refuse("until", "is empty, or has an empty string. Name the text at which a thought ends")
        }
        next = keys.has("next") ? try keys.string("next") : nil
        temperature = try keys.number("temperature", in: 0...100) ?? 0
    }

    var settings: [String] {
        ["think", "\(tokens)", verdict, "\(until.count)"] + until + ["\(temperature)"] + (next.map { [$0] } ?? [])
    }

    /// The seed of a thought: the same text has the same thought, whenever and wherever it is judged.
    /// - Parameter text: all that it continues, as tokens or bytes.
    public func seed(role: String, text: some Sequence<some BinaryInteger>) -> UInt64 {
        var hash = StableHash()
        hash.combine(role.utf8)
        for unit in text { hash.combine(UInt64(truncatingIfNeeded: unit)) }
        return hash.value
    }

    /// Why a thought that was cut has no value.
    /// - Parameter written: its tokens.
    public func failure(written: Int) -> String {
        let names = until.map { "'\($0)'" }.joined(separator: " or ")
        return written < tokens
            ? "the context was full after \(written) tokens of the judge's thought, and it had not come to \(names). Raise the bundle's context, or lower think"
            : "the judge wrote \(written) tokens and did not come to \(names), so there is no verdict. Raise think, or name the text at which its thoughts end (until)"
    }
}
