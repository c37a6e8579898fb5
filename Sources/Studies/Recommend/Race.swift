import Engine
import SearchCore

/// One strategy with its parameters in a race.
public struct Racer: Sendable, Equatable {
    public enum Fate: Sendable, Equatable {
        /// A variation that has not been tried.
        case waiting
        case racing
        /// After so many problems: worse than the leader beyond chance.
        case dropped(at: Int)
        /// After so many problems: not told from the leader, but the rest was spent on better ones.
        case setAside(at: Int)
        /// None of its runs came to an end.
        case failed(StratagemError)
    }

    /// As one would type it: "beam-search:selection=last".
    public let name: String
    public let strategy: String
    public let isVariation: Bool
    /// By problem, in the drawn order; those held out are the last ones.
    public var tally: EvalTally
    public internal(set) var fate: Fate
    /// Its figures are of the first so many problems.
    public internal(set) var measured = 0

    public init(name: String, strategy: String, isVariation: Bool, tally: EvalTally) {
        (self.name, self.strategy, self.isVariation, self.tally) = (name, strategy, isVariation, tally)
        fate = isVariation ? .waiting : .racing
    }

    /// On the problems that its figures are of.
    public var figures: EvalTally { tally.part(0..<measured) }

    /// The mean cost of its runs so far; nil without any.
    public var meanCost: Cost? { tally.meanRun }
}

extension EvalTally {
    /// On some of the problems only.
    public func part(_ range: Range<Int>) -> EvalTally {
        EvalTally(
            outcomes: Array(outcomes[range]), seconds: 0, clusters: clusters.map { Array($0[range]) })
    }

    /// The mean cost of a run; nil without any.
    public var meanRun: Cost? {
        let runs = finished
        guard !runs.isEmpty else { return nil }
        let sum = runs.reduce(into: Cost()) { $0.add($1.cost) }
        return sum.times(1 / Double(runs.count))
    }
}

extension Cost {
    func times(_ factor: Double) -> Cost {
        func scaled(_ count: Int) -> Int { Int((Double(count) * factor).rounded()) }
        return Cost(
            generations: scaled(generations), tokens: scaled(tokens), promptTokens: scaled(promptTokens),
            verifierTokens: scaled(verifierTokens), flops: flops * factor, seconds: seconds * factor,
            wastedTokens: scaled(wastedTokens))
    }

    /// What runs are compared by: FLOPs, which count everything, and tokens where those are not known.
    public var weight: Double { flops > 0 ? flops : Double(tokens) }
}

/// Strategies on a growing number of problems. After each round those that are worse than the leader beyond chance
/// are dropped; the others go on.
public struct Race: Sendable {
    public struct Round: Sendable, Equatable {
        public var problems: Int
        public var racing: [Int]
        public var dropped: [Int]
        public var setAside: [Int]
    }

    public let design: RaceDesign
    public internal(set) var racers: [Racer]
    public private(set) var rounds: [Round] = []
    /// Problems that all who are racing have finished.
    public private(set) var reached = 0
    /// Set aside since the last round.
    private var aside: [Int] = []

    public init(_ racers: [Racer], design: RaceDesign) { (self.racers, self.design) = (racers, design) }

    public var racing: [Int] { racers.indices.filter { racers[$0].fate == .racing } }
    public var waiting: [Int] { racers.indices.filter { racers[$0].fate == .waiting } }

    /// The first problems that all of these have finished.
    func common(_ group: [Int], within range: Range<Int>) -> Int {
        range.prefix { problem in group.allSatisfy { racers[$0].tally.outcomes[problem] != nil } }.count
    }

    /// What the runs that are not there yet will cost, by the mean of those that are.
    public func missing(_ group: [Int], over range: Range<Int>) -> Cost {
        var cost = Cost()
        for racer in group {
            let count = range.count { racers[racer].tally.outcomes[$0] == nil }
            let base = racers.first { $0.strategy == racers[racer].strategy && !$0.isVariation }
            guard count > 0, let mean = racers[racer].meanCost ?? base?.meanCost else { continue }
            cost.add(mean.times(Double(count)))
        }
        return cost
    }

    /// The most accurate on the first so many problems; of equal ones the cheapest.
    public func leader(of group: [Int], at problems: Int) -> Int? {
        group.max { one, other in
            (right(one, problems), -weight(one, problems), -one)
                < (right(other, problems), -weight(other, problems), -other)
        }
    }

    private func right(_ racer: Int, _ problems: Int) -> Int { racers[racer].tally.part(0..<problems).correct }
    /// Of these problems alone: what is run on others later must not make another one the leader.
    private func weight(_ racer: Int, _ problems: Int) -> Double {
        racers[racer].tally.part(0..<problems).meanRun?.weight ?? .infinity
    }

    /// A racer beside another on the first so many problems.
    public func pair(_ racer: Int, _ other: Int, at problems: Int) -> PairedDifference {
        racers[racer].tally.part(0..<problems).compared(with: racers[other].tally.part(0..<problems))
    }

    /// Both by the exact test and by the interval that is shown, so that the table never contradicts itself.
    public func isWorse(_ racer: Int, than leader: Int, at problems: Int) -> Bool {
        let pair = pair(racer, leader, at: problems)
        return pair.secondBetterP <= design.level && pair.interval(z: design.z).upperBound < 0
    }

    /// The end of a round: all who are racing have so many problems.
    mutating func judge(at problems: Int) {
        let began = racing
        measure(problems)
        for racer in racing {
            let runs = racers[racer].figures.finished
            if let error = runs.first?.error, runs.allSatisfy({ $0.error != nil }) {
                racers[racer].fate = .failed(error)
            }
        }
        guard let leader = leader(of: racing, at: problems) else { return }
        let worse = racing.filter { $0 != leader && isWorse($0, than: leader, at: problems) }
        for racer in worse { racers[racer].fate = .dropped(at: problems) }
        // Variations that came in are judged in the same round.
        if rounds.last?.problems == problems {
            rounds[rounds.count - 1].racing = Array(Set(rounds[rounds.count - 1].racing + began)).sorted()
            rounds[rounds.count - 1].dropped += worse
        } else {
            rounds.append(Round(problems: problems, racing: began, dropped: worse, setAside: aside))
            aside = []
        }
    }

    /// A round that was not finished: its problems count as far as all have them.
    mutating func measure(_ problems: Int) {
        reached = max(reached, problems)
        for racer in racing { racers[racer].measured = reached }
    }

    /// Those of the lower half stay where they are.
    mutating func setAsideHalf() {
        let order = racing.sorted { leader(of: [$0, $1], at: reached) == $0 }
        for racer in order.dropFirst(max(2, (order.count + 1) / 2)) {
            racers[racer].fate = .setAside(at: reached)
            aside.append(racer)
        }
    }

    /// Variations begin to race.
    mutating func begin(_ group: [Int]) {
        for racer in group where racers[racer].fate == .waiting { racers[racer].fate = .racing }
    }
}
