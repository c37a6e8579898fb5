import SearchCore

/// What one case came to on one problem.
public struct EvalOutcome: Sendable, Equatable, Codable {
    public var answer: String?
    public var isCorrect: Bool
    /// A solution at least that it ended with is right: what the best choice among them would have made of it.
    public var hasRight: Bool
    public var cost: Cost
    /// Nil: it comes from a store that does not know.
    public var texts: TextCount?
    /// The run failed; it counts as wrong.
    public var error: StratagemError?

    /// - Parameter hasRight: nil: as much as its answer.
    public init(
        answer: String?, isCorrect: Bool, hasRight: Bool? = nil, cost: Cost, texts: TextCount? = nil,
        error: StratagemError? = nil
    ) {
        self.answer = answer
        self.isCorrect = isCorrect
        self.hasRight = hasRight ?? isCorrect
        self.cost = cost
        self.texts = texts
        self.error = error
    }
}

/// What one case came to on all problems that it finished.
public struct EvalTally: Sendable, Equatable {
    public struct Stored: Sendable, Equatable {
        public var runs = 0
        public var tokens = 0
    }

    /// By problem; nil if the run did not come to its end.
    public var outcomes: [EvalOutcome?]
    /// Wall clock of this case, first run to last.
    public var seconds: Double
    /// By problem, a number that problems with the same text share.
    public var clusters: [Int]?
    /// Runs among the finished ones that a store had, and the tokens that they had sampled: nothing of this call.
    public private(set) var stored = Stored()

    /// - Parameter clusters: ``DataSet/clusters``; nil: every problem is another.
    public init(outcomes: [EvalOutcome?], seconds: Double, clusters: [Int]? = nil) {
        self.outcomes = outcomes
        self.seconds = seconds
        self.clusters = clusters
    }

    /// What a store has of a case, before this call adds to it.
    public init(stored outcomes: [EvalOutcome?], clusters: [Int]? = nil) {
        self.init(outcomes: outcomes, seconds: 0, clusters: clusters)
        stored = Stored(runs: finished.count, tokens: finished.reduce(0) { $0 + $1.cost.tokens })
    }

    public var finished: [EvalOutcome] { outcomes.compactMap(\.self) }
    public var correct: Int { finished.count { $0.isCorrect } }
    /// Problems with a right solution among those that the runs ended with (pass@N, the oracle's choice).
    public var reached: Int { finished.count { $0.hasRight } }
    public var failed: Int { finished.count { $0.error != nil } }
    /// A problem that occurs twice is not new evidence, so it counts once.
    public var ci95: ClosedRange<Double> {
        Proportion.wilson95(successes: correct, of: finished.count, evidence: evidence)
    }

    /// Problems that are worth as much as the finished ones if all were different:
    /// (Σm)² / Σm² over clusters of m equal ones (Kish 1965).
    private var evidence: Double? {
        guard let clusters else { return nil }
        let sizes = Dictionary(zip(clusters, outcomes).compactMap { $1 == nil ? nil : ($0, 1.0) }, uniquingKeysWith: +)
            .values
        let all = sizes.reduce(0, +)
        return all == 0 ? nil : all * all / sizes.reduce(0) { $0 + $1 * $1 }
    }

    /// Of the finished runs; nil if none knows.
    public var texts: TextCount? {
        let known = finished.compactMap(\.texts)
        return known.isEmpty ? nil : known.reduce(TextCount(), +)
    }
    public var oracle: Double? { finished.isEmpty ? nil : Double(reached) / Double(finished.count) }
    public var oracleCI95: ClosedRange<Double> {
        Proportion.wilson95(successes: reached, of: finished.count, evidence: evidence)
    }
    public var accuracy: Double? { finished.isEmpty ? nil : Double(correct) / Double(finished.count) }
    /// Sampled tokens a second of the runs that this call has finished, all runs side by side.
    public var tokensPerSecond: Double? {
        seconds > 0 ? Double(finished.reduce(0) { $0 + $1.cost.tokens } - stored.tokens) / seconds : nil
    }

    /// Problems that both finished, and who solved what alone. Of equal problems, who
    /// solved it more often.
    public func compared(with other: EvalTally) -> PairedDifference {
        var leads: [Int: Int] = [:]
        for (index, pair) in zip(outcomes, other.outcomes).enumerated() {
            guard let mine = pair.0, let theirs = pair.1 else { continue }
            leads[clusters?[index] ?? index, default: 0] += (mine.isCorrect ? 1 : 0) - (theirs.isCorrect ? 1 : 0)
        }
        return PairedDifference(
            problems: leads.count, firstOnly: leads.values.count { $0 > 0 }, secondOnly: leads.values.count { $0 < 0 })
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
