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
/// Groups that differ by no more than noise all get D; one that is surely different keeps its own. With the share
/// f = τ² / (τ² + v_b) that a group keeps, and the variance v_D of D, its standard error is
///
///     √( f · v_b + (1 − f)² · v_D )
struct Shrinkage: Sendable {
    /// By group: its own mean.
    let own: [Double]
    /// Over all values of all groups.
    let whole: Double
    /// τ².
    let scatter: Double
    /// By group: δ_b.
    let shrunk: [Double]
    /// Of these, by group.
    let errors: [Double]

    /// - Parameter groups: the differences themselves, one a problem. No group is empty.
    init(_ groups: [[Double]]) {
        own = groups.map(Bootstrap.mean)
        let all = groups.flatMap(\.self)
        whole = Bootstrap.mean(all)
        func noise(_ values: [Double]) -> Double {
            let error = Bootstrap.standardError(values)
            return error * error
        }
        let (noises, noiseOfWhole) = (groups.map(noise), noise(all))
        let centre = Bootstrap.mean(own)
        let between = own.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(max(1, groups.count - 1))
        let scatter = groups.count > 1 ? max(0, between - Bootstrap.mean(noises)) : 0
        self.scatter = scatter
        let kept = noises.map { scatter > 0 ? scatter / (scatter + $0) : 0 }
        shrunk = zip(own, kept).map { [whole] own, kept in whole + kept * (own - whole) }
        errors = zip(noises, kept).map { noise, kept in
            (kept * noise + (1 - kept) * (1 - kept) * noiseOfWhole).squareRoot()
        }
    }
}
