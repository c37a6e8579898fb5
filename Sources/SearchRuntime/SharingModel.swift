import LanguageModels
import SearchCore

/// A model whose samples are drawn once, however many runs ask for them.
///
/// Best-of-4 is the first four samples of best-of-64, since a sample's seed depends only on what it continues and on
/// its index, not on anything else in the run. Runs of one problem, seed and lane therefore ask for many samples that
/// another run has drawn, or is about to draw. A run cannot notice this: a sample's bytes depend only on its prefix,
/// parameters and seed, whoever computed them, and the run is charged as if it had drawn the sample itself.
final class SharingModel: LanguageModel {
    /// Identifies a sample by everything that determines its bytes.
    struct Key: Hashable {
        var prefix: PrefixHandle
        /// 0: to the end of the answer.
        var steps: Int
        var maxTokens: Int
        var temperature: Double
        var topP: Double
        var minP: Double
        var seed: UInt64
        /// Does not change the bytes, but the completion then contains more.
        var wantsDistributions: Bool

        init(_ job: SampleJob, _ prefix: PrefixHandle) {
            self.prefix = prefix
            if case .steps(let count) = job.until { steps = count } else { steps = 0 }
            (maxTokens, temperature, topP, minP) = (job.maxTokens, job.temperature, job.topP, job.minP)
            // The most likely token does not depend on a seed.
            seed = job.temperature == 0 ? 0 : job.seed
            wantsDistributions = job.wantsDistributions
        }
    }
    private typealias Prefixes = SharedPrefixes<Key, SampleCompletion>

    private let backend: any LanguageModel
    private let prefixes: Prefixes
    /// The sample that each of the backend's jobs computes, and the one that each of the caller's jobs asked for.
    private var computed: [UInt64: (root: Prefixes.Root, key: Key)] = [:]
    private var asked: [UInt64: (root: Prefixes.Root, key: Key, backend: UInt64)] = [:]
    /// Jobs that are being cancelled in the backend: no other job may join them any more.
    private var cut: [UInt64: UInt64] = [:]
    private var jobs: UInt64 = 0
    /// Completions that needed no work, and those that came from the backend.
    private var ready: [SampleCompletion] = []
    private var done: [SampleCompletion] = []
    private(set) var sharing = SharingStatistics()

    init(_ backend: any LanguageModel, idle: IdleMemory) {
        self.backend = backend
        prefixes = Prefixes(idle: idle) { backend.release($0) }
    }

    var shape: ModelShape? { backend.shape }
    var contextTokens: Int { backend.contextTokens }
    var statistics: EngineStatistics { backend.statistics }
    var hasRoom: Bool { backend.hasRoom }
    var hasWork: Bool { !ready.isEmpty || backend.hasWork }

    // MARK: Prefixes

    func makePrefix(parent: PrefixHandle?, text: [PromptPart]) throws(StratagemError) -> (PrefixHandle, tokens: Int) {
        let spelled = text.spelled
        guard let parent else {
            if let known = prefixes.root(showing: spelled) {
                noteShared(prompt: known.tokens, from: 0)
                return (prefixes.issue(known.handle, of: known), known.tokens)
            }
            let (handle, tokens) = try backend.makePrefix(parent: nil, text: text)
            let root = prefixes.addRoot(showing: spelled, handle: handle, tokens: tokens)
            return (prefixes.issue(handle, of: root), tokens)
        }
        guard let (root, above) = prefixes.find(parent) else { throw Self.released }
        let literal = Prefixes.Literal(parent: above, text: spelled)
        if let known = root.literals[literal] {
            noteShared(prompt: known.tokens, from: backend.length(of: above))
            return (prefixes.issue(known.handle, of: root), known.tokens)
        }
        let (handle, tokens) = try backend.makePrefix(parent: above, text: text)
        root.own(handle, bytes: spelled.count)
        root.literals[literal] = (handle, tokens)
        return (prefixes.issue(handle, of: root), tokens)
    }

    func length(of prefix: PrefixHandle) -> Int { prefixes.find(prefix).map { backend.length(of: $0.handle) } ?? 0 }

    func release(_ prefix: PrefixHandle) { prefixes.giveBack(prefix) }

    private static let released = StratagemError(.host, .releasedPrefix, "a released prefix was used")

    // MARK: Jobs

    func submit(_ job: SampleJob) {
        guard let (root, prefix) = prefixes.find(job.prefix) else {
            return ready.append(
                SampleCompletion(
                    id: job.id, prefix: job.prefix, text: [], stepEnds: [], tokens: 0,
                    tokenLogProbabilities: [], ending: .failed(Self.released.message)))
        }
        let key = Key(job, prefix)
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

    /// A sample that others wait for continues; one that only this job wanted is cancelled in the backend.
    func cancel(job id: UInt64) {
        guard let (root, key, own) = asked.removeValue(forKey: id) else { return }
        let others = (root.underWay[key] ?? []).filter { $0 != id }
        root.underWay[key] = others.isEmpty ? nil : others
        guard others.isEmpty else {
            return ready.append(
                SampleCompletion(
                    id: id, prefix: prefixes.issue(key.prefix, of: root), text: [], stepEnds: [], tokens: 0,
                    tokenLogProbabilities: [], ending: .cancelled))
        }
        cut[own] = id
        backend.cancel(job: own)
    }

    @discardableResult
    func advance(into completions: inout [SampleCompletion]) -> Advance {
        let hadReady = !ready.isEmpty
        completions += ready
        ready.removeAll(keepingCapacity: true)
        guard backend.hasWork else { return hadReady ? .progressed : .idle }
        let progress = backend.advance(into: &done)
        for completion in done { take(completion, into: &completions) }
        done.removeAll(keepingCapacity: true)
        return hadReady ? .progressed : progress
    }

    private func take(_ completion: SampleCompletion, into completions: inout [SampleCompletion]) {
        guard let (root, key) = computed.removeValue(forKey: completion.id) else { return }
        defer { prefixes.jobEnded(root) }
        let waiting =
            cut.removeValue(forKey: completion.id).map { [$0] } ?? root.underWay.removeValue(forKey: key) ?? []
        for id in waiting { asked[id] = nil }
        if case .failed = completion.ending {
            completions += waiting.map { id in
                var failed = completion
                failed.id = id
                return failed
            }
            return
        }
        root.own(
            completion.prefix,
            bytes: completion.text.count + 8 * completion.tokens + 640
                + completion.tokenDistributions.count * MemoryLayout<TokenDistribution>.stride)
        // A sample that was cut short depends on the moment, so no other run may get it.
        if completion.ending != .cancelled { root.known[key] = completion }
        for (place, id) in waiting.enumerated() {
            if place > 0 { noteShared(completion, key) }
            completions.append(answer(completion, to: id, below: root))
        }
    }

    private func answer(_ completion: SampleCompletion, to id: UInt64, below root: Prefixes.Root) -> SampleCompletion {
        var own = completion
        (own.id, own.prefix) = (id, prefixes.issue(completion.prefix, of: root))
        return own
    }

    // MARK: What it saved

    private func noteShared(_ completion: SampleCompletion, _ key: Key) {
        sharing.samples += 1
        sharing.tokens += completion.tokens
        let read = completion.ending == .finished ? max(0, completion.tokens - 1) : completion.tokens
        sharing.flops +=
            backend.shape?.flops(reading: read, from: backend.length(of: key.prefix), outputs: completion.tokens) ?? 0
    }

    private func noteShared(prompt tokens: Int, from start: Int) {
        sharing.promptTokens += tokens
        sharing.flops += backend.shape?.flops(reading: tokens, from: start, outputs: 0) ?? 0
    }
}
