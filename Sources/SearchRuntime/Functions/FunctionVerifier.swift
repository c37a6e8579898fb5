import LanguageModels
import SearchCore

/// A program that judges, a plugin's function or a command: it gets the problem and the answer so far. As an outcome
/// verifier it judges the whole answer, as a process verifier each step.
final class FunctionVerifier: Verifier {
    private struct Prefix {
        var problem: [UInt8]
        var steps: [[UInt8]]
    }

    let judgesWholeAnswersOnly: Bool
    private let calls: any ProgramCalls
    private var prefixes: [UInt64: Prefix] = [:]
    private var issued: UInt64 = 0
    /// Jobs without a result yet, with the prefix that the result will stand for.
    private var jobs: [UInt64: (job: ScoreJob, prefix: Prefix)] = [:]
    private var ready: [ScoreCompletion] = []
    private(set) var statistics = EngineStatistics()

    init(calls: any ProgramCalls, isOutcome: Bool) {
        self.calls = calls
        judgesWholeAnswersOnly = isOutcome
    }

    var shape: ModelShape? { nil }
    var hasWork: Bool { !jobs.isEmpty || !ready.isEmpty }
    func countTokens(_ steps: [[UInt8]]) -> Int { 0 }
    func length(of prefix: PrefixHandle) -> Int { 0 }
    func release(_ prefix: PrefixHandle) { prefixes[prefix.raw] = nil }

    /// The hook has no argument for earlier attempts.
    func makeRoot(problem: [UInt8], attempts: [[UInt8]]) -> (PrefixHandle, tokens: Int) {
        (issue(Prefix(problem: problem, steps: [])), 0)
    }

    private func issue(_ prefix: Prefix) -> PrefixHandle {
        issued += 1
        prefixes[issued] = prefix
        return PrefixHandle(raw: issued)
    }

    func submit(_ job: ScoreJob) {
        guard var prefix = prefixes[job.prefix.raw] else {
            return ready.append(
                ScoreCompletion(
                    id: job.id, prefix: job.prefix, values: [], tokens: 0, failure: "a released prefix was used"))
        }
        prefix.steps += job.steps
        jobs[job.id] = (job, prefix)
        calls.add(
            ProgramWork(
                id: job.id, problem: prefix.problem, steps: prefix.steps, new: job.steps.count,
                isFinished: job.isFinished, isOutcome: judgesWholeAnswersOnly))
    }

    /// A call that has begun cannot be stopped: its result is dropped.
    func cancel(job id: UInt64) {
        guard jobs.removeValue(forKey: id) != nil else { return }
        calls.remove(id)
        ready.append(.cancelled(id, tokens: 0))
    }

    @discardableResult
    func advance(into completions: inout [ScoreCompletion], mayWait: Bool) -> Advance {
        guard hasWork else { return .idle }
        let before = completions.count
        completions += ready
        ready.removeAll(keepingCapacity: true)
        for answer in calls.takeAnswers() {
            guard let (job, prefix) = jobs.removeValue(forKey: answer.id) else { continue }
            completions.append(completion(of: job, prefix, answer))
        }
        if completions.count > before { return .progressed }
        calls.watch()
        return .waiting
    }

    private func completion(of job: ScoreJob, _ prefix: Prefix, _ answer: ProgramAnswer) -> ScoreCompletion {
        statistics.decodeCalls += answer.calls
        statistics.decodeSeconds += answer.seconds
        var completion: ScoreCompletion
        if let failure = answer.failure {
            completion = ScoreCompletion(
                id: job.id, prefix: PrefixHandle(raw: .max), values: [], tokens: 0, failure: failure)
        } else {
            // The verdict on the whole answer is given to every step; only that of the last step is used.
            let values =
                judgesWholeAnswersOnly
                ? Array(repeating: answer.values.last ?? .nan, count: job.steps.count) : answer.values
            completion = ScoreCompletion(id: job.id, prefix: issue(prefix), values: values, tokens: 0)
        }
        (completion.calls, completion.seconds) = (answer.calls, answer.seconds)
        return completion
    }
}
