import DequeModule
import LanguageModels
import SearchCore

/// A GGUF model that scores steps in the way that its read-out defines.
///
/// Its tree has a node for every distinct step text below a prefix. A step is read
/// once, however many answers begin with it.
public final class LlamaVerifier: Verifier {
    private struct Job {
        var id: UInt64
        /// The node that it continues from, held by its first step.
        var base: TokenNode
        /// Its steps, oldest first; the job holds each of them.
        var steps: [TokenNode]
        /// The number of values that its caller expects, which is more if its steps are read as one text.
        var values: Int
        var tokens: Int
    }

    public let shape: ModelShape?
    private let contextTokens: Int
    private let weights: LlamaWeights
    private let vocabulary: Int
    private let readOut: BoundReadOut
    public let judgesWholeAnswersOnly: Bool
    /// The payload: the steps that a cursor still has to score.
    private var engine: SequenceEngine<ArraySlice<TokenNode>> { opened! }
    private var opened: SequenceEngine<ArraySlice<TokenNode>>?
    private let options: LlamaContext.Options
    private let cursorLimit: Int
    /// Every step by its key.
    private var steps: [TokenTree.ChildKey: TokenNode] = [:]
    /// The steps below a node.
    private var below: [TokenNode: [TokenNode]] = [:]
    private var jobs: Deque<Job> = []
    private var completed: [ScoreCompletion] = []
    private var stepTokens: StepTokens
    /// Reading a few steps at a time wastes decode calls. While other work continues, they may be collected during a
    /// few calls of `advance`.
    private static let fewJobs = 32
    private static let callsHeldMax = 8
    private var callsHeld = 0
    /// For steps that are being read at more than one token: what the read-out has summed up so far.
    private var sums: [TokenNode: Double] = [:]

    init(
        weights: LlamaWeights, options: LlamaContext.Options, contextTokens: Int, template: PromptTemplate,
        steps rule: StepRule,
        readOut: BoundReadOut, judgesWholeAnswersOnly: Bool = false
    ) {
        self.weights = weights
        self.contextTokens = contextTokens
        self.readOut = readOut
        self.judgesWholeAnswersOnly = judgesWholeAnswersOnly
        var shape = weights.shape
        shape.head = readOut.readOut.parametersPerValue
        self.shape = shape
        vocabulary = weights.shape.vocabulary
        stepTokens = StepTokens(
            weights.vocabulary, template: template, steps: rule, readOut: readOut.readOut,
            joinsSteps: judgesWholeAnswersOnly && !readOut.readsAll)
        self.options = options
        cursorLimit = max(1, options.sequences / 2)
    }

    public var statistics: EngineStatistics { opened?.statistics ?? EngineStatistics() }
    /// For tests: the number of nodes that are not released yet, or are still in the cache.
    var liveNodes: Int { opened?.tree.count ?? 0 }
    public var hasWork: Bool { !jobs.isEmpty || !completed.isEmpty }

    // MARK: Prefixes

    /// Makes the context when it is first needed, so a role that no search uses costs nothing.
    private func open() throws(StratagemError) {
        guard opened == nil else { return }
        let engine = try SequenceEngine<ArraySlice<TokenNode>>(weights: weights, options: options)
        engine.tree.reportsRemovals = true
        opened = engine
    }

    public func makeRoot(problem: [UInt8], attempts: [[UInt8]]) throws(StratagemError) -> (PrefixHandle, tokens: Int) {
        try open()
        forgetRemoved()
        let began = ThreadClock.nanoseconds
        let tokens = stepTokens.root(problem: problem, attempts: attempts)
        engine.statistics.textSeconds += ThreadClock.seconds(since: began)
        guard tokens.count <= contextTokens else {
            throw StratagemError(
                .user, .contextExceeded,
                "\(tokens.count) tokens of prompt do not fit in the verifier's context of \(contextTokens). Shorten the problem, or raise the bundle's context if the model allows it"
            )
        }
        let node = engine.tree.add(parent: TokenTree.none, tokens: tokens)
        return (engine.tree.handle(of: node), tokens.count)
    }

    public func length(of prefix: PrefixHandle) -> Int {
        Int(engine.tree[engine.tree.node(of: prefix)].end)
    }

    public func release(_ prefix: PrefixHandle) {
        guard prefix != .none else { return }
        letGo(engine.tree.node(of: prefix))
    }

    public func countTokens(_ steps: [[UInt8]]) -> Int { countTokens(steps, at: StepPlace()) }

    public func countTokens(_ steps: [[UInt8]], at place: StepPlace) -> Int {
        tokens(of: steps, at: place).reduce(0) { $0 + $1.count }
    }

    /// The tokens of what is read: each step, or the whole answer for an outcome verifier, as it was trained. Where
    /// every token counts, steps stay apart.
    private func tokens(of steps: [[UInt8]], at place: StepPlace) -> [[Token]] {
        let began = ThreadClock.nanoseconds
        defer { opened?.statistics.textSeconds += ThreadClock.seconds(since: began) }
        return stepTokens.pieces(of: steps, at: place)
    }

    private func letGo(_ node: TokenNode) {
        engine.tree[node].handles -= 1
        engine.tree.drop(node)
    }

    /// Removed nodes must not be found by their text any more, before their places are reused.
    private func forgetRemoved() {
        for key in engine.tree.takeRemoved() {
            guard let step = steps.removeValue(forKey: key) else { continue }
            below[key.parent]?.removeAll { $0 == step }
            if below[key.parent]?.isEmpty == true { below[key.parent] = nil }
        }
    }

    // MARK: Jobs

    public func submit(_ job: ScoreJob) {
        precondition(!job.steps.isEmpty, "a score job has no steps")
        forgetRemoved()
        let base = engine.tree.node(of: job.prefix)
        engine.tree.beginJob(at: base)
        var node = base
        var path: [TokenNode] = []
        let start = Int(engine.tree[node].end)
        let place = StepPlace(begins: engine.tree[base].parent == TokenTree.none, ends: job.isFinished)
        for tokens in tokens(of: job.steps, at: place) {
            node = step(below: node, tokens: tokens)
            path.append(node)
        }
        if job.isFinished { engine.tree[node].isClosed = true }
        let state = Job(
            id: job.id, base: base, steps: path, values: job.steps.count, tokens: Int(engine.tree[node].end) - start)
        if Int(engine.tree[node].end) > contextTokens {
            fail(state, "\(engine.tree[node].end) tokens do not fit in the verifier's context of \(contextTokens)")
        } else {
            jobs.append(state)
        }
    }

    /// The node of a step, held for the caller and kept in the cache.
    private func step(below parent: TokenNode, tokens: [Token]) -> TokenNode {
        let key = TokenTree.ChildKey(parent: parent, tokens: tokens)
        if let known = steps[key] {
            engine.tree.hold(known)
            engine.tree[known].handles += 1
            engine.tree.renew(known)
            return known
        }
        let node = engine.tree.add(parent: parent, tokens: tokens)
        // A step without tokens, or without the token at which it is read, has no value.
        if tokens.isEmpty || readOut.last(tokens) == nil { engine.tree[node].score = .value(.nan) }
        steps[key] = node
        below[parent, default: []].append(node)
        return node
    }

    /// Compares the slots that hold what active searches may continue from, and those that their submitted jobs will
    /// fill, with the slots that there are.
    public var hasRoom: Bool {
        guard let opened else { return true }
        let sequences = jobs.count / 2 + opened.freshResidents
        return opened.hasMemory(sequences: sequences) && sequences < opened.slotCount / 2
    }

    /// A step that is being read is read to its end: other jobs may have the same step, and the cache keeps it.
    public func cancel(job id: UInt64) {
        guard let place = jobs.firstIndex(where: { $0.id == id }) else { return }
        let job = jobs.remove(at: place)
        let begun = job.steps.prefix { engine.tree[$0].score != .none }
        let tokens = begun.reduce(0) { $0 + engine.tree[$1].tokens.count }
        engine.tree.endJob(at: job.base)
        for step in job.steps { letGo(step) }
        completed.append(.cancelled(id, tokens: tokens))
    }

    @discardableResult
    public func advance(into completions: inout [ScoreCompletion], mayWait: Bool) -> Advance {
        guard hasWork else { return .idle }
        if mayWait, completed.isEmpty, jobs.count < Self.fewJobs, callsHeld < Self.callsHeldMax {
            callsHeld += 1
            return .progressed
        }
        callsHeld = 0
        startWaiting()
        if engine.cursorCount > 0 {
            if let failure = engine.decode() { failStarted(failure) } else { readLogits() }
        }
        collectDone()
        completions += completed
        completed.removeAll(keepingCapacity: true)
        return .progressed
    }

    /// The number of jobs that are examined in one call: those behind them wait.
    private static let jobsLookedAt = 512

    /// Starts the jobs that wait for nothing else, the longest first: if sequences differ in length, llama.cpp computes
    /// those together that have tokens left and have consecutive numbers. Text that several jobs have in common is read
    /// by one of them; the others begin where they differ from it, one call later.
    private func startWaiting() {
        var chosen: [(run: ArraySlice<TokenNode>, sharing: Sharing?)] = []
        var readNow: Set<TokenNode> = []
        let free = cursorLimit - engine.cursorCount
        for job in jobs.prefix(Self.jobsLookedAt) {
            guard chosen.count < free else { break }
            guard let next = job.steps.firstIndex(where: { engine.tree[$0].score.isMissing }) else { continue }
            let first = job.steps[next]
            guard engine.tree[first].score == .none else { continue }
            let above = engine.tree[first].parent
            if !engine.isRead(above) {
                guard !engine.isBeingRead(above), readNow.insert(above).inserted else { continue }
            }
            let beside = neighbour(of: first)
            guard !beside.isBetterLater else { continue }
            let run = job.steps[next...].prefix { engine.tree[$0].score == .none }
            for step in run { engine.tree[step].score = .underway }
            chosen.append((run, beside.sharing))
        }
        func length(_ run: ArraySlice<TokenNode>) -> Int32 {
            engine.tree[run.last!].end - engine.tree[run.first!].start
        }
        chosen.sort { length($0.run) > length($1.run) }
        // First start those that take over the slot of a step that was just read, before other jobs clear it.
        var taken: Set<Int> = []
        let isHeir = chosen.map { one in
            engine.endedSlot(with: one.run.last!, sharing: one.sharing).map { taken.insert($0).inserted } ?? false
        }
        for heirs in [true, false] {
            for (one, isHeir) in zip(chosen, isHeir) where isHeir == heirs { start(one.run, one.sharing) }
        }
    }

    private func start(_ run: ArraySlice<TokenNode>, _ known: Sharing?) {
        var sharing = known
        // A cursor that was started before may have taken over its slot.
        if let known, engine.residentLength(known.node) < known.end { sharing = neighbour(of: run.first!).sharing }
        engine.start(run.last!, outputs: outputs(of: run), sharing: sharing, payload: run)
    }

    private typealias Sharing = (node: TokenNode, end: Int)

    /// The step below the same parent that has the most tokens of this one's in the cache; and whether a step that is
    /// being read will soon have more of them.
    private func neighbour(of step: TokenNode) -> (sharing: Sharing?, isBetterLater: Bool) {
        // If logits of every token are needed, every token has to be read.
        guard !looksAtEveryToken else { return (nil, false) }
        let start = Int(engine.tree[step].start)
        let own = max(start, engine.residentLength(step))
        var best: Sharing?
        var soon = 0
        for other in below[engine.tree[step].parent] ?? [] where other != step {
            let isUnderway = engine.tree[other].score == .underway
            guard isUnderway || !engine.tree[other].slots.isEmpty else { continue }
            let common = start + commonLength(engine.tree[step].tokens, engine.tree[other].tokens)
            if isUnderway { soon = max(soon, common) }
            guard common > best?.end ?? own else { continue }
            let resident = min(common, engine.residentLength(other))
            if resident > best?.end ?? own { best = (other, resident) }
        }
        return (best, soon > (best?.end ?? own) + 1)
    }

    private func commonLength(_ a: [Token], _ b: [Token]) -> Int {
        var length = 0
        while length < min(a.count, b.count), a[length] == b[length] { length += 1 }
        return length
    }

    /// Positions whose logits are needed.
    private func outputs(of run: ArraySlice<TokenNode>) -> [Int] {
        if looksAtEveryToken { return run.flatMap { Int(engine.tree[$0].start)..<Int(engine.tree[$0].end) } }
        return run.compactMap { step in readOut.last(engine.tree[step].tokens).map { Int(engine.tree[step].start) + $0 }
        }
    }

    public var looksAtEveryToken: Bool { readOut.readsAll }

    private func readLogits() {
        let began = ThreadClock.nanoseconds
        for output in engine.context.outputs {
            guard var steps = engine.cursors[output.owner]?.payload, let step = steps.first else { continue }
            guard let value = read(output, of: step) else { continue }
            steps.removeFirst()
            engine.tree[step].score = .value(value)
            if steps.isEmpty { engine.end(output.owner, as: step) } else { engine.update(output.owner, steps) }
        }
        engine.noteSampling(since: began)
    }

    /// Returns the step's value if this is the last position at which it is read.
    private func read(_ output: LlamaContext.Output, of step: TokenNode) -> Double? {
        let tokens = engine.tree[step].tokens
        let position = output.position - Int(engine.tree[step].start)
        let row = OutputRow(output, of: engine.context, vocabulary: vocabulary)
        let isLast = readOut.last(tokens) == position
        var sum = readOut.readsAll ? sums[step] ?? 0 : 0
        readOut.read(row, tokens, position, &sum)
        guard isLast else {
            sums[step] = sum
            return nil
        }
        if readOut.readsAll { sums[step] = nil }
        return readOut.readOut.value(sum: sum, above: valueAbove(step))
    }

    /// The value of the step that this one continues from.
    private func valueAbove(_ step: TokenNode) -> Double? {
        if case .value(let value) = engine.tree[engine.tree[step].parent].score, !value.isNaN { value } else { nil }
    }

    private func collectDone() {
        jobs.removeAll { job in
            guard !job.steps.contains(where: { engine.tree[$0].score.isMissing }) else { return false }
            complete(job)
            return true
        }
    }

    private func complete(_ job: Job) {
        var values = job.steps.map { step -> Double in
            if case .value(let value) = engine.tree[step].score { value } else { .nan }
        }
        // The verdict on the whole answer stands for each of its steps.
        if let last = values.last { values += Array(repeating: last, count: job.values - values.count) }
        engine.tree.endJob(at: job.base)
        // The job's hold on its last step passes to the caller.
        for step in job.steps.dropLast() { letGo(step) }
        completed.append(
            ScoreCompletion(
                id: job.id, prefix: engine.tree.handle(of: job.steps.last!), values: values, tokens: job.tokens))
    }

    private func fail(_ job: Job, _ reason: String) {
        engine.tree.endJob(at: job.base)
        for step in job.steps { letGo(step) }
        completed.append(ScoreCompletion(id: job.id, prefix: .none, values: [], tokens: job.tokens, failure: reason))
    }

    private func failStarted(_ reason: String) {
        engine.abandonAll()
        var rest: Deque<Job> = []
        var failed: [Job] = []
        for job in jobs {
            if job.steps.contains(where: { engine.tree[$0].score == .underway }) {
                failed.append(job)
            } else {
                rest.append(job)
            }
        }
        for job in failed {
            for step in job.steps where engine.tree[step].score == .underway {
                engine.tree[step].score = .none
                sums[step] = nil
            }
        }
        jobs = rest
        for job in failed { fail(job, reason) }
    }
}
