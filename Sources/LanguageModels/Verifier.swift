import SearchCore

/// Steps to score below a prefix that the verifier already knows.
public struct ScoreJob: Sendable {
    /// Chosen by the caller; unique among the verifier's live jobs.
    public var id: UInt64
    public var prefix: PrefixHandle
    /// The texts of the new steps, oldest first, at least one. The verifier adds
    /// the step delimiter where a step (the last of an answer) lacks it.
    public var steps: [[UInt8]]
    /// Whether the last step ends an answer: an outcome verifier scores only such steps.
    public var isFinished: Bool

    public init(id: UInt64, prefix: PrefixHandle, steps: [[UInt8]], isFinished: Bool) {
        self.id = id
        self.prefix = prefix
        self.steps = steps
        self.isFinished = isFinished
    }
}

/// Where in an answer some steps stand.
public struct StepPlace: Sendable, Hashable {
    /// The first of them begins the answer.
    public var begins: Bool
    /// The last of them ends the answer.
    public var ends: Bool

    public init(begins: Bool = false, ends: Bool = false) { (self.begins, self.ends) = (begins, ends) }
}

/// The result of a `ScoreJob`.
public struct ScoreCompletion: Sendable {
    public var id: UInt64
    /// The prefix of the scored text, for scoring texts below it.
    public var prefix: PrefixHandle
    /// One value in [0, 1] per step, as the verifier gave it. A value may be NaN, which the runtime turns into a
    /// verifier failure. Empty if the job failed.
    public var values: [Double]
    /// Tokens of the new steps (not of the prefix).
    public var tokens: Int
    /// Why it failed, else `nil`.
    public var failure: String?
    /// Stopped by `cancel`: a failure that is nobody's fault.
    public var wasCancelled = false
    /// Its cost, if that is not the cost of reading `tokens` once: a judge that writes. Nil: it is that cost.
    public var flops: Double?
    /// Calls of a program that took the place of a model, and the seconds that they took.
    public var calls = 0
    public var seconds = 0.0

    public init(id: UInt64, prefix: PrefixHandle, values: [Double], tokens: Int, failure: String? = nil) {
        self.id = id
        self.prefix = prefix
        self.values = values
        self.tokens = tokens
        self.failure = failure
    }

    /// The completion of a job that was cancelled; `tokens` tokens were read, or will be.
    public static func cancelled(_ id: UInt64, tokens: Int) -> ScoreCompletion {
        var completion = ScoreCompletion(
            id: id, prefix: PrefixHandle(raw: .max), values: [], tokens: tokens, failure: "it was cancelled")
        completion.wasCancelled = true
        return completion
    }
}

/// Scores text: a process reward model reads every step. Thread-confined, driven
/// like `LanguageModel`.
///
/// It keeps its own tree: scoring a child costs that child's tokens, not the whole prefix.
///
/// A backend fulfils this contract, and `Tests/BackendContract` checks it clause by clause:
/// 1. *repeats*: a value depends only on the text from the root (``Capabilities/repeatsSamples``).
/// 2. *values*: one value per step, each in [0, 1]; texts below a prefix get the same values as when everything is
///    scored in one go.
/// 3. *once*: every submitted job is completed exactly once, including cancelled jobs.
/// 4. *counts*: `tokens` is what `countTokens` returns for the steps at their place. A verifier without a shape may
///    only estimate that, because nothing is reserved by it. One that writes before it judges may use fewer.
/// 5. *cancels*, 6. *advances*, 7. *releases*, 8. *fails*: as for `LanguageModel`.
public protocol Verifier: AnyObject {
    var shape: ModelShape? { get }
    /// Registers a problem, with the earlier attempts if its root shows any, through the verifier's template. Nothing
    /// is read yet.
    func makeRoot(problem: [UInt8], attempts: [[UInt8]]) throws(StratagemError) -> (PrefixHandle, tokens: Int)
    func length(of prefix: PrefixHandle) -> Int
    /// The number of tokens that scoring `steps` in the middle of an answer will read, or write at most.
    func countTokens(_ steps: [[UInt8]]) -> Int
    /// The same at the beginning or the end of an answer, where a verifier may be shown more or other text.
    func countTokens(_ steps: [[UInt8]], at place: StepPlace) -> Int
    /// Whether logits are computed for every token, and not only at the ends of steps: needed for counting FLOPs.
    var looksAtEveryToken: Bool { get }
    /// True for an outcome verifier. It was trained on whole answers, so its values for unfinished ones mean nothing.
    /// Only the value at an answer's end is used.
    var judgesWholeAnswersOnly: Bool { get }
    func submit(_ job: ScoreJob)
    /// The job completes at one of the next calls of `advance`: as cancelled, unless it was already done.
    func cancel(job id: UInt64)
    /// Does at most one unit of work and appends the jobs that it completed. Never blocks.
    /// - Parameter mayWait: other work continues, so jobs may be collected until a unit of work is worthwhile. This
    ///   cannot go on forever: a verifier that is called again and again does work.
    @discardableResult
    func advance(into completions: inout [ScoreCompletion], mayWait: Bool) -> Advance
    /// See `LanguageModel.hasRoom`.
    var hasRoom: Bool { get }
    var hasWork: Bool { get }
    func release(_ prefix: PrefixHandle)
    var statistics: EngineStatistics { get }
}

extension Verifier {
    public var looksAtEveryToken: Bool { false }
    public func countTokens(_ steps: [[UInt8]], at place: StepPlace) -> Int { countTokens(steps) }
    /// The number of positions at which scoring these steps computes values.
    public func outputs(tokens: Int, steps: Int) -> Int {
        looksAtEveryToken ? tokens : judgesWholeAnswersOnly ? min(1, steps) : steps
    }
    public var hasRoom: Bool { true }
    @discardableResult
    public func advance(into completions: inout [ScoreCompletion]) -> Advance {
        advance(into: &completions, mayWait: false)
    }
}
