import LanguageModels
import SearchCore

/// OpenAI's `/v1/completions`. vLLM reports ids there; other servers report only the text.
struct CompletionsReader: SegmentReader {
    private let keepsTokens: Bool
    private var text: [UInt8] = []
    private var ids: [Int32] = []
    private var spelled: [String] = []
    private var logProbabilities: [Float] = []
    private var ending: Segment.Ending?
    private var usage = TokenUsage()

    init(keepsTokens: Bool) { self.keepsTokens = keepsTokens }

    mutating func take(_ event: JSONValue) throws(EndpointFailure) {
        usage.take(event)
        guard let choice = try Self.choice(of: event) else { return }
        guard let piece = choice["text"]?.string else { throw .nonsense("a choice without \"text\"") }
        text += piece.utf8
        if let told = choice["token_ids"], !told.isNull {
            guard let list = told.ids else { throw .nonsense("\"token_ids\" that are not a list of ids") }
            ids += list
        }
        if let told = choice["logprobs"], !told.isNull { try take(logProbabilities: told) }
        guard let reason = choice["finish_reason"], let word = reason.string else { return }
        guard ending == nil else { throw .nonsense("a stream that continues after its end") }
        ending = try Self.ending(word, choice)
    }

    private mutating func take(logProbabilities told: JSONValue) throws(EndpointFailure) {
        for value in told["token_logprobs"]?.array ?? [] {
            guard let value = value.double else { throw .nonsense("a log-probability that is not a number") }
            logProbabilities.append(try Self.checked(value))
        }
        spelled += (told["tokens"]?.array ?? []).compactMap(\.string)
    }

    /// The string at which it stopped, which vLLM reports in `stop_reason` and SGLang in `matched_stop`; null, or the
    /// id of a token, means the model's own end.
    private static func ending(_ reason: String, _ choice: JSONValue) throws(EndpointFailure) -> Segment.Ending {
        switch reason {
        case "length": return .limit
        case "stop":
            guard let told = choice["stop_reason"] ?? choice["matched_stop"] else { return .untold }
            return told.string.map { .stop(Array($0.utf8)) } ?? .end
        case "abort", "error": throw EndpointFailure(.lost, "the server aborted the request: finish_reason \(reason)")
        default: throw .nonsense("an unknown finish_reason '\(EndpointClient.short(reason))'")
        }
    }

    /// vLLM always reports the count: without it, its stream was cut.
    var lacksCount: Bool { ending != nil && usage.sampled == nil && !keepsTokens }

    var segment: Segment {
        var segment = Segment()
        segment.tokens = usage.sampled ?? (keepsTokens ? ids.count : 0)
        segment.logProbabilities = logProbabilities
        // The count comes after the last choice: without it the stream was not complete.
        segment.ending = usage.sampled == nil ? nil : ending
        segment.promptTokensRead = usage.promptRead
        segment.pieces = pieces(segment.tokens)
        return segment
    }

    /// One piece per token if the tokens' own texts add up to the text; otherwise a single piece.
    private func pieces(_ count: Int) -> [Segment.Piece] {
        let last = ending == .end ? spelled.dropLast() : spelled[...]
        let joined = last.flatMap { Array($0.utf8) }
        let isSpelled =
            keepsTokens && ids.count == count && spelled.count == count && joined.starts(with: text)
            && !last.contains { $0.contains("\u{FFFD}") }
        guard isSpelled else { return [Segment.Piece(bytes: text, ids: keepsTokens ? ids : [], tokens: count)] }
        return zip(ids, spelled).enumerated().map { index, pair in
            Segment.Piece(bytes: index < last.count ? Array(pair.1.utf8) : [], ids: [pair.0], tokens: 1)
        }
    }

    static func body(
        model: String, prompt: Prompt, most: Int, request: SampleRequest, seed: UInt32, stop: [String], isVLLM: Bool,
        isStreamed: Bool = true
    ) -> [UInt8] {
        var body = JSONWriter()
        body.add("model", model)
        switch prompt {
        case .ids(let ids): body.add("prompt", ids)
        case .text(let bytes): body.add("prompt", bytes: bytes)
        }
        body.addCommon(most: most, request: request, seed: seed, stop: stop, isStreamed: isStreamed)
        if isVLLM {
            body.add("min_p", request.minP)
            body.add("top_k", -1)
            body.add("repetition_penalty", 1)
            body.add("min_tokens", 0)
            body.add("ignore_eos", false)
            body.add("logprobs", 0)
            body.add("return_token_ids", true)
            body.add("include_stop_str_in_output", true)
            body.add("spaces_between_special_tokens", false)
        }
        return body.finish()
    }

    /// The text or the ids to continue.
    enum Prompt: Sendable {
        case ids([Int32])
        case text([UInt8])
    }
}
