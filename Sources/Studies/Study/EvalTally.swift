import SearchCore

/// What one case came to on one problem.
public struct EvalOutcome: Sendable, Equatable, Codable {
    public var answer: String?
    public var isCorrect: Bool
    public var cost: Cost
    /// The run failed; it counts as wrong.
    public var error: StratagemError?

    public init(answer: String?, isCorrect: Bool, cost: Cost, error: StratagemError? = nil) {
        self.answer = answer
        self.isCorrect = isCorrect
        self.cost = cost
        self.error = error
    }
}

/// What one case came to on all problems that it finished.
public struct EvalTally: Sendable, Equatable {
    /// By problem; nil where the run did not come to its end.
    public var outcomes: [EvalOutcome?]
    /// Wall clock of this case, first run to last.
    public var seconds: Double

    public init(outcomes: [EvalOutcome?], seconds: Double) {
        self.outcomes = outcomes
        self.seconds = seconds
    }

    public var finished: [EvalOutcome] { outcomes.compactMap(\.self) }
    public var correct: Int { finished.count { $0.isCorrect } }
    public var failed: Int { finished.count { $0.error != nil } }
    public var ci95: ClosedRange<Double> { Proportion.wilson95(successes: correct, of: finished.count) }
    public var accuracy: Double? { finished.isEmpty ? nil : Double(correct) / Double(finished.count) }
    /// Sampled tokens of the finished runs a second, all runs side by side.
    public var tokensPerSecond: Double? {
        seconds > 0 ? Double(finished.reduce(0) { $0 + $1.cost.tokens }) / seconds : nil
    }

    /// Problems that both finished, and who solved what alone.
    public func compared(with other: EvalTally) -> PairedDifference {
        var pair = PairedDifference(problems: 0, firstOnly: 0, secondOnly: 0)
        for case (let mine?, let theirs?) in zip(outcomes, other.outcomes) {
            pair.problems += 1
            if mine.isCorrect, !theirs.isCorrect { pair.firstOnly += 1 }
            if !mine.isCorrect, theirs.isCorrect { pair.secondOnly += 1 }
        }
        return pair
    }

    /// A problem's mean of every kind of cost.
    public var meanCost: [(name: String, value: Double?)] {
        let count = Double(finished.count)
        func mean(_ part: (Cost) -> Double) -> Double? {
            finished.isEmpty ? nil : finished.reduce(0) { $0 + part($1.cost) } / count
        }
        return [
            ("generations", mean { Double($0.generations) }),
            ("tokens", mean { Double($0.tokens) }),
            ("prompt_tokens", mean { Double($0.promptTokens) }),
            ("verifier_tokens", mean { Double($0.verifierTokens) }),
            ("flops", mean { $0.flops }),
            ("seconds", mean { $0.seconds }),
            ("wasted_tokens", mean { Double($0.wastedTokens) }),
        ]
    }
}

/// What every case came to.
public struct EvalResults: Sendable {
    public var tallies: [EvalTally]
    /// Of all runs of this call, unfinished ones included.
    public var totalCost: Cost
    public var isComplete: Bool

    public init(tallies: [EvalTally], totalCost: Cost, isComplete: Bool) {
        self.tallies = tallies
        self.totalCost = totalCost
        self.isComplete = isComplete
    }
}
