/// A chain of revisions: every attempt is made with the last few attempts before it in the prompt (Snell et al. 2024,
/// section 6). Each of these prompts is a root of its own.
public struct RevisionChain {
    /// The number of earlier attempts that the reviser is trained on; chains may be longer.
    public static let shownMax = 4
    /// A chain ends at this length, however large the budget: the reviser has not seen its beginning for a long time.
    public static let lengthMax = 256
    /// The largest number of attempts in all chains of a run.
    public static let attemptsMax = 16384
    /// The role of the model that revises.
    public static let role = "reviser"

    /// Finished attempts, oldest first.
    public private(set) var attempts: [NodeID] = []
    /// The root from which the next attempt is sampled.
    public private(set) var root: NodeID
    /// The number of attempts that the next root shows.
    private var shown = Self.shownMax
    /// Whether the root does not show what it should.
    private var isStale = false

    /// - Parameter root: the plain problem, which the first attempt answers.
    public init(from root: NodeID) { self.root = root }

    public mutating func add(_ attempt: NodeID) {
        attempts.append(attempt)
        isStale = true
    }

    /// An attempt failed: it was cut, or the model failed. Most likely the prompt left too little room, so from now on
    /// it shows one attempt fewer.
    public mutating func addNothing() {
        guard !attempts.isEmpty, shown > 0 else { return }
        shown = min(shown, attempts.count) - 1
        isStale = true
    }

    fileprivate var renewal: Ask? {
        isStale ? .revise(attempts.suffix(shown), role: Self.role) : nil
    }

    fileprivate mutating func renew(_ told: Told) {
        guard let root = told.nodes.first else { return }
        self.root = root
        isStale = false
    }
}

extension Asker {
    /// Gives every chain a root that shows its last attempts.
    public func renewRoots(of chains: inout [RevisionChain]) async throws {
        let stale = chains.indices.filter { chains[$0].renewal != nil }
        guard !stale.isEmpty else { return }
        let tell = try await self(stale.compactMap { chains[$0].renewal })
        for (chain, told) in zip(stale, tell) { chains[chain].renew(told) }
    }

    /// One more attempt in every chain.
    /// - Returns: the attempts; a chain whose attempt was cut or failed has none.
    public func prolong(_ chains: inout [RevisionChain], _ sampling: Sampling, host: Host) async throws -> Harvest {
        try await renewRoots(of: &chains)
        let tell = try await self(chains.map { .sample($0.root, sampling, role: RevisionChain.role) })
        for (chain, told) in zip(chains.indices, tell) {
            if let attempt = told.nodes.first, host.node(attempt)?.isFinished == true {
                chains[chain].add(attempt)
            } else {
                chains[chain].addNothing()
            }
        }
        return host.harvest(tell, distinct: false)
    }

    /// Scores the attempts that have an answer; the others cannot win.
    public func score(_ attempts: [NodeID], role: String, host: Host) async throws {
        let votes = attempts.filter { host.node($0)?.answer != nil }
        guard !votes.isEmpty else { return }
        if try await self([.score(votes, role: role)]).contains(.verifierFailed) {
            host.log(
                .warning, "the verifier failed: answers without a score rank last, and by majority if none has one")
        }
    }
}

extension Host {
    /// Refuses the run if the bundle has no reviser.
    public func requireReviser() throws {
        guard !hasRole(RevisionChain.role) else { return }
        throw StrategyError(
            "this bundle has no reviser: give it a model of the role \(RevisionChain.role), or choose best-of-n, which needs none",
            status: STG_UNSUPPORTED)
    }
}
