import Engine
import SearchCore

/// What follows from a race.
public struct Recommendation: Sendable {
    public let race: Race
    /// The problems by which the strategies below are compared.
    public let problems: Int
    /// The most accurate.
    public let leader: Int
    /// Those that cannot be told from the leader, the leader among them; the cheapest first.
    public let members: [Int]
    /// By member, how far it may be below another one, whichever is the best: the largest of these differences that
    /// the simultaneous intervals allow.
    public let lossAtMost: [Int: Double]
    /// The cheapest member that is surely within the margin of the best; nil if none is.
    public let cheapestWithin: Int?
    /// The leader, unless the cheapest within the margin costs much less.
    public let recommended: Int
    /// Worse than the leader in the look at the end.
    public let worse: [Int]
    /// By racer, whether no other one of the same or a lower cost is as accurate; those on fewer problems are not on it.
    public let isOnFrontier: [Bool]

    /// Nil if not even the first round was finished.
    public init?(_ race: Race) {
        let racing = race.racing
        guard race.reached >= race.design.rounds[0], let leader = race.leader(of: racing, at: race.reached) else {
            return nil
        }
        let reached = race.reached
        (self.race, self.leader, problems) = (race, leader, reached)
        worse = racing.filter { $0 != leader && race.isWorse($0, than: leader, at: reached) }
        let without = Set(worse)
        func weight(_ racer: Int) -> Double { race.racers[racer].figures.meanRun?.weight ?? .infinity }
        let accuracy = race.racers.map { $0.measured > 0 ? $0.figures.accuracy ?? 0 : 0 }
        members = racing.filter { !without.contains($0) }.sorted {
            (weight($0), -accuracy[$0], $0) < (weight($1), -accuracy[$1], $1)
        }
        let (members, design) = (members, race.design)
        lossAtMost = Dictionary(
            members.map { one in
                let worst = members.filter { $0 != one }.map {
                    -race.pair(one, $0, at: reached).interval(z: design.z).lowerBound
                }.max()
                return (one, max(0, worst ?? 0))
            }
        ) { first, _ in first }
        let losses = lossAtMost
        cheapestWithin = members.first { losses[$0, default: 1] <= design.margin }
        recommended =
            cheapestWithin.flatMap { weight($0) <= (1 - RaceDesign.saving) * weight(leader) ? $0 : nil } ?? leader
        let full = race.racers.indices.filter { race.racers[$0].measured == reached }
        var isOn = race.racers.map { _ in false }
        for (racer, member) in zip(full, ParetoFrontier.members(full.map { (weight($0), accuracy[$0]) })) {
            isOn[racer] = member
        }
        isOnFrontier = isOn
    }

    /// A racer beside the leader, on the problems that both have.
    public func difference(_ racer: Int) -> PairedDifference {
        race.pair(racer, leader, at: race.racers[racer].measured)
    }

    /// The simultaneous interval of that difference.
    public func interval(_ racer: Int) -> ClosedRange<Double> { difference(racer).interval(z: race.design.z) }

    /// Not racing at the end, and never told from the leader.
    public var setAside: [Int] {
        race.racers.indices.filter { if case .setAside = race.racers[$0].fate { true } else { false } }
    }

    // MARK: - the problems that were held out

    /// On those of the held-out problems that the recommended one and the leader have both finished. Nil without any.
    public var heldOut: (recommended: EvalTally, leader: EvalTally)? {
        let start = race.design.selection
        let count = race.common([recommended, leader], within: start..<start + race.design.heldOut)
        guard count > 0 else { return nil }
        return (part(recommended, count), part(leader, count))
    }

    private func part(_ racer: Int, _ count: Int) -> EvalTally {
        race.racers[racer].tally.part(race.design.selection..<race.design.selection + count)
    }

    // MARK: - what more spending would decide

    /// A difference that is not decided.
    public struct Open: Sendable, Equatable {
        public var racer: Int
        /// The problems that would decide a difference like the present one, with a probability of 80 %. Nil if there
        /// is no difference.
        public var problems: Int?
        /// Seconds until then, for the two strategies alone; nil if that is not known.
        public var seconds: Double?
    }

    /// Of every strategy that cannot be told from the leader.
    ///
    /// - Parameter pace: ``Purse/pace``.
    public func open(pace: Double?) -> [Open] {
        (members + setAside).filter { $0 != leader }.map { racer in
            let needed = difference(racer).problemsToDecide(level: race.design.level)
            let pair = [racer, leader]
            let seconds = needed.flatMap { needed in
                pace.map { pace in
                    pair.reduce(0) { sum, one in
                        let done = race.racers[one].tally.part(0..<race.design.selection).finished.count
                        return sum + Double(max(0, needed - done)) * (race.racers[one].meanCost?.weight ?? 0) * pace
                    }
                }
            }
            return Open(racer: racer, problems: needed, seconds: seconds)
        }
    }

    /// The problems that all who still race would have after more seconds; the data may have fewer.
    public func reach(seconds: Double, pace: Double?) -> Int? {
        let each = members.reduce(0) { $0 + (race.racers[$1].meanCost?.weight ?? 0) }
        guard let pace, pace > 0, each > 0 else { return nil }
        return problems + Int(min(1e9, seconds / (pace * each)))
    }
}
