import StrategyKit

/// Reward balanced search (Wu et al. 2024, "Inference scaling laws", arXiv 2408.00724): the budget of a depth is
/// divided among its nodes by their rewards. B_0 = N first steps; at depth i the C_i answers that were completed leave
/// B_i = B_{i-1} - C_i, and node j is continued W_j = Round(B_i exp(R_j/T_b) / Σ exp(R_k/T_b)) times. It ends when B_i
/// is 0.
///
/// The published code rounds up in order of the rewards, so that the best nodes get what would have gone to the last
/// ones; here W_j is the paper's. In cases that the paper leaves open: a step that was cut counts as completed, as in
/// the code; and if the rounded shares add up to more than B_i, the shares of the lowest rewards are cut.
struct Rebase: SequentialStrategy {
    static let temperature = Parameter.float(
        "balance_temperature",
        "T_b in the paper: the lower, the more of the budget goes to the best steps (the published configuration's)",
        default: 0.2, in: 0.001...1000)
    static let info = StrategyInfo(
        id: "org.stratagem.rebase", name: "rebase", version: "1.0.0",
        summary: "N steps at each depth, distributed over the nodes by the softmax of their scores",
        parameters: [Standard.n, temperature, Standard.selection] + Standard.sampling,
        roles: [.model("policy", "samples the steps"), .verifier("prm", "scores every step")])

    private let root: NodeID
    private let n: Int
    private let temperature: Double
    private var steps: StepSearch

    init(_ setup: Setup) throws {
        root = setup.problem.root
        n = try setup.generations()
        temperature = try setup[Self.temperature]
        steps = try StepSearch(setup)
    }

    mutating func search(_ ask: Asker) async throws {
        var budget = n
        var widths = [(node: root, count: n)]
        var round = 0
        while !widths.isEmpty, !steps.isOver {
            round += 1
            let depth = round > StepSearch.roundsMax ? nil : 1
            let asks = widths.map { Ask.sample($0.node, count: $0.count, steps: depth, steps.sampling) }
            let children = try await steps.sample(asks, ask).flatMap { $0 }
            let open = children.filter { steps.host.node($0)?.isOpen == true }
            budget -= widths.reduce(0) { $0 + $1.count } - open.count
            try await steps.score(children, ask)
            if steps.verifierFailed { return try await steps.complete(open, count: budget, ask) }
            widths = expand(open, budget)
        }
    }

    func answer() -> [Answer] { steps.answer() }

    /// How often each node is continued, the best first.
    private func expand(_ open: [NodeID], _ budget: Int) -> [(node: NodeID, count: Int)] {
        let host = steps.host
        let nodes = host.best(open.count, of: open).filter { host.node($0)?.score != nil }
        let shares = softmax(nodes.map { host.node($0)?.score ?? 0 }, temperature: temperature)
        // Each depth is sampled once, so the rest of the run's budget at a depth (`generationsLeft`) is never less than
        // B.
        var left = budget
        return zip(nodes, shares).compactMap { node, share in
            let count = min(left, Int((Double(budget) * share).rounded()))
            left -= count
            return count > 0 ? (node, count) : nil
        }
    }
}

private let plugin = Plugin(name: "rebase", version: "1.0.0", strategies: [Sequential<Rebase>.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
