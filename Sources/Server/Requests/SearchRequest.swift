import LanguageModels
import SearchCore

/// What a client asks for, checked as far as that needs no strategy.
struct SearchRequest: Sendable {
    enum Interface: Sendable {
        case chat, completions

        var object: String { self == .chat ? "chat.completion" : "text_completion" }
        var chunk: String { self == .chat ? "chat.completion.chunk" : "text_completion" }
        var prefix: String { self == .chat ? "chatcmpl" : "cmpl" }
    }

    var interface: Interface
    /// The last turn.
    var problem = ""
    /// The whole conversation, if there is more of it; else empty.
    var turns: [ChatTurn] = []
    /// As the client spelt it: replies repeat it.
    var model = ""
    var strategy: String?
    var budget: String?
    var params: [String: String] = [:]
    var seed: UInt64 = 0
    /// A bound on all tokens that are sampled, since all are counted in `completion_tokens`.
    var tokens: Int?
    /// Become parameters of strategies that have them.
    var temperature: Double?
    var topP: Double?
    var streams = false
    var includesUsage = false
    var includesSearch = false

    /// A name alone, to be checked.
    init(model: String) { (interface, self.model) = (.chat, model) }

    init(chat bytes: [UInt8]) throws(Refusal) {
        interface = .chat
        var fields = try RequestFields(bytes)
        guard let messages = try fields.array("messages") else {
            throw .request("missing_field", "'messages' is missing: the last one is the problem", param: "messages")
        }
        let all = try Self.turns(messages)
        problem = try Self.checked(all.last?.text ?? "", param: "messages")
        if all.count > 1 {
            for turn in all.dropLast() { try Self.checkText(turn.text, param: "messages") }
            turns = all
        }
        try readCommon(&fields)
        try checkTokens("max_tokens")
        if let more = try fields.int("max_completion_tokens") {
            guard tokens == nil || tokens == more else {
                throw .request(
                    "given_twice", "'max_tokens' and 'max_completion_tokens' differ", param: "max_completion_tokens")
            }
            tokens = more
        }
        try checkTokens("max_completion_tokens")
        try Self.refuseForeign(&fields)
        try fields.finish(known: Self.known)
    }

    init(completions bytes: [UInt8]) throws(Refusal) {
        interface = .completions
        var fields = try RequestFields(bytes)
        guard let prompt = fields.take("prompt") else {
            throw .request("missing_field", "'prompt' is missing: it is the problem", param: "prompt")
        }
        let one = prompt.array.flatMap { $0.count == 1 ? $0[0].string : nil }
        guard let text = prompt.string ?? one else {
            throw .request(
                "invalid_type",
                "'prompt' has to be a string, or an array with one: token ids and several prompts are not supported",
                param: "prompt")
        }
        problem = try Self.checked(text, param: "prompt")
        try readCommon(&fields)
        try checkTokens("max_tokens")
        try fields.refuse(
            "best_of", unless: { $0.int == 1 },
            because: "the budget says how many solutions are tried, and the strategy chooses")
        try fields.refuse("echo", unless: { $0.bool == false }, because: "the prompt is not a part of the solution")
        try fields.refuse("suffix", unless: { $0.string == "" }, because: "a solution is not inserted")
        try Self.refuseForeign(&fields)
        try fields.finish(known: Self.known)
    }

    private mutating func readCommon(_ fields: inout RequestFields) throws(Refusal) {
        guard let model = try fields.string("model"), !model.isEmpty else {
            throw .request(
                "missing_field", "'model' is missing: STRATEGY@BUDGET, such as best-of-n@16, or stratagem",
                param: "model")
        }
        self.model = model
        strategy = try fields.string("strategy")
        budget = try Self.budget(&fields)
        params = try fields.parameters("params")
        seed = try fields.seed() ?? 0
        tokens = try fields.int("max_tokens")
        temperature = try fields.number("temperature")
        topP = try fields.number("top_p")
        streams = try fields.bool("stream") ?? false
        if var options = try fields.fields("stream_options") {
            guard streams else {
                throw .request(
                    "invalid_value", "'stream_options' is for requests with \"stream\": true", param: "stream_options")
            }
            includesUsage = try options.bool("include_usage") ?? false
            includesSearch = try options.bool("include_search") ?? false
            try options.refuse(
                "include_obfuscation", unless: { $0.bool == false || $0.isNull },
                because: "deltas are sent when the search is over, so their times tell nothing")
            try options.finish(known: ["include_usage", "include_search"])
        }
    }

    private static func budget(_ fields: inout RequestFields) throws(Refusal) -> String? {
        guard let value = fields.take("budget") else { return nil }
        guard let text = value.string ?? value.int.map(String.init) else {
            throw .request(
                "bad_budget", "'budget' has to be a whole number of generations, or a string such as \"16+seconds=5\"",
                param: "budget")
        }
        return text
    }

    private func checkTokens(_ param: String) throws(Refusal) {
        if let tokens, tokens < 1 {
            throw .request("invalid_value", "'\(param)' has to be at least 1, found \(tokens)", param: param)
        }
    }

    private static func checked(_ text: String, param: String) throws(Refusal) -> String {
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw .request("bad_problem", "the problem is empty", param: param)
        }
        try checkText(text, param: param)
        return text
    }

    private static func checkText(_ text: String, param: String) throws(Refusal) {
        guard !text.unicodeScalars.contains("\0") else {
            throw .request("bad_problem", "the problem has a NUL character in it", param: param)
        }
        guard text.utf8.count <= 1 << 20 else {
            throw .request(
                "bad_problem", "the problem has \(text.utf8.count) bytes. At most 1 MiB is taken", param: param)
        }
    }

    private static let known = [
        "model", "messages", "prompt", "stream", "stream_options", "strategy", "budget", "params", "seed", "max_tokens",
        "max_completion_tokens", "temperature", "top_p",
    ]
}

extension SearchRequest {
    /// All messages. The last one is the problem; those before it go through the model's chat template, where it has
    /// one.
    private static func turns(_ messages: [JSONValue]) throws(Refusal) -> [ChatTurn] {
        guard !messages.isEmpty else {
            throw .request("missing_field", "'messages' is empty: the last one is the problem", param: "messages")
        }
        guard messages.count <= ChatPrompts.turnsMost else {
            throw .request(
                "unsupported_messages",
                "there are \(messages.count) messages, and at most \(ChatPrompts.turnsMost) are taken",
                param: "messages")
        }
        var turns: [ChatTurn] = []
        for (index, message) in messages.enumerated() {
            guard case .object = message, let role = message["role"]?.string else {
                throw .request(
                    "invalid_type", "'messages[\(index)]' has to be an object with 'role' and 'content'",
                    param: "messages")
            }
            guard let known = roles[role] else {
                throw .request(
                    "unsupported_parameter", "a message of the role '\(Plain.name(role))' is not supported",
                    param: "messages")
            }
            for key in ["tool_calls", "function_call", "audio", "refusal"]
            where message[key].map({ $0 != .null && $0 != .array([]) }) ?? false {
                throw .request(
                    "unsupported_parameter", "'messages[\(index)].\(key)' is not supported: a turn is text",
                    param: "messages")
            }
            turns.append(ChatTurn(role: known, text: try content(of: message, index)))
        }
        guard turns.last?.role == "user" else {
            throw .request(
                "invalid_value", "the last message has to be the user's: it is the problem", param: "messages")
        }
        return turns
    }

    /// By OpenAI's name, the one that templates know: a developer's message is what a system's was.
    private static let roles = ["system": "system", "developer": "system", "user": "user", "assistant": "assistant"]

    private static func content(of message: JSONValue, _ index: Int) throws(Refusal) -> String {
        guard let content = message["content"] else {
            throw .request("missing_field", "'messages[\(index)]' has no 'content'", param: "messages")
        }
        if let text = content.string { return text }
        guard let parts = content.array, !parts.isEmpty else {
            throw .request("invalid_type", "'content' has to be a string or an array of parts", param: "messages")
        }
        var text = ""
        for part in parts {
            guard part["type"]?.string == "text", let piece = part["text"]?.string else {
                throw .request(
                    "unsupported_parameter",
                    "'content' may have parts of the type text alone: images, sound and files are not supported",
                    param: "messages")
            }
            text += piece
        }
        return text
    }

    /// Fields of OpenAI's interface that a search cannot honour. Those that change no answer are taken.
    private static func refuseForeign(_ fields: inout RequestFields) throws(Refusal) {
        try fields.refuse(
            "n", unless: { $0.int == 1 },
            because: "a search has one answer; its other solutions are in 'stratagem.candidates'")
        let isNothing: (JSONValue) -> Bool = { value in
            switch value {
            case .array(let items): items.isEmpty
            case .object(let members): members.isEmpty
            case .number(let number): number == 0
            case .boolean(let flag): !flag
            default: false
            }
        }
        for key in [
            "tools", "functions", "logit_bias", "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs",
            "store",
        ] {
            try fields.refuse(key, unless: isNothing, because: "a search cannot honour it")
        }
        for key in ["tool_choice", "function_call"] {
            try fields.refuse(key, unless: { $0.string == "none" }, because: "there are no tools")
        }
        try fields.refuse(
            "response_format", unless: { $0["type"]?.string == "text" }, because: "solutions are free text")
        try fields.refuse("modalities", unless: { $0.array?.map(\.string) == ["text"] }, because: "solutions are text")
        try fields.refuse("service_tier", unless: { ["auto", "default"].contains($0.string) }, because: "there is one")
        for key in [
            "stop", "audio", "prediction", "parallel_tool_calls", "reasoning_effort", "verbosity", "web_search_options",
        ] {
            try fields.refuse(key, unless: isNothing, because: "a search cannot honour it")
        }
        // Say who asks or what for: nothing that an answer depends on.
        for key in ["user", "metadata", "safety_identifier", "prompt_cache_key"] { _ = fields.take(key) }
    }
}
