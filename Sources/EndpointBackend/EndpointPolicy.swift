import LanguageModels
import Locking
import SearchCore

/// A model behind HTTP that continues text. Every job is a task of its own; its result waits in a mailbox until the
/// lane asks for it, and wakes the lane.
final class EndpointPolicy: LanguageModel {
    let shape: ModelShape? = nil
    let contextTokens: Int
    private(set) var statistics = EngineStatistics()

    private let sampler: EndpointSampler
    private let wake: @Sendable () -> Void
    private let mailbox = Locked<[(id: UInt64, result: SampleResult)]>([])
    private var prefixes: [UInt64: EndpointPrefix] = [:]
    private var nextHandle: UInt64 = 0
    private var jobs: [UInt64: Job] = [:]

    private struct Job {
        var prefix: EndpointPrefix
        var task: Task<Void, Never>?
        var isCancelled = false
    }

    init(_ sampler: EndpointSampler, contextTokens: Int, wake: @escaping @Sendable () -> Void) {
        self.sampler = sampler
        self.contextTokens = contextTokens
        self.wake = wake
    }

    deinit { for job in jobs.values { job.task?.cancel() } }

    var hasWork: Bool { !jobs.isEmpty }

    // MARK: Prefixes

    func makePrefix(parent: PrefixHandle?, text: [PromptPart]) throws(StratagemError) -> (PrefixHandle, tokens: Int) {
        let above = parent.flatMap { prefixes[$0.raw] }
        let began = ThreadClock.nanoseconds
        let prefix = try make(below: above, text)
        statistics.textSeconds += ThreadClock.seconds(since: began)
        let tokens = prefix.length - (above?.length ?? 0)
        guard prefix.length > 0 else {
            throw StratagemError(
                .user, .emptyPrompt, "the prompt has no tokens: the problem is empty and so is the bundle's template")
        }
        guard prefix.length <= contextTokens else {
            throw StratagemError(
                .user, .contextExceeded,
                "\(prefix.length) tokens of prompt do not fit in the context of \(contextTokens) that \(sampler.traffic.clients[0].address.root) and the bundle allow. Shorten the problem, or raise both"
            )
        }
        return (keep(prefix), tokens)
    }

    private func make(below above: EndpointPrefix?, _ text: [PromptPart]) throws(StratagemError) -> EndpointPrefix {
        // An answer begins below its root, and text appended to it is part of it.
        let tail = above.map { self.sampler.rules.tail(of: text.flatMap(\.bytes), after: $0.tail) } ?? []
        guard sampler.profile.keepsTokens else {
            let bytes = text.flatMap(\.bytes)
            // This is an estimate, and is reported as one: such a server has no route that counts tokens.
            return EndpointPrefix(below: above, bytes: bytes, tokens: (bytes.count + 3) / 4, tail: tail)
        }
        let sampler = sampler
        var hash = StableHash()
        for part in text { hash.combine(part.bytes) }
        let root = above?.root ?? hash.value
        let ids = try Blocking.wait { () async throws(StratagemError) in
            try await sampler.traffic.perform(root: root, request: "POST tokenize") { client throws(EndpointFailure) in
                try await sampler.tokenizer.tokens(of: text, isRoot: above == nil, on: client)
            }.0
        }
        return EndpointPrefix(below: above, ids: ids, tokens: ids.count, tail: tail)
    }

    func length(of prefix: PrefixHandle) -> Int { prefixes[prefix.raw]?.length ?? 0 }
    func release(_ prefix: PrefixHandle) { prefixes[prefix.raw] = nil }

    private func keep(_ prefix: EndpointPrefix) -> PrefixHandle {
        nextHandle += 1
        prefixes[nextHandle] = prefix
        return PrefixHandle(raw: nextHandle)
    }

    // MARK: Jobs

    func submit(_ job: SampleJob) {
        precondition(jobs[job.id] == nil, "a job's id is in use")
        let id = job.id
        guard let prefix = prefixes[job.prefix.raw] else {
            jobs[id] = Job(prefix: EndpointPrefix(below: nil, tokens: 0))
            return post(id, SampleResult(ending: .failed("the prefix was released before the sample was asked for")))
        }
        let room = contextTokens - prefix.length
        guard room > 0 else {
            jobs[id] = Job(prefix: prefix)
            return post(id, SampleResult(ending: .truncated))
        }
        let keepsTokens = sampler.profile.keepsTokens
        let request = SampleRequest(
            ids: keepsTokens ? prefix.allIDs : [], bytes: keepsTokens ? [] : prefix.allBytes, until: job.until,
            maxTokens: min(job.maxTokens, room), temperature: job.temperature, topP: job.topP, minP: job.minP,
            seed: job.seed, root: prefix.root, tail: prefix.tail)
        let (sampler, mailbox, wake) = (sampler, mailbox, wake)
        jobs[id] = Job(
            prefix: prefix,
            task: Task(executorPreference: EndpointExecutor.shared) {
                let result = await sampler.sample(request)
                mailbox.withLock { $0.append((id, result)) }
                wake()
            })
    }

    func cancel(job id: UInt64) {
        guard jobs[id]?.isCancelled == false else { return }
        jobs[id]?.isCancelled = true
        jobs[id]?.task?.cancel()
    }

    @discardableResult
    func advance(into completions: inout [SampleCompletion]) -> Advance {
        guard hasWork else { return .idle }
        let done = mailbox.withLock { box in
            defer { box.removeAll(keepingCapacity: true) }
            return box
        }
        for (id, result) in done {
            guard let job = jobs.removeValue(forKey: id) else { continue }
            completions.append(complete(id, job, result))
        }
        return done.isEmpty ? .waiting : .progressed
    }

    private func post(_ id: UInt64, _ result: SampleResult) {
        mailbox.withLock { $0.append((id, result)) }
        wake()
    }

    private func complete(_ id: UInt64, _ job: Job, _ result: SampleResult) -> SampleCompletion {
        statistics.decodeCalls += result.requests
        statistics.decodedTokens += result.promptTokensRead + result.tokens
        var ending = result.ending
        if job.isCancelled { ending = .cancelled }
        var handle = PrefixHandle(raw: .max)
        if case .failed = ending {
        } else {
            let keepsTokens = sampler.profile.keepsTokens
            handle = keep(
                EndpointPrefix(
                    below: job.prefix, ids: keepsTokens ? result.ids : [], bytes: keepsTokens ? [] : result.text,
                    tokens: keepsTokens ? result.ids.count : result.tokens, tail: result.tail))
        }
        return SampleCompletion(
            id: id, prefix: handle, text: result.text, stepEnds: result.stepEnds, tokens: result.tokens,
            tokenLogProbabilities: result.logProbabilities, ending: ending)
    }
}
