import SearchCore

/// A tag after every step, with the verdict read at the tag: Math-Shepherd (Wang et al. 2023, arXiv 2312.08935).
///
/// Its released model is shown `question step ки\nstep ки` and is read *at* each tag: softmax over the next token's "+"
/// and "-". The tag needs the space before it, because without the space the tokenizer makes a different token.
public struct StepTagReadOut: StepReadOut, Equatable {
    public static let name = "step-tag"
    public let tag: String
    public let good: String
    public let bad: [String]

    public init(tag: String, good: String, bad: [String]) { (self.tag, self.good, self.bad) = (tag, good, bad) }

    public init(_ keys: inout ReadOutKeys) throws(StratagemError) {
        tag = try keys.string("tag", default: " ки")
        guard !tag.isEmpty else { throw keys.refuse("tag", "is empty. Name the token that follows every step") }
        (good, bad) = try keys.verdicts(good: "+", bad: ["-"])
    }

    public var settings: [String] { [tag, good, "\(bad.count)"] + bad }

    public var tokens: [ReadOutToken] {
        [ReadOutToken(key: "tag", text: tag), ReadOutToken(key: "good", text: good)]
            + bad.map { ReadOutToken(key: "bad", text: $0) }
    }

    /// The delimiter goes after the tag.
    public func layOut(_ step: StepText) -> [PromptPart] {
        [
            PromptPart(text: step.lead + step.withoutDelimiter), PromptPart(template: tag),
            PromptPart(text: step.delimiter),
        ]
    }

    public func positions(in step: [Int32], ids: [Int32]) -> ReadOutPositions {
        step.lastIndex(of: ids[0]).map { .one($0) } ?? .none
    }

    public func read(_ row: some ReadOutRow, at place: ReadOutPlace, sum: inout Double) {
        sum = row.share(of: place.ids[1], against: place.ids[2...])
    }
}
