import LanguageModels
import SearchCore

/// A verifier that reads a text once, however many runs ask for its score: see
/// `SharingModel`.
final class SharingVerifier: Verifier {
    struct Key: Hashable {
        var prefix: PrefixHandle
        var steps: [[UInt8]]
        var isFinished: Bool
    }
    private typealias Prefixes = SharedPrefixes<Key, ScoreCompletion>

    private let backend: any Verifier
    private let prefixes: Prefixes
    /// The score that each of the backend's jobs computes, and the one that each of the caller's jobs asked for.
    private var computed: [UInt64: (root: Prefixes.Root, key: Key)] = [:]
    private var asked: [UInt64: (root: Prefixes.Root, key: Key, backend: UInt64)] = [:]
    /// Jobs that are being cancelled in the backend: no other job may join them any more.
    private var cut: [UInt64: UInt64] = [:]
    private var jobs: UInt64 = 0
    private var ready: [ScoreCompletion] = []
    private var done: [ScoreCompletion] = []
    private(set) var sharing = SharingStatistics()

    init(_ backend: any Verifier, idle: IdleMemory) {
        self.backend = backend
        prefixes = Prefixes(idle: idle) { backend.release($0) }
    }

    var shape: ModelShape? { backend.shape }
    var statistics: EngineStatistics { backend.statistics }
    var looksAtEveryToken: Bool { backend.looksAtEveryToken }
    var judgesWholeAnswersOnly: Bool { backend.judgesWholeAnswersOnly }
    var hasRoom: Bool { backend.hasRoom }
    var hasWork: Bool { !ready.isEmpty || backend.hasWork }
    func countTokens(_ steps: [[UInt8]]) -> Int { backend.countTokens(steps) }
    func countTokens(_ steps: [[UInt8]], at place: StepPlace) -> Int { backend.countTokens(steps, at: place) }
    func length(of prefix: PrefixHandle) -> Int { prefixes.find(prefix).map { backend.length(of: $0.handle) } ?? 0 }
    func release(_ prefix: PrefixHandle) { prefixes.giveBack(prefix) }

    func makeRoot(problem: [UInt8], attempts: [[UInt8]]) throws(StratagemError) -> (PrefixHandle, tokens: Int) {
        var spelled: [UInt8] = []
        for text in [problem] + attempts { spelled.appendCounted(text) }
        if let known = prefixes.root(showing: spelled) {
            sharing.verifierTokens += known.tokens
            sharing.flops += backend.shape?.flops(reading: known.tokens, from: 0, outputs: 0) ?? 0
            return (prefixes.issue(known.handle, of: known), known.tokens)
        }
        let (handle, tokens) = try backend.makeRoot(problem: problem, attempts: attempts)
        let root = prefixes.addRoot(showing: spelled, handle: handle, tokens: tokens)
        return (prefixes.issue(handle, of: root), tokens)
    }

    func submit(_ job: ScoreJob) {
        guard let (root, prefix) = prefixes.find(job.prefix) else {
            return ready.append(
                ScoreCompletion(
                    id: job.id, prefix: job.prefix, values: [], tokens: 0, failure: "a released prefix was used"))
        }
        let key = Key(prefix: prefix, steps: job.steps, isFinished: job.isFinished)
        if let known = root.known[key] {
            noteShared(known, key)
            return ready.append(answer(known, to: job.id, below: root))
        }
        if let waiting = root.underWay[key], let first = waiting.first, let same = asked[first] {
            root.underWay[key] = waiting + [job.id]
            asked[job.id] = (root, key, same.backend)
            return
        }
        jobs += 1
        root.underWay[key] = [job.id]
        asked[job.id] = (root, key, jobs)
        computed[jobs] = (root, key)
        prefixes.jobBegan(root)
        var own = job
        (own.id, own.prefix) = (jobs, prefix)
        backend.submit(own)
    }

    /// A score that others wait for continues; one that only this job wanted is cancelled in the backend.
    func cancel(job id: UInt64) {
        guard let (root, key, own) = asked.removeValue(forKey: id) else { return }
        let others = (root.underWay[key] ?? []).filter { $0 != id }
        root.underWay[key] = others.isEmpty ? nil : others
        guard others.isEmpty else { return ready.append(.cancelled(id, tokens: 0)) }
        cut[own] = id
        backend.cancel(job: own)
    }

    @discardableResult
    func advance(into completions: inout [ScoreCompletion], mayWait: Bool) -> Advance {
        let hadReady = !ready.isEmpty
        completions += ready
        ready.removeAll(keepingCapacity: true)
        guard backend.hasWork else { return hadReady ? .progressed : .idle }
        let progress = backend.advance(into: &done, mayWait: mayWait)
        for completion in done { take(completion, into: &completions) }
        done.removeAll(keepingCapacity: true)
        return hadReady ? .progressed : progress
    }

    private func take(_ completion: ScoreCompletion, into completions: inout [ScoreCompletion]) {
        guard let (root, key) = computed.removeValue(forKey: completion.id) else { return }
        defer { prefixes.jobEnded(root) }
        let waiting =
            cut.removeValue(forKey: completion.id).map { [$0] } ?? root.underWay.removeValue(forKey: key) ?? []
        for id in waiting { asked[id] = nil }
        if completion.failure != nil {
            completions += waiting.map { id in
                var failed = completion
                failed.id = id
                return failed
            }
            return
        }
        root.own(completion.prefix, bytes: key.steps.reduce(0) { $0 + $1.count } + 8 * completion.values.count + 160)
        root.known[key] = completion
        for (place, id) in waiting.enumerated() {
            if place > 0 { noteShared(completion, key) }
            completions.append(answer(completion, to: id, below: root))
        }
    }

    private func answer(_ completion: ScoreCompletion, to id: UInt64, below root: Prefixes.Root) -> ScoreCompletion {
        var own = completion
        (own.id, own.prefix) = (id, prefixes.issue(completion.prefix, of: root))
        return own
    }

    private func noteShared(_ completion: ScoreCompletion, _ key: Key) {
        sharing.scores += 1
        sharing.verifierTokens += completion.tokens
        let outputs = backend.outputs(tokens: completion.tokens, steps: completion.values.count)
        sharing.flops +=
            completion.flops
            ?? backend.shape?.flops(reading: completion.tokens, from: backend.length(of: key.prefix), outputs: outputs)
            ?? 0
    }
}
