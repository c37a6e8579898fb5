import Glibc

/// Computations for searches that decide themselves when they have sampled enough.
public enum Stopping {
    /// The probability that an answer with `first` votes is more common than one with `second` votes, under a uniform
    /// prior: P(p₁ > p₂) where p₁ is drawn from Beta(first + 1, second + 1) and p₂ = 1 − p₁. This is also the
    /// probability that of first + second + 1 fair coins more than `second` show heads, which is a finite sum.
    public static func lead(of first: Int, over second: Int) -> Double {
        let coins = first + second + 1
        // Weights of numbers of heads relative to the most likely number, so that no power of two overflows.
        var weight = 1.0, all = 0.0, lost = 0.0
        for heads in stride(from: coins / 2, through: 0, by: -1) where weight > 1e-30 {
            all += 2 * heads == coins ? weight : 2 * weight
            if heads <= second { lost += weight }
            weight *= Double(heads) / Double(coins - heads + 1)
        }
        return 1 - lost / all
    }

    /// The probability that an answer with `first` votes is the most common of all: P(p₁ > every other pᵢ) where p is
    /// drawn from Dirichlet(votes + 1). With pᵢ as Gamma variables divided by their sum this is one integral, ∫ g(x;
    /// first + 1) · ∏ G(x; other + 1) dx, computed here by Simpson's rule over twelve standard deviations.
    public static func lead(of first: Int, over others: [Int]) -> Double {
        let mean = Double(first + 1), width = 12 * mean.squareRoot()
        let low = max(0, mean - width), step = (mean + width + 30 - low) / 400
        var sum = 0.0
        for index in 1...400 {
            let x = low + Double(index) * step
            let inner = others.reduce(poisson(first, x)) { $0 * (1 - atMost($1, x)) }
            sum += (index == 400 ? 1 : index.isMultiple(of: 2) ? 2 : 4) * inner
        }
        return sum * step / 3
    }

    /// e^−x · x^k / k!, which is also the density of a Gamma variable of shape k + 1.
    private static func poisson(_ k: Int, _ x: Double) -> Double {
        var sign: Int32 = 0
        return exp(Double(k) * log(x) - x - lgamma_r(Double(k + 1), &sign))
    }

    /// P(a Poisson variable of mean x is at most k), which is P(a Gamma variable of shape k + 1 exceeds x).
    private static func atMost(_ k: Int, _ x: Double) -> Double {
        let start = min(k, Int(x))
        let top = poisson(start, x)
        var sum = top, term = top
        for i in stride(from: start, to: 0, by: -1) where term > 1e-18 { term *= Double(i) / x; sum += term }
        term = top
        for i in stride(from: start + 1, through: k, by: 1) where term > 1e-18 { term *= x / Double(i); sum += term }
        return min(1, sum)
    }

    /// The score at which one more sample gains, on average, exactly its price: the τ of E[max(V − τ, 0)] = price
    /// (Weitzman 1979). The upper half of the scores is modelled as an exponential tail above their median t; for its
    /// scale s an upper confidence bound is used. Then τ = t + s · ln(s / 2 price), and at most 1 − price, since no
    /// score is above 1.
    /// - Parameters:
    ///   - scores: lowest first, three or more.
    ///   - delta: the probability that the bound is wrong.
    public static func fairCap(ofSorted scores: [Double], price: Double, delta: Double) -> Double {
        let upper = scores[(scores.count / 2)...]
        guard let median = upper.first else { return 1 }
        let count = Double(scores.count)
        let excess = upper.reduce(0) { $0 + $1 - median } / Double(upper.count)
        let scale = excess * (1 + (log(count) * log(1 / delta) / count).squareRoot())
        // At the median one more sample gains half of the scale.
        return scale / 2 <= price ? median : min(1 - price, median + scale * log(scale / (2 * price)))
    }
}
