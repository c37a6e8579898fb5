import Engine
import SearchCore

/// Runs a race until it is decided, the problems are used up or the purse is empty.
///
/// It knows no engine: `start` begins runs and calls back from any thread.
public struct RaceRunner: Sendable {
    /// Kept for the problems that are held out.
    private static let selectionShare = 0.85
    /// Live runs, or four problems' worth if that is more.
    private static let window = 32
    /// Problems by whose cost that of the first round is foretold.
    private static let pilot = 2
    /// All variations together may take so much of what is left.
    private static let variationShare = 0.25

    /// In the drawn order.
    public var data: DataSet
    /// A racer each.
    public var cases: [EvalCase]
    public var purse: Purse
    public var grader: Grader
    public var start: EvalRunner.Start
    /// Ends all runs, with what they have.
    public var cancel: @Sendable () -> Void = {}
    public var keep: (@Sendable (_ racer: Int, _ item: Int, RunResult, _ isCorrect: Bool) -> Void)?
    public var isStopped: @Sendable () -> Bool = { false }

    public init(
        data: DataSet, cases: [EvalCase], purse: Purse, grader: Grader, start: @escaping EvalRunner.Start
    ) {
        (self.data, self.cases, self.purse, self.grader, self.start) = (data, cases, purse, grader, start)
    }

    /// What is told while it runs.
    public struct News: Sendable {
        /// Problems at the end of the round; nil: those held out.
        public var problems: Int?
        public var racing: Int
        public var spent: Cost
        /// Of the purse.
        public var used: Double
    }

    /// - Parameter race: with the outcomes that are known from before.
    public func run(_ race: inout Race, observe: (News) -> Void) async {
        purse.begin()
        purse.allow(share: race.design.heldOut > 0 ? Self.selectionShare : 1)
        await select(&race, observe)
        guard !isStopped(), race.design.heldOut > 0, let found = Recommendation(race) else { return }
        purse.allow(share: 1)
        let chosen = Set([found.recommended, found.leader]).sorted(), start = race.design.selection
        var end = data.items.count
        while end > start, !purse.affords(race.missing(chosen, over: start..<end)) { end -= 1 }
        await advance(&race, chosen, over: start..<end, nil, observe)
    }

    private func select(_ race: inout Race, _ observe: (News) -> Void) async {
        // Nothing is known of costs before a few runs are done.
        let first = min(Self.pilot, race.design.rounds[0])
        await advance(&race, race.racing, over: 0..<first, race.design.rounds[0], observe)
        race.measure(race.common(race.racing, within: 0..<first))
        guard race.reached == first else { return }
        for size in race.design.rounds {
            guard !isEnded, let target = target(&race, upTo: size) else { return }
            await advance(&race, race.racing, over: 0..<target, size, observe)
            let reached = race.common(race.racing, within: 0..<target)
            guard reached == size else {
                // What all have done of a round that was cut counts.
                return race.measure(reached)
            }
            race.judge(at: size)
            await tryVariations(&race, observe)
            guard race.racing.count > 1 else { return }
        }
    }

    private var isEnded: Bool { purse.isEmpty || isStopped() }

    /// The problems that the next round can have. If the purse does not pay for all, the lower half is set aside; if
    /// it does not pay for the rest either, the round is shorter. The first round is whole or not run.
    ///
    /// - Returns: nil if it pays for too few to tell anything new.
    private func target(_ race: inout Race, upTo size: Int) -> Int? {
        let done = race.reached
        func isPaid(_ target: Int) -> Bool { purse.affords(race.missing(race.racing, over: 0..<target)) }
        guard size > race.design.rounds[0] else {
            // The first runs are slow, since nothing is in any cache yet and few are side by side.
            return purse.affords(race.missing(race.racing, over: 0..<size), haste: 0.5) ? size : nil
        }
        while race.racing.count > 2, !isPaid(size) { race.setAsideHalf() }
        var target = size
        while target > done, !isPaid(target) { target -= 1 }
        return target == size || target >= done + max(1, done / 4) ? target : nil
    }

    /// Variations of the strategies that still race come in, all at once, as soon as the purse allows.
    private func tryVariations(_ race: inout Race, _ observe: (News) -> Void) async {
        let strategies = Set(race.racing.map { race.racers[$0].strategy })
        let group = race.waiting.filter { strategies.contains(race.racers[$0].strategy) }
        let range = 0..<race.reached
        guard !group.isEmpty, !isEnded, purse.affords(race.missing(group, over: range), part: Self.variationShare)
        else { return }
        await advance(&race, group, over: range, race.reached, observe)
        guard race.common(group, within: range) == range.count else { return }
        race.begin(group)
        race.judge(at: range.count)
    }

    private func advance(
        _ race: inout Race, _ group: [Int], over range: Range<Int>, _ problems: Int?, _ observe: (News) -> Void
    ) async {
        var runner = EvalRunner(
            data: data, cases: group.map { cases[$0] }, grader: grader,
            start: { entry, items, done in start(group[entry], items, done) },
            isStopped: { purse.isEmpty || isStopped() })
        runner.order = .problemByProblem
        // Whatever cuts a round, only the problems that all have finished count: few are begun at once.
        runner.window = Self.window
        runner.holds = { range.contains($0) }
        if let keep { runner.keep = { keep(group[$0], $1, $2, $3) } }
        let alarm = purse.secondsLeft.map { seconds in
            Task { [cancel] in
                try? await Task.sleep(for: .seconds(seconds))
                if !Task.isCancelled { cancel() }
            }
        }
        defer { alarm?.cancel() }
        let before = race.racers
        var (tallies, observed, hasCancelled) = (group.map { before[$0].tally }, Cost(), false)
        let results = await runner.run(
            known: { before[group[$0]].tally.outcomes[$1] },
            observe: { entry, item, outcome, _ in
                tallies[entry].outcomes[item] = outcome
                observed.add(outcome.cost)
                purse.pay(outcome.cost)
                observe(News(problems: problems, racing: group.count, spent: purse.spent, used: purse.used()))
                guard purse.isEmpty, !hasCancelled else { return }
                hasCancelled = true
                cancel()
            })
        // What was cut was paid for as well.
        var rest = results.totalCost
        rest.add(observed.times(-1))
        purse.pay(rest)
        for (racer, tally) in zip(group, tallies) { race.racers[racer].tally = tally }
    }
}
