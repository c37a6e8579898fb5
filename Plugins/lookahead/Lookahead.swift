import StrategyKit

/// Lookahead search, lookahead(N, M, k) of Snell et al. 2024: beam search in which a
/// step's score is the verifier's value at the end of a roll-out of at most k more
/// steps at temperature 0. The beam goes on from the step itself: a roll-out only
/// scores it, and one that reaches an answer is no candidate, as in the paper.
///
/// A depth is sampled by the beam once and by roll-outs k times, so G generations pay
/// for ⌊G/(k+1)⌋ beams. Otherwise as `beam-search`, whose k is 0.
struct Lookahead: Strategy {
    static let width = Parameter.int("beam_width", "M in the paper: N/M steps survive a round, each is continued M times",
                                     derived: "floor of the square root of N = n/(k+1)", in: 1...Int(STG_MAX_COUNT))
    static let lookaheadSteps = Parameter.int("lookahead_steps", "k in the paper: steps of a roll-out", default: 1, in: 0...1024)
    static let info = StrategyInfo(
        id: "org.stratagem.lookahead", name: "lookahead", version: "1.0.0",
        summary: "Beam search that scores a step by where k more steps lead",
        parameters: [Standard.n, width, lookaheadSteps, Standard.selection] + Standard.sampling)
    static let roundsMax = 40

    /// An open step, and the node whose score is its own.
    private struct Beam {
        var step: NodeID
        var end: NodeID
    }
    private enum Awaiting: Int { case steps, rollouts, scores }

    private let host: Host
    private let root: NodeID
    /// What the run may spend; n beams cost n·(k+1).
    private let generations: Int
    private let k: Int
    private let n: Int
    private let survivors: Int
    private let sampling: Sampling
    private let rollout: Sampling
    private var selection: Selection
    private var awaiting = Awaiting.steps
    private var round = 0
    private var verifierFailed = false
    private var living: [Beam] = []
    /// Answers of all rounds; those of this round, not scored yet, come last.
    private var finished: [NodeID] = []
    private var unscored = 0

    init(_ setup: Setup) throws { try self.init(setup, generations: setup.generations()) }

    private init(_ setup: Setup, generations: Int) throws {
        host = setup.host
        root = setup.problem.root
        self.generations = generations
        let wanted = try setup[Self.lookaheadSteps]
        k = min(wanted, generations - 1)
        if k < wanted { host.log(.info, "\(generations) generations pay for roll-outs of \(k) steps, not \(wanted)") }
        n = generations / (k + 1)
        survivors = max(1, n / (try setup[Self.width] ?? squareRoot(n)))
        sampling = try setup.sampling()
        rollout = Sampling(temperature: 0, maxTokens: sampling.maxTokens)
        selection = try setup[Standard.selection]
        try host.requireVerifier(orElse: "choose the strategy majority, which needs none")
    }

    mutating func next(_ tell: Tell) throws -> Next {
        switch (tell.event, awaiting) {
        case (.start, _): return sample(from: [root])
        case (.results, .steps): return try rollOut(host.harvest(tell, distinct: true))
        case (.results, .rollouts): return score(tell)
        case (.results, .scores): return select(tell)
        case (.stop, .steps): finished += host.harvest(tell, distinct: true).finished
        case (.stop, _): break
        }
        return .done(host.rank(finished, by: selection))
    }

    private mutating func sample(from nodes: [NodeID]) -> Next {
        round += 1
        awaiting = .steps
        let steps = verifierFailed || round > Self.roundsMax ? nil : 1
        return .asks(spread(n, over: nodes).map { .sample($0.element, count: $0.count, steps: steps, sampling) })
    }

    private mutating func rollOut(_ steps: Harvest) throws -> Next {
        finished += steps.finished
        unscored = steps.finished.count
        living = steps.isOutOfBudget ? [] : steps.open.map { Beam(step: $0, end: $0) }
        if finished.isEmpty, living.isEmpty, steps.modelFailed { throw StrategyError("the model failed before it finished an answer") }
        if verifierFailed { return .done(host.rank(finished, by: selection)) }
        if living.isEmpty || k == 0 { return askScores() }
        awaiting = .rollouts
        return .asks(living.map { .sample($0.step, steps: k, rollout) })
    }

    private mutating func score(_ rollouts: Tell) -> Next {
        for (index, told) in rollouts.enumerated() where living.indices.contains(index) {
            // Where a roll-out is cut or fails, the step is scored where it stands.
            if let end = told.nodes.first, host.node(end)?.isTruncated == false { living[index].end = end }
        }
        if rollouts.contains(.budgetExhausted) { living = [] }
        return askScores()
    }

    private mutating func askScores() -> Next {
        let new = living.map(\.end) + finished.suffix(unscored)
        if new.isEmpty { return .done(host.rank(finished, by: selection)) }
        awaiting = .scores
        return .asks([.score(new)])
    }

    private mutating func select(_ tell: Tell) -> Next {
        if tell.contains(.verifierFailed), !living.contains(where: { host.node($0.end)?.score != nil }) {
            host.log(.warning, "the verifier failed: completing every beam and choosing by majority")
            verifierFailed = true
            selection = .majority
        } else {
            living = host.best(survivors, of: living) { host.node($0.end)?.score }
        }
        let isOver = living.isEmpty || tell.contains(.budgetExhausted)
        return isOver ? .done(host.rank(finished, by: selection)) : sample(from: living.map(\.step))
    }
}

extension Lookahead: ResumableStrategy {
    func save(to state: inout StateWriter) {
        state.write(generations)
        state.write(awaiting.rawValue)
        state.write(round)
        state.write(verifierFailed ? 1 : 0)
        state.write(living.map(\.step))
        state.write(living.map(\.end))
        state.write(finished)
        state.write(unscored)
    }

    init(_ setup: Setup, restoring state: inout StateReader) throws {
        try self.init(setup, generations: state.readInt(in: 1...Int(STG_MAX_COUNT)))
        guard let stage = Awaiting(rawValue: try state.readInt(in: 0...2)) else { throw StateReader.damaged }
        awaiting = stage
        round = try state.readInt(in: 0...Self.roundsMax + 1)
        verifierFailed = try state.readInt(in: 0...1) == 1
        if verifierFailed { selection = .majority }
        let (steps, ends) = (try state.readNodes(), try state.readNodes())
        guard steps.count == ends.count else { throw StateReader.damaged }
        living = zip(steps, ends).map { Beam(step: $0, end: $1) }
        finished = try state.readNodes()
        unscored = try state.readInt(in: 0...finished.count)
    }
}

private let plugin = Plugin(name: "lookahead", version: "1.0.0", strategies: [Lookahead.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
