import SearchCore

/// The `usage` of OpenAI's interface, which a stream has in its last event.
struct TokenUsage: Sendable {
    /// The number of sampled tokens; nil until the server has reported it.
    private(set) var sampled: Int?
    private var prompt: Int?
    private var cached: Int?

    mutating func take(_ event: JSONValue) {
        guard let usage = event["usage"], !usage.isNull else { return }
        sampled = usage["completion_tokens"]?.int
        prompt = usage["prompt_tokens"]?.int
        cached = usage["prompt_tokens_details"]?["cached_tokens"]?.int
    }

    /// Tokens of the prompt that were not in the server's cache; nil if it does not say.
    var promptRead: Int? { prompt.map { $0 - (cached ?? 0) } }
}

extension JSONWriter {
    /// What OpenAI's two routes for samples have in common. All of it is always sent, because defaults differ.
    mutating func addCommon(
        most: Int, request: SampleRequest, seed: UInt32, stop: [String], isStreamed: Bool = true
    ) {
        add("max_tokens", most)
        add("seed", Int(seed))
        add("temperature", request.temperature)
        add("top_p", request.topP)
        add("presence_penalty", 0)
        add("frequency_penalty", 0)
        if !stop.isEmpty { add("stop", stop) }
        add("n", 1)
        add("stream", isStreamed)
        // With "stream": false, vLLM and OpenAI refuse this.
        if isStreamed { add("stream_options", json: "{\"include_usage\":true}") }
    }
}
