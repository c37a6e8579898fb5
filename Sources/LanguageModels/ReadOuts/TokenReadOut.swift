import SearchCore

/// The usual process reward model: p(good) against p(good) and all p(bad), at the token that ends the step.
///
/// An outcome verifier may have a text that closes the answer, such as a question of whether it is right: then this is
/// a model as a judge.
public struct TokenReadOut: StepReadOut, Equatable {
    public static let name = "token"
    public let good: String
    public let bad: [String]
    /// What follows a finished answer.
    public let closing: String

    public init(good: String, bad: [String], closing: String = "") {
        (self.good, self.bad, self.closing) = (good, bad, closing)
    }

    public init(_ keys: inout ReadOutKeys) throws(StratagemError) {
        closing = try keys.closing()
        (good, bad) = try keys.verdicts()
    }

    /// Without a closing they are what they were before there was one, because stores contain them.
    public var settings: [String] { [good, "\(bad.count)"] + bad + (closing.isEmpty ? [] : [closing]) }
    public var tokens: [ReadOutToken] {
        [ReadOutToken(key: "good", text: good)] + bad.map { ReadOutToken(key: "bad", text: $0) }
    }
    public func layOut(_ step: StepText) -> [PromptPart] {
        guard step.place.ends, !closing.isEmpty else { return [PromptPart(text: step.lead + step.withDelimiter)] }
        return [PromptPart(text: step.lead + step.withoutDelimiter), PromptPart(template: closing)]
    }

    public func positions(in step: [Int32], ids: [Int32]) -> ReadOutPositions { .last }

    public func read(_ row: some ReadOutRow, at place: ReadOutPlace, sum: inout Double) {
        sum = row.share(of: place.ids[0], against: place.ids[1...])
    }
}
