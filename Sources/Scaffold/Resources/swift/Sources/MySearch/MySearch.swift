import StrategyKit

/// Best-of-N: sample N whole answers, let the verifier score them, and take the one
/// with the best vote. A state machine: `next` is called with the results of the last
/// batch of asks, and says what to do next.
struct MySearch: Strategy {
    static let info = StrategyInfo(
        id: "org.example.my-search", name: "my-search", version: "0.1.0",
        summary: "N whole answers, chosen by the verifier",
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

    mutating func next(_ tell: Tell) throws -> Next {
        if tell.event == .start { return .asks([.sample(root, count: n, sampling)]) }
        if answers.isEmpty {
            let samples = host.harvest(tell, distinct: false)
            answers = samples.finished
            if answers.isEmpty, samples.modelFailed {
                throw StrategyError("the model failed before it finished an answer")
            }
            // A node without an answer cannot win, so the verifier need not read it.
            let votes = answers.filter { host.node($0)?.answer != nil }
            if tell.event == .results, !votes.isEmpty { return .asks([.score(votes)]) }
        }
        return .done(host.rank(answers, by: .weighted))
    }
}
