import SearchCore

/// One way of solving that is measured: a strategy at a budget, with a seed.
public struct EvalCase: Sendable, Equatable {
    /// Names it in reports: "beam-search:beam_width=4 @ 16".
    public var name: String
    /// The strategy's short name.
    public var strategy: String
    public var params: [String: ParameterValue]
    public var limits: Limits
    public var seed: UInt64
    /// One instance takes the whole data set.
    public var takesBatch: Bool

    /// - Parameter namesSeed: whether cases are told apart by their seeds.
    public init(spec: String, strategy: String, params: [String: ParameterValue], limits: Limits, seed: UInt64 = 0, namesSeed: Bool = false,
                takesBatch: Bool = false) {
        name = "\(spec) @ \(limits)" + (namesSeed ? ", seed \(seed)" : "")
        self.seed = seed
        self.strategy = strategy
        self.params = params
        self.limits = limits
        self.takesBatch = takesBatch
    }

    /// A deadline measures a run that has the machine to itself.
    var needsQuiet: Bool { limits.seconds != nil }
}

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
