import StrategyKit

/// Reward-guided speculative decoding (Liao et al. 2025, arXiv 2501.19324): a small model drafts each step; if the
/// verifier's value of the draft is below δ, a large model takes that step instead. The next step is drafted again,
/// after whichever step was taken.
///
/// The paper follows one chain; here C chains continue in parallel, and their answers vote. A step costs C drafts and
/// as many steps of the large model as drafts are refused, at one depth: so by default C is N/2. If more drafts are
/// refused than N has room for, the best of these drafts are kept. If the verifier fails, the large model completes
/// every chain.
struct SpeculativeSearch: SequentialStrategy {
    static let chains = Parameter.int(
        "chains", "C: number of parallel answers", derived: "half of N", in: 1...Int(STG_MAX_COUNT))
    static let threshold = Parameter.float(
        "delta", "δ in the paper: a draft with a lower value is refused", default: 0.7, in: 0...1)
    static let draft = Parameter.text("draft", "the bundle's role that drafts steps", default: "policy")
    static let target = Parameter.text("target", "the bundle's role that takes over", default: "large")
    static let info = StrategyInfo(
        id: "org.stratagem.speculative-search", name: "speculative-search", version: "1.0.0",
        summary: "A small model drafts steps, and a large one replaces those that get a low score",
        parameters: [Standard.n, chains, threshold, draft, target, Standard.selection] + Standard.sampling,
        roles: [
            .model(named: draft, "drafts steps"), .model(named: target, "takes the steps that are refused"),
            .verifier("prm", "scores every draft"),
        ])

    private let root: NodeID
    private let n: Int
    private let count: Int
    private let threshold: Double
    private let draft: String
    private let target: String
    private var steps: StepSearch
    /// Answers that were not refused.
    private var answers: [NodeID] = []

    init(_ setup: Setup) throws {
        root = setup.problem.root
        n = try setup.attempts()
        count = min(n, try setup[Self.chains] ?? max(1, n / 2))
        threshold = try setup[Self.threshold]
        draft = try setup[Self.draft]
        target = try setup[Self.target]
        steps = try StepSearch(setup)
        for role in [draft, target] where !steps.host.hasRole(role) {
            throw StrategyError(
                "this bundle has no model of role \(role): give it one, or name another role", status: STG_UNSUPPORTED)
        }
    }

    mutating func search(_ ask: Asker) async throws {
        let host = steps.host
        var chains = Array(repeating: root, count: count)
        var round = 0
        while !chains.isEmpty, !steps.isOver {
            round += 1
            let depth = round > StepSearch.roundsMax ? nil : 1
            let drafts = try await sample(chains, steps: depth, role: draft, ask)
            let new = drafts.compactMap(\.step)
            try await steps.score(new, ask)
            if steps.verifierFailed {
                try await steps.complete(new, count: count, role: target, ask)
                answers = steps.finished
                return
            }
            let (taken, refused) = judge(drafts)
            answers += taken.filter { host.node($0)?.isFinished == true }
            let others = try await sample(refused, steps: depth, role: target, ask).compactMap(\.step)
            let ended = others.filter { host.node($0)?.isFinished == true }
            answers += ended
            try await steps.score(ended, ask)
            chains = (taken + others).filter { host.node($0)?.isOpen == true }
        }
    }

    /// Refused answers count only if there are no others.
    func answer() -> [Answer] { steps.answer(of: answers.isEmpty ? steps.finished : answers) }

    /// Samples a step of each chain; nil: the step was cut, or the model failed.
    private mutating func sample(_ chains: [NodeID], steps depth: Int?, role: String, _ ask: Asker) async throws
        -> [(chain: NodeID, step: NodeID?)]
    {
        if chains.isEmpty || steps.isOver { return [] }
        let told = try await steps.sample(chains.map { .sample($0, steps: depth, steps.sampling, role: role) }, ask)
        return zip(chains, told).map { ($0, $1.first) }
    }

    /// The drafts that are kept, and the chains whose draft is not; among refused drafts, those with the lowest values
    /// are replaced first.
    private func judge(_ drafts: [(chain: NodeID, step: NodeID?)]) -> (taken: [NodeID], refused: [NodeID]) {
        let scored = drafts.map { (draft: $0, value: $0.step.flatMap { steps.host.node($0)?.score } ?? -1) }
        let doubted = scored.indices.filter { scored[$0].value < threshold }
            .sorted { scored[$0].value == scored[$1].value ? $0 < $1 : scored[$0].value < scored[$1].value }
        let refused = Set(doubted.prefix(n - drafts.count))
        return (
            scored.indices.filter { !refused.contains($0) }.compactMap { drafts[$0].step },
            scored.indices.filter(refused.contains).map { drafts[$0].chain }
        )
    }
}

private let plugin = Plugin(
    name: "speculative-search", version: "1.0.0", strategies: [Sequential<SpeculativeSearch>.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
