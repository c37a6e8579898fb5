import StrategyKit

/// Best-of-N over several models: N whole answers are divided among models of the bundle, and one verifier judges them
/// all. These are the proposers of Mixture-of-Agents (Wang et al. 2024, arXiv 2406.04692) in one layer, with the
/// verifier instead of the model that aggregates. If N cannot be divided evenly, the models named first get the
/// remainder.
///
/// Each role has a parameter of its own, so that the host knows what a run needs before it begins.
struct Mixture: SequentialStrategy {
    static let first = Parameter.text("first", "the bundle's role that proposes first", default: "policy")
    static let second = Parameter.text("second", "the role that proposes beside it", default: "large")
    static let third = Parameter.text("third", "a third role that proposes", derived: "none")
    static let fourth = Parameter.text("fourth", "a fourth role that proposes", derived: "none")
    static let info = StrategyInfo(
        id: "org.stratagem.mixture", name: "mixture", version: "1.0.0",
        summary: "N whole answers of several models; one verifier chooses",
        parameters: [Standard.n, first, second, third, fourth, Standard.selection, Standard.verifier]
            + Standard.sampling,
        roles: [
            .model(named: first, "proposes"), .model(named: second, "proposes"), .model(named: third, "proposes"),
            .model(named: fourth, "proposes"),
            .verifier(named: Standard.verifier, "scores the answers").unless(Standard.selection, is: .majority),
        ])

    private let host: Host
    private let root: NodeID
    private let shares: [(role: String, count: Int)]
    private let sampling: Sampling
    private let selection: Selection
    private let verifier: String
    private var answers: [NodeID] = []

    init(_ setup: Setup) throws {
        let host = setup.host
        self.host = host
        root = setup.problem.root
        sampling = try setup.sampling()
        selection = try setup[Standard.selection]
        verifier = try setup[Standard.verifier]
        let names = [
            try setup[Self.first], try setup[Self.second], try setup[Self.third], try setup[Self.fourth],
        ].compactMap { $0 }
        if let missing = names.first(where: { !host.hasRole($0) }) {
            throw StrategyError(
                "this bundle has no model of role \(missing): give it one, or name other roles, such as second=policy",
                status: STG_UNSUPPORTED)
        }
        shares = spread(try setup.generations(), over: names).map { ($0.element, $0.count) }
        if selection != .majority {
            try host.requireVerifier(verifier, orElse: "choose selection=majority, which needs none")
        }
    }

    mutating func search(_ ask: Asker) async throws {
        let samples = host.harvest(
            try await ask(shares.map { .sample(root, count: $0.count, sampling, role: $0.role) }), distinct: false)
        answers = samples.finished
        if answers.isEmpty, samples.modelFailed { throw StrategyError("the model failed before it finished an answer") }
        if selection != .majority { try await ask.score(answers, role: verifier, host: host) }
    }

    func answer() -> [Answer] { host.rank(answers, by: selection) }
}

private let plugin = Plugin(name: "mixture", version: "1.0.0", strategies: [Sequential<Mixture>.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
