import SearchCore

/// How a race divides the problems, and how surely a strategy must be worse before it is dropped.
public struct RaceDesign: Sendable, Equatable {
    /// The probability that the best strategy is dropped, whichever it is: over all rounds and comparisons together.
    public static let risk = 0.05
    /// Problems of the first round; each further round has twice as many as the one before.
    public static let firstRound = 8
    /// Accuracy that may be given up for a cheaper strategy, as long as nobody says otherwise.
    public static let usualMargin = 0.05
    /// The part of its cost that it must save to be worth giving up any.
    public static let saving = 0.2
    /// With fewer problems none are held out: both parts would be too small to say anything.
    static let heldOutFrom = 80
    static let heldOutMost = 200

    /// Strategies with parameters, variations included, whether or not they are ever run.
    public let candidates: Int
    /// The first problems of the drawn order, by which strategies are dropped.
    public let selection: Int
    /// The problems after them, which only the last estimate uses.
    public let heldOut: Int
    /// By round, the number of problems at its end.
    public let rounds: [Int]
    /// A cheaper strategy is recommended if it is surely no more than this below the best.
    public let margin: Double

    public init(problems: Int, candidates: Int, margin: Double = usualMargin) {
        (self.candidates, self.margin) = (candidates, margin)
        heldOut = problems < Self.heldOutFrom ? 0 : min(problems / 4, Self.heldOutMost)
        selection = problems - heldOut
        var rounds = [min(Self.firstRound, selection)]
        while let last = rounds.last, last < selection {
            // A last round that adds a third or less joins the one before it.
            rounds.append(last * 8 / 3 >= selection ? selection : last * 2)
        }
        self.rounds = rounds
    }

    /// The level of one comparison. The best strategy could be dropped in each round, and once more in the look at the
    /// end, by each of the others: the sum of these probabilities is at most `risk` (Bonferroni).
    public var level: Double { Self.risk / Double((rounds.count + 1) * max(1, candidates - 1)) }

    /// Standard errors to each side of an interval at that level.
    public var z: Double { Proportion.z(tail: level) }
}

extension DataSet {
    /// The same problems in a random order that depends on the seed alone. Equal texts stay together.
    public func drawn(seed: UInt64) -> DataSet {
        let keys = items.map { item in
            var hash = StableHash(seed)
            hash.combine(item.problem.text.utf8)
            return hash.value
        }
        var drawn = self
        drawn.items = items.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.map { items[$0] }
        return drawn
    }
}
