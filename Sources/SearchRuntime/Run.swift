import LanguageModels
import SearchCore
import StrategyHost

/// One strategy working on its problems: turns its asks into jobs for the lane's models, and their completions into a
/// tree and the next tell.
///
/// Belongs to one lane and is used only on that lane's thread. Everything that a strategy can see is settled in order
/// of tag and index, never in the order in which work happened to finish.
///
/// The life of a run:
///
///     turn ── asks ──▶ pump ──▶ jobs ──▶ completions ──▶ pump … ──▶ settle ──▶ turn
///       └── done ──▶ finish
final class Run {
    let lane: Lane
    /// The id that the submitter has; nil for a nested run.
    var id: RunID?
    let strategyName: String
    let strategyID: String
    let pluginHash: String
    let problems: [Problem]
    let params: [String: ParameterValue]
    let seed: UInt64
    let keepTrace: Bool
    /// How the model is shown a problem.
    let prompt: PromptTemplate
    /// If the run is nested, the run that asked for it, and the index of the ask in its batch.
    let parent: (run: Run, ask: Int)?
    /// Identifiers of the strategies above, including this one: none of them may run itself.
    let ancestry: [String]
    var driver: (any StrategyDriver)?
    /// The same driver if it answers later: an instance in a worker.
    var remote: (any AsyncStrategyDriver)?
    /// The number of this run in the worker's replies.
    var remoteNumber: UInt64?
    var isAwaitingPlugin = false

    var tree = SearchTree()
    var ledger: Ledger
    /// By node: the key on which the seeds of its samples depend, and how many samples were drawn from it.
    var keys: [UInt64] = []
    var drawn: [UInt64] = []
    /// By role, then by node: the node's prefix in that role's model.
    var handles = RoleMap<NodePrefixes>()
    var verifierStates = RoleMap<VerifierState>()
    /// Nodes that a verifier reads as one.
    private var equalTexts = EqualTexts()
    /// By role: every node whose own text a model has to read before the node's first sample.
    var prompts = RoleMap<[SearchNode.ID: PromptCost]>()
    /// What each root shows.
    var rootContents: [SearchNode.ID: RootContent] = [:]
    /// Distinct answers so far, in the spelling that came first.
    var answers: [String] = []

    /// By problem: the number of texts for which a verifier gave no value.
    var unscored: [Int: Int] = [:]

    // The current batch.
    var asks: [AskState] = []
    /// The first ask that has not been started in full.
    var cursor = 0
    /// The number of jobs and nested runs that have not returned.
    var outstanding = 0
    var nested: [Run] = []
    /// While a batch's nested runs are being started, none of them may pump the batch.
    var isStarting = false
    /// The number of nested runs so far: each gets its own seed.
    var nestedCount = 0

    var rounds = 0
    var emptyRounds = 0
    /// Whether anything in the last batch was sampled, or a sampled node was read for the first time.
    var hasSpent = false
    /// The same for all batches so far.
    var everSpent = false
    /// The number of asks in the batch, and of nodes that they name.
    var batchSize = 0
    /// The work of this run and of all runs above and below it that no budget counts.
    let freeWork: FreeWork
    /// Why the run is being stopped, before the strategy is told.
    var stop: TellEvent?
    var wasStopped = false
    var started = ContinuousClock.now
    var deadline: ContinuousClock.Instant?
    /// The time after which the run no longer waits for a worker that does not answer.
    var abandonedAt: ContinuousClock.Instant?
    /// Nodes made or scored since the last turn: for traces and observers.
    var touched: [SearchNode.ID] = []
    /// The same, for the worker's copy of the tree; nil if the strategy runs in this process.
    var untold: [SearchNode.ID]?
    /// Whether the strategy asked how sure the model was of its tokens.
    var wantsConfidence = false
    /// Whether it asked for the figures of each token.
    var wantsFigures = false
    /// What the strategy reported about its work, oldest first.
    private(set) var notes: [String] = []
    private static let notesMost = 8
    var traceRounds: [TraceRound] = []
    let observer: (@Sendable (RunEvent) -> Void)?
    let onFinish: (Ending) -> Void
    private(set) var isFinished = false

    /// How a run ends.
    enum Ending {
        case answers([RankedAnswer])
        case failed(StratagemError)
    }

    struct RootContent {
        var problem: Int
        /// Oldest first. Their texts are made only when a role reads the root, because a strategy may make many roots
        /// and read few of them.
        var attempts: [SearchNode.ID]
        var previous: SearchNode.ID? { attempts.last }
    }

    init(
        lane: Lane, strategyName: String, strategyID: String, pluginHash: String = "", problems: [Problem],
        params: [String: ParameterValue], limits: Limits, seed: UInt64, keepTrace: Bool = false,
        prompt: PromptTemplate? = nil, parent: (run: Run, ask: Int)? = nil,
        observer: (@Sendable (RunEvent) -> Void)? = nil, onFinish: @escaping (Ending) -> Void
    ) {
        self.lane = lane
        self.strategyName = strategyName
        self.strategyID = strategyID
        self.pluginHash = pluginHash
        self.problems = problems
        self.params = params
        self.seed = seed
        self.keepTrace = keepTrace
        self.prompt = prompt ?? parent?.run.prompt ?? lane.prompt
        self.parent = parent
        self.observer = observer
        self.onFinish = onFinish
        ancestry = (parent?.run.ancestry ?? []) + [strategyID]
        ledger = Ledger(limits: limits)
        freeWork = parent?.run.freeWork ?? FreeWork()
    }

    /// Whether it waits for nothing that can still come, provided that no model has work.
    var isStuck: Bool { !isFinished && !isAwaitingPlugin && nested.allSatisfy(\.isFinished) }

    var isWatched: Bool { keepTrace || observer != nil }

    /// Makes the problems' roots, which are passed to `create`.
    func makeRoots() -> [(text: String, root: UInt64)] {
        problems.enumerated().map { index, problem in
            let root = addRoot(problem: index, attempts: [], key: rootKey(problem: problem, attempts: []))
            return (problem.text, UInt64(root))
        }
    }

    /// A root's key depends on the seed and on what the root shows, so that a problem draws the same samples alone and
    /// in a data set.
    func rootKey(problem: Problem, attempts: [UInt64]) -> UInt64 {
        var hash = StableHash(seed)
        hash.combine(Array(problem.text.utf8))
        for attempt in attempts { hash.combine(attempt) }
        return hash.value
    }

    func attemptTexts(_ content: RootContent) -> [[UInt8]] { content.attempts.map { tree.text(through: $0) } }

    func addRoot(problem: Int, attempts: [SearchNode.ID], key: UInt64) -> SearchNode.ID {
        let root = tree.append(
            SearchNode(kind: .root, parent: 0, problem: problem, depth: 0, text: [], stepEnds: [], tokens: 0))
        rootContents[root] = RootContent(problem: problem, attempts: attempts)
        keys.append(key)
        drawn.append(0)
        touch(root)
        return root
    }

    @discardableResult
    func add(_ node: SearchNode, key: UInt64) -> SearchNode.ID {
        let id = tree.append(node)
        keys.append(key)
        drawn.append(0)
        touch(id)
        return id
    }

    func touch(_ node: SearchNode.ID) {
        if isWatched { touched.append(node) }
        untold?.append(node)
    }

    /// The node that stands for all nodes that are one prefix with this one; a verifier's state is kept for that node.
    func firstEqual(_ node: SearchNode.ID) -> SearchNode.ID { equalTexts.first(of: node, in: tree) }

    func graftEqualTexts(_ child: Run, offset: Int) { equalTexts.graft(child.equalTexts, offset: offset) }

    /// Begins the run: its first turn comes with the lane's next round.
    func begin(driver: any StrategyDriver) {
        self.driver = driver
        remote = driver as? any AsyncStrategyDriver
        lane.makeReady(self)
    }

    /// Called for the user or a deadline: current work is cut, then the strategy is told.
    /// - Parameter soon: somebody waits for the end, so a worker has only `Lane.patience` to answer, and not the whole
    ///   time that a call may take.
    func cancel(soon: Bool = false) {
        guard !isFinished else { return }
        if soon, remote != nil { lane.expectEnd(of: self) }
        if soon { for child in nested { child.cancel(soon: true) } }
        guard stop == nil, !wasStopped else { return }
        stop = .cancelled
        lane.cancelJobs(of: self)
        for child in nested { child.cancel() }
        cursor = asks.count
        if outstanding == 0, driver != nil { lane.makeReady(self) }
    }

    /// The run must stop, but its worker is in a call that does not return. Ends the run without waiting for the
    /// watchdog to end the worker.
    func abandon() {
        guard !isFinished, isAwaitingPlugin else { return }
        (stop, wasStopped) = (stop ?? .cancelled, true)
        finish(
            .failed(
                StratagemError(
                    .plugin, .timedOut,
                    "strategy '\(strategyName)' was told to stop and did not return from a call within \(Lane.patience.seconds) s; the finished answers are kept"
                )))
    }

    func finish(_ outcome: Ending) {
        guard !isFinished else { return }
        isFinished = true
        // A failed run may leave work unfinished: this work is cut, and its results are dropped when they come.
        if outstanding > 0 { lane.cancelJobs(of: self) }
        for child in nested { child.cancel() }
        ledger.setSeconds(secondsSpent)
        (driver, remote) = (nil, nil)
        if outstanding == 0 { dropNested() }
        onFinish(outcome)
        releaseHandles()
        lane.runEnded(self)
    }

    /// The prefixes of a nested run belong to its parent after the run.
    private func releaseHandles() {
        guard parent == nil else { return }
        for (role, list) in handles.pairs {
            guard let model = lane.model(role) else { continue }
            releaseEach(list.list) { model.release($0) }
        }
        for (role, state) in verifierStates.pairs {
            guard let verifier = lane.verifier(role) else { continue }
            releaseEach(state.entries.map(\.handle)) { verifier.release($0) }
        }
    }

    /// Releases a handle once for every node that was issued one: equal siblings may have the same handle, held twice.
    /// Only roots that nested runs share were issued a single handle together.
    private func releaseEach(_ byNode: [PrefixHandle?], _ release: (PrefixHandle) -> Void) {
        var roots: Set<PrefixHandle> = []
        for (index, handle) in byNode.enumerated() {
            guard let handle else { continue }
            if tree[index + 1].kind == .root, !roots.insert(handle).inserted { continue }
            release(handle)
        }
    }

    var secondsSpent: Double { (ContinuousClock.now - started).seconds }
}

/// Text that a model or a verifier reads before anything below it. The first work that is admitted there pays for it
/// once. A nested run shares its parent's.
final class PromptCost {
    let tokens: Int
    let flops: Double
    var isPaid = false
    init(tokens: Int, flops: Double) {
        self.tokens = tokens
        self.flops = flops
    }
}

/// By node: its prefix in one role's model, if it has one.
struct NodePrefixes {
    /// Node n is at index n - 1.
    private(set) var list: [PrefixHandle?] = []

    subscript(node: SearchNode.ID) -> PrefixHandle? { node <= list.count ? list[node - 1] : nil }

    mutating func set(_ handle: PrefixHandle, of node: SearchNode.ID) {
        while list.count < node { list.append(nil) }
        list[node - 1] = handle
    }
}

/// An ask that is being worked on.
struct AskState {
    var ask: Ask
    var outcome = Outcome.ok
    /// SAMPLE: how many samples the budget's generations allow, how many were started, and how many returned.
    var granted = 0
    var startedSamples = 0
    /// The number of samples that had been drawn from the node before this ask.
    var firstOrdinal: UInt64 = 0
    var completions: [SampleCompletion?] = []
    /// The nodes to tell that are known already (SCORE) or are made at once (APPEND, REVISE).
    var nodes: [UInt64] = []
    /// SCORE: the number of nodes that were passed to the verifier.
    var startedScores = 0
    /// RUN: the run and, once it is over, its outcome.
    var nestedLimits: Limits?
    var nested: Run?
    var nestedOutcome: Run.Ending?
}

// MARK: - What the plugin may see

extension Run: InstanceEnvironment {
    func node(_ id: UInt64) -> SearchNode? {
        guard let id = Int(exactly: id), tree.contains(id) else { return nil }
        return tree[id]
    }

    func stepScores(through id: UInt64) -> [Double]? {
        guard let id = Int(exactly: id), tree.contains(id) else { return nil }
        return stepValues(through: id)
    }

    func stepValues(through id: SearchNode.ID) -> [Double] {
        tree.path(to: id).flatMap { id -> [Double] in
            let node = tree[id]
            return node.stepScores.isEmpty ? Array(repeating: .nan, count: node.stepEnds.count) : node.stepScores
        }
    }

    var budget: BudgetView { BudgetView(limits: ledger.limits, spent: ledger.spent, generations: ledger.generations) }

    func hasRole(_ role: String) -> Bool {
        if lane.model(role) != nil || lane.verifier(role) != nil { return true }
        guard let pinned = PinnedRole(role), hasRole(pinned.role) else { return false }
        return pinned.matches(WeightsHash.of(pinned.role, lane.weights))
    }

    func offersConfidence() -> Bool {
        wantsConfidence = true
        return true
    }

    /// Whether the distributions of tokens are known for any model of the bundle.
    var hasTokenFigures: Bool {
        lane.models.models.keys.contains { role in
            let known = lane.promises(of: role)
            return known.knowsTopProbabilities || known.knowsDistributions
        }
    }

    func offersTokenFigures() -> Bool {
        wantsFigures = hasTokenFigures
        return wantsFigures
    }

    func capabilities(of role: String) -> Capabilities? { hasRole(role) ? lane.promises(of: role) : nil }

    func log(level: Int32, _ text: String) {
        // What a strategy reports about itself is part of the result; if it reports too much, the rest is dropped.
        if level == 1, parent == nil, notes.count < Self.notesMost { notes.append(Plain.line(text, max: 400)) }
        lane.options.log?(level, "\(strategyName): \(text)")
    }
}

/// What a worker is told, so that it can answer a getter without asking the host.
extension Run: MirroredEnvironment {
    func takeChanges() -> [(id: UInt64, node: SearchNode)] {
        defer { untold = [] }
        guard let untold else { return [] }
        let isAscending = zip(untold, untold.dropFirst()).allSatisfy { $0 < $1 }
        return (isAscending ? untold : Set(untold).sorted()).map { (UInt64($0), tree[$0]) }
    }

    /// With the hashes of the weights if the strategy may want to compare them with hashes in one of its files: hashing
    /// a large model takes seconds.
    var roles: [String] {
        let roles = Set(lane.models.models.keys).union(lane.models.verifiers.keys).sorted()
        let hasFile = params.values.contains { if case .bytes = $0 { true } else { false } }
        guard hasFile else { return roles }
        return roles + roles.compactMap { role in WeightsHash.of(role, lane.weights).map { "\(role)@\($0)" } }
    }
}
