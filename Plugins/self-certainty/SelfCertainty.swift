import StrategyKit

/// Best-of-N without a verifier (Kang et al. 2025, arXiv 2502.18581): N whole answers are ranked by their
/// self-certainty, how far the model's distributions were from knowing nothing, and vote by their rank.
struct SelfCertainty: Strategy {
    private static let power = Parameter.float(
        "power", "p of the Borda vote: the answer of rank r has (N - r + 1)^p votes; 0 counts heads", default: 0.5, in: 0...100)

    static let info = StrategyInfo(
        id: "org.stratagem.self-certainty", name: "self-certainty", version: "1.0.0",
        summary: "N whole answers vote by how certain the model was of them; needs no verifier",
        parameters: [Standard.n, power] + Standard.sampling, roles: [.model("policy", "samples the answers")])

    private let host: Host
    private let root: NodeID
    private let n: Int
    private let power: Double
    private let sampling: Sampling
    private let figures: TokenFigures?

    init(_ setup: Setup) throws {
        host = setup.host
        root = setup.problem.root
        n = try setup.generations()
        power = try setup[Self.power]
        sampling = try setup.sampling()
        figures = host.tokenFigures()
    }

    mutating func next(_ tell: Tell) throws -> Next {
        if tell.event == .start { return .asks([.sample(root, count: n, sampling)]) }
        let samples = host.harvest(tell, distinct: false)
        if samples.finished.isEmpty, samples.modelFailed { throw StrategyError("the model failed before it finished an answer") }
        return .done(host.rank(votes(samples.finished)))
    }

    /// The Borda vote. Answers whose certainty is not known rank last, in the order of their draw.
    private func votes(_ nodes: [NodeID]) -> [Answer] {
        let certainty = nodes.map { mean(figures?.list(.selfCertainty, of: $0) ?? []) }
        guard certainty.contains(where: { $0 != nil }) else {
            if !nodes.isEmpty { host.log(.warning, "the model does not tell how certain it was: every answer has one vote") }
            return nodes.map { Answer($0, weight: 1) }
        }
        let keys = certainty.map { $0 ?? -1 }
        let order = nodes.indices.sorted { keys[$0] == keys[$1] ? $0 < $1 : keys[$0] > keys[$1] }
        var votes = nodes.map { Answer($0, weight: 0) }
        for (place, index) in order.enumerated() { votes[index].weight = bordaVote(place: place, of: nodes.count, power: power) }
        return votes
    }

    private func mean(_ list: [Double]) -> Double? { list.isEmpty ? nil : list.reduce(0, +) / Double(list.count) }
}

/// Nothing is kept between its two turns.
extension SelfCertainty: ResumableStrategy {
    func save(to state: inout StateWriter) {}
    init(_ setup: Setup, restoring state: inout StateReader) throws { try self.init(setup) }
}

private let plugin = Plugin(name: "self-certainty", version: "1.0.0", strategies: [SelfCertainty.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
