/// A chain of revisions: every attempt is made in sight of the last few before it
/// (Snell et al. 2024, section 6). The prompts that show them are their own roots.
public struct RevisionChain {
    /// The reviser is trained on so many earlier attempts; chains may be longer.
    public static let shownMax = 4
    /// A chain ends here, however large the budget: it has long forgotten how it began.
    public static let lengthMax = 256
    /// Attempts of all chains of a run.
    public static let attemptsMax = 16384
    /// The role of the model that revises.
    public static let role = "reviser"

    /// Finished attempts, oldest first.
    public private(set) var attempts: [NodeID] = []
    /// What the next attempt is sampled from.
    public private(set) var root: NodeID
    /// Attempts that the next root shows.
    private var shown = Self.shownMax
    /// The root does not show what it should.
    private var isStale = false

    /// - Parameter root: the plain problem, which the first attempt answers.
    public init(from root: NodeID) { self.root = root }

    public mutating func add(_ attempt: NodeID) {
        attempts.append(attempt)
        isStale = true
    }

    /// An attempt came to nothing: it was cut, or the model failed. Most likely the
    /// prompt left too little room, so from now on it shows one attempt less.
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
    /// - Returns: what came of them; a chain whose attempt was cut or failed has none more.
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

    /// Scores what has an answer; what has none cannot win.
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
    /// Refuses the run if the bundle has no model that revises.
    public func requireReviser() throws {
        guard !hasRole(RevisionChain.role) else { return }
        throw StrategyError(
            "this bundle has no reviser: give it a model of the role \(RevisionChain.role), or choose best-of-n, which needs none",
            status: STG_UNSUPPORTED)
    }
}
