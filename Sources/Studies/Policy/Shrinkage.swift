/// Differences of several groups, each moved towards the whole's as far as its own noise says: the parametric
/// empirical Bayes estimate of Morris (1983), *Parametric Empirical Bayes Inference: Theory and Applications*
/// (J. Am. Stat. Assoc. 78, 47–55).
///
/// Group b has the mean difference d_b with the variance v_b = s_b² / n_b (of the mean). The true ones are taken to
/// scatter around the whole's difference D with the variance
///
///     τ² = max(0, Σ (d_b − d̄)² / (B − 1)  −  Σ v_b / B)
///
/// (d̄: mean of the B groups' d_b; what they scatter beyond their noise). Then the estimate is
///
///     δ_b = D + τ² / (τ² + v_b) · (d_b − D)
///
/// Groups that differ by no more than noise all get D; one that is surely different keeps its own.
struct Shrinkage: Sendable {
    /// By group: its own mean.
    let own: [Double]
    /// Over all values of all groups.
    let whole: Double
    /// τ².
    let scatter: Double
    /// By group: δ_b.
    let shrunk: [Double]

    /// - Parameter groups: the differences themselves, one a problem. No group is empty.
    init(_ groups: [[Double]]) {
        own = groups.map(Bootstrap.mean)
        whole = Bootstrap.mean(groups.flatMap(\.self))
        let noise = groups.map { group in
            let error = Bootstrap.standardError(group)
            return error * error
        }
        let centre = Bootstrap.mean(own)
        let between = own.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(max(1, groups.count - 1))
        let scatter = groups.count > 1 ? max(0, between - Bootstrap.mean(noise)) : 0
        self.scatter = scatter
        shrunk = zip(own, noise).map { [whole] own, noise in
            scatter > 0 ? whole + scatter / (scatter + noise) * (own - whole) : whole
        }
    }
}
