import SearchCore

/// What `solve --json` prints: one run on one problem.
public struct SolveReport: Sendable {
    public var result: RunResult
    /// The strategy's short name.
    public var strategy: String
    /// A reference answer was known: whether the run's answer is the same.
    public var isCorrect: Bool?
    /// Of measuring the difficulty outside of the budget.
    public var difficultyCost: Cost?

    public init(result: RunResult, strategy: String, isCorrect: Bool? = nil, difficultyCost: Cost? = nil) {
        self.result = result
        self.strategy = strategy
        self.isCorrect = isCorrect
        self.difficultyCost = difficultyCost
    }

    /// The verifier holds nothing of any solution: which of them is the answer says little.
    public var isGuess: Bool {
        let scores = result.candidates.map(\.score)
        return !scores.isEmpty && scores.allSatisfy { $0.map { $0 < Self.guessScore } ?? false }
    }

    /// Below it every score is as good as 0.
    static let guessScore = 0.05

    public var json: JSON {
        var more: [JSON.Field] = []
        if let expected = result.problem.answer {
            more.append(.init("expected", .string(expected)))
            more.append(.init("correct", isCorrect.map(JSON.bool) ?? .null))
        }
        if result.texts.truncated > 0 { more.append(.init("truncated", .int(result.texts.truncated))) }
        if isGuess { more.append(.init("guess", true)) }
        if let difficultyCost { more.append(.init("difficulty_cost", JSON(difficultyCost))) }
        if result.wasCancelled { more.append(.init("cancelled", true)) }
        if !result.caveats.isEmpty { more.append(.init("caveats", .array(result.caveats.map { .string($0) }))) }
        if let error = result.error { more.append(.init("error", JSON(error))) }
        let plain: JSON = [
            "answer": JSON(result.answer),
            "problem": .string(result.problem.text),
            "strategy": .string(strategy),
            "params": JSON(result.params),
            "budget": .string("\(result.limits)"),
            "seed": Self.seed(result.seed),
            "votes": .array(result.votes.map(Self.vote)),
            "candidates": .array(result.candidates.map(Self.candidate)),
            "cost": JSON(result.cost),
        ]
        return plain.adding(more)
    }

    /// What one answer got.
    public static func vote(_ vote: Vote) -> JSON {
        ["answer": .string(vote.answer), "weight": JSON(vote.weight), "count": .int(vote.count)]
    }

    private static func candidate(_ candidate: Candidate) -> JSON {
        ["answer": JSON(candidate.answer), "score": JSON(candidate.score), "text": .string(candidate.text)]
    }

    /// How a seed is spelt: a number; above what a double holds exactly, a string, so that no reader rounds it.
    public static func seed(_ seed: UInt64) -> JSON {
        seed <= 1 << 53 ? .int(Int(seed)) : .string("\(seed)")
    }
}
