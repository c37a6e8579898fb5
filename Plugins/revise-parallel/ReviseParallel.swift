import StrategyKit

/// Revisions of Snell et al. 2024 at any ratio of sequential to parallel: N attempts in C chains that are independent
/// of each other. With C = 1 it is `revise`; with C = N it is best-of-N of the reviser. A chain has at most 256
/// attempts.
///
/// With a verifier the choice is hierarchical: best-of-N weighted chooses an answer inside each chain, and the best
/// attempt with this answer represents the chain; then best-of-N weighted chooses among these. Majority and the single
/// best score choose among all attempts.
struct ReviseParallel: SequentialStrategy {
    static let chains = Parameter.int(
        "chains", "number of parallel chains, among which N is divided", derived: "from ratio",
        in: 1...Int(STG_MAX_COUNT))
    static let ratio = Parameter.float(
        "ratio", "ratio of attempts per chain to chains, the paper's sequential to parallel", default: 1, in: 1e-6...1e6
    )
    static let info = StrategyInfo(
        id: "org.stratagem.revise-parallel", name: "revise-parallel", version: "1.0.0",
        summary: "N attempts in parallel chains; each prompt shows its chain's last four",
        parameters: [Standard.n, chains, ratio, Standard.selection, Standard.revisionVerifier] + Standard.sampling,
        roles: [
            .model(RevisionChain.role, "answers, and revises its answers"),
            .verifier(named: Standard.revisionVerifier, "scores the attempts").unless(
                Standard.selection, is: .majority),
        ])

    private let host: Host
    private let sampling: Sampling
    private let selection: Selection
    private let verifier: String
    /// The number of attempts of each chain. The longest chains come first.
    private let lengths: [Int]
    private var chains: [RevisionChain]

    init(_ setup: Setup) throws {
        host = setup.host
        let n = try setup.attempts()
        // Length · chains = N and length / chains = ratio.
        let byRatio = Int((Double(n) / (try setup[Self.ratio])).squareRoot().rounded())
        let fewest = (n + RevisionChain.lengthMax - 1) / RevisionChain.lengthMax
        let count = max(fewest, min(n, try setup[Self.chains] ?? byRatio))
        let root = setup.problem.root
        lengths = spread(n, over: Array(0..<count)).map(\.count)
        chains = lengths.map { _ in RevisionChain(from: root) }
        sampling = try setup.sampling()
        selection = try setup[Standard.selection]
        verifier = try setup.revisionVerifier(for: selection)
        try host.requireReviser()
    }

    mutating func search(_ ask: Asker) async throws {
        var modelFailed = false
        for attempt in 1...lengths[0] {
            // Lengths differ by at most one, so the active chains are the first ones.
            let count = lengths.prefix { $0 >= attempt }.count
            var atWork = Array(chains.prefix(count))
            defer { chains.replaceSubrange(..<count, with: atWork) }
            let came = try await ask.prolong(&atWork, sampling, host: host)
            modelFailed = modelFailed || came.modelFailed
            if came.isOutOfBudget { break }
        }
        let attempts = chains.flatMap(\.attempts)
        if attempts.isEmpty, modelFailed { throw StrategyError("the model failed before it finished an answer") }
        if selection != .majority { try await ask.score(attempts, role: verifier, host: host) }
    }

    func answer() -> [Answer] {
        let all = chains.flatMap(\.attempts)
        guard selection == .weighted else { return host.rank(all, by: selection) }
        let winners = chains.compactMap { host.rank($0.attempts, by: .weighted).first?.node }
        let others = all.filter { !winners.contains($0) }
        return host.rank(winners, by: .weighted) + host.rank(others, by: .weighted).map { Answer($0.node, weight: 0) }
    }
}

private let plugin = Plugin(name: "revise-parallel", version: "1.0.0", strategies: [Sequential<ReviseParallel>.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
