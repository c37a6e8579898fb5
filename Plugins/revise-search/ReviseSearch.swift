import StrategyKit

/// Revisions whose steps are searched with the process verifier: Snell et al. 2024 mention this but did not try it. N
/// generations are divided among A attempts; each is a beam search of the reviser's steps, below a root that shows the
/// winners of the last four searches. All answers of all searches vote.
struct ReviseSearch: SequentialStrategy {
    static let attempts = Parameter.int(
        "attempts", "number of successive searches, among which N is divided",
        derived: "floor of the square root of N, at most \(usualMax)", in: 1...RevisionChain.lengthMax)
    static let usualMax = 32
    static let width = Parameter.int(
        "beam_width",
        "M in the paper, for a search with B beams: B/M steps are kept in each round, and each is continued M times",
        derived: "floor of the square root of B", in: 1...Int(STG_MAX_COUNT))
    static let info = StrategyInfo(
        id: "org.stratagem.revise-search", name: "revise-search", version: "1.0.0",
        summary: "Successive attempts, each searched step by step; each prompt shows the last four",
        parameters: [Standard.n, attempts, width, Standard.selection] + Standard.sampling,
        roles: [
            .model(RevisionChain.role, "samples the steps of every attempt"), .verifier("prm", "scores every step"),
        ])
    static let roundsMax = 40

    private let host: Host
    /// The number of beams of each search.
    private let beams: [Int]
    private let width: Int?
    private let sampling: Sampling
    private let selection: Selection
    /// One chain, of the searches' winners; in an array because the kit works on any number of chains.
    private var chains: [RevisionChain]
    /// Answers of all searches.
    private var finished: [NodeID] = []
    private var isOver = false
    private var modelFailed = false

    init(_ setup: Setup) throws {
        host = setup.host
        let n = try setup.attempts()
        let count = min(n, try setup[Self.attempts] ?? min(squareRoot(n), Self.usualMax))
        beams = spread(n, over: Array(0..<count)).map(\.count)
        width = try setup[Self.width]
        sampling = try setup.sampling()
        selection = try setup[Standard.selection]
        chains = [RevisionChain(from: setup.problem.root)]
        try host.requireReviser()
        try host.requireVerifier(orElse: "choose the strategy revise with selection=majority, which needs none")
    }

    mutating func search(_ ask: Asker) async throws {
        for count in beams where !isOver {
            try await ask.renewRoots(of: &chains)
            let before = finished.count
            try await search(count, below: chains[0].root, ask)
            let found = Array(finished[before...])
            // If nothing finished, the next search is shown one attempt fewer.
            if let winner = host.rank(found, by: selection).first {
                chains[0].add(winner.node)
            } else {
                chains[0].addNothing()
            }
        }
        if finished.isEmpty, modelFailed { throw StrategyError("the model failed before it finished an answer") }
    }

    func answer() -> [Answer] { host.rank(finished, by: selection) }

    /// Beam search as in `beam-search`; adds to `finished`.
    private mutating func search(_ n: Int, below root: NodeID, _ ask: Asker) async throws {
        let survivors = max(1, n / (width ?? squareRoot(n)))
        var living = [root]
        var round = 0
        while !living.isEmpty, !isOver {
            round += 1
            let depth = round > Self.roundsMax ? nil : 1
            let steps = host.harvest(
                try await ask(
                    spread(n, over: living).map {
                        .sample($0.element, count: $0.count, steps: depth, sampling, role: RevisionChain.role)
                    }), distinct: true)
            finished += steps.finished
            isOver = steps.isOutOfBudget
            modelFailed = modelFailed || steps.modelFailed
            let new = steps.open + steps.finished
            if new.isEmpty { return }
            let scores = try await ask([.score(new)])
            isOver = isOver || scores.contains(.budgetExhausted)
            if scores.contains(.verifierFailed) {
                host.log(
                    .warning,
                    "the verifier failed: steps without a score come last, and answers by majority if none has one")
            }
            living = host.best(survivors, of: steps.open)
        }
    }
}

private let plugin = Plugin(name: "revise-search", version: "1.0.0", strategies: [Sequential<ReviseSearch>.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
