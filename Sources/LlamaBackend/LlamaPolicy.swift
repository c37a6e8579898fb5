import DequeModule
import LanguageModels
import SearchCore

/// A GGUF model that continues text.
///
/// Jobs that share a prefix run as one cursor as long as they draw the same tokens. The cursor is decoded once, each
/// job draws from its logits with its own random numbers, and where the draws differ, the cursor forks. This is exact,
/// since equal prefixes have equal logits to the bit, and it saves decoding the parts that samples have in common.
public final class LlamaPolicy: LanguageModel {
    /// A job that is active, or that waits to start.
    private struct Job {
        var request: SampleJob
        var node: TokenNode
        var parameters: Sampler.Parameters
        var random: SampleRandom
        var tokens: [Token] = []
        var sample: SampleText
        /// Length of the text after each token.
        var textEnds: [Int] = []
        var logProbabilities: [Float] = []
        var distributions: [TokenDistribution] = []
        var isCancelled = false
        var isStarted = false
    }

    public let shape: ModelShape?
    public let contextTokens: Int

    private let weights: LlamaWeights
    private let rules: StopRules
    var engine: SequenceEngine<[Int]> { opened! }
    private var opened: SequenceEngine<[Int]>?
    private let options: LlamaContext.Options
    private var sampler: Sampler
    private var jobs: [Job?] = []
    private var freeJobs: [Int] = []
    private var jobByID: [UInt64: Int] = [:]
    /// Waiting jobs by their node; the jobs of a node start together.
    private var groups: [TokenNode: [Int]] = [:]
    /// The nodes of `groups`. Those whose prefix was in the cache when their jobs came are in `warm`, and start first.
    private var warm: Deque<TokenNode> = []
    private var cold: Deque<TokenNode> = []
    /// Jobs that forked when no slot was free, the jobs of each fork together: they have drawn some tokens and start
    /// again from there.
    private var parked: Deque<[Int]> = []
    private var completed: [SampleCompletion] = []
    private var cancelled: [Int] = []
    /// Whether texts that have ended are continued, so that the cache keeps them: a judge's thoughts.
    private let continuesEnded: Bool
    /// For a judge: the logits that are wanted behind the prefixes of jobs.
    var readings = LogitReadings()

    init(
        weights: LlamaWeights, options: LlamaContext.Options, contextTokens: Int, rules: StopRules,
        continuesEnded: Bool = false
    ) {
        self.weights = weights
        self.rules = rules
        self.continuesEnded = continuesEnded
        self.contextTokens = contextTokens
        shape = weights.shape
        self.options = options
        sampler = Sampler(vocabulary: weights.vocabulary.count)
    }

    public var statistics: EngineStatistics { opened?.statistics ?? EngineStatistics() }
    /// For tests: the number of nodes that are not released yet, or are still in the cache.
    var liveNodes: Int { opened?.tree.count ?? 0 }
    public var hasWork: Bool { !jobByID.isEmpty || !completed.isEmpty }

    // MARK: Prefixes

    public func makePrefix(parent: PrefixHandle?, text: [PromptPart]) throws(StratagemError) -> (
        PrefixHandle, tokens: Int
    ) {
        try open()
        let began = ThreadClock.nanoseconds
        let vocabulary = weights.vocabulary
        let tokens = parent == nil ? vocabulary.tokens(ofRoot: text) : vocabulary.tokens(of: text)
        engine.statistics.textSeconds += ThreadClock.seconds(since: began)
        let prefix = try makePrefix(parent: parent, tokens: tokens)
        // An answer begins below its root, and text appended to it is part of it.
        if let parent {
            let (node, above) = (engine.tree.node(of: prefix), engine.tree.node(of: parent))
            engine.tree[node].tail = rules.tail(of: text.flatMap(\.bytes), after: engine.tree[above].tail)
        }
        return (prefix, tokens.count)
    }

    /// Makes the context when it is first needed, so a role that no search uses costs nothing.
    func open() throws(StratagemError) {
        if opened == nil { opened = try SequenceEngine(weights: weights, options: options) }
    }

    public func length(of prefix: PrefixHandle) -> Int {
        Int(engine.tree[engine.tree.node(of: prefix)].end)
    }

    public func release(_ prefix: PrefixHandle) {
        guard prefix != .none else { return }
        let node = engine.tree.node(of: prefix)
        engine.tree[node].handles -= 1
        engine.tree.drop(node)
    }

    // MARK: Jobs

    public func submit(_ job: SampleJob) {
        precondition(jobByID[job.id] == nil, "a job's id is in use")
        let node = engine.tree.node(of: job.prefix)
        engine.tree.hold(node)
        engine.tree.beginJob(at: node)
        let state = Job(
            request: job, node: node,
            parameters: .init(temperature: job.temperature, topP: job.topP, minP: job.minP),
            random: SampleRandom(seed: job.seed), sample: SampleText(rules, after: engine.tree[node].tail))
        let index = freeJobs.popLast() ?? jobs.count
        if index == jobs.count { jobs.append(state) } else { jobs[index] = state }
        jobByID[job.id] = index
        if groups[node] == nil {
            groups[node] = []
            if engine.isResident(node) { warm.append(node) } else { cold.append(node) }
        }
        groups[node]!.append(index)
    }

    public func cancel(job id: UInt64) {
        guard let index = jobByID[id], !jobs[index]!.isCancelled else { return }
        jobs[index]!.isCancelled = true
        cancelled.append(index)
    }

    @discardableResult
    public func advance(into completions: inout [SampleCompletion]) -> Advance {
        guard hasWork else { return .idle }
        applyCancellations()
        startWaiting()
        if engine.cursorCount > 0 {
            if let failure = engine.decode() {
                failStarted(failure)
            } else {
                readLogits()
            }
        }
        completions += completed
        completed.removeAll(keepingCapacity: true)
        return .progressed
    }

    // MARK: Starting

    /// The number of slots that the current jobs may come to need: the jobs of a cursor separate sooner or later, but
    /// rarely all of them.
    private var expectedSlots: Int {
        engine.cursors.reduce(0) { sum, cursor in sum + (cursor.map { Self.expectedSlots(jobs: $0.payload.count) } ?? 0)
        }
    }
    private static func expectedSlots(jobs: Int) -> Int { 1 + (jobs - 1) / 3 }

    /// Compares the slots that hold what active searches may continue from, and those that their submitted jobs will
    /// fill, with the slots that there are.
    public var hasRoom: Bool {
        guard let opened else { return true }
        let waiting =
            groups.values.reduce(0) { $0 + Self.expectedSlots(jobs: $1.count) }
            + parked.reduce(0) { $0 + Self.expectedSlots(jobs: $1.count) }
        let sequences = expectedSlots + waiting + opened.freshResidents
        return opened.hasMemory(sequences: sequences) && sequences < opened.slotCount * 5 / 8
    }

    private func startWaiting() {
        guard !warm.isEmpty || !cold.isEmpty || !parked.isEmpty else { return }
        let limit = max(1, engine.slotCount * 3 / 4)
        var expected = expectedSlots
        while expected < limit, let members = parked.popFirst() {
            restart(members)
            expected += Self.expectedSlots(jobs: members.count)
        }
        while expected < limit, engine.cursorCount < engine.slotCount, let node = warm.popFirst() ?? cold.popFirst() {
            guard let group = groups.removeValue(forKey: node) else { continue }
            let members = group.filter { !jobs[$0]!.isCancelled }
            guard !members.isEmpty else { continue }
            if Int(engine.tree[node].end) >= contextTokens {
                for index in members { finish(index, .truncated, child: child(of: index, keeping: 0)) }
                continue
            }
            for index in members { jobs[index]!.isStarted = true }
            engine.start(node, outputs: [Int(engine.tree[node].end) - 1], payload: members)
            expected += Self.expectedSlots(jobs: members.count)
        }
    }

    /// Starts parked jobs: the tokens that they drew are decoded again as far as necessary.
    private func restart(_ members: [Int]) {
        let members = members.filter { jobs[$0]?.isCancelled == false }
        guard let first = members.first else { return }
        let node = jobs[first]!.node
        let drawn = jobs[first]!.tokens
        engine.start(node, tail: drawn, outputs: [Int(engine.tree[node].end) + drawn.count - 1], payload: members)
        engine.noteRepeated(drawn.count - 1)
    }

    private func applyCancellations() {
        guard !cancelled.isEmpty else { return }
        if cancelled.contains(where: { jobs[$0]?.isStarted == true }) {
            parked = Deque(parked.map { $0.filter { jobs[$0]?.isCancelled == false } }.filter { !$0.isEmpty })
            for cursor in engine.cursors.indices {
                guard let payload = engine.cursors[cursor]?.payload else { continue }
                let rest = payload.filter { jobs[$0]?.isCancelled == false }
                guard rest.count < payload.count else { continue }
                if rest.isEmpty { engine.end(cursor) } else { engine.update(cursor, rest) }
            }
        }
        for index in cancelled where jobs[index] != nil {
            if !jobs[index]!.isStarted { groups[jobs[index]!.node]?.removeAll { $0 == index } }
            finish(index, .cancelled, child: child(of: index, keeping: jobs[index]!.tokens.count))
        }
        cancelled.removeAll()
    }

    private func failStarted(_ reason: String) {
        engine.abandonAll()
        parked = []
        for index in jobs.indices where jobs[index]?.isStarted == true {
            finish(index, .failed(reason), child: nil)
        }
    }

    // MARK: Drawing

    private func readLogits() {
        let began = ThreadClock.nanoseconds
        for output in engine.context.outputs {
            guard let payload = engine.cursors[output.owner]?.payload else { continue }
            advance(payload, on: engine.context.logits(output), at: output.owner)
        }
        engine.noteSampling(since: began)
    }

    /// Every job draws its next token. Jobs with the same token stay together; one such group takes over the cursor,
    /// and the others fork from it.
    private func advance(_ members: [Int], on logits: UnsafePointer<Float>, at cursor: Int) {
        guard sampler.begin(logits, describes: members.contains { jobs[$0]!.request.wantsDistributions }) else {
            for index in members {
                finish(
                    index,
                    .failed("the model's logits are not numbers: its weights are damaged, or its results overflow"),
                    child: nil)
            }
            engine.end(cursor)
            return
        }
        if !readings.isEmpty { for index in members { readings.take(logits, of: jobs[index]!.request.id) } }
        var going: [(token: Token, jobs: [Int])] = []
        var ended: [(token: Token, child: TokenNode)] = []
        for index in members {
            let position = UInt64(jobs[index]!.tokens.count)
            let uniform = jobs[index]!.random.uniform(position)
            let draw = sampler.draw(from: logits, jobs[index]!.parameters, uniform: uniform)
            if let ending = take(draw, index) {
                finishEnded(index, ending, draw.token, cursor, &ended)
            } else if let at = going.firstIndex(where: { $0.token == draw.token }) {
                going[at].jobs.append(index)
            } else {
                going.append((draw.token, [index]))
            }
        }
        var open = ended.map(\.child).filter { engine.tree[$0].isWanted }
        let heir = going.isEmpty ? open.popLast() : nil
        for child in open { engine.keep(cursor, as: child) }
        for (token, jobs) in going.dropFirst() {
            if engine.cursorCount < engine.slotCount {
                engine.fork(cursor, token: token, payload: jobs)
            } else {
                parked.append(jobs)
            }
        }
        if let (token, jobs) = going.first {
            engine.resume(cursor, token: token, payload: jobs)
        } else {
            engine.end(cursor, as: heir)
        }
    }

    /// Adds a token to a job; returns how the job ends, if it ends.
    private func take(_ draw: Sampler.Draw, _ index: Int) -> Ended? {
        var job = jobs[index].take()!
        defer { jobs[index] = job }
        job.logProbabilities.append(draw.logProbability)
        if job.request.wantsDistributions { job.distributions.append(sampler.distribution ?? .unknown) }
        job.tokens.append(draw.token)
        if weights.vocabulary.isEnd(draw.token) {
            return Ended(ending: .finished, kept: job.tokens.count - 1)
        }
        let event = job.sample.take(
            weights.vocabulary.piece(draw.token), control: weights.vocabulary.controlText(draw.token))
        let end = job.sample.text.count
        if event == .stop {
            return Ended(ending: .finished, kept: job.textEnds.prefix { $0 <= end }.count)
        }
        job.textEnds.append(end)
        if event == .step, case .steps(let wanted) = job.request.until, job.sample.stepEnds.count >= wanted {
            return Ended(ending: .step, kept: job.tokens.count)
        }
        let total = Int(engine.tree[job.node].end) + job.tokens.count
        if job.tokens.count >= job.request.maxTokens || total >= contextTokens {
            return Ended(ending: .truncated, kept: job.tokens.count)
        }
        return nil
    }

    private struct Ended {
        var ending: SampleEnding
        /// The number of tokens that are part of the child: an end token is not.
        var kept: Int
    }

    // MARK: Finishing

    /// Jobs of one cursor that end with the same token have the same text, so they become one node.
    private func finishEnded(
        _ index: Int, _ end: Ended, _ token: Token, _ cursor: Int, _ ended: inout [(token: Token, child: TokenNode)]
    ) {
        let isOpen = end.ending == .step || continuesEnded && end.ending == .finished
        if let same = ended.first(where: { $0.token == token && !engine.tree[$0.child].isClosed == isOpen }) {
            engine.tree[same.child].handles += 1
            engine.tree.hold(same.child)
            finish(index, end.ending, child: same.child)
            return
        }
        let child = child(of: index, keeping: end.kept)
        engine.tree[child].isClosed = !isOpen
        engine.tree[child].everDecoded = min(Int32(engine.cursors[cursor]!.length), engine.tree[child].end)
        ended.append((token, child))
        finish(index, end.ending, child: child)
    }

    /// A new node below the job's node. It is closed at first, so that nothing is kept for it.
    private func child(of index: Int, keeping count: Int) -> TokenNode {
        let node = engine.tree.add(parent: jobs[index]!.node, tokens: Array(jobs[index]!.tokens.prefix(count)))
        engine.tree[node].isClosed = true
        engine.tree[node].tail = jobs[index]!.sample.tail
        return node
    }

    private func finish(_ index: Int, _ ending: SampleEnding, child: TokenNode?) {
        let job = jobs[index].take()!
        freeJobs.append(index)
        jobByID[job.request.id] = nil
        readings.forget(job.request.id)
        let text = job.sample.text
        var stepEnds = job.sample.stepEnds
        if ending == .finished, !text.isEmpty, stepEnds.last != text.count { stepEnds.append(text.count) }
        let handle = child.map { engine.tree.handle(of: $0) } ?? .none
        engine.tree.endJob(at: job.node)
        engine.tree.drop(job.node)
        completed.append(
            SampleCompletion(
                id: job.request.id, prefix: handle, text: text, stepEnds: stepEnds, tokens: job.tokens.count,
                tokenLogProbabilities: job.logProbabilities, tokenDistributions: job.distributions, ending: ending))
    }
}
