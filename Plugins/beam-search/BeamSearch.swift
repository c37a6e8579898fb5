import StrategyKit

/// Beam search against a process verifier, beam(N, M) of Snell et al. 2024: sample N first steps, score them, keep the
/// best N/M, sample M next steps from each (so N again), and so on until all end; then best-of-N over the finished
/// answers.
///
/// `Beams` describes what happens in cases that the paper leaves open.
struct BeamSearch: Strategy {
    static let width = Parameter.int(
        "beam_width", "M in the paper: N/M steps are kept in each round, and each is continued M times",
        derived: "floor of the square root of N", in: 1...Int(STG_MAX_COUNT))
    static let info = StrategyInfo(
        id: "org.stratagem.beam-search", name: "beam-search", version: "1.0.0",
        summary: "N steps per round; the best N/M are continued M times each",
        parameters: [Standard.n, width, Standard.selection] + Standard.sampling,
        roles: [.model("policy", "samples the steps"), .verifier("prm", "scores every step")])

    private enum Awaiting: Int { case steps, scores }

    private let root: NodeID
    private var beams: Beams
    private var awaiting = Awaiting.steps
    /// Open steps of this round.
    private var living: [NodeID] = []

    init(_ setup: Setup) throws { try self.init(setup, n: setup.generations()) }

    private init(_ setup: Setup, n: Int) throws {
        root = setup.problem.root
        beams = try Beams(setup, n: n, width: setup[Self.width])
    }

    mutating func next(_ tell: Tell) throws -> Next {
        switch (tell.event, awaiting) {
        case (.start, _): return beams.sample(from: [root])
        case (.results, .steps): return try score(tell)
        case (.results, .scores): return select(tell)
        case (.stop, .steps): beams.takeLast(tell)
        case (.stop, .scores): break
        }
        return beams.done()
    }

    private mutating func score(_ tell: Tell) throws -> Next {
        let steps = try beams.take(tell)
        living = steps.open
        let new = living + steps.finished
        if new.isEmpty || beams.verifierFailed { return beams.done() }
        awaiting = .scores
        return .asks([.score(new)])
    }

    private mutating func select(_ tell: Tell) -> Next {
        living = beams.select(from: living, tell) { $0 }
        if living.isEmpty { return beams.done() }
        awaiting = .steps
        return beams.sample(from: living)
    }
}

extension BeamSearch: ResumableStrategy {
    func save(to state: inout StateWriter) {
        state.write(beams.n)
        state.write(awaiting.rawValue)
        state.write(living)
        beams.save(to: &state)
    }

    init(_ setup: Setup, restoring state: inout StateReader) throws {
        try self.init(setup, n: state.readInt(in: 1...Int(STG_MAX_COUNT)))
        awaiting = try state.readInt(in: 0...1) == 0 ? .steps : .scores
        living = try state.readNodes()
        try beams.restore(from: &state)
    }
}

private let plugin = Plugin(name: "beam-search", version: "1.0.0", strategies: [BeamSearch.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
