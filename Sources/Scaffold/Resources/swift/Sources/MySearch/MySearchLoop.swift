import StrategyKit

/// The same search written as one function that awaits its results. Searches of many
/// rounds read best like this; the price is that such a strategy cannot be saved.
struct MySearchLoop: SequentialStrategy {
    static let info = StrategyInfo(
        id: "org.example.my-search-loop", name: "my-search-loop", version: "0.1.0",
        summary: "N whole answers, chosen by the verifier; written as one function",
        parameters: [Standard.n, Standard.temperature],
        roles: [.model("policy", "samples the answers"), .verifier("prm", "scores them")])

    private let host: Host
    private let root: NodeID
    private let n: Int
    private let sampling: Sampling
    private var answers: [NodeID] = []

    init(_ setup: Setup) throws {
        host = setup.host
        root = setup.problem.root
        n = try setup.generations()
        sampling = Sampling(temperature: try setup[Standard.temperature])
        try host.requireVerifier(orElse: "choose the strategy majority")
    }

    mutating func search(_ ask: Asker) async throws {
        let samples = host.harvest(try await ask([.sample(root, count: n, sampling)]), distinct: false)
        answers = samples.finished
        if answers.isEmpty, samples.modelFailed { throw StrategyError("the model failed before it finished an answer") }
        let votes = answers.filter { host.node($0)?.answer != nil }
        if !votes.isEmpty { _ = try await ask([.score(votes)]) }
    }

    /// Also called when the run is stopped early, with the results so far.
    func answer() -> [Answer] { host.rank(answers, by: .weighted) }
}
