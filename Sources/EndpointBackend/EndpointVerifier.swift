import LanguageModels
import Locking
import SearchCore

/// A verifier behind HTTP. Every job is a task of its own; its result waits in a mailbox until the lane asks for it,
/// and wakes the lane.
final class EndpointVerifier: Verifier {
    let shape: ModelShape? = nil
    private(set) var statistics = EngineStatistics()

    private let scoring: EndpointScoring
    private let wake: @Sendable () -> Void
    private let mailbox = Locked<[(id: UInt64, result: EndpointScoring.Result)]>([])
    private var texts: [UInt64: ScoredText] = [:]
    private var nextHandle: UInt64 = 0
    private var jobs: [UInt64: Job] = [:]

    private struct Job {
        var task: Task<Void, Never>?
        var isCancelled = false
    }

    init(_ scoring: EndpointScoring, wake: @escaping @Sendable () -> Void) {
        self.scoring = scoring
        self.wake = wake
    }

    deinit { for job in jobs.values { job.task?.cancel() } }

    var judgesWholeAnswersOnly: Bool { scoring.judgesWholeAnswersOnly }
    var hasWork: Bool { !jobs.isEmpty }

    // MARK: Prefixes

    /// If every request reads the text from its beginning, the prompt is charged with each of them, and not here.
    func makeRoot(problem: [UInt8], attempts: [[UInt8]]) throws(StratagemError) -> (PrefixHandle, tokens: Int) {
        let began = ThreadClock.nanoseconds
        let scoring = scoring
        let text = try Blocking.wait { () async throws(StratagemError) in
            try await scoring.root(problem: problem, attempts: attempts)
        }
        statistics.textSeconds += ThreadClock.seconds(since: began)
        return (keep(text), scoring.scorer.readsFromTheStart ? 0 : text.length)
    }

    func length(of prefix: PrefixHandle) -> Int { texts[prefix.raw]?.length ?? 0 }
    /// An estimate: the lane must not wait for the server, and nothing is reserved by it because there is no shape.
    func countTokens(_ steps: [[UInt8]]) -> Int { countTokens(steps, at: StepPlace()) }
    func countTokens(_ steps: [[UInt8]], at place: StepPlace) -> Int { scoring.estimate(steps, at: place) }
    func release(_ prefix: PrefixHandle) { texts[prefix.raw] = nil }

    private func keep(_ text: ScoredText) -> PrefixHandle {
        nextHandle += 1
        texts[nextHandle] = text
        return PrefixHandle(raw: nextHandle)
    }

    // MARK: Jobs

    func submit(_ job: ScoreJob) {
        precondition(jobs[job.id] == nil, "a job's id is in use")
        let id = job.id
        guard let above = texts[job.prefix.raw] else {
            jobs[id] = Job()
            var result = EndpointScoring.Result()
            result.failure = "the prefix was released before its steps were scored"
            mailbox.withLock { $0.append((id, result)) }
            return wake()
        }
        let (scoring, mailbox, wake) = (scoring, mailbox, wake)
        jobs[id] = Job(
            task: Task(executorPreference: EndpointExecutor.shared) {
                let result = await scoring.score(job.steps, below: above, isFinished: job.isFinished)
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
    func advance(into completions: inout [ScoreCompletion], mayWait: Bool) -> Advance {
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

    private func complete(_ id: UInt64, _ job: Job, _ result: EndpointScoring.Result) -> ScoreCompletion {
        statistics.decodeCalls += result.requests
        statistics.decodedTokens += result.read
        if job.isCancelled { return .cancelled(id, tokens: result.tokens) }
        guard let text = result.text else {
            return ScoreCompletion(
                id: id, prefix: PrefixHandle(raw: .max), values: [], tokens: result.tokens,
                failure: result.failure ?? "it gave no values")
        }
        return ScoreCompletion(id: id, prefix: keep(text), values: result.values, tokens: result.tokens)
    }
}
