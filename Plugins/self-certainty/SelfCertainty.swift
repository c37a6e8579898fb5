import StrategyKit

/// Best-of-N without a verifier (Kang et al. 2025, arXiv 2502.18581): N whole answers are ranked by their
/// self-certainty, the distance of the model's distributions from the uniform one, and vote by their rank.
struct SelfCertainty: Strategy {
    private static let power = Parameter.float(
        "power", "p of the Borda vote: the answer of rank r has (N - r + 1)^p votes; 0 counts answers", default: 0.5,
        in: 0...100)

    static let info = StrategyInfo(
        id: "org.stratagem.self-certainty", name: "self-certainty", version: "1.0.0",
        summary: "N whole answers vote by how certain the model was of them; needs no verifier",
        parameters: [Standard.n, power] + Standard.sampling, roles: [.model("policy", "samples the answers")])

    private let vote: ConfidenceVote
    private let power: Double

    init(_ setup: Setup) throws {
        vote = try ConfidenceVote(setup)
        power = try setup[Self.power]
    }

    mutating func next(_ tell: Tell) throws -> Next {
        try vote.next(tell, by: .selfCertainty, confidence: { mean($1) }, weights: bordaVotes)
    }

    /// Answers whose certainty is not known rank last, in the order in which they were drawn.
    private func bordaVotes(_ certainty: [Double?]) -> [Double] {
        let keys = certainty.map { $0 ?? -1 }
        let order = keys.indices.sorted { keys[$0] == keys[$1] ? $0 < $1 : keys[$0] > keys[$1] }
        var votes = [Double](repeating: 0, count: keys.count)
        for (place, index) in order.enumerated() {
            votes[index] = bordaVote(place: place, of: keys.count, power: power)
        }
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
