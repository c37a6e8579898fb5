import StrategyKit

/// Beam search against a process verifier, beam(N, M) of Snell et al. 2024: sample N
/// first steps, score them, keep the best N/M, sample M next steps from each (so N
/// again), and so on until all end; then best-of-N over what was finished.
///
/// Where the paper is silent: a beam that ends stays an answer and the living ones
/// share its budget; equal siblings count as one; a truncated step is dropped; what
/// lives after 40 rounds is sampled to its end.
struct BeamSearch: Strategy {
    static let width = Parameter.int("beam_width", "M in the paper: N/M steps survive a round, each is continued M times",
                                     derived: "floor of the square root of N", in: 1...Int(STG_MAX_COUNT))
    static let info = StrategyInfo(
        id: "org.stratagem.beam-search", name: "beam-search", version: "1.0.0",
        summary: "N steps a round, the best N/M of them continued M times each",
        parameters: [Standard.n, width, Standard.selection] + Standard.sampling)
    static let roundsMax = 40

    private enum Awaiting: Int { case steps, scores }

    private let host: Host
    private let root: NodeID
    private let n: Int
    private let survivors: Int
    private let sampling: Sampling
    private var selection: Selection
    private var awaiting = Awaiting.steps
    private var round = 0
    private var verifierFailed = false
    /// Open steps of this round.
    private var living: [NodeID] = []
    /// Answers of all rounds.
    private var finished: [NodeID] = []

    init(_ setup: Setup) throws { try self.init(setup, n: setup.generations()) }

    private init(_ setup: Setup, n: Int) throws {
        host = setup.host
        root = setup.problem.root
        self.n = n
        survivors = max(1, n / (try setup[Self.width] ?? squareRoot(n)))
        sampling = try setup.sampling()
        selection = try setup[Standard.selection]
        try host.requireVerifier(orElse: "choose the strategy majority, which needs none")
    }

    mutating func next(_ tell: Tell) throws -> Next {
        switch (tell.event, awaiting) {
        case (.start, _): return sample(from: [root])
        case (.results, .steps): return try score(host.harvest(tell, distinct: true))
        case (.results, .scores): return select(tell)
        case (.stop, .steps): finished += host.harvest(tell, distinct: true).finished
        case (.stop, .scores): break
        }
        return .done(host.rank(finished, by: selection))
    }

    private mutating func sample(from nodes: [NodeID]) -> Next {
        round += 1
        awaiting = .steps
        let steps = verifierFailed || round > Self.roundsMax ? nil : 1
        return .asks(spread(n, over: nodes).map { .sample($0.element, count: $0.count, steps: steps, sampling) })
    }

    private mutating func score(_ steps: Harvest) throws -> Next {
        finished += steps.finished
        living = steps.isOutOfBudget ? [] : steps.open
        if finished.isEmpty, living.isEmpty, steps.modelFailed { throw StrategyError("the model failed before it finished an answer") }
        let new = living + steps.finished
        if new.isEmpty || verifierFailed { return .done(host.rank(finished, by: selection)) }
        awaiting = .scores
        return .asks([.score(new)])
    }

    private mutating func select(_ tell: Tell) -> Next {
        if tell.contains(.verifierFailed), !living.contains(where: { host.node($0)?.score != nil }) {
            host.log(.warning, "the verifier failed: completing every beam and choosing by majority")
            verifierFailed = true
            selection = .majority
        } else {
            living = host.best(survivors, of: living)
        }
        let isOver = living.isEmpty || tell.contains(.budgetExhausted)
        return isOver ? .done(host.rank(finished, by: selection)) : sample(from: living)
    }
}

extension BeamSearch: ResumableStrategy {
    func save(to state: inout StateWriter) {
        state.write(n)
        state.write(awaiting.rawValue)
        state.write(round)
        state.write(verifierFailed ? 1 : 0)
        state.write(living)
        state.write(finished)
    }

    init(_ setup: Setup, restoring state: inout StateReader) throws {
        try self.init(setup, n: state.readInt(in: 1...Int(STG_MAX_COUNT)))
        awaiting = try state.readInt(in: 0...1) == 0 ? .steps : .scores
        round = try state.readInt(in: 0...Self.roundsMax + 1)
        verifierFailed = try state.readInt(in: 0...1) == 1
        if verifierFailed { selection = .majority }
        (living, finished) = (try state.readNodes(), try state.readNodes())
    }
}

private let plugin = Plugin(name: "beam-search", version: "1.0.0", strategies: [BeamSearch.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
