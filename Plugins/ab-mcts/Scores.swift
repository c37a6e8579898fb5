import StrategyKit

/// The scores that were observed at a place, and the distribution of the next one.
struct Scores {
    private var count = 0.0
    private var sum = 0.0
    private var squares = 0.0

    /// The paper's priors: m, κ, ν, τ² of the normal distribution, and Jeffreys' a = b of the Beta.
    private static let (m, kappa, nu, tau2) = (0.0, 1.0, 1.0, 0.1)
    private static let jeffreys = 0.5

    mutating func observe(_ score: Double) {
        count += 1
        sum += score
        squares += score * score
    }

    /// A draw of the mean score from its posterior.
    func draw(_ distribution: ABMCTS.Distribution, _ random: inout some RandomNumberGenerator) -> Double {
        switch distribution {
        case .beta: return random.beta(Self.jeffreys + sum, Self.jeffreys + count - sum)
        case .gaussian:
            // Murphy, "Probabilistic machine learning: advanced topics", section 3.4.3.3.
            let mean = count > 0 ? sum / count : 0
            let spread = max(0, squares - count * mean * mean)
            let (kappa, nu) = (Self.kappa + count, Self.nu + count)
            let m = (Self.kappa * Self.m + sum) / kappa
            let shift = count * Self.kappa / kappa * (mean - Self.m) * (mean - Self.m)
            let nuTau2 = Self.nu * Self.tau2 + spread + shift
            let variance = nuTau2 / 2 / random.gamma(nu / 2)
            return m + (variance / kappa).squareRoot() * random.normal()
        }
    }
}
