/// The request by which a server of this kind is asked for a sample, or for the rest of one.
struct SampleQuery: Sendable {
    let profile: ServerProfile
    let request: SampleRequest
    /// What was sampled already: as ids, or as text for a server that takes none.
    let ids: [Int32]
    let text: [UInt8]
    /// The number of tokens that it may have.
    let most: Int
    let seed: UInt32
    let stop: [String]

    var route: Route {
        switch profile.kind {
        case .llamaServer: .native("completion")
        case .other where profile.isChat: .openAI("chat/completions")
        case .vLLM, .other: .openAI("completions")
        }
    }

    /// - Parameters:
    ///   - isStreamed: llama-server's route is always streamed.
    ///   - slot: of llama-server; nil: the server chooses one.
    func body(isStreamed: Bool, slot: Int? = nil) -> [UInt8] {
        switch profile.kind {
        case .llamaServer:
            LlamaServerReader.body(
                prompt: request.ids + ids, most: most, request: request, seed: seed, stop: stop, slot: slot)
        case .other where profile.isChat:
            ChatReader.body(
                model: profile.model, user: request.bytes, most: most, request: request, seed: seed, stop: stop,
                isStreamed: isStreamed)
        case .vLLM, .other:
            CompletionsReader.body(
                model: profile.model,
                prompt: profile.keepsTokens ? .ids(request.ids + ids) : .text(request.bytes + text),
                most: most, request: request, seed: seed, stop: stop, isVLLM: profile.kind == .vLLM,
                isStreamed: isStreamed)
        }
    }

    func makeReader() -> any SegmentReader {
        switch profile.kind {
        case .llamaServer: LlamaServerReader(model: profile.model)
        case .other where profile.isChat: ChatReader()
        case .vLLM, .other: CompletionsReader(keepsTokens: profile.keepsTokens)
        }
    }
}
