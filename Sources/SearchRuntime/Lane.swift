import Foundation
import LanguageModels
import SearchCore
import StrategyHost
import Synchronization

/// The run that a job belongs to, and what the job reserved.
struct JobOwner {
    let run: Run
    /// `ask` is an index into the run's batch; `position` is the sample's place in its ask, or for a score the node.
    let ask: Int
    let position: Int
    let reservedTokens: Int
    let reservedFlops: Double
    /// The number of tokens before the job's own.
    let length: Int
}

/// One thread with its own models, and the runs that work on it to their end.
///
/// Its loop: receive new runs and cancellations, let every ready run take its turn, then let each model do one unit of
/// work for all runs at once.
final class Lane {
    let models: ModelSet
    let registry: PluginRegistry
    let options: RuntimeOptions
    let prompt: PromptTemplate
    let steps: StepRule
    let bundleName: String
    let source: any ModelSource
    var weights: [String: WeightsIdentity] { source.weights }
    /// What each role's backend guarantees.
    let capabilities: [String: Capabilities]
    /// What the bundle sets, checked, by strategy.
    private var knownDefaults: [String: [String: ParameterValue]] = [:]
    let answerReader: AnswerReader
    private let watch: HangWatch
    private let modelOrder: [(role: String, model: any LanguageModel)]
    private let verifierOrder: [(role: String, verifier: any Verifier)]

    private var jobs = JobTable()
    private var ready: [Run] = []
    private var live: [ObjectIdentifier: Run] = [:]
    private var withDeadline: [Run] = []
    /// Runs that were cancelled while their strategy works in a worker.
    private var stopping: [Run] = []
    /// How long a worker may take to answer after its run was told to stop.
    static let patience = Duration.seconds(1)
    /// Runs whose strategy is in a worker, by the number that its replies use.
    private var remote: [UInt64: Run] = [:]
    private var remoteCount: UInt64 = 0
    /// Puts the number of a reply into the mailbox; called from any thread.
    var post: @Sendable (UInt64) -> Void = { _ in }
    private var sampleCompletions: [SampleCompletion] = []
    private var scoreCompletions: [ScoreCompletion] = []
    /// See `RuntimeStatistics`.
    var ended = (texts: 0, tokens: 0)
    private(set) var pluginNanoseconds: UInt64 = 0
    var busyNanoseconds: UInt64 = 0
    /// When its statistics were last published.
    var reported: UInt64 = 0
    private(set) var advanceNanoseconds: UInt64 = 0

    init(
        models: ModelSet, source: any ModelSource, registry: PluginRegistry, answerReader: AnswerReader,
        options: RuntimeOptions,
        watch: HangWatch
    ) {
        let models = options.sharesSamples ? ModelSet(sharing: models, bytesMax: options.sharedBytes) : models
        self.models = models
        self.registry = registry
        self.options = options
        self.answerReader = answerReader
        self.watch = watch
        prompt = source.prompt
        steps = source.steps
        bundleName = source.name
        self.source = source
        capabilities = source.capabilities
        modelOrder = models.models.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        verifierOrder = models.verifiers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Compares names: see `RoleMap`.
    func model(_ role: String) -> (any LanguageModel)? {
        for entry in modelOrder where entry.role == role { return entry.model }
        return nil
    }

    func verifier(_ role: String) -> (any Verifier)? {
        for entry in verifierOrder where entry.role == role { return entry.verifier }
        return nil
    }

    /// What a role's backend guarantees.
    func promises(of role: String) -> Capabilities { capabilities[role] ?? Capabilities() }

    /// The FLOPs of work by a model without a shape: 0 for a program, otherwise not known.
    func flopsWithoutShape(_ role: String) -> Double { promises(of: role).countsFLOPs ? 0 : .nan }

    var isIdle: Bool { live.isEmpty }

    /// Whether one more run may begin: see `LanguageModel.hasRoom`. If a worker has not sent a run's first batch yet,
    /// the work of that run is not known, so only a few such runs are allowed at once.
    var hasRoom: Bool {
        if live.isEmpty { return true }
        return modelOrder.allSatisfy { $0.model.hasRoom } && verifierOrder.allSatisfy { $0.verifier.hasRoom }
            && remote.values.lazy.filter { $0.rounds == 0 }.prefix(8).count < 8
    }

    func cancel(_ id: RunID) {
        for run in live.values where run.id == id { run.cancel(soon: true) }
    }

    func cancelAll() {
        for run in live.values where run.parent == nil { run.cancel(soon: true) }
    }

    /// The parameters of a run, with the bundle's values where nothing else sets them.
    func complete(_ params: [String: ParameterValue], of loaded: LoadedStrategy, blame: Origin) throws(StratagemError)
        -> [String: ParameterValue]
    {
        let known: [String: ParameterValue]
        if let looked = knownDefaults[loaded.info.id] {
            known = looked
        } else {
            known = try source.strategyDefaults.checked(for: loaded)
        }
        knownDefaults[loaded.info.id] = known
        let complete = source.strategyDefaults.complete(params, with: known)
        try loaded.requireAll(complete, blame: blame)
        return complete
    }

    // MARK: For runs

    func runBegan(_ run: Run) {
        live[ObjectIdentifier(run)] = run
        if let seconds = run.ledger.limits.seconds {
            run.deadline = run.started + .nanoseconds(Int64(min(seconds, 1e9) * 1e9))
            withDeadline.append(run)
        }
    }

    func runEnded(_ run: Run) {
        live[ObjectIdentifier(run)] = nil
        if let number = run.remoteNumber { remote[number] = nil }
        if run.deadline != nil { withDeadline.removeAll { $0 === run } }
        if run.abandonedAt != nil { stopping.removeAll { $0 === run } }
    }

    func expectEnd(of run: Run) {
        guard run.abandonedAt == nil else { return }
        run.abandonedAt = .now + Self.patience
        stopping.append(run)
    }

    func makeReady(_ run: Run) { ready.append(run) }

    /// A worker has replied.
    func replied(_ number: UInt64) { remote[number]?.replied() }

    /// Makes a run's strategy instance, in this process or in a worker.
    func makeInstance(_ loaded: LoadedStrategy, _ run: Run, _ params: [String: ParameterValue], seed: UInt64)
        throws(StratagemError) -> any StrategyDriver
    {
        if let image = loaded.isolated {
            run.untold = []
            let (roots, number) = (run.makeRoots(), remoteCount)
            remoteCount += 1
            run.remoteNumber = number
            remote[number] = run
            return try IsolatedInstance(
                loaded, in: image, environment: run, problems: roots, params: params, seed: seed,
                sink: options.abiTraceSink
            ) { [post] in post(number) }
        }
        let roots = run.makeRoots()
        return try watched(run) { () throws(StratagemError) in
            try StrategyInstance(
                loaded, environment: run, problems: roots, params: params, seed: seed, sink: options.abiTraceSink)
        }
    }

    /// Makes a call into a plugin under the watchdog.
    func watched<Result>(_ run: Run, _ body: () throws(StratagemError) -> Result) throws(StratagemError) -> Result {
        let start = Self.now
        watch.enter(at: start, name: run.strategyName)
        defer {
            watch.leave()
            pluginNanoseconds += Self.now - start
        }
        return try body()
    }

    func submit(_ job: SampleJob, role: String, for owner: JobOwner) {
        guard let model = self.model(role) else { return }
        var job = job
        job.id = jobs.add(owner)
        model.submit(job)
    }

    func submit(_ job: ScoreJob, role: String, for owner: JobOwner) {
        guard let verifier = self.verifier(role) else { return }
        var job = job
        job.id = jobs.add(owner)
        verifier.submit(job)
    }

    func cancelJobs(of run: Run) {
        for id in jobs.ids(of: run) {
            for (_, model) in modelOrder where model.hasWork { model.cancel(job: id) }
            for (_, verifier) in verifierOrder where verifier.hasWork { verifier.cancel(job: id) }
        }
    }

    // MARK: The loop

    static var now: UInt64 { DispatchTime.now().uptimeNanoseconds }

    /// One round. Returns whether there is more to do at once; false also if everything that is left waits for
    /// something outside, which will wake the lane.
    func round() -> Bool {
        let start = ThreadClock.nanoseconds
        defer { busyNanoseconds += ThreadClock.nanoseconds - start }
        cutAtDeadlines()
        takeTurns()
        var isWorking = false
        for (role, model) in modelOrder where model.hasWork {
            if timed({ model.advance(into: &sampleCompletions) }) == .progressed { isWorking = true }
            let shape = model.shape
            for completion in sampleCompletions { complete(completion, role: role, shape: shape) }
            sampleCompletions.removeAll(keepingCapacity: true)
        }
        let modelsWork = isWorking
        for (role, verifier) in verifierOrder where verifier.hasWork {
            if timed({ verifier.advance(into: &scoreCompletions, mayWait: modelsWork) }) == .progressed {
                isWorking = true
            }
            let shape = verifier.shape
            for completion in scoreCompletions { complete(completion, role: role, shape: shape) }
            scoreCompletions.removeAll(keepingCapacity: true)
        }
        return isWorking || !ready.isEmpty
    }

    private func timed(_ body: () -> Advance) -> Advance {
        let start = ThreadClock.nanoseconds
        defer { advanceNanoseconds += ThreadClock.nanoseconds - start }
        return body()
    }

    /// Seconds until the next run must be cut or abandoned, if there is one.
    var secondsToDeadline: Double? {
        guard let next = (withDeadline.compactMap(\.deadline) + stopping.compactMap(\.abandonedAt)).min() else {
            return nil
        }
        let left = (next - ContinuousClock.now).components
        return max(0, Double(left.seconds) + Double(left.attoseconds) * 1e-18)
    }

    func takeTurns() {
        // A turn may make other runs ready: nested runs, or a parent. They continue at once, so that their work joins
        // this decode call. But a run that asks only for free work is ready again at once, and must not keep the lane
        // from its mailbox.
        for _ in 0..<8 where !ready.isEmpty {
            let batch = ready
            ready.removeAll(keepingCapacity: true)
            for run in batch { run.turn() }
        }
    }

    /// The last safeguard: if no model has work and no run is ready, a run that waits neither for a worker nor for a
    /// nested run would wait forever.
    /// - Returns: whether there was such a run.
    func endStuckRuns() -> Bool {
        guard ready.isEmpty, !modelOrder.contains(where: { $0.model.hasWork }),
            !verifierOrder.contains(where: { $0.verifier.hasWork })
        else {
            return false
        }
        let stuck = live.values.filter(\.isStuck)
        for run in stuck { run.endStuck() }
        return !stuck.isEmpty
    }

    private func cutAtDeadlines() {
        guard !withDeadline.isEmpty || !stopping.isEmpty else { return }
        let now = ContinuousClock.now
        for run in stopping where run.abandonedAt.map({ $0 <= now }) ?? false { run.abandon() }
        for run in withDeadline where run.deadline.map({ $0 <= now }) ?? false { run.cancel() }
    }

    private func complete(_ completion: SampleCompletion, role: String, shape: ModelShape?) {
        guard let owner = jobs.remove(completion.id) else { return }
        guard !owner.run.isFinished else {
            model(role)?.release(completion.prefix)
            return
        }
        owner.run.completed(completion, owner, role: role, shape: shape)
    }

    private func complete(_ completion: ScoreCompletion, role: String, shape: ModelShape?) {
        guard let owner = jobs.remove(completion.id) else { return }
        guard !owner.run.isFinished else {
            if completion.failure == nil { verifier(role)?.release(completion.prefix) }
            return
        }
        owner.run.completed(completion, owner, role: role, shape: shape)
    }
}

/// Live jobs by id: the low bits are a slot number, the high bits count how often the slot was used.
private struct JobTable {
    private var slots: [JobOwner?] = []
    private var uses: [UInt32] = []
    private var free: [Int] = []

    mutating func add(_ owner: JobOwner) -> UInt64 {
        if let slot = free.popLast() {
            slots[slot] = owner
            return UInt64(uses[slot]) << 32 | UInt64(slot)
        }
        slots.append(owner)
        uses.append(1)
        return 1 << 32 | UInt64(slots.count - 1)
    }

    /// Searches all slots; needed only for cancelling, which is rare.
    func ids(of run: Run) -> [UInt64] {
        slots.indices.filter { slots[$0]?.run === run }.map { UInt64(uses[$0]) << 32 | UInt64($0) }
    }

    mutating func remove(_ id: UInt64) -> JobOwner? {
        let slot = Int(id & 0xFFFF_FFFF)
        guard slot < slots.count, uses[slot] == UInt32(id >> 32), let owner = slots[slot] else { return nil }
        slots[slot] = nil
        uses[slot] &+= 1
        free.append(slot)
        return owner
    }
}
