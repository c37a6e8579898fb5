import StrategyKit

/// Sequential revisions of Snell et al. 2024: one chain of N attempts, each made with the last four in the prompt. The
/// reviser breaks some right answers too, so the answer is chosen from the whole chain, and is not simply the last. A
/// chain has at most 256 attempts, whatever the budget.
struct Revise: SequentialStrategy {
    static let info = StrategyInfo(
        id: "org.stratagem.revise", name: "revise", version: "1.0.0",
        summary: "One chain of N attempts; each prompt shows the last four",
        parameters: [Standard.n, Standard.selection, Standard.revisionVerifier] + Standard.sampling,
        roles: [
            .model(RevisionChain.role, "answers, and revises its answers"),
            .verifier(named: Standard.revisionVerifier, "scores the attempts").unless(
                Standard.selection, is: .majority),
        ])

    private let host: Host
    private let n: Int
    private let sampling: Sampling
    private let selection: Selection
    private let verifier: String
    /// One chain, in an array because the kit works on any number of chains.
    private var chains: [RevisionChain]

    init(_ setup: Setup) throws {
        host = setup.host
        n = min(try setup.attempts(), RevisionChain.lengthMax)
        sampling = try setup.sampling()
        selection = try setup[Standard.selection]
        verifier = try setup.revisionVerifier(for: selection)
        chains = [RevisionChain(from: setup.problem.root)]
        try host.requireReviser()
    }

    mutating func search(_ ask: Asker) async throws {
        var modelFailed = false
        for _ in 0..<n {
            let attempt = try await ask.prolong(&chains, sampling, host: host)
            modelFailed = modelFailed || attempt.modelFailed
            if attempt.isOutOfBudget { break }
        }
        if chains[0].attempts.isEmpty, modelFailed {
            throw StrategyError("the model failed before it finished an answer")
        }
        if selection != .majority { try await ask.score(chains[0].attempts, role: verifier, host: host) }
    }

    func answer() -> [Answer] { host.rank(chains[0].attempts, by: selection) }
}

private let plugin = Plugin(name: "revise", version: "1.0.0", strategies: [Sequential<Revise>.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
