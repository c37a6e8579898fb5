import Engine
import SearchCore

/// How far a study is, and how long it will still take.
public struct EvalProgress: Sendable {
    /// Of the case at work, or how many are.
    public private(set) var name = ""
    /// Runs, over all cases.
    public private(set) var done = 0
    public let total: Int
    /// Paid since the start.
    public private(set) var cost = Cost()
    /// Of the case at work.
    public private(set) var correct = 0
    public private(set) var graded = 0

    private let names: [String]
    /// What a run of each case is expected to weigh: its generations.
    private let weights: [Double]
    private let problems: Int
    private var weightDone = 0.0
    /// Found in a store: no time was spent on them.
    private var weightKnown = 0.0
    private let begin = ContinuousClock.now
    private var caseBegin = ContinuousClock.now

    init(cases: [EvalCase], problems: Int) {
        names = cases.map(\.name)
        weights = cases.map { Double($0.limits.generations ?? 16) }
        self.problems = problems
        total = cases.count * problems
    }

    mutating func begin(_ entries: [Int], known: Int) {
        name = entries.count == 1 ? names[entries[0]] : "\(entries.count) cases"
        correct = 0
        graded = 0
        caseBegin = .now
        done += known
        weightKnown += Double(known) * entries.reduce(0) { $0 + weights[$1] } / Double(max(1, entries.count))
    }

    mutating func pay(_ more: Cost) { cost.add(more) }

    mutating func finish(_ entry: Int, isCorrect: Bool) {
        done += 1
        graded += 1
        correct += isCorrect ? 1 : 0
        weightDone += weights[entry]
    }

    public var seconds: Double { (ContinuousClock.now - begin).seconds }
    /// Since the case at work began.
    public var caseSeconds: Double { (ContinuousClock.now - caseBegin).seconds }
    public var tokensPerSecond: Double { seconds > 0 ? Double(cost.tokens) / seconds : 0 }

    /// By weight, at the pace so far; nil before there is one.
    public var secondsLeft: Double? {
        guard weightDone > 0 else { return nil }
        let all = weights.reduce(0, +) * Double(problems)
        return seconds * max(0, all - weightKnown - weightDone) / weightDone
    }
}
