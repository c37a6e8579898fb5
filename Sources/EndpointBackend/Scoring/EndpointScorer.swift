import LanguageModels
import Locking
import SearchCore

/// A way to get values from a server. There is one for each role; it may be called from any thread.
protocol EndpointScorer: Sendable {
    /// Whether the server is sent its own tokens, and not text.
    var sendsTokens: Bool { get }
    /// Whether every request reads the text from its beginning. Then the cost of a job is what the server reports;
    /// otherwise the server keeps what it has read, and a text's tokens are charged once.
    var readsFromTheStart: Bool { get }
    /// Whether a whole answer is shown step by step too: the server reads it at every step anyway.
    var showsSteps: Bool { get }
    /// Whether a value may be a bound, because the server does not return every probability.
    var givesBounds: Bool { get }
    /// The judge whose question stands behind each step; nil if there is none, or if the scorer adds it itself.
    var asks: JudgeReadOut? { get }
    /// One value for each of `steps`, which follow each other below `above`.
    /// - Parameter meter: takes what is read, also if the call fails later.
    func values(of steps: [ScoredPiece], below above: ScoredText, meter: ScoreMeter) async throws(StratagemError)
        -> [Double]
    /// The same for steps with questions, with what of each stays in the text.
    func scores(of steps: [AskedStep], below above: ScoredText, meter: ScoreMeter) async throws(StratagemError)
        -> [(value: Double, stays: ScoredPiece)]
    /// Does what shows that the server can be read, before a search begins; false if a short answer is to be scored.
    func probe(_ prompt: ScoredText) async throws(StratagemError) -> Bool
}

extension EndpointScorer {
    var asks: JudgeReadOut? { nil }
    func scores(of steps: [AskedStep], below above: ScoredText, meter: ScoreMeter) async throws(StratagemError)
        -> [(value: Double, stays: ScoredPiece)]
    {
        let values = try await values(of: steps.map(\.step), below: above, meter: meter)
        guard values.count == steps.count else {
            throw StratagemError(.host, .endpointFailed, "\(values.count) values for \(steps.count) steps")
        }
        return zip(values, steps).map { ($0, $1.step) }
    }

    func probe(_ prompt: ScoredText) async throws(StratagemError) -> Bool { false }
    var readsFromTheStart: Bool { true }
    var showsSteps: Bool { false }
    var givesBounds: Bool { false }
}

/// What the requests of one job have read.
final class ScoreMeter: Sendable {
    struct Reading: Sendable {
        var requests = 0
        /// Tokens of prompts, and of replies, that the server reported.
        var tokens = 0
        /// Of them, those that were not in its cache.
        var read = 0
        /// Tokens that do not stay in the text, of a scorer whose texts are charged once.
        var passing = 0
    }

    private let state = Locked(Reading())
    var reading: Reading { state.withLock { $0 } }

    /// - Parameter fresh: nil if the server does not say what was in its cache.
    func note(tokens: Int, fresh: Int? = nil) {
        state.withLock { state in
            state.requests += 1
            state.tokens += tokens
            state.read += fresh ?? tokens
        }
    }

    func note(passing tokens: Int) { state.withLock { $0.passing += tokens } }
    func note(_ sample: SampleResult) {
        state.withLock { state in
            state.requests += sample.requests
            state.tokens += sample.promptTokensRead + sample.tokens
            state.read += sample.promptTokensRead + sample.tokens
        }
    }
}

/// What the answers of several routes have in common.
enum ScoreAnswer {
    /// The tokens of the prompt, and of the reply if there is one.
    static func note(_ answer: JSONValue, expected: Int? = nil, in meter: ScoreMeter) throws(EndpointFailure) {
        let usage = answer["usage"]
        guard let prompt = usage?["prompt_tokens"]?.int, prompt >= 0 else {
            throw .nonsense("no count of the prompt's tokens, without which the cost would be unknown")
        }
        let cached = usage?["prompt_tokens_details"]?["cached_tokens"]?.int ?? 0
        // It has been read, even if it is not what was sent.
        meter.note(tokens: prompt + max(0, usage?["completion_tokens"]?.int ?? 0), fresh: max(0, prompt - cached))
        if let expected, prompt != expected {
            throw .nonsense("it read \(prompt) tokens of a prompt of \(expected)")
        }
    }

    /// A log-probability is at most 0; NaN comes from a server whose weights are damaged.
    static func logProbability(_ value: JSONValue?) throws(EndpointFailure) -> Double {
        guard let value = value?.double else { throw .nonsense("a log-probability that is not a number") }
        guard value <= 1e-4 else { throw .nonsense("a log-probability of \(value)") }
        return min(value, 0)
    }

    /// A server that changes its model in the middle of a search would give values that cannot be compared.
    static func check(model: String, _ answer: JSONValue) throws(EndpointFailure) {
        guard let other = answer["model"]?.string, other != model else { return }
        throw .nonsense("the server has changed its model: it was \(model), and is \(other)")
    }
}

/// Log-probabilities of some tokens at one position.
struct ServedRow: ReadOutRow {
    var values: [Int32: Double]
    /// A token that the server did not return makes the value NaN, and so a failure.
    subscript(token: Int32) -> Float { values[token].map { Float($0) } ?? .nan }
    var maximum: Float { Float(values.values.max() ?? .nan) }
    /// Servers return none.
    var state: [Float] { [] }
}

extension ServerProfile {
    /// The beginning of a request that asks for one token, and for what the server knows about it.
    func oneToken(behind prompt: [Int32]) -> JSONWriter {
        var body = JSONWriter()
        body.add("model", model)
        body.add("prompt", prompt)
        body.add("max_tokens", 1)
        body.add("temperature", 0)
        return body
    }
}
