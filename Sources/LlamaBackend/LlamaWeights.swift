import CLlama
import LanguageModels
import SearchCore

/// A model's weights and vocabulary, read-only and shared by all lanes.
public final class LlamaWeights: @unchecked Sendable {
    // `@unchecked`: llama.cpp's model is immutable once loaded, and many contexts
    // on many threads may use it.
    let pointer: OpaquePointer
    let vocabulary: Vocabulary
    public let shape: ModelShape
    /// The number of tokens that the model was trained to hold.
    public let contextTokens: Int
    public let path: String
    private let guessesCuts: Bool
    private let template: ChatTemplate?

    public init(path: String) throws(StratagemError) {
        let file = try GGUFFile(path: path)
        try MachineMemory.check(bytes: file.bytes, of: path)
        LlamaRuntime.start()
        _ = LlamaRuntime.takeComplaints()
        var parameters = llama_model_default_params()
        parameters.n_gpu_layers = 0
        // Repacked weights would be multiplied by kernels that sum in another order.
        parameters.use_extra_bufts = false
        guard let model = llama_model_load_from_file(path, parameters) else {
            throw StratagemError(
                .model, .ggufUnsupported,
                "\(path): llama.cpp cannot load it (architecture '\(file.architecture)'): \(LlamaRuntime.takeComplaints())"
            )
        }
        guard llama_model_has_decoder(model), !llama_model_has_encoder(model),
            !llama_model_is_recurrent(model), !llama_model_is_hybrid(model), !llama_model_is_diffusion(model)
        else {
            llama_model_free(model)
            throw StratagemError(
                .model, .ggufUnsupported,
                "\(path): architecture '\(file.architecture)' cannot branch at a token: search needs a causal transformer"
            )
        }
        WeightPages.release(ofFile: path)
        pointer = model
        vocabulary = Vocabulary(of: model, file.tokenizer)
        shape = file.shape
        contextTokens = file.contextTokens
        self.path = path
        guessesCuts = file.tokenizer.guessesCuts
        template = file.tokenizer.chatTemplate.map {
            ChatTemplate(
                source: $0, beginning: file.tokenizer.beginning ?? "", end: file.tokenizer.end ?? "", path: path)
        }
    }

    /// What the model's file does not say, in words for a person.
    var notes: [String] {
        var notes: [String] = []
        if guessesCuts {
            notes.append(
                "\(path): the file does not say how its tokenizer splits text (tokenizer.ggml.pre), so the model may read other tokens than in training. Convert it again with a current tool"
            )
        }
        if !vocabulary.hasEnd {
            notes.append(
                "\(path): the file names no end token, so answers end at the bundle's stop strings or at the limit of tokens. Name the text that ends an answer as stop = [\"…\"]"
            )
        }
        return notes
    }

    /// Nil if the file has no chat template.
    var chat: LlamaChat? { template.map { LlamaChat(template: $0, vocabulary: vocabulary) } }

    /// The size of all its tensors.
    var bytes: Int { Int(clamping: llama_model_size(pointer)) }

    deinit { llama_model_free(pointer) }
}

/// A model's vocabulary without its weights, which is read quickly.
final class VocabularyOnly {
    let vocabulary: Vocabulary
    private let pointer: OpaquePointer

    init(_ file: GGUFFile) throws(StratagemError) {
        LlamaRuntime.start()
        _ = LlamaRuntime.takeComplaints()
        var parameters = llama_model_default_params()
        parameters.vocab_only = true
        guard let model = llama_model_load_from_file(file.path, parameters) else {
            throw StratagemError(
                .model, .ggufUnsupported,
                "\(file.path): llama.cpp cannot load it (architecture '\(file.architecture)'): \(LlamaRuntime.takeComplaints())"
            )
        }
        pointer = model
        vocabulary = Vocabulary(of: model, file.tokenizer)
    }

    deinit { llama_model_free(pointer) }
}
