import StrategyKit

/// Lookahead search, lookahead(N, M, k) of Snell et al. 2024: beam search in which a step's score is the verifier's
/// value at the end of a roll-out of at most k more steps at temperature 0. The beam continues from the step itself: a
/// roll-out only scores the step, and a roll-out that reaches an answer is not a candidate, as in the paper. Only if a
/// search ends without any answer are the answers of its roll-outs used.
///
/// The beam samples each depth once and roll-outs sample it k times, so G generations pay for ⌊G/(k+1)⌋ beams. The rest
/// is as in `beam-search`, whose k is 0.
struct Lookahead: Strategy {
    static let width = Parameter.int(
        "beam_width", "M in the paper: N/M steps are kept in each round, and each is continued M times",
        derived: "floor of the square root of N = n/(k+1)", in: 1...Int(STG_MAX_COUNT))
    static let lookaheadSteps = Parameter.int(
        "lookahead_steps", "k in the paper: steps of a roll-out", default: 1, in: 0...1024)
    static let info = StrategyInfo(
        id: "org.stratagem.lookahead", name: "lookahead", version: "1.0.0",
        summary: "Beam search that scores a step after k more steps",
        parameters: [Standard.n, width, lookaheadSteps, Standard.selection] + Standard.sampling,
        roles: [.model("policy", "samples the steps"), .verifier("prm", "scores every step")])

    /// An open step, and the node whose score is used for it.
    private struct Beam {
        var step: NodeID
        var end: NodeID
    }
    private enum Awaiting: Int { case steps, rollouts, scores }

    private let host: Host
    private let root: NodeID
    /// The number of generations that the run may spend; n beams cost n·(k+1).
    private let generations: Int
    private let k: Int
    private var beams: Beams
    private var awaiting = Awaiting.steps
    private var living: [Beam] = []
    /// Answers of this round that are not scored yet.
    private var unscored: [NodeID] = []
    /// Answers that roll-outs reached.
    private var foreseen: [NodeID] = []

    init(_ setup: Setup) throws { try self.init(setup, generations: setup.generations()) }

    private init(_ setup: Setup, generations: Int) throws {
        host = setup.host
        root = setup.problem.root
        self.generations = generations
        let wanted = try setup[Self.lookaheadSteps]
        k = min(wanted, generations - 1)
        if k < wanted {
            host.log(.info, "\(generations) generations are enough for roll-outs of \(k) steps, not \(wanted)")
        }
        beams = try Beams(setup, n: generations / (k + 1), width: setup[Self.width])
    }

    mutating func next(_ tell: Tell) throws -> Next {
        switch (tell.event, awaiting) {
        case (.start, _): return beams.sample(from: [root])
        case (.results, .steps): return try rollOut(tell)
        case (.results, .rollouts): return score(tell)
        case (.results, .scores): return select(tell)
        case (.stop, .steps): beams.takeLast(tell)
        case (.stop, .rollouts): foresee(tell)
        case (.stop, .scores): break
        }
        return done()
    }

    private func done() -> Next { beams.done(orElse: foreseen) }

    private mutating func rollOut(_ tell: Tell) throws -> Next {
        let steps = try beams.take(tell)
        living = steps.open.map { Beam(step: $0, end: $0) }
        unscored = steps.finished
        if beams.verifierFailed { return done() }
        if living.isEmpty || k == 0 { return askScores() }
        awaiting = .rollouts
        let greedy = Sampling(temperature: 0, maxTokens: beams.sampling.maxTokens)
        return .asks(living.map { .sample($0.step, steps: k, greedy) })
    }

    private mutating func score(_ rollouts: Tell) -> Next {
        foresee(rollouts)
        for (index, told) in rollouts.enumerated() where living.indices.contains(index) {
            // If a roll-out is cut or fails, the step itself is scored.
            if let end = told.nodes.first, host.node(end)?.isTruncated == false { living[index].end = end }
        }
        if rollouts.contains(.budgetExhausted) { living = [] }
        return askScores()
    }

    private mutating func foresee(_ rollouts: Tell) { foreseen += host.harvest(rollouts, distinct: true).finished }

    private mutating func askScores() -> Next {
        let new = living.map(\.end) + unscored
        if new.isEmpty { return done() }
        awaiting = .scores
        return .asks([.score(new)])
    }

    private mutating func select(_ tell: Tell) -> Next {
        living = beams.select(from: living, tell, node: \.end)
        if living.isEmpty { return done() }
        awaiting = .steps
        return beams.sample(from: living.map(\.step))
    }
}

extension Lookahead: ResumableStrategy {
    func save(to state: inout StateWriter) {
        state.write(generations)
        state.write(awaiting.rawValue)
        for nodes in [living.map(\.step), living.map(\.end), unscored, foreseen] { state.write(nodes) }
        beams.save(to: &state)
    }

    init(_ setup: Setup, restoring state: inout StateReader) throws {
        try self.init(setup, generations: state.readInt(in: 1...Int(STG_MAX_COUNT)))
        guard let stage = Awaiting(rawValue: try state.readInt(in: 0...2)) else { throw StateReader.damaged }
        awaiting = stage
        let (steps, ends) = (try state.readNodes(), try state.readNodes())
        guard steps.count == ends.count else { throw StateReader.damaged }
        living = zip(steps, ends).map { Beam(step: $0, end: $1) }
        (unscored, foreseen) = (try state.readNodes(), try state.readNodes())
        try beams.restore(from: &state)
    }
}

private let plugin = Plugin(name: "lookahead", version: "1.0.0", strategies: [Lookahead.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
