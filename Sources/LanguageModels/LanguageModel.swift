import SearchCore

/// A prefix that a model or a verifier knows: the root of a prompt or any node
/// below it. Only the object that issued a handle understands it.
public struct PrefixHandle: Hashable, Sendable {
    public var raw: UInt64
    public init(raw: UInt64) { self.raw = raw }
}

/// How far a sample goes.
public enum SampleUntil: Equatable, Sendable {
    /// To the end of the given number of steps (≥ 1), or to the end of the answer if that comes first.
    case steps(Int)
    /// To the end of the answer.
    case end
}

/// One sample to draw. The scheduler merges such jobs into decode calls.
public struct SampleJob: Sendable {
    /// Chosen by the caller; unique among the model's live jobs.
    public var id: UInt64
    public var prefix: PrefixHandle
    public var until: SampleUntil
    /// A hard cap, ≥ 1: never exceeded.
    public var maxTokens: Int
    /// ≥ 0; 0 takes the most likely token, and the lowest id in a tie.
    public var temperature: Double
    /// In (0, 1]; 1 is off.
    public var topP: Double
    /// In [0, 1); 0 is off.
    public var minP: Double
    /// Token k of the sample is drawn with `SampleRandom(seed).uniform(k)` and
    /// nothing else, so batching cannot change it.
    public var seed: UInt64
    /// Whether the completion must have `tokenDistributions`. They cost time, and do not change any byte of the sample.
    public var wantsDistributions: Bool

    public init(
        id: UInt64, prefix: PrefixHandle, until: SampleUntil, maxTokens: Int, temperature: Double,
        topP: Double = 1, minP: Double = 0, seed: UInt64, wantsDistributions: Bool = false
    ) {
        self.id = id
        self.prefix = prefix
        self.until = until
        self.maxTokens = maxTokens
        self.temperature = temperature
        self.topP = topP
        self.minP = minP
        self.seed = seed
        self.wantsDistributions = wantsDistributions
    }
}

/// How a sample ended.
public enum SampleEnding: Equatable, Sendable {
    /// The step limit was reached at a step delimiter: the node can be continued.
    case step
    /// The model ended its answer.
    case finished
    /// `maxTokens` or the context was reached: never taken for finished.
    case truncated
    /// Stopped by `cancel`; text and tokens so far are counted.
    case cancelled
    /// The model failed on this sample. No child prefix.
    case failed(String)
}

/// The result of a `SampleJob`.
public struct SampleCompletion: Sendable {
    public var id: UInt64
    /// The new prefix. Valid until it is released; meaningless if the job failed.
    public var prefix: PrefixHandle
    /// Only the new text. The step delimiter is part of its step; an end token is not part of the text.
    public var text: [UInt8]
    /// Byte offsets in `text` just past each completed step. A finished text's
    /// last step ends at `text.count`; a truncated step is not completed.
    public var stepEnds: [Int]
    /// The number of sampled tokens, including an end token: what the budget is charged.
    public var tokens: Int
    /// The log-probabilities of the sampled tokens under the model's own distribution (temperature 1), one per token;
    /// empty if the backend does not know them.
    public var tokenLogProbabilities: [Float]
    /// Figures of the distribution that each token was drawn from, one entry per token; empty if the job did not ask
    /// for them, or if the backend does not know them (``Capabilities/knowsTopProbabilities``,
    /// ``Capabilities/knowsDistributions``).
    public var tokenDistributions: [TokenDistribution]
    public var ending: SampleEnding

    /// The sum over the sampled tokens; NaN if it is not known.
    public var logProbability: Double {
        tokenLogProbabilities.isEmpty && tokens > 0 ? .nan : tokenLogProbabilities.reduce(0) { $0 + Double($1) }
    }

    public init(
        id: UInt64, prefix: PrefixHandle, text: [UInt8], stepEnds: [Int], tokens: Int,
        tokenLogProbabilities: [Float], tokenDistributions: [TokenDistribution] = [], ending: SampleEnding
    ) {
        self.id = id
        self.prefix = prefix
        self.text = text
        self.stepEnds = stepEnds
        self.tokens = tokens
        self.tokenLogProbabilities = tokenLogProbabilities
        self.tokenDistributions = tokenDistributions
        self.ending = ending
    }
}

/// The result of a call of `advance`.
public enum Advance: Sendable, Equatable {
    /// Work was done or completed. Call again: there may be more.
    case progressed
    /// All remaining jobs wait for something outside (a server, another thread): there is nothing to do until the lane
    /// is woken (``LaneSeat/wake``).
    case waiting
    /// There was no job.
    case idle
}

/// The policy of a search: continues text.
///
/// Confined to one thread: only the thread that made it calls it. Work is submitted, then `advance` is called until the
/// work is done. Each call does at most one unit of work (a decode call, a poll), so that the caller can submit new
/// jobs, cancel others and look at the clock in between.
///
/// A backend fulfils this contract, and `Tests/BackendContract` checks it clause by clause:
/// 1. *repeats*: a sample's bytes depend only on its prefix, parameters and seed (unless the backend says that it
///    cannot promise that: ``Capabilities/repeatsSamples``).
/// 2. *limits*: no sample has more than `maxTokens` tokens, and none grows past the context.
/// 3. *once*: every submitted job is completed exactly once, including cancelled jobs.
/// 4. *shares*: sampling a prefix n times reads its tokens once.
/// 5. *cancels*: a cancelled job completes as `.cancelled`, or with its result if it was done before; cancelling an
///    unknown job does nothing. Other jobs continue as if it had never existed.
/// 6. *advances*: `hasWork` says whether a job is left. `advance` never blocks; it returns `.idle` if there was no job,
///    and `.waiting` only if nothing was completed and a wake follows.
/// 7. *releases*: children of a released prefix stay valid; releasing everything frees everything.
/// 8. *fails*: what cannot be done is an error or a `.failed` completion, and the other jobs continue.
/// 9. *spells*: text, step ends, token counts and log-probabilities are consistent (`SampleCompletion`).
/// 10. *describes*: `tokenDistributions` are there if they are asked for and promised, and do not change any byte of a
///     sample.
public protocol LanguageModel: AnyObject {
    /// The shape from which FLOPs are computed; `nil` if it is not known (an endpoint).
    var shape: ModelShape? { get }
    /// Tokens a sequence may hold, prompt included.
    var contextTokens: Int { get }

    /// Registers literal text below `parent`, or as a new root. Nothing is decoded yet. Parts that are marked as
    /// template may contain special tokens; other parts never do.
    /// - Returns: the handle and the number of its own tokens.
    func makePrefix(parent: PrefixHandle?, text: [PromptPart]) throws(StratagemError) -> (PrefixHandle, tokens: Int)

    /// Tokens from the root to the end of `prefix`.
    func length(of prefix: PrefixHandle) -> Int

    func submit(_ job: SampleJob)
    /// The job completes as `.cancelled` at one of the next calls of `advance`.
    func cancel(job id: UInt64)
    /// Does at most one unit of work and appends the jobs that it completed. Never blocks.
    @discardableResult
    func advance(into completions: inout [SampleCompletion]) -> Advance
    /// Whether any submitted job is not completed yet.
    var hasWork: Bool { get }
    /// Whether the cache has room for the work of one more search. While it has none, a lane does not begin another
    /// search, because whatever is evicted from a cache has to be computed again.
    var hasRoom: Bool { get }
    /// The prefix will not be used again. Children stay valid.
    func release(_ prefix: PrefixHandle)
    /// Counters since the model was made.
    var statistics: EngineStatistics { get }
}

extension LanguageModel {
    public var hasRoom: Bool { true }
}

/// A piece of prompt text.
public struct PromptPart: Sendable, Equatable {
    public var bytes: [UInt8]
    /// The text is from the bundle's template, in which special tokens may be written. Text from a problem or a sample
    /// is not template, so that it cannot contain an end token.
    public var isTemplate: Bool
    /// The text is one token, whatever stands beside it.
    public var isToken = false
    public init(bytes: [UInt8], isTemplate: Bool) {
        self.bytes = bytes
        self.isTemplate = isTemplate
    }
    public init(token: String) {
        self.init(template: token)
        isToken = true
    }
    public init(template: String) { self.init(bytes: Array(template.utf8), isTemplate: true) }
    public init(text: [UInt8]) { self.init(bytes: text, isTemplate: false) }
}

extension [PromptPart] {
    /// Without so many spaces at the end, which its last part must have.
    public func dropping(spaces count: Int) -> [PromptPart] {
        guard count > 0, var last, last.bytes.count >= count, last.bytes.suffix(count).allSatisfy({ $0 == 32 }) else {
            return self
        }
        last.bytes.removeLast(count)
        return dropLast() + (last.bytes.isEmpty ? [] : [last])
    }
}

/// Counters of an engine's work, for `bench`.
public struct EngineStatistics: Sendable, Equatable, Codable {
    /// Tokens that went through the model: prompts, samples and repeats.
    public var decodedTokens = 0
    /// Of these, decoded again after an eviction.
    public var redecodedTokens = 0
    /// Distinct prefix tokens that the jobs so far needed: the minimum possible.
    public var neededTokens = 0
    public var decodeCalls = 0
    /// Floating-point operations for the decoded tokens: matrix products and attention.
    public var flops = 0.0
    /// Evictions of prefixes that a search could have continued from.
    public var evictions = 0
    /// Of these, prefixes that a running search was likely to continue from.
    public var freshEvictions = 0
    /// Processor seconds of the lane's thread inside the model's decode calls, and inside
    /// sampling or read-out.
    public var decodeSeconds = 0.0
    public var samplingSeconds = 0.0
    /// The same for making the context: a cost that occurs once and does not belong to a search.
    public var startSeconds = 0.0
    /// The same for turning text into tokens.
    public var textSeconds = 0.0
    public init() {}

    public mutating func add(_ other: EngineStatistics) {
        decodedTokens += other.decodedTokens
        redecodedTokens += other.redecodedTokens
        neededTokens += other.neededTokens
        decodeCalls += other.decodeCalls
        flops += other.flops
        evictions += other.evictions
        freshEvictions += other.freshEvictions
        decodeSeconds += other.decodeSeconds
        samplingSeconds += other.samplingSeconds
        startSeconds += other.startSeconds
        textSeconds += other.textSeconds
    }
}
