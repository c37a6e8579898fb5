/// Parameters that mean the same in every strategy, so that people learn them once.
public enum Standard {
    /// Used where neither the user nor the budget says how many generations to spend.
    public static let fallbackGenerations = 16

    public static let n = Parameter.int(
        "n", "generations to spend (N in the paper), never more than the budget has",
        derived: "the budget's generations, else \(fallbackGenerations)", in: 1...Int(STG_MAX_COUNT))
    public static let temperature = Parameter.float(
        "temperature", "of sampling; 0 takes the likeliest token", default: Sampling.standardTemperature, in: 0...10)
    public static let topP = Parameter.float("top_p", "sample from the likeliest tokens of this total probability; 0 is off", default: 0, in: 0...1)
    public static let minP = Parameter.float("min_p", "leave out tokens less likely than this times the likeliest; 0 is off", default: 0, in: 0...1)
    public static let maxTokens = Parameter.int("max_tokens", "limit for each sample; 0 is off", default: 0, in: 0...Int(Int32.max))
    public static let selection = Parameter.choice(
        "selection", "of the final answer: by the sum of its scores, by its single best score, or by count", default: Selection.weighted)

    /// What `Setup.sampling` reads.
    public static let sampling: [any AnyParameter] = [temperature, topP, minP, maxTokens]
}

extension Setup {
    /// N: how many generations this run is to spend.
    public func generations() throws -> Int {
        let left = host.budget.generationsLeft
        let wanted = try self[Standard.n] ?? left ?? Standard.fallbackGenerations
        // At least one is asked for: it is the host that says when nothing fits.
        return max(1, min(wanted, left ?? wanted, Int(STG_MAX_COUNT)))
    }

    /// The run's `temperature`, `top_p`, `min_p` and `max_tokens`.
    public func sampling() throws -> Sampling {
        Sampling(temperature: try self[Standard.temperature], topP: try self[Standard.topP], minP: try self[Standard.minP],
                 maxTokens: try self[Standard.maxTokens])
    }
}
