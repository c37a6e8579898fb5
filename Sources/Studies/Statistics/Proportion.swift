import Foundation

/// How sure a share of successes is.
public enum Proportion {
    /// The 97.5 % point of the normal distribution: 95 % lie within ± this.
    static let z95 = 1.959_963_984_540_054

    /// The point of the normal distribution above which the part `tail` of it lies.
    public static func z(tail: Double) -> Double {
        guard tail > 0, tail < 1 else { return tail <= 0 ? .infinity : -.infinity }
        var (low, high) = (-40.0, 40.0)
        // Each step halves what is left: sixty leave the last bits.
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if erfc(middle / 2.0.squareRoot()) / 2 > tail { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// Wilson's score interval at 95 % (Wilson 1927): honest near 0 and 1 and for
    /// few trials, where "± two standard errors" is not. [0, 1] without trials.
    ///
    /// - Parameter evidence: independent trials that they are worth, if not all are independent.
    public static func wilson95(successes: Int, of trials: Int, evidence: Double? = nil) -> ClosedRange<Double> {
        guard trials > 0 else { return 0...1 }
        return wilson95(share: Double(successes) / Double(trials), evidence: evidence ?? Double(trials))
    }

    /// Of a share that so many independent trials had.
    static func wilson95(share: Double, evidence n: Double) -> ClosedRange<Double> {
        let z2 = z95 * z95
        let centre = (share + z2 / (2 * n)) / (1 + z2 / n)
        let half = z95 / (1 + z2 / n) * (share * (1 - share) / n + z2 / (4 * n * n)).squareRoot()
        // At the ends rounding may leave the last bit on the wrong side.
        return (share == 0 ? 0 : max(0, centre - half))...(share == 1 ? 1 : min(1, centre + half))
    }
}
