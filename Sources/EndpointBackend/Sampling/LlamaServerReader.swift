import LanguageModels
import SearchCore

/// llama-server's own route `/completion`: it reports ids, why it ended, and at which string.
struct LlamaServerReader: SegmentReader {
    private(set) var segment = Segment()
    private let model: String

    init(model: String) { self.model = model }

    mutating func take(_ event: JSONValue) throws(EndpointFailure) {
        guard segment.ending == nil else { throw .nonsense("a stream that continues after its end") }
        guard let text = event["content"]?.string, let isLast = event["stop"]?.bool else {
            throw .nonsense("an event without \"content\" and \"stop\"")
        }
        guard let told = event["tokens_predicted"]?.int, told >= segment.tokens else {
            throw .nonsense("an event without a count of tokens, or with one that falls")
        }
        let fresh = told - segment.tokens
        // The last event repeats the whole text if the server held that back; we already have it.
        let ids = isLast ? [] : event["tokens"]?.ids ?? []
        guard ids.count <= fresh else { throw .nonsense("more ids than tokens") }
        if !isLast || fresh > 0 { segment.add(isLast ? [] : Array(text.utf8), ids: ids, tokens: fresh) }
        for entry in event["completion_probabilities"]?.array ?? [] where !isLast {
            guard let value = entry["logprob"]?.double else { throw .nonsense("a token without \"logprob\"") }
            segment.logProbabilities.append(try Self.checked(value))
        }
        if isLast { try end(event) }
    }

    private mutating func end(_ event: JSONValue) throws(EndpointFailure) {
        if let other = event["model"]?.string, other != model {
            throw .nonsense("the server has changed its model: it was \(model), and is \(other)")
        }
        segment.promptTokensRead = event["timings"]?["prompt_n"]?.int
        switch event["stop_type"]?.string {
        case "eos": segment.ending = .end
        case "limit": segment.ending = .limit
        case "word":
            guard let word = event["stopping_word"]?.string else {
                throw .nonsense("it stopped at a word that it does not report")
            }
            segment.ending = .stop(Array(word.utf8))
        default:
            throw .nonsense(
                "no \"stop_type\": llama-server before 2024-12 does not report why it stopped. Use a newer one")
        }
    }

    /// - Parameters:
    ///   - stop: the strings at which the server ends the segment.
    ///   - slot: where it should run; it waits until this slot is free.
    static func body(
        prompt: [Int32], most: Int, request: SampleRequest, seed: UInt32, stop: [String], slot: Int? = nil
    ) -> [UInt8] {
        var body = JSONWriter()
        if let slot { body.add("id_slot", slot) }
        body.add("prompt", prompt)
        body.add("n_predict", most)
        body.add("seed", Int(seed))
        body.add("temperature", request.temperature)
        body.add("top_p", request.topP)
        body.add("min_p", request.minP)
        body.add("stop", stop)
        // The same order as for a model in this process: temperature first, then the filters, and nothing else.
        body.add("samplers", ["temperature", "min_p", "top_p"])
        body.addNeutralSampling()
        body.add("n_probs", 1)
        body.add("post_sampling_probs", false)
        body.add("return_tokens", true)
        body.add("cache_prompt", true)
        body.add("stream", true)
        // The last event without the prompt's text and 50 settings. An older server sends them all the same.
        body.add("response_fields", told)
        return body.finish()
    }

    /// What is read of the last event.
    private static let told = [
        "content", "stop", "tokens", "tokens_predicted", "stop_type", "stopping_word", "model", "timings",
    ]
}

extension JSONWriter {
    /// Every setting of llama-server that changes how a token is drawn, switched off: its defaults are not neutral.
    mutating func addNeutralSampling() {
        add("top_k", 0)
        add("typical_p", 1)
        add("repeat_penalty", 1)
        add("presence_penalty", 0)
        add("frequency_penalty", 0)
        add("dry_multiplier", 0)
        add("xtc_probability", 0)
        add("dynatemp_range", 0)
        add("mirostat", 0)
        add("ignore_eos", false)
    }
}
