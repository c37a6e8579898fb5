import LanguageModels
import SearchCore

/// Conversations on a server: laid out with the model's own chat template (llama-server, vLLM), or answered.
struct EndpointChat: ChatLayout {
    /// A conversation that every template takes.
    static let probe = ChatTurn(role: "user", text: "What is 3 plus 4?")

    private let profile: ServerProfile
    private let client: EndpointClient

    init(_ profile: ServerProfile, _ client: EndpointClient) {
        self.profile = profile
        self.client = client
    }

    /// The request that lays out a conversation, for messages.
    static func request(_ profile: ServerProfile) -> String {
        profile.kind == .vLLM ? "POST /tokenize" : "POST /apply-template"
    }

    /// Blocks until the server has answered.
    func lay(out turns: [ChatTurn]) throws(StratagemError) -> String {
        try Blocking.wait { () async throws(StratagemError) in
            do throws(EndpointFailure) { return try await prompt(of: turns) } catch {
                throw error.error(server: client.address, request: Self.request(profile))
            }
        }
    }

    /// Whether conversations can be laid out. llama-server has said so already; vLLM refuses those of a model without a
    /// template, and says nothing before.
    func laysOut() async -> Bool {
        guard profile.kind == .vLLM else { return profile.laysOutChats }
        return (try? await prompt(of: [Self.probe])) != nil
    }

    /// The text that a policy's prompt must have to become the tokens of this conversation.
    func prompt(of turns: [ChatTurn]) async throws(EndpointFailure) -> String {
        var body = JSONWriter()
        body.addMessages(turns.map { ($0.role, Array($0.text.utf8)) })
        if profile.kind == .vLLM { return try await vLLMPrompt(body) }
        guard let prompt = try await client.post(.native("apply-template"), body.finish())["prompt"]?.string else {
            throw .nonsense("a template that gives no prompt")
        }
        return prompt
    }

    /// vLLM shows a conversation as tokens only. Their text is what we need, but prompts begin with the tokens that the
    /// tokenizer puts before a text, which many templates write out as well: these must not be there twice.
    private func vLLMPrompt(_ turns: JSONWriter) async throws(EndpointFailure) -> String {
        var body = turns
        body.add("model", profile.model)
        body.add("add_generation_prompt", true)
        guard let ids = try await client.post(.native("tokenize"), body.finish())["tokens"]?.ids, let first = ids.first
        else {
            throw .nonsense("a template that gives no tokens")
        }
        let tokenizer = EndpointTokenizer(profile)
        let text = try await tokenizer.text(of: ids, on: client)
        let beginning = try await tokenizer.text(of: [first], on: client)
        for candidate in [text, text.starts(with: beginning) ? Array(text.dropFirst(beginning.count)) : []]
        where !candidate.isEmpty {
            let parts = [PromptPart(template: String(decoding: candidate, as: UTF8.self))]
            if try await tokenizer.tokens(of: parts, isRoot: true, on: client) == ids {
                return String(decoding: candidate, as: UTF8.self)
            }
        }
        throw .nonsense("a chat template whose text becomes other tokens than its own")
    }

    /// Whether a server without an interface of its own answers in a conversation. SGLang is left out, because it
    /// reports where a step ends, and so can search by steps.
    func answers() async -> Bool {
        guard profile.kind == .other, profile.owner != "sglang" else { return false }
        var body = JSONWriter()
        body.add("model", profile.model)
        body.addMessage(ofUser: Array(Self.probe.text.utf8))
        body.add("max_tokens", 1)
        let answer = try? await client.post(.openAI("chat/completions"), body.finish())
        return answer?["choices"]?.array?.first?["message"] != nil
    }
}
