/// Parameters with the same meaning in every strategy, so that people learn them once.
public enum Standard {
    /// Used if neither the user nor the budget says how many generations to spend.
    public static let fallbackGenerations = 16

    public static let n = Parameter.int(
        "n", "generations to spend (N in the paper), at most those of the budget",
        derived: "the budget's generations, else \(fallbackGenerations)", in: 1...Int(STG_MAX_COUNT))
    public static let temperature = Parameter.float(
        "temperature", "of sampling; 0 takes the most likely token", default: Sampling.standardTemperature, in: 0...10)
    public static let topP = Parameter.float(
        "top_p", "sample from the most likely tokens with this total probability; 0 is off", default: 0, in: 0...1)
    public static let minP = Parameter.float(
        "min_p", "leave out tokens less likely than this times the most likely; 0 is off", default: 0, in: 0...1)
    public static let maxTokens = Parameter.int(
        "max_tokens", "limit for each sample; 0 is off", default: 0, in: 0...Int(Int32.max))
    public static let selection = Parameter.choice(
        "selection", "of the final answer: by the sum of its scores, by its single best score, or by count",
        default: Selection.weighted)

    /// The role of the model that answers.
    public static let role = Parameter.text(
        "role", "the bundle's role that answers: policy, large …", default: "policy")
    /// The role of the verifier that scores whole answers.
    public static let verifier = Parameter.text("verifier", "the bundle's role that scores answers", default: "prm")
    /// Revisions are judged best by a verifier that sees the attempts before them.
    public static let revisionVerifier = Parameter.text(
        "verifier", "the bundle's role that scores attempts",
        derived: "the first one that the bundle has of \(revisionVerifiers.joined(separator: ", "))")
    static let revisionVerifiers = ["revision_orm", "orm", "prm"]

    /// The parameters that `Setup.sampling` reads.
    public static let sampling: [any AnyParameter] = [temperature, topP, minP, maxTokens]
}

extension Setup {
    /// N: the number of generations that this run should spend.
    public func generations() throws -> Int {
        let left = host.budget.generationsLeft
        let wanted = try self[Standard.n] ?? left ?? Standard.fallbackGenerations
        // At least one is asked for, because the host decides whether anything fits.
        return max(1, min(wanted, left ?? wanted, Int(STG_MAX_COUNT)))
    }

    /// N for strategies that make one ask per attempt: a batch with more asks would be useless.
    public func attempts() throws -> Int { min(try generations(), RevisionChain.attemptsMax) }

    /// The role that scores revisions; the run is refused if the selection needs this role and the bundle does not have
    /// it.
    public func revisionVerifier(for selection: Selection) throws -> String {
        let wanted = try self[Standard.revisionVerifier]
        let role = wanted ?? Standard.revisionVerifiers.first { host.hasRole($0) } ?? "prm"
        if selection != .majority {
            try host.requireVerifier(role, orElse: "choose selection=majority, which needs none")
        }
        return role
    }

    /// The run's `temperature`, `top_p`, `min_p` and `max_tokens`.
    public func sampling() throws -> Sampling {
        Sampling(
            temperature: try self[Standard.temperature], topP: try self[Standard.topP], minP: try self[Standard.minP],
            maxTokens: try self[Standard.maxTokens])
    }
}
