import StrategyKit

/// Best-of-N over several models: N whole answers are divided among models of the bundle, and one verifier judges them
/// all. These are the proposers of Mixture-of-Agents (Wang et al. 2024, arXiv 2406.04692) in one layer, with the
/// verifier instead of the model that aggregates. If N cannot be divided evenly, the models named first get the
/// remainder.
struct Mixture: SequentialStrategy {
    static let models = Parameter.text(
        "models", "the bundle's roles that propose, separated by commas", default: "policy,large")
    static let info = StrategyInfo(
        id: "org.stratagem.mixture", name: "mixture", version: "1.0.0",
        summary: "N whole answers of several models; one verifier chooses",
        parameters: [Standard.n, models, Standard.selection, Standard.verifier] + Standard.sampling,
        roles: [
            .model("policy", "proposes, if it is named", optional: true),
            .model("large", "proposes, if it is named", optional: true),
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
        let names = try setup[Self.models].split(separator: ",").map { String($0.filter { $0 != " " }) }.filter {
            !$0.isEmpty
        }
        if names.isEmpty {
            throw StrategyError(
                "models names no role: name some, such as models=policy,large", status: STG_INVALID_ARGUMENT)
        }
        if let missing = names.first(where: { !host.hasRole($0) }) {
            throw StrategyError(
                "this bundle has no model of role \(missing): name roles that it has, such as models=policy",
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
