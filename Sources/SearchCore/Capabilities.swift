/// What a backend guarantees for one role. A guarantee that it cannot give is named in
/// results, stores and reports (``caveats``): a figure must not look more exact than it is.
///
/// A model that runs in this process gives all of them; a server gives what its interface allows.
public struct Capabilities: Sendable, Hashable, Codable {
    /// The same prefix, parameters and seed give the same bytes, whatever else is running.
    public var repeatsSamples: Bool
    /// A node is continued from the very tokens that were sampled, and not from its text tokenised again.
    public var keepsTokens: Bool
    /// The counts of tokens are the model's own, including an end token.
    public var countsTokens: Bool
    /// The cost in FLOPs is known, because the model's shape is known.
    public var countsFLOPs: Bool
    /// The log-probability of each sampled token is known.
    public var knowsLogProbabilities: Bool
    /// The log-probabilities of the most likely tokens are known too: ``TokenDistribution/topMean``.
    public var knowsTopProbabilities: Bool
    /// The whole distribution is known: ``TokenDistribution/selfCertainty`` and ``TokenDistribution/entropy``.
    public var knowsDistributions: Bool

    /// For a verifier: its values are what its model says, and not a bound where the model's probability is not told.
    public var knowsValues: Bool

    /// Everything is guaranteed unless set otherwise.
    public init(
        repeatsSamples: Bool = true, keepsTokens: Bool = true, countsTokens: Bool = true, countsFLOPs: Bool = true,
        knowsLogProbabilities: Bool = true, knowsTopProbabilities: Bool = true, knowsDistributions: Bool = true,
        knowsValues: Bool = true
    ) {
        self.repeatsSamples = repeatsSamples
        self.keepsTokens = keepsTokens
        self.countsTokens = countsTokens
        self.countsFLOPs = countsFLOPs
        self.knowsLogProbabilities = knowsLogProbabilities
        self.knowsTopProbabilities = knowsTopProbabilities
        self.knowsDistributions = knowsDistributions
        self.knowsValues = knowsValues
    }

    /// The guarantees that are missing, as results show them; empty if none is missing.
    public var caveats: [String] {
        var missing: [String] = []
        if !repeatsSamples { missing.append("not repeatable") }
        if !keepsTokens { missing.append("prefix by text") }
        if !countsTokens { missing.append("token counts are estimates") }
        if !countsFLOPs { missing.append("FLOPs unknown") }
        if !knowsLogProbabilities { missing.append("log-probabilities unknown") }
        if !knowsValues { missing.append("verifier's values may be bounds") }
        return missing
    }
}
