import LanguageModels
import SearchCore

/// A model behind HTTP that continues text.
final class EndpointPolicy: LanguageModel {
    let shape: ModelShape? = nil
    let contextTokens: Int
    private(set) var statistics = EngineStatistics()

    private let sampler: EndpointSampler
    /// Each notes the prefix that it continues.
    private let jobs: EndpointJobs<EndpointPrefix, SampleResult>
    private var prefixes = PrefixTable<EndpointPrefix>()
    /// What was submitted since the last turn.
    private var waiting = InTurns<Waiting>()

    private struct Waiting {
        var id: UInt64
        var prefix: EndpointPrefix
        var request: SampleRequest
    }

    init(_ sampler: EndpointSampler, contextTokens: Int, wake: @escaping @Sendable () -> Void) {
        self.sampler = sampler
        self.contextTokens = contextTokens
        jobs = EndpointJobs(wake: wake)
    }

    var hasWork: Bool { !jobs.isEmpty || !waiting.isEmpty }
    /// No more runs are begun than keep the server busy: otherwise all runs of a study end together, and until then an
    /// interruption loses them all.
    var hasRoom: Bool { sampler.traffic.hasRoom(waitingFor: jobs.count + waiting.count) }

    // MARK: Prefixes

    func makePrefix(parent: PrefixHandle?, text: [PromptPart]) throws(StratagemError) -> (PrefixHandle, tokens: Int) {
        let above = parent.flatMap { prefixes[$0] }
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
        return (prefixes.keep(prefix), tokens)
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
            try await sampler.traffic.perform(root: root, request: "POST tokenize", isSmall: true) {
                client throws(EndpointFailure) in
                try await sampler.tokenizer.tokens(of: text, isRoot: above == nil, on: client)
            }.0
        }
        return EndpointPrefix(below: above, ids: ids, tokens: ids.count, tail: tail)
    }

    func length(of prefix: PrefixHandle) -> Int { prefixes[prefix]?.length ?? 0 }
    func release(_ prefix: PrefixHandle) { prefixes.release(prefix) }

    // MARK: Jobs

    func submit(_ job: SampleJob) {
        guard let prefix = prefixes[job.prefix] else {
            return finish(
                job, EndpointPrefix(below: nil, tokens: 0),
                SampleResult(ending: .failed("the prefix was released before the sample was asked for")))
        }
        let room = contextTokens - prefix.length
        guard room > 0 else { return finish(job, prefix, SampleResult(ending: .truncated)) }
        let keepsTokens = sampler.profile.keepsTokens
        let request = SampleRequest(
            ids: keepsTokens ? prefix.allIDs : [], bytes: keepsTokens ? [] : prefix.allBytes, until: job.until,
            maxTokens: min(job.maxTokens, room), temperature: job.temperature, topP: job.topP, minP: job.minP,
            seed: job.seed, origin: prefix.origin, tail: prefix.tail,
            isContinued: prefix.parent != nil)
        sampler.traffic.began(root: prefix.root)
        waiting.append(Waiting(id: job.id, prefix: prefix, request: request), of: job.prefix.raw)
    }

    /// One sample of each prefix after another: at the end of a round, the slots of a llama-server then hold children of
    /// all prefixes, and not only of the last one, and the next round continues any of them.
    private func start() {
        for one in waiting.takeAll() {
            jobs.start(one.id, one.prefix) { [sampler] in await sampler.sample(one.request) }
        }
    }

    /// For a job that needs no request.
    private func finish(_ job: SampleJob, _ prefix: EndpointPrefix, _ result: SampleResult) {
        sampler.traffic.began(root: prefix.root)
        jobs.finish(job.id, prefix, result)
    }

    func cancel(job id: UInt64) {
        start()
        jobs.cancel(id)
    }

    @discardableResult
    func advance(into completions: inout [SampleCompletion]) -> Advance {
        guard hasWork else { return .idle }
        start()
        let done = jobs.takeDone()
        completions += done.map(complete)
        return done.isEmpty ? .waiting : .progressed
    }

    private func complete(_ job: EndpointJobs<EndpointPrefix, SampleResult>.Done) -> SampleCompletion {
        let result = job.outcome
        sampler.traffic.ended(root: job.note.root)
        statistics.decodeCalls += result.requests
        statistics.decodedTokens += result.promptTokensRead + result.tokens
        var ending = result.ending
        if job.isCancelled { ending = .cancelled }
        var handle = PrefixHandle(raw: .max)
        if case .failed = ending {
        } else {
            let keepsTokens = sampler.profile.keepsTokens
            handle = prefixes.keep(
                EndpointPrefix(
                    below: job.note, ids: keepsTokens ? result.ids : [], bytes: keepsTokens ? [] : result.text,
                    tokens: keepsTokens ? result.ids.count : result.tokens, tail: result.tail))
        }
        return SampleCompletion(
            id: job.id, prefix: handle, text: result.text, stepEnds: result.stepEnds, tokens: result.tokens,
            tokenLogProbabilities: result.logProbabilities, ending: ending)
    }
}
