import StrategyKit

/// Speculative Rejection of Sun et al. 2024 (arXiv 2410.20290), best-of-N in a fixed amount of memory: N answers grow
/// in parallel; whenever the memory is full, the reward model scores them as they are, and the worst share α of them is
/// rejected. Their memory becomes room for the others to grow. The finished answer with the best score wins.
///
/// The memory is counted in tokens that the growing answers hold together, since no strategy sees a GPU. The default,
/// 32 per answer, means a first rejection after some 32 tokens, and each further one when the answers are twice as
/// long. Answers grow by whole steps, so that the verifier reads whole steps. An answer that ends stays in the memory
/// and can be rejected like the others, as in the paper; it keeps its score, and ranks by it.
struct SpeculativeRejection: SequentialStrategy {
    static let alpha = Parameter.float(
        "alpha", "share that is rejected when the memory is full (α in the paper)", default: 0.5, in: 0...1)
    static let memory = Parameter.int(
        "memory", "tokens that all unfinished answers may have together", derived: "32 for each of N",
        in: 1...Int(Int32.max))
    static let selection = Parameter.choice(
        "selection", "of the final answer: by its single best score, as in the paper, by their sum, or by count",
        default: Selection.naive)
    static let info = StrategyInfo(
        id: "org.stratagem.speculative-rejection", name: "speculative-rejection", version: "1.0.0",
        summary:
            "Best-of-N that rejects the worst half of the unfinished answers whenever a limit of tokens is reached",
        parameters: [Standard.n, alpha, memory, selection] + Standard.sampling,
        roles: [.model("policy", "samples the answers"), .verifier("prm", "scores them, finished or not")])
    /// Answers that still grow after this round are sampled to their end.
    private static let roundsMax = 40

    /// One answer as far as it has grown.
    private struct Utterance {
        var node: NodeID
        var tokens: Int
        var isFinished: Bool
    }

    private let host: Host
    private let root: NodeID
    private let n: Int
    private let alpha: Double
    private let memory: Int
    private let sampling: Sampling
    private var selection: Selection
    private var batch: [Utterance] = []
    private var finished: [NodeID] = []
    private var verifierFailed = false
    private var hasWarned = false

    init(_ setup: Setup) throws {
        host = setup.host
        root = setup.problem.root
        n = try setup.generations()
        alpha = try setup[Self.alpha]
        memory = try setup[Self.memory] ?? 32 * n
        sampling = try setup.sampling()
        selection = try setup[Self.selection]
        try host.requireVerifier(orElse: "choose the strategy majority, which needs none")
    }

    mutating func search(_ ask: Asker) async throws {
        var asks: [Ask] = [.sample(root, count: n, steps: 1, sampling)]
        var growing: [Utterance] = [Utterance(node: root, tokens: 0, isFinished: false)]
        for round in 1... {
            let tell = try await ask(asks)
            batch.removeAll { !$0.isFinished }
            for (told, before) in zip(tell, growing) { take(told, after: before) }
            let all = host.harvest(tell, distinct: false)
            if batch.isEmpty, finished.isEmpty, all.modelFailed {
                throw StrategyError("the model failed before it finished an answer")
            }
            if all.isOutOfBudget { break }
            if batch.count > 1, batch.reduce(0, { $0 + $1.tokens }) > memory, !verifierFailed { try await reject(ask) }
            growing = batch.filter { !$0.isFinished }
            if growing.isEmpty { break }
            // The last answer has no other to be compared with.
            let steps = batch.count == 1 || verifierFailed || round >= Self.roundsMax ? nil : 1
            asks = growing.map { .sample($0.node, steps: steps, sampling) }
        }
        if selection != .majority { try await score(finished.filter(isUnscoredAnswer), ask) }
    }

    private func isUnscoredAnswer(_ id: NodeID) -> Bool {
        host.node(id).map { $0.answer != nil && $0.score == nil } ?? false
    }

    func answer() -> [Answer] { host.rank(finished, by: selection) }

    /// Takes the result of one ask: a further step of one answer, or N first steps. Samples that were cut are left out.
    private mutating func take(_ told: Told, after before: Utterance) {
        for id in told.nodes {
            guard let node = host.node(id), !node.isTruncated else { continue }
            batch.append(Utterance(node: id, tokens: before.tokens + node.tokens, isFinished: node.isFinished))
            if node.isFinished { finished.append(id) }
        }
    }

    private mutating func reject(_ ask: Asker) async throws {
        try await score(batch.map(\.node), ask)
        if verifierFailed { return }
        let kept = max(1, batch.count - Int(alpha * Double(batch.count)))
        batch = host.best(kept, of: batch) { host.node($0.node)?.score }
    }

    /// If the verifier scores nothing at all, it is not asked any more: every answer is finished, and the count
    /// decides.
    private mutating func score(_ nodes: [NodeID], _ ask: Asker) async throws {
        if nodes.isEmpty || verifierFailed { return }
        guard try await ask([.score(nodes)]).contains(.verifierFailed) else { return }
        verifierFailed = !nodes.contains { host.node($0)?.score != nil }
        if !hasWarned {
            host.log(
                .warning, "the verifier failed: answers without a score rank last, and by majority if none has one")
        }
        hasWarned = true
    }
}

private let plugin = Plugin(
    name: "speculative-rejection", version: "1.0.0", strategies: [Sequential<SpeculativeRejection>.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
