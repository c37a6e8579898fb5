import StrategyKit

/// Best-of-N that stops when one more sample is not worth its price: Pandora's box of Weitzman 1979, with a
/// distribution that is learned during the search as in Kalayci et al. 2025 (arXiv 2510.01394). Every sample is a box:
/// opening it costs c, and its content is its score V. The fair cap τ is the score at which one more box gains, on
/// average, exactly what it costs: E[max(V − τ, 0)] = c. The rule opens boxes until the best score reaches τ.
///
/// The upper half of the scores is modelled as an exponential tail above their median t, with the scale s (the mean
/// excess). Then E[max(V − τ, 0)] = s/2 · e^−(τ−t)/s, so τ = t + s · ln(s / 2c); and since no score is above 1, τ is at
/// most 1 − c. For s its upper confidence bound is used, s · (1 + √(ln n · ln(1/δ) / n)), so that few samples do not
/// stop a search. This is how the paper describes it; its published code computes that bound but then uses s itself.
///
/// The paper compares unbounded rewards, and first makes them comparable among prompts by a Bradley-Terry
/// transformation. Here scores are already probabilities, and the price is simply the amount by which one sample must
/// raise the best of them. An answer that cannot be read scores 0. After 32 samples it opens a sixteenth more at a time
/// instead of one, so that the number of turns stays small.
struct OptimalStopping: SequentialStrategy {
    static let price = Parameter.float(
        "price", "price of one sample, in units of the score (c in the paper)", default: 0.005, in: 0...1)
    static let delta = Parameter.float(
        "delta", "probability that the confidence bound is wrong (δ in the paper)", default: 0.05, in: 1e-6...1)
    static let minimum = Parameter.int(
        "min_open_count", "samples before the first check", derived: "20, at most half of N", in: 1...Int(STG_MAX_COUNT)
    )
    static let selection = Parameter.choice(
        "selection", "of the final answer: by its single best score, as in the paper, by their sum, or by count",
        default: Selection.naive)
    static let info = StrategyInfo(
        id: "org.stratagem.optimal-stopping", name: "optimal-stopping", version: "1.0.0",
        summary: "Best-of-N that stops when one more sample is not worth its price",
        parameters: [Standard.n, price, delta, minimum, selection, Standard.verifier] + Standard.sampling,
        roles: [.model("policy", "samples the answers"), .verifier(named: Standard.verifier, "scores the answers")])

    /// Scores that do not thin out towards the top, as an exponential tail does, would be sampled forever.
    private static let samplesMax = 4096

    private let host: Host
    private let root: NodeID
    private let n: Int
    private let price: Double
    private let delta: Double
    private let minimum: Int
    private let selection: Selection
    private let verifier: String
    private let sampling: Sampling
    private var answers: [NodeID] = []
    /// The scores of all samples so far, lowest first.
    private var scores: [Double] = []
    private var verifierFailed = false

    init(_ setup: Setup) throws {
        host = setup.host
        root = setup.problem.root
        n = min(try setup.generations(), Self.samplesMax)
        price = try setup[Self.price]
        delta = try setup[Self.delta]
        minimum = min(n, try setup[Self.minimum] ?? max(1, min(20, n / 2)))
        selection = try setup[Self.selection]
        verifier = try setup[Standard.verifier]
        sampling = try setup.sampling()
        try host.requireVerifier(verifier, orElse: "choose the strategy adaptive-consistency, which needs none")
    }

    mutating func search(_ ask: Asker) async throws {
        var opened = 0
        while opened < n, !isSettled {
            let count = opened == 0 ? minimum : min(n - opened, max(1, opened / 16))
            opened += count
            let new = host.harvest(try await ask([.sample(root, count: count, sampling)]), distinct: false)
            answers += new.finished
            if answers.isEmpty, new.modelFailed { throw StrategyError("the model failed before it finished an answer") }
            try await score(new.finished, ask)
            if new.isOutOfBudget || new.modelFailed { break }
        }
    }

    func answer() -> [Answer] { host.rank(answers, by: selection) }

    private mutating func score(_ nodes: [NodeID], _ ask: Asker) async throws {
        let votes = nodes.filter { host.node($0)?.answer != nil }
        if !votes.isEmpty, try await ask([.score(votes, role: verifier)]).contains(.verifierFailed), !verifierFailed {
            verifierFailed = true
            host.log(
                .warning, "the verifier failed: answers without a score rank last, and by majority if none has one")
        }
        // A sample that the verifier could not score is left out; a sample without an answer scores 0.
        scores += nodes.compactMap { host.node($0)?.answer == nil ? 0 : host.node($0)?.score }
        scores.sort()
    }

    /// Whether the best score has reached the fair cap.
    private var isSettled: Bool {
        // The upper half of two scores is one score, which says nothing about a tail.
        guard let best = scores.last, scores.count >= 3, price > 0 else { return false }
        return best >= Stopping.fairCap(ofSorted: scores, price: price, delta: delta)
    }
}

private let plugin = Plugin(name: "optimal-stopping", version: "1.0.0", strategies: [Sequential<OptimalStopping>.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
