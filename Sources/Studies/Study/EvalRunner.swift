import Engine
import SearchCore

/// Runs every case on every problem, so many at a time, and grades what comes back.
///
/// It knows no engine: `start` begins runs and calls back from any thread.
public struct EvalRunner: Sendable {
    /// Begins a run of case `entry` on problems `items` (one, but for batch
    /// strategies) and calls `done` once with a result for each.
    public typealias Start =
        @Sendable (_ entry: Int, _ items: [Int], _ done: @escaping @Sendable ([RunResult]) -> Void) -> Void

    public enum Order: Sendable {
        /// One case after the other, so that a case's throughput is its own.
        case caseByCase
        /// All cases of a problem together, so that they can share what they sample
        /// (`RuntimeOptions.sharesSamples`). Cases with a deadline, and those that take the
        /// whole data set, still come one after the other, when the others are done.
        case problemByProblem
    }

    public var data: DataSet
    public var cases: [EvalCase]
    public var order = Order.caseByCase
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

    public init(
        data: DataSet, cases: [EvalCase], grader: Grader, start: @escaping Start,
        isStopped: @escaping @Sendable () -> Bool = { false }
    ) {
        self.data = data
        self.cases = cases
        self.grader = grader
        self.start = start
        self.isStopped = isStopped
    }

    /// - Parameters:
    ///   - known: an outcome from an earlier call, which is not run again.
    ///   - observe: called here, in order of arrival, after every run.
    public func run(
        known: (_ entry: Int, _ item: Int) -> EvalOutcome? = { _, _ in nil },
        observe: (_ entry: Int, _ item: Int, EvalOutcome, EvalProgress) -> Void = { _, _, _, _ in }
    ) async -> EvalResults {
        var results = EvalResults(tallies: [], totalCost: Cost(), isComplete: true)
        let clusters = data.clusters
        results.tallies = cases.indices.map { entry in
            EvalTally(stored: data.items.indices.map { known(entry, $0) }, clusters: clusters)
        }
        let items = data.items.indices.filter { holds($0) }
        var progress = EvalProgress(cases: cases, problems: items.count)
        for entries in stages {
            let tallies = results.tallies
            let units = units(of: entries, on: items) { tallies[$0].outcomes[$1] == nil }
            let missing = units.reduce(0) { $0 + $1.items.count }
            progress.begin(entries, known: entries.count * items.count - missing)
            let begin = ContinuousClock.now
            await work(off: units, atOnce: liveRuns(entries)) { one in
                results.totalCost.add(one.outcome.cost)
                progress.pay(one.outcome.cost)
                guard !one.wasCut else { return }
                results.tallies[one.entry].outcomes[one.item] = one.outcome
                progress.finish(one.entry, isCorrect: one.outcome.isCorrect)
                observe(one.entry, one.item, one.outcome, progress)
            }
            // Side by side nobody's time is its own.
            if entries.count == 1, missing > 0 {
                results.tallies[entries[0]].seconds = (ContinuousClock.now - begin).seconds
            }
        }
        results.isComplete = results.tallies.allSatisfy { tally in items.allSatisfy { tally.outcomes[$0] != nil } }
        return results
    }

    /// Cases that are run side by side, in the order of their turn.
    private var stages: [[Int]] {
        guard order == .problemByProblem else { return cases.indices.map { [$0] } }
        let (alone, together) = (cases.indices.filter(isAlone), cases.indices.filter { !isAlone($0) })
        return (together.isEmpty ? [] : [together]) + alone.map { [$0] }
    }

    private func isAlone(_ entry: Int) -> Bool { cases[entry].needsQuiet || cases[entry].takesBatch }

    /// One run.
    private struct Unit {
        var entry: Int
        var items: [Int]
    }

    /// The runs of some cases, problem by problem. A batch strategy sees all problems
    /// at once, or it could allot nothing.
    private func units(of entries: [Int], on items: [Int], where isWanted: (_ entry: Int, _ item: Int) -> Bool)
        -> [Unit]
    {
        if let entry = entries.first, cases[entry].takesBatch {
            let items = items.filter { isWanted(entry, $0) }
            return items.isEmpty ? [] : [Unit(entry: entry, items: items)]
        }
        return items.flatMap { item in
            entries.filter { isWanted($0, item) }.map { Unit(entry: $0, items: [item]) }
        }
    }

    private func liveRuns(_ entries: [Int]) -> Int {
        // Every case of a few problems: the lanes begin no more than they have room for.
        guard entries.count == 1, let entry = entries.first else { return max(window, 4 * entries.count) }
        if cases[entry].needsQuiet { return max(1, quietWindow) }
        return max(1, min(window, max(8, liveSamples / max(1, cases[entry].limits.generations ?? 16))))
    }

    private struct Arrival: Sendable {
        var entry: Int
        var item: Int
        var outcome: EvalOutcome
        var wasCut: Bool
        /// The last of its run.
        var endsRun: Bool
    }

    private func work(off units: [Unit], atOnce window: Int, receive: (Arrival) -> Void) async {
        let (stream, continuation) = AsyncStream.makeStream(of: Arrival.self)
        var next = 0
        var live = 0
        func fill() {
            while live < window, next < units.count, !isStopped() {
                let unit = units[next]
                next += 1
                live += 1
                start(unit.entry, unit.items) { results in
                    for (offset, result) in results.enumerated() {
                        continuation.yield(
                            arrival(of: result, unit.entry, unit.items[offset], endsRun: offset == results.count - 1))
                    }
                }
            }
        }
        fill()
        guard live > 0 else { return }
        for await one in stream {
            receive(one)
            guard one.endsRun else { continue }
            live -= 1
            fill()
            if live == 0 { break }
        }
    }

    /// On the engine's thread: the tree of a result is let go of here.
    private func arrival(of result: RunResult, _ entry: Int, _ item: Int, endsRun: Bool) -> Arrival {
        let isCorrect = result.error == nil && grader.isCorrect(result.answer, of: data.items[item].problem) == true
        // The votes hold every answer of its solutions, each once.
        let hasRight =
            isCorrect
            || result.error == nil
                && result.votes.contains { grader.isCorrect($0.answer, of: data.items[item].problem) == true }
        let outcome = EvalOutcome(
            answer: result.answer, isCorrect: isCorrect, hasRight: hasRight, cost: result.cost, texts: result.texts,
            error: result.error)
        let wasCut = result.wasCancelled && isStopped()
        if !wasCut { keep?(entry, item, result, isCorrect) }
        return Arrival(entry: entry, item: item, outcome: outcome, wasCut: wasCut, endsRun: endsRun)
    }
}
