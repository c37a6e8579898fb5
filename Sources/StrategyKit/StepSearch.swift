/// The common part of searches by step: rounds of samples and scores, the answers of all rounds, and what happens when
/// something fails.
///
/// A step that was cut is dropped. When the budget ends, the finished nodes are scored and are the answer. If the
/// verifier fails on all nodes of a round, the open nodes are completed without guidance and the majority decides: see
/// `complete`.
public struct StepSearch {
    /// A search that is deeper than this samples its open nodes to their end.
    public static let roundsMax = 40

    public let host: Host
    public let sampling: Sampling
    private var selection: Selection
    /// Answers of all rounds.
    public private(set) var finished: [NodeID] = []
    /// Whether nothing more can be sampled.
    public private(set) var isOver = false
    /// Whether nothing can be scored any more.
    public private(set) var verifierFailed = false

    public init(_ setup: Setup) throws {
        host = setup.host
        sampling = try setup.sampling()
        selection = try setup[Standard.selection]
        try host.requireVerifier(orElse: "choose the strategy majority, which needs none")
    }

    /// Draws a batch of samples.
    /// - Returns: for each ask the nodes that can be used, open and finished; open nodes only while the budget lasts.
    public mutating func sample(_ asks: [Ask], _ ask: Asker) async throws -> [[NodeID]] {
        let tell = try await ask(asks)
        let all = host.harvest(tell, distinct: false)
        finished += all.finished
        isOver = isOver || all.isOutOfBudget
        if finished.isEmpty, all.open.isEmpty, all.modelFailed {
            throw StrategyError("the model failed before it finished an answer")
        }
        return tell.map { told in
            told.nodes.filter { id in host.node(id).map { $0.isFinished || $0.isOpen && !isOver } ?? false }
        }
    }

    /// Lets the verifier score nodes. If it fails on some, these have no score; if it fails on all, it counts as
    /// failed.
    public mutating func score(_ nodes: [NodeID], _ ask: Asker) async throws {
        if nodes.isEmpty || verifierFailed { return }
        let tell = try await ask([.score(nodes)])
        if tell.contains(.budgetExhausted) || tell.contains(.cancelled) { isOver = true }
        guard tell.contains(.verifierFailed), !nodes.contains(where: { host.node($0)?.score != nil }) else { return }
        host.log(.warning, "the verifier failed: completing every path and choosing by majority")
        verifierFailed = true
        selection = .majority
    }

    /// Samples open nodes to their end: `count` answers, divided among them.
    public mutating func complete(_ nodes: [NodeID], count: Int, role: String = "", _ ask: Asker) async throws {
        let open = spread(count, over: nodes.filter { host.node($0)?.isOpen == true })
        if open.isEmpty || isOver { return }
        _ = try await sample(open.map { .sample($0.element, count: $0.count, sampling, role: role) }, ask)
    }

    /// The answers so far, best first.
    public func answer() -> [Answer] { answer(of: finished) }

    /// The ranking of these answers. A node that occurs twice has two votes.
    public func answer(of nodes: [NodeID]) -> [Answer] {
        var ranking: [Answer] = []
        var places: [NodeID: Int] = [:]
        for answer in host.rank(nodes, by: selection) {
            if let place = places[answer.node] {
                ranking[place].weight += answer.weight
            } else {
                places[answer.node] = ranking.count
                ranking.append(answer)
            }
        }
        return ranking
    }
}
