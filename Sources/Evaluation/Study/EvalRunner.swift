import SearchCore

/// Runs every case on every problem, so many at a time, one case after the other
/// (so that a case's throughput is its own), and grades what comes back.
///
/// It knows no engine: `start` begins runs and calls back from any thread.
public struct EvalRunner: Sendable {
    /// Begins a run of case `entry` on problems `items` (one, but for batch
    /// strategies) and calls `done` once with a result for each.
    public typealias Start = @Sendable (_ entry: Int, _ items: [Int], _ done: @escaping @Sendable ([RunResult]) -> Void) -> Void

    public var data: DataSet
    public var cases: [EvalCase]
    public var grader: Grader
    /// Live runs at most.
    public var window = 256
    /// Samples that live runs may ask for together: enough to fill every decode
    /// call, few enough that runs finish one after the other and a stopped study
    /// loses little.
    public var liveSamples = 1024
    /// Live runs of a case with a deadline.
    public var quietWindow = 1
    public var start: Start
    /// Problems that are run; the others are somebody else's.
    public var holds: @Sendable (_ item: Int) -> Bool = { _ in true }
    /// Gets every finished run with its votes and candidates, on the engine's threads.
    public var keep: (@Sendable (_ entry: Int, _ item: Int, RunResult, _ isCorrect: Bool) -> Void)?
    /// Asked before every run; true also marks the results that come in later and
    /// were cut short as unfinished.
    public var isStopped: @Sendable () -> Bool

    public init(data: DataSet, cases: [EvalCase], grader: Grader, start: @escaping Start,
                isStopped: @escaping @Sendable () -> Bool = { false }) {
        self.data = data
        self.cases = cases
        self.grader = grader
        self.start = start
        self.isStopped = isStopped
    }

    public struct Finding: Sendable {
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

    /// - Parameters:
    ///   - known: an outcome from an earlier call, which is not run again.
    ///   - observe: called here, in order of arrival, after every run.
    public func run(known: (_ entry: Int, _ item: Int) -> EvalOutcome? = { _, _ in nil },
                    observe: (_ entry: Int, _ item: Int, EvalOutcome, EvalProgress) -> Void = { _, _, _, _ in }) async -> Finding {
        var finding = Finding(tallies: [], totalCost: Cost(), isComplete: true)
        var progress = EvalProgress(cases: cases, problems: data.items.indices.count { holds($0) })
        for (entry, one) in cases.enumerated() {
            var tally = EvalTally(outcomes: data.items.indices.map { known(entry, $0) }, seconds: 0)
            let missing = tally.outcomes.indices.filter { tally.outcomes[$0] == nil && holds($0) }
            progress.begin(entry, known: data.items.indices.count { holds($0) } - missing.count)
            let begin = ContinuousClock.now
            await runCase(entry, on: groups(missing, of: one)) { item, outcome, wasCut in
                finding.totalCost.add(outcome.cost)
                progress.pay(outcome.cost)
                guard !wasCut else { return }
                tally.outcomes[item] = outcome
                progress.finish(isCorrect: outcome.isCorrect)
                observe(entry, item, outcome, progress)
            }
            tally.seconds = missing.isEmpty ? 0 : (ContinuousClock.now - begin).seconds
            finding.isComplete = finding.isComplete && !tally.outcomes.indices.contains { tally.outcomes[$0] == nil && holds($0) }
            finding.tallies.append(tally)
        }
        return finding
    }

    /// A batch strategy sees all problems at once, or it could allot nothing.
    private func groups(_ items: [Int], of one: EvalCase) -> [[Int]] {
        guard !items.isEmpty else { return [] }
        return one.takesBatch ? [items] : items.map { [$0] }
    }

    private func liveRuns(_ one: EvalCase) -> Int {
        if one.needsQuiet { return max(1, quietWindow) }
        return max(1, min(window, max(8, liveSamples / max(1, one.limits.generations ?? 16))))
    }

    private struct Arrival: Sendable {
        var item: Int
        var outcome: EvalOutcome
        var wasCut: Bool
        /// The last of its run.
        var endsRun: Bool
    }

    private func runCase(_ entry: Int, on groups: [[Int]], receive: (Int, EvalOutcome, Bool) -> Void) async {
        let (stream, continuation) = AsyncStream.makeStream(of: Arrival.self)
        let window = liveRuns(cases[entry])
        var next = 0
        var live = 0
        func fill() {
            while live < window, next < groups.count, !isStopped() {
                let items = groups[next]
                next += 1
                live += 1
                start(entry, items) { results in
                    for (offset, result) in results.enumerated() {
                        continuation.yield(arrival(of: result, entry: entry, item: items[offset], endsRun: offset == results.count - 1))
                    }
                }
            }
        }
        fill()
        guard live > 0 else { return }
        for await one in stream {
            receive(one.item, one.outcome, one.wasCut)
            guard one.endsRun else { continue }
            live -= 1
            fill()
            if live == 0 { break }
        }
    }

    /// On the engine's thread: the tree of a result is let go of here.
    private func arrival(of result: RunResult, entry: Int, item: Int, endsRun: Bool) -> Arrival {
        let isCorrect = result.error == nil && grader.isCorrect(result.answer, of: data.items[item].problem) == true
        let outcome = EvalOutcome(answer: result.answer, isCorrect: isCorrect, cost: result.cost, error: result.error)
        let wasCut = result.wasCancelled && isStopped()
        if !wasCut { keep?(entry, item, result, isCorrect) }
        return Arrival(item: item, outcome: outcome, wasCut: wasCut, endsRun: endsRun)
    }
}

extension Cost {
    /// Sums everything; the generations of different runs too.
    public mutating func add(_ other: Cost) {
        generations += other.generations
        tokens += other.tokens
        promptTokens += other.promptTokens
        verifierTokens += other.verifierTokens
        flops += other.flops
        seconds += other.seconds
        wastedTokens += other.wastedTokens
    }
}

extension Duration {
    public var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
