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
    /// Tokens that the model was trained to hold.
    public let contextTokens: Int
    public let path: String

    public init(path: String) throws(StratagemError) {
        let file = try GGUFFile(path: path)
        LlamaRuntime.start()
        _ = LlamaRuntime.takeComplaints()
        var parameters = llama_model_default_params()
        parameters.n_gpu_layers = 0
        // Repacked weights would be multiplied by kernels that sum in another order.
        parameters.use_extra_bufts = false
        guard let model = llama_model_load_from_file(path, parameters) else {
            throw StratagemError(.model, "gguf_unsupported", "\(path): llama.cpp cannot load it (architecture '\(file.architecture)'): \(LlamaRuntime.takeComplaints())")
        }
        guard llama_model_has_decoder(model), !llama_model_has_encoder(model),
              !llama_model_is_recurrent(model), !llama_model_is_hybrid(model), !llama_model_is_diffusion(model) else {
            llama_model_free(model)
            throw StratagemError(.model, "gguf_unsupported", "\(path): architecture '\(file.architecture)' cannot branch at a token: search needs a causal transformer")
        }
        pointer = model
        vocabulary = Vocabulary(of: model)
        shape = file.shape
        contextTokens = file.contextTokens
        self.path = path
    }

    /// Of all its tensors.
    var bytes: Int { Int(clamping: llama_model_size(pointer)) }

    deinit { llama_model_free(pointer) }
}
