import Foundation

/// The mean of values that were measured on problems, each with several seeds: how sure it is
/// of other problems and of other seeds.
///
/// The variance is clustered both ways (Cameron, Gelbach and Miller 2011): by problem, plus by seed, less by both.
/// Seeds that do nothing to all problems alike add nothing to it, since what they do to each is in the problem's mean
/// already; so it is never held to be less than the variance by problem.
public struct TwoWayMean: Sendable, Equatable {
    public var mean: Double
    public var variance: Double
    /// Different problems, and seeds.
    public var problems: Int
    public var seeds: Int
    public var count: Int

    /// - Parameters:
    ///   - values: by seed, then by problem; nil: not measured.
    ///   - clusters: by problem, a number that problems with the same text share.
    public init(_ values: [[Double?]], clusters: [Int]? = nil) {
        var byProblem: [Int: (sum: Double, count: Int)] = [:]
        var bySeed: [(sum: Double, count: Int)] = []
        var squares = 0.0
        let known = values.flatMap { $0.compactMap(\.self) }
        let count = known.count, mean = known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count)
        for row in values {
            var seed = (sum: 0.0, count: 0)
            for (problem, value) in row.enumerated() {
                guard let value else { continue }
                let off = value - mean
                byProblem[clusters?[problem] ?? problem, default: (0, 0)].sum += off
                byProblem[clusters?[problem] ?? problem]?.count += 1
                seed = (seed.sum + off, seed.count + 1)
                squares += off * off
            }
            if seed.count > 0 { bySeed.append(seed) }
        }
        func part(_ sums: [Double]) -> Double {
            guard sums.count > 1 else { return 0 }
            return sums.reduce(0) { $0 + $1 * $1 } / Double(count * count) * Double(sums.count) / Double(sums.count - 1)
        }
        let own = part(byProblem.sorted { $0.key < $1.key }.map(\.value.sum))
        let both = count > 1 ? squares / Double(count * count) * Double(count) / Double(count - 1) : 0
        (self.count, self.mean, problems, seeds) = (count, mean, byProblem.count, bySeed.count)
        variance = bySeed.count > 1 ? max(own, own + part(bySeed.map(\.sum)) - both) : own
    }

    /// Of a share: Wilson's interval, for as many independent problems as have this variance. Without any variance,
    /// for those there are.
    public var share95: ClosedRange<Double> {
        let worth = variance > 0 ? mean * (1 - mean) / variance : Double(problems)
        return Proportion.wilson95(share: mean, evidence: max(1, min(worth, Double(count))))
    }

    /// Of a difference from -1 to 1.
    public var difference95: ClosedRange<Double> {
        let half = Proportion.z95 * variance.squareRoot()
        return max(-1, mean - half)...min(1, mean + half)
    }

    /// How likely a mean at least so far from 0 is if it were 0 (normal approximation, two-sided).
    public var pValue: Double {
        guard variance > 0 else { return mean == 0 ? 1 : 0 }
        return erfc(abs(mean) / variance.squareRoot() / 2.0.squareRoot())
    }
}
