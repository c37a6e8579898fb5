import Foundation

/// Two ways of solving, tried on the same problems. Only problems that one of
/// them solved and the other did not can distinguish them.
public struct PairedDifference: Sendable, Equatable {
    public var problems: Int
    /// Solved by the first alone.
    public var firstOnly: Int
    /// Solved by the second alone.
    public var secondOnly: Int

    public init(problems: Int, firstOnly: Int, secondOnly: Int) {
        self.problems = problems
        self.firstOnly = firstOnly
        self.secondOnly = secondOnly
    }

    /// Accuracy of the first less that of the second.
    public var difference: Double {
        problems == 0 ? 0 : Double(firstOnly - secondOnly) / Double(problems)
    }

    /// McNemar's exact test, two-sided: how likely a split at least this uneven is
    /// if both were equally good (McNemar 1947; the binomial form).
    public var exactP: Double {
        min(1, 2 * tail(through: min(firstOnly, secondOnly)))
    }

    /// The same with half the weight on the split that was seen: less conservative,
    /// and what Fagerland, Lydersen and Laake (2013) advise.
    public var midP: Double {
        let least = min(firstOnly, secondOnly)
        return min(1, 2 * tail(through: least) - point(least))
    }

    /// How likely the second would solve so many alone, or more, if it were no better than the first: McNemar's exact
    /// test, one-sided.
    public var secondBetterP: Double { min(1, tail(through: firstOnly)) }

    /// The 95 % interval of Bonett and Price (2012) for `difference`.
    public var ci95: ClosedRange<Double> { interval(z: Proportion.z95) }

    /// The same interval at another confidence.
    ///
    /// - Parameter z: the standard errors to each side, such as ``Proportion/z(tail:)``.
    public func interval(z: Double) -> ClosedRange<Double> {
        guard problems > 0 else { return -1...1 }
        let n = Double(problems) + 2
        let first = (Double(firstOnly) + 1) / n
        let second = (Double(secondOnly) + 1) / n
        let half = z * ((first + second - (first - second) * (first - second)) / n).squareRoot()
        return max(-1, first - second - half)...min(1, first - second + half)
    }

    /// The number of problems with which McNemar's test, one-sided at `level`, finds a difference like this one with
    /// the probability `power` (Miettinen 1968, Connor 1987). Nil if there is no difference.
    public func problemsToDecide(level: Double, power: Double = 0.8) -> Int? {
        guard problems > 0, difference != 0 else { return nil }
        let share = Double(discordant) / Double(problems)
        let root =
            Proportion.z(tail: level) * share.squareRoot()
            + Proportion.z(tail: 1 - power) * max(0, share - difference * difference).squareRoot()
        return Int((root * root / (difference * difference)).rounded(.up))
    }

    private var discordant: Int { firstOnly + secondOnly }

    /// P(X = k) for X ~ Binomial(discordant, 1/2), by logarithms: 2⁻ⁿ underflows from n = 1075.
    private func point(_ k: Int) -> Double {
        var logarithm = -Double(discordant) * 0.693_147_180_559_945_3
        for i in 0..<k { logarithm += log(Double(discordant - i) / Double(i + 1)) }
        return exp(logarithm)
    }

    private func tail(through k: Int) -> Double {
        (0...k).reduce(0) { $0 + point($1) }
    }
}
