import LanguageModels
import SearchCore

/// A GGUF model that writes what it thinks of a text, and is read where its verdict follows: see `JudgeThought`.
///
/// It works on one step of a job after the other, and on all jobs at once. A step has two parts: the thought is sampled
/// by a policy, below the step and the question, and then the logits behind the verdict's text are read.
final class LlamaJudge: Verifier {
    /// How one role judges.
    struct Manner {
        var role: String
        var readOut: JudgeReadOut
        var thought: JudgeThought
        /// The tokens of the spellings of yes and of no.
        var verdicts: Verdicts
        var template: PromptTemplate
        var steps: StepRule
        var judgesWholeAnswersOnly: Bool
    }

    /// A prefix of the caller's: a problem, or a scored text below it.
    private struct Text {
        var prefix: PrefixHandle
        /// The number of steps in it.
        var steps = 0
    }

    private struct Job {
        var id: UInt64
        var steps: [PlacedStep]
        /// The number of values that its caller expects, which is more if its steps are read as one text.
        var valueCount: Int
        /// What has been scored so far, which the job holds unless it is the caller's.
        var text: Text
        var isCallers = true
        var values: [Double] = []
        var cost: JudgeCost
        /// The prefixes of the step that is being judged, which the job holds: the step with the question, and the
        /// step alone.
        var question = PrefixHandle.none
        var step = PrefixHandle.none
        /// The prefix behind the verdict's text, once there is a thought.
        var verdict: PrefixHandle?
    }

    let shape: ModelShape?
    private let manner: Manner
    private let policy: LlamaPolicy
    private let vocabulary: Vocabulary
    private let contextTokens: Int
    /// Spaces at the template's end, which a tokenizer joins with the first word of the first step.
    private let lead: [UInt8]
    private var texts: [UInt64: Text] = [:]
    private var issued: UInt64 = 0
    /// By the id of the policy's job, which is another one for each part of a step.
    private var jobs: [UInt64: Job] = [:]
    private var sampled: UInt64 = 0
    private var completed: [ScoreCompletion] = []

    init(weights: LlamaWeights, options: LlamaContext.Options, contextTokens: Int, _ manner: Manner) {
        self.manner = manner
        self.contextTokens = contextTokens
        shape = weights.shape
        vocabulary = weights.vocabulary
        lead = manner.template.spacesAtEnd
        // Nothing but the thought's own end is looked for.
        policy = LlamaPolicy(
            weights: weights, options: options, contextTokens: contextTokens,
            rules: StopRules(steps: .line, stop: manner.thought.until), continuesEnded: true)
    }

    var statistics: EngineStatistics { policy.statistics }
    /// For tests: the number of nodes that are not released yet, or are still in the cache.
    var liveNodes: Int { policy.liveNodes }
    var hasRoom: Bool { policy.hasRoom }
    var hasWork: Bool { !jobs.isEmpty || !completed.isEmpty || policy.hasWork }
    var judgesWholeAnswersOnly: Bool { manner.judgesWholeAnswersOnly }
    /// It reads every token that it writes, and what it costs is known only then: until then this is the most.
    var looksAtEveryToken: Bool { true }

    // MARK: Prefixes

    func makeRoot(problem: [UInt8], attempts: [[UInt8]]) throws(StratagemError) -> (PrefixHandle, tokens: Int) {
        let parts = manner.template.render(problem: problem, attempts: attempts).dropping(spaces: lead.count)
        let prefix = try policy.makePrefix(parent: nil, tokens: vocabulary.tokens(ofRoot: parts))
        return (issue(Text(prefix: prefix)), policy.length(of: prefix))
    }

    private func issue(_ text: Text) -> PrefixHandle {
        issued += 1
        texts[issued] = text
        return PrefixHandle(raw: issued)
    }

    func length(of prefix: PrefixHandle) -> Int { texts[prefix.raw].map { policy.length(of: $0.prefix) } ?? 0 }

    func release(_ prefix: PrefixHandle) {
        if let text = texts.removeValue(forKey: prefix.raw) { policy.release(text.prefix) }
    }

    func countTokens(_ steps: [[UInt8]]) -> Int { countTokens(steps, at: StepPlace()) }

    /// The most that it may be: a thought that is not cut, and as many digits as a step's number may have.
    func countTokens(_ steps: [[UInt8]], at place: StepPlace) -> Int {
        let verdict = vocabulary.tokens(of: [PromptPart(template: manner.thought.verdict)], continuing: true).count
        let next = vocabulary.tokens(of: [PromptPart(template: manner.thought.next ?? "")], continuing: true).count
        // What is left of the thought's last token is tokenised with the verdict's text.
        let fixed = manner.thought.tokens + Self.leftoverMost + verdict + 1 + next
        return placed(steps, at: place).reduce(0) { sum, step in
            let text = step.stepText(manner.steps, lead: lead)
            let asked = vocabulary.tokens(of: manner.readOut.layOutQuestion(text, number: 9_999_999), continuing: true)
            return sum + asked.count + vocabulary.tokens(of: manner.readOut.layOut(text), continuing: true).count
                + fixed
        }
    }

    private static let leftoverMost = 16

    private func placed(_ steps: [[UInt8]], at place: StepPlace) -> [PlacedStep] {
        PlacedStep.all(steps, at: place, joined: judgesWholeAnswersOnly)
    }

    /// Tokens of a text that follows this prefix: behind a special token it begins anew for the tokenizer.
    private func tokens(of parts: [PromptPart], after prefix: PrefixHandle) -> [Token] {
        let last = policy.tokens(of: prefix, from: policy.length(of: prefix) - 1).last
        return vocabulary.tokens(of: parts, continuing: last.map { !vocabulary.isControl($0) } ?? false)
    }

    // MARK: Jobs

    func submit(_ job: ScoreJob) {
        precondition(!job.steps.isEmpty, "a score job has no steps")
        guard let text = texts[job.prefix.raw] else {
            return completed.append(
                ScoreCompletion(
                    id: job.id, prefix: .none, values: [], tokens: 0, failure: "a released prefix was used"))
        }
        let steps = placed(job.steps, at: StepPlace(begins: text.steps == 0, ends: job.isFinished))
        think(Job(id: job.id, steps: steps, valueCount: job.steps.count, text: text, cost: JudgeCost(shape: shape)))
    }

    /// Begins with the job's next step.
    private func think(_ begun: Job) {
        var job = begun
        let number = job.text.steps + 1
        let step = job.steps[job.values.count].stepText(manner.steps, lead: lead)
        let above = job.text.prefix
        let asked = tokens(of: manner.readOut.layOutQuestion(step, number: number), after: above)
        do throws(StratagemError) {
            if manner.thought.next == nil {
                // What the step and the step with the question have in common is read once.
                let alone = tokens(of: manner.readOut.layOut(step), after: above)
                let common = zip(asked, alone).prefix { $0.0 == $0.1 }.count
                let shared = try policy.makePrefix(parent: above, tokens: Array(asked.prefix(common)))
                defer { policy.release(shared) }
                job.step = try policy.makePrefix(parent: shared, tokens: Array(alone.dropFirst(common)))
                let start = policy.length(of: above)
                job.cost.read(alone.count, from: start)
                job.question = try policy.makePrefix(parent: shared, tokens: Array(asked.dropFirst(common)))
                job.cost.read(asked.count - common, from: start + common)
            } else {
                job.question = try policy.makePrefix(parent: above, tokens: asked)
                job.cost.read(asked.count, from: policy.length(of: above))
            }
        } catch {
            return fail(job, error.message)
        }
        let seed = manner.thought.seed(role: manner.role, text: policy.tokens(of: job.question))
        sampled += 1
        jobs[sampled] = job
        policy.submit(
            SampleJob(
                id: sampled, prefix: job.question, until: .end, maxTokens: manner.thought.tokens,
                temperature: manner.thought.temperature, seed: seed))
    }

    func cancel(job id: UInt64) {
        guard let (sample, job) = jobs.first(where: { $0.value.id == id }) else { return }
        jobs[sample] = nil
        // What it has written is not known until it ends, and then nobody asks for it any more.
        policy.cancel(job: sample)
        letGo(job)
        var completion = ScoreCompletion.cancelled(id, tokens: job.cost.tokens)
        completion.flops = job.cost.flops
        completed.append(completion)
    }

    @discardableResult
    func advance(into completions: inout [ScoreCompletion], mayWait: Bool) -> Advance {
        guard hasWork else { return .idle }
        var samples: [SampleCompletion] = []
        policy.advance(into: &samples)
        for sample in samples { take(sample) }
        completions += completed
        completed.removeAll(keepingCapacity: true)
        return .progressed
    }

    private func take(_ sample: SampleCompletion) {
        defer { policy.release(sample.prefix) }
        let reading = policy.readings.result(of: sample.id)
        guard var job = jobs.removeValue(forKey: sample.id) else { return }
        if case .failed(let reason) = sample.ending { return fail(job, reason) }
        if job.verdict != nil {
            guard let reading else { return fail(job, contextIsFull) }
            return conclude(job, reading)
        }
        job.cost.write(sample, from: policy.length(of: job.question))
        guard sample.ending == .finished else { return fail(job, manner.thought.failure(written: sample.tokens)) }
        read(job, behind: sample)
    }

    private var contextIsFull: String {
        "the verdict does not fit in the judge's context of \(contextTokens) tokens. Raise the bundle's context"
    }

    /// Puts the verdict's text behind a thought, and asks for the logits there.
    private func read(_ thought: Job, behind sample: SampleCompletion) {
        var job = thought
        let end = policy.length(of: sample.prefix)
        let kept = policy.tokens(of: sample.prefix, from: policy.length(of: job.question))
        // The part of the thought's text that is no whole token, because the text that ends it begins inside one.
        let rest = sample.text.dropFirst(kept.reduce(0) { $0 + vocabulary.piece($1).count })
        let behind = tokens(
            of: [PromptPart(text: Array(rest)), PromptPart(template: manner.thought.verdict)], after: sample.prefix)
        do throws(StratagemError) {
            job.verdict = try policy.makePrefix(parent: sample.prefix, tokens: behind)
        } catch {
            return fail(job, contextIsFull)
        }
        job.cost.read(behind.count, from: end, outputs: 1)
        sampled += 1
        jobs[sampled] = job
        policy.submit(
            SampleJob(id: sampled, prefix: job.verdict ?? .none, until: .end, maxTokens: 1, temperature: 0, seed: 0),
            reading: manner.verdicts.all)
    }

    /// The value of a step; then its next step, or the job's end.
    private func conclude(_ judged: Job, _ logits: [Float]) {
        var job = judged
        job.values.append(manner.verdicts.share(logits))
        var text = Text(prefix: job.step, steps: job.text.steps + 1)
        if let next = manner.thought.next, let verdict = job.verdict {
            let tail =
                [manner.verdicts.likeliest(logits)]
                + vocabulary.tokens(of: [PromptPart(template: next)], continuing: true)
            do throws(StratagemError) {
                text.prefix = try policy.makePrefix(parent: verdict, tokens: tail)
            } catch {
                return fail(job, contextIsFull)
            }
            job.cost.read(tail.count, from: policy.length(of: verdict))
        }
        if manner.thought.next == nil { job.step = .none }
        letGo(job)
        (job.text, job.isCallers) = (text, false)
        (job.question, job.step, job.verdict) = (.none, .none, nil)
        if job.values.count < job.steps.count { think(job) } else { complete(job) }
    }

    /// Releases what a job holds.
    private func letGo(_ job: Job) {
        if !job.isCallers { policy.release(job.text.prefix) }
        policy.release(job.question)
        policy.release(job.step)
        policy.release(job.verdict ?? .none)
    }

    private func complete(_ job: Job) {
        // The verdict on the whole answer stands for each of its steps.
        let last = job.values.last ?? .nan
        let values = job.values + Array(repeating: last, count: job.valueCount - job.values.count)
        var completion = ScoreCompletion(
            id: job.id, prefix: issue(job.text), values: values, tokens: job.cost.tokens)
        completion.flops = job.cost.flops
        completed.append(completion)
    }

    private func fail(_ job: Job, _ reason: String) {
        letGo(job)
        var completion = ScoreCompletion(
            id: job.id, prefix: .none, values: [], tokens: job.cost.tokens, failure: reason)
        completion.flops = job.cost.flops
        completed.append(completion)
    }
}
