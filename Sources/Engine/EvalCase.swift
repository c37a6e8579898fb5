import SearchCore

/// One measured configuration: a strategy at a budget, with a seed.
public struct EvalCase: Sendable, Equatable {
    /// The name in reports: "beam-search:beam_width=4 @ 16".
    public var name: String
    /// The name without the seed: the same for every seed.
    public var seedless: String
    /// The strategy's short name.
    public var strategy: String
    public var params: [String: ParameterValue]
    public var limits: Limits
    public var seed: UInt64
    /// Whether one instance takes the whole data set.
    public var takesBatch: Bool

    /// - Parameter namesSeed: whether the names of cases include their seeds.
    public init(
        spec: String, strategy: String, params: [String: ParameterValue], limits: Limits, seed: UInt64 = 0,
        namesSeed: Bool = false,
        takesBatch: Bool = false
    ) {
        seedless = "\(spec) @ \(limits)"
        name = seedless + (namesSeed ? ", seed \(seed)" : "")
        self.seed = seed
        self.strategy = strategy
        self.params = params
        self.limits = limits
        self.takesBatch = takesBatch
    }

    /// With a deadline, the run must have the machine to itself for the measurement to mean something.
    public var needsQuiet: Bool { limits.seconds != nil }
}
