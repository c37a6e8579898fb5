import LanguageModels
import SearchCore

/// A verifier behind HTTP.
final class EndpointVerifier: Verifier {
    let shape: ModelShape? = nil
    private(set) var statistics = EngineStatistics()

    private let scoring: EndpointScoring
    private let jobs: EndpointJobs<Void, EndpointScoring.Result>
    private var texts = PrefixTable<ScoredText>()

    init(_ scoring: EndpointScoring, wake: @escaping @Sendable () -> Void) {
        self.scoring = scoring
        jobs = EndpointJobs(wake: wake)
    }

    var judgesWholeAnswersOnly: Bool { scoring.judgesWholeAnswersOnly }
    var hasWork: Bool { !jobs.isEmpty }
    /// See `EndpointPolicy.hasRoom`.
    var hasRoom: Bool { jobs.count < scoring.traffic.requests }

    // MARK: Prefixes

    /// If every request reads the text from its beginning, the prompt is charged with each of them, and not here.
    func makeRoot(problem: [UInt8], attempts: [[UInt8]]) throws(StratagemError) -> (PrefixHandle, tokens: Int) {
        let began = ThreadClock.nanoseconds
        let scoring = scoring
        let text = try Blocking.wait { () async throws(StratagemError) in
            try await scoring.root(problem: problem, attempts: attempts)
        }
        statistics.textSeconds += ThreadClock.seconds(since: began)
        return (texts.keep(text), scoring.scorer.readsFromTheStart ? 0 : text.length)
    }

    func length(of prefix: PrefixHandle) -> Int { texts[prefix]?.length ?? 0 }
    /// An estimate: the lane must not wait for the server, and nothing is reserved by it because there is no shape.
    func countTokens(_ steps: [[UInt8]]) -> Int { countTokens(steps, at: StepPlace()) }
    func countTokens(_ steps: [[UInt8]], at place: StepPlace) -> Int { scoring.estimate(steps, at: place) }
    func release(_ prefix: PrefixHandle) { texts.release(prefix) }

    // MARK: Jobs

    func submit(_ job: ScoreJob) {
        guard let above = texts[job.prefix] else {
            var result = EndpointScoring.Result()
            result.failure = "the prefix was released before its steps were scored"
            return jobs.finish(job.id, (), result)
        }
        jobs.start(job.id, ()) { [scoring] in
            await scoring.score(job.steps, below: above, isFinished: job.isFinished)
        }
    }

    func cancel(job id: UInt64) { jobs.cancel(id) }

    @discardableResult
    func advance(into completions: inout [ScoreCompletion], mayWait: Bool) -> Advance {
        guard hasWork else { return .idle }
        let done = jobs.takeDone()
        completions += done.map(complete)
        return done.isEmpty ? .waiting : .progressed
    }

    private func complete(_ job: EndpointJobs<Void, EndpointScoring.Result>.Done) -> ScoreCompletion {
        let result = job.outcome
        statistics.decodeCalls += result.requests
        statistics.decodedTokens += result.read
        if job.isCancelled { return .cancelled(job.id, tokens: result.tokens) }
        guard let text = result.text else {
            return ScoreCompletion(
                id: job.id, prefix: PrefixHandle(raw: .max), values: [], tokens: result.tokens,
                failure: result.failure ?? "it gave no values")
        }
        return ScoreCompletion(id: job.id, prefix: texts.keep(text), values: result.values, tokens: result.tokens)
    }
}
