/// The common part of beam search and its relatives, beam(N, M) of Snell et al. 2024: each round samples N steps,
/// divided among the survivors of the round before; N/M of the steps survive; the answers of all rounds are kept.
///
/// In cases that the paper leaves open: a beam that ends remains as an answer, and the other beams share its budget;
/// equal siblings count as one; a truncated step is dropped; beams that are still open after 40 rounds are sampled to
/// their end. If the verifier fails, every beam is completed and the majority decides.
public struct Beams {
    public static let roundsMax = 40

    private let host: Host
    public let n: Int
    private let survivors: Int
    public let sampling: Sampling
    private var selection: Selection
    private var round = 0
    /// Whether the verifier has failed, so that nothing can be scored any more.
    public private(set) var verifierFailed = false
    /// Answers of all rounds.
    public private(set) var finished: [NodeID] = []

    /// - Parameter width: M; nil for the square root of N.
    public init(_ setup: Setup, n: Int, width: Int?) throws {
        host = setup.host
        self.n = n
        survivors = max(1, n / (width ?? squareRoot(n)))
        sampling = try setup.sampling()
        selection = try setup[Standard.selection]
        try host.requireVerifier(orElse: "choose the strategy majority, which needs none")
    }

    /// Begins a round: N next steps of these nodes.
    public mutating func sample(from nodes: [NodeID]) -> Next {
        round += 1
        let steps = verifierFailed || round > Self.roundsMax ? nil : 1
        return .asks(spread(n, over: nodes).map { .sample($0.element, count: $0.count, steps: steps, sampling) })
    }

    /// Takes the results of a round. Its answers are kept; its open steps can be continued.
    public mutating func take(_ tell: Tell) throws -> (open: [NodeID], finished: [NodeID]) {
        let steps = host.harvest(tell, distinct: true)
        finished += steps.finished
        let open = steps.isOutOfBudget ? [] : steps.open
        if finished.isEmpty, open.isEmpty, steps.modelFailed {
            throw StrategyError("the model failed before it finished an answer")
        }
        return (open, steps.finished)
    }

    /// Takes the results of a round that was stopped.
    public mutating func takeLast(_ tell: Tell) { finished += host.harvest(tell, distinct: true).finished }

    /// The beams among `living` that are continued, after `node` of each has been scored.
    public mutating func select<Beam>(from living: [Beam], _ tell: Tell, node: (Beam) -> NodeID) -> [Beam] {
        if tell.contains(.budgetExhausted) { return [] }
        let isScored = { host.node(node($0))?.score != nil }
        guard tell.contains(.verifierFailed), !living.contains(where: isScored) else {
            return host.best(survivors, of: living) { host.node(node($0))?.score }
        }
        host.log(.warning, "the verifier failed: completing every beam and choosing by majority")
        verifierFailed = true
        selection = .majority
        return living
    }

    /// The end of the search: its answers, or `others` if it has none.
    public func done(orElse others: [NodeID] = []) -> Next {
        .done(host.rank(finished.isEmpty ? others : finished, by: selection))
    }

    // MARK: Save and restore

    public func save(to state: inout StateWriter) {
        state.write(round)
        state.write(verifierFailed ? 1 : 0)
        state.write(finished)
    }

    public mutating func restore(from state: inout StateReader) throws {
        round = try state.readInt(in: 0...Self.roundsMax + 1)
        verifierFailed = try state.readInt(in: 0...1) == 1
        if verifierFailed { selection = .majority }
        finished = try state.readNodes()
    }
}
