import SearchCore

/// Each step is a user turn, followed by the assistant's verdict: RLHFlow's process reward models (Dong et al. 2024,
/// arXiv 2405.07863, the released Llama-3.1-8B models).
///
/// The first user turn begins with the question, and each answer is "+". The model is read one position before the "+",
/// where it is about to say it: softmax over "+" and "-". A verifier's template opens the first turn: `template =
/// "<|start_header_id|>user<|end_header_id|>\n\n{problem} "`.
public struct TurnReadOut: StepReadOut, Equatable {
    public static let name = "turn"
    /// Closes the user's turn and opens the assistant's.
    public let ask: String
    /// Closes the assistant's turn and opens the next user turn.
    public let next: String
    public let good: String
    public let bad: [String]

    public init(ask: String, next: String, good: String, bad: [String]) {
        (self.ask, self.next, self.good, self.bad) = (ask, next, good, bad)
    }

    public init(_ keys: inout ReadOutKeys) throws(StratagemError) {
        ask = try keys.string("ask", default: "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n")
        next = try keys.string("next", default: "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n")
        guard !ask.isEmpty else {
            throw keys.refuse("ask", "is empty. It closes the step's turn and opens the verdict's")
        }
        (good, bad) = try keys.verdicts(good: "+", bad: ["-"])
    }

    public var settings: [String] { [ask, next, good, "\(bad.count)"] + bad }
    public var tokens: [ReadOutToken] {
        [ReadOutToken(key: "good", text: good)] + bad.map { ReadOutToken(key: "bad", text: $0) }
    }

    public func layOut(_ step: StepText) -> [PromptPart] {
        [
            PromptPart(text: step.asTurn), PromptPart(template: ask), PromptPart(template: good),
            PromptPart(template: next),
        ]
    }

    public func positions(in step: [Int32], ids: [Int32]) -> ReadOutPositions {
        step.lastIndex(of: ids[0]).flatMap { $0 > 0 ? .one($0 - 1) : nil } ?? .none
    }

    public func read(_ row: some ReadOutRow, at place: ReadOutPlace, sum: inout Double) {
        sum = row.share(of: place.ids[0], against: place.ids[1...])
    }
}
