import SearchCore

/// How far a study is, and how long it will still take.
public struct EvalProgress: Sendable {
    /// Of the case at work.
    public private(set) var name = ""
    /// Runs, over all cases.
    public private(set) var done = 0
    public let total: Int
    /// Sampled since the start.
    public private(set) var tokens = 0
    /// Of the case at work.
    public private(set) var correct = 0
    public private(set) var graded = 0

    private let names: [String]
    /// What a run of each case is expected to weigh: its generations.
    private let weights: [Double]
    private let problems: Int
    private var entry = 0
    private var weightDone = 0.0
    /// Found in a journal: no time was spent on them.
    private var weightKnown = 0.0
    private let begin = ContinuousClock.now

    init(cases: [EvalCase], problems: Int) {
        names = cases.map(\.name)
        weights = cases.map { Double($0.limits.generations ?? 16) }
        self.problems = problems
        total = cases.count * problems
    }

    mutating func begin(_ entry: Int, known: Int) {
        self.entry = entry
        name = names[entry]
        correct = 0
        graded = 0
        done += known
        weightKnown += Double(known) * weights[entry]
    }

    mutating func finish(tokens: Int, isCorrect: Bool) {
        done += 1
        graded += 1
        correct += isCorrect ? 1 : 0
        self.tokens += tokens
        weightDone += weights[entry]
    }

    public var seconds: Double { (ContinuousClock.now - begin).seconds }
    public var tokensPerSecond: Double { seconds > 0 ? Double(tokens) / seconds : 0 }

    /// By weight, at the pace so far; nil before there is one.
    public var secondsLeft: Double? {
        guard weightDone > 0 else { return nil }
        let all = weights.reduce(0, +) * Double(problems)
        return seconds * max(0, all - weightKnown - weightDone) / weightDone
    }
}
