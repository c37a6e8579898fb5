import StrategyKit

/// Particle filtering (Puri et al. 2025, "A probabilistic inference approach to inference-time scaling", arXiv
/// 2502.01618): N particles take a step each, are weighted by the verifier's log-odds w = ln(r/(1-r)), and are
/// resampled from softmax(w), until all have ended. Ended particles keep their place and weight, and are drawn like the
/// others.
///
/// - Particle Gibbs (the paper's section on it): `num_iterations` above 1. N is spread over
///   the iterations; each but the first keeps `num_ref_particles` of the one before, drawn
///   by their final weights, which take part in every draw and are not replaced.
/// - The entropic form (Giannone et al. 2025, arXiv 2510.05825): while the effective sample
///   size ESS is below `ess_threshold` of the particles, early in the search, particles are
///   drawn from softmax(w/T) with T = max(1, N/ESS (1 - t/max_steps)), systematically. Its
///   look-ahead modulation is not done.
///
/// The published code (its_hub) draws once more after the last step; in the paper the particles are returned as they
/// ended. A particle that was cut is left out of the draw.
struct ParticleFilter: SequentialStrategy {
    enum Resampling: String, CaseIterable, Sendable { case multinomial, systematic }
    static let iterations = Parameter.int(
        "num_iterations", "passes among which N is divided; above 1: particle Gibbs", default: 1, in: 1...4096)
    static let references = Parameter.int(
        "num_ref_particles", "particles that a pass of particle Gibbs keeps from the pass before", default: 1,
        in: 1...4096)
    static let entropic = Parameter.bool(
        "entropic", "flatten the weights while few particles have nearly all of them", default: false)
    static let threshold = Parameter.float(
        "ess_threshold", "entropic: effective sample size, as a share, below which weights are flattened",
        default: 0.5, in: 0...1)
    static let early = Parameter.float(
        "early_phase", "entropic: share of max_steps in which weights may be flattened", default: 0.5, in: 0...1)
    static let stepsMax = Parameter.int(
        "max_steps", "T in the paper: steps after which open particles are sampled to their end",
        default: StepSearch.roundsMax, in: 1...1000)
    static let resampling = Parameter.choice(
        "resampling", "how particles are resampled; the entropic form is always systematic",
        default: Resampling.multinomial)
    static let info = StrategyInfo(
        id: "org.stratagem.particle-filter", name: "particle-filter", version: "1.0.0",
        summary: "N particles that take a step and are resampled by the odds of their scores",
        parameters: [
            Standard.n, iterations, references, entropic, threshold, early, stepsMax, resampling, Standard.selection,
        ] + Standard.sampling,
        roles: [.model("policy", "samples the steps"), .verifier("prm", "scores every step")])

    private let root: NodeID
    /// The number of particles in each pass.
    private let counts: [Int]
    private let references: Int
    /// nil: the weights are not changed.
    private let annealing: (threshold: Double, early: Double)?
    private let stepsMax: Int
    private let isSystematic: Bool
    private var steps: StepSearch
    /// The nodes of this pass's particles, including those that it keeps from the previous pass.
    private var particles: [NodeID] = []

    init(_ setup: Setup) throws {
        root = setup.problem.root
        let n = try setup.attempts()
        counts = spread(n, over: Array(0..<(try setup[Self.iterations]))).map(\.count)
        references = try setup[Self.references]
        annealing = try setup[Self.entropic] ? (try setup[Self.threshold], try setup[Self.early]) : nil
        stepsMax = try setup[Self.stepsMax]
        isSystematic = try annealing != nil || setup[Self.resampling] == .systematic
        steps = try StepSearch(setup)
    }

    mutating func search(_ ask: Asker) async throws {
        var kept: [[NodeID]] = []
        for (pass, count) in counts.enumerated() where !steps.isOver && !steps.verifierFailed {
            if pass > 0 { kept = keep(min(references, count - 1)) }
            try await filter(count - kept.count, keeping: kept, ask)
        }
    }

    /// The particles as they ended; for a search that was stopped, those that had ended.
    func answer() -> [Answer] {
        let ended = particles.filter { steps.host.node($0)?.isFinished == true }
        return steps.answer(of: ended.isEmpty || steps.verifierFailed ? steps.finished : ended)
    }

    /// One filter with `count` new particles beside the kept ones, which are paths from the first step to an end.
    private mutating func filter(_ count: Int, keeping kept: [[NodeID]], _ ask: Asker) async throws {
        var drawn = Array(repeating: root, count: count)
        for time in 1...stepsMax + 1 {
            let moved = try await move(drawn, steps: time > stepsMax ? nil : 1, ask)
            particles = moved + kept.map { $0[min(time, $0.count) - 1] }
            if steps.verifierFailed { return try await steps.complete(particles, count: count, ask) }
            let isOpen = particles.contains { steps.host.node($0)?.isOpen == true }
            if !isOpen || steps.isOver { return }
            drawn = draw(count, at: time)
        }
    }

    /// Samples a step for every particle that has not ended. Particles at the same node are one ask.
    private mutating func move(_ drawn: [NodeID], steps depth: Int?, _ ask: Asker) async throws -> [NodeID] {
        var order: [NodeID] = []
        var counts: [NodeID: Int] = [:]
        for node in drawn where steps.host.node(node)?.isOpen == true {
            if counts[node] == nil { order.append(node) }
            counts[node, default: 0] += 1
        }
        let ended = drawn.filter { steps.host.node($0)?.isFinished == true }
        if order.isEmpty { return ended }
        let new = try await steps.sample(
            order.map { .sample($0, count: counts[$0] ?? 0, steps: depth, steps.sampling) }, ask
        ).flatMap { $0 }
        particles = ended + new  // a search that is stopped now answers with these
        try await steps.score(new, ask)
        return ended + new
    }

    // MARK: weights

    /// The paths of particles that the next pass keeps.
    private func keep(_ count: Int) -> [[NodeID]] {
        let weights = softmax(particles.map(logOdds))
        var random = steps.host.random
        return particles.isEmpty ? [] : random.places(count, in: weights).map { path(to: particles[$0]) }
    }

    private func draw(_ count: Int, at time: Int) -> [NodeID] {
        let weights = particles.map(logOdds)
        var shares = softmax(weights)
        if let annealing {
            let ess = 1 / shares.reduce(0) { $0 + $1 * $1 }
            let (share, progress) = (ess / Double(shares.count), Double(time) / Double(stepsMax))
            if share < annealing.threshold, progress < annealing.early {
                shares = softmax(weights, temperature: max(1, (1 - progress) / share))
            }
        }
        var random = steps.host.random
        if !isSystematic { return random.places(count, in: shares).map { particles[$0] } }
        let offset = random.uniform()
        var (place, sum) = (0, shares[0])
        return (0..<count).map { index in
            while sum <= (Double(index) + offset) / Double(count), place < shares.count - 1 {
                place += 1
                sum += shares[place]
            }
            return particles[place]
        }
    }

    /// The log-odds of the verifier's value: what it was before it was mapped into 0…1. Very low for a node without a
    /// score.
    private func logOdds(_ node: NodeID) -> Double {
        guard let score = steps.host.node(node)?.score else { return -1000 }
        let r = min(max(score, 1e-7), 1 - 1e-7)
        return ln(r / (1 - r))
    }

    private func path(to end: NodeID) -> [NodeID] {
        var path: [NodeID] = []
        var next: NodeID? = end
        while let node = next, node != root {
            path.append(node)
            next = steps.host.node(node)?.parent
        }
        return path.reversed()
    }
}

private let plugin = Plugin(name: "particle-filter", version: "1.0.0", strategies: [Sequential<ParticleFilter>.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
