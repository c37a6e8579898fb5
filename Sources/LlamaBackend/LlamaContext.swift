import CLlama
import SearchCore

/// One llama.cpp context: a cache of sequences and the buffers to run the model
/// with. Confined to one thread.
///
/// Every sequence has a stream of its own (`kv_unified = false`): attention looks at
/// its own cells only, and other sequences cannot move a bit of its results. A
/// prefix is copied from one stream to another.
final class LlamaContext {
    struct Options {
        /// Tokens a sequence may hold.
        var contextTokens: Int
        /// Sequences at most.
        var sequences: Int
        var threads: Int
    }

    /// A row of logits that the last decode call made.
    struct Output {
        /// As passed to `add`.
        var owner: Int
        /// Position of its token in the sequence.
        var position: Int
        fileprivate var index: Int32
    }

    /// From this many tokens of one sequence on, attention takes a tiled path that
    /// sums in another order: fewer a call keep a row's bits independent of its call.
    static let maximumChunk = 60
    static let maximumBatch = 2048
    static let maximumOutputs = 512

    let weights: LlamaWeights
    let options: Options
    private let context: OpaquePointer
    private let memory: llama_memory_t
    private let threadPool: ggml_threadpool_t?
    private var batch: llama_batch
    private(set) var outputs: [Output] = []

    init(weights: LlamaWeights, options: Options) throws(StratagemError) {
        var parameters = llama_context_default_params()
        parameters.n_ctx = UInt32(options.contextTokens * options.sequences)
        parameters.n_seq_max = UInt32(options.sequences)
        parameters.n_batch = UInt32(Self.maximumBatch)
        parameters.n_ubatch = UInt32(Self.maximumOutputs)
        parameters.n_outputs_max = UInt32(Self.maximumOutputs)
        parameters.n_threads = Int32(options.threads)
        parameters.n_threads_batch = Int32(options.threads)
        parameters.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED
        parameters.type_k = GGML_TYPE_F16
        parameters.type_v = GGML_TYPE_F16
        parameters.kv_unified = false
        parameters.swa_full = true
        parameters.offload_kqv = false
        parameters.op_offload = false
        parameters.no_perf = true
        _ = LlamaRuntime.takeComplaints()
        guard let context = llama_init_from_model(weights.pointer, parameters) else {
            throw StratagemError(.model, "context_failed", "\(weights.path): llama.cpp cannot make a context of \(options.sequences) sequences of \(options.contextTokens) tokens: \(LlamaRuntime.takeComplaints()). Lower the bundle's context or close other programs")
        }
        self.weights = weights
        self.options = options
        self.context = context
        memory = llama_get_memory(context)
        batch = llama_batch_init(Int32(Self.maximumBatch), 0, 1)
        // Without one of our own, llama.cpp starts its threads anew for every call.
        var pool = ggml_threadpool_params_default(Int32(options.threads))
        threadPool = options.threads > 1 ? ggml_threadpool_new(&pool) : nil
        if let threadPool { llama_attach_threadpool(context, threadPool, threadPool) }
    }

    deinit {
        llama_free(context)
        llama_batch_free(batch)
        if let threadPool { ggml_threadpool_free(threadPool) }
    }

    // MARK: The cache

    /// The first `length` tokens of one sequence become those of another.
    func copy(_ source: Int, to target: Int, length: Int) {
        llama_memory_seq_cp(memory, llama_seq_id(source), llama_seq_id(target), -1, llama_pos(length))
    }

    /// Forgets a sequence's tokens from `length` on.
    func trim(_ sequence: Int, to length: Int) {
        llama_memory_seq_rm(memory, llama_seq_id(sequence), llama_pos(length), -1)
    }

    // MARK: Decoding

    /// With several threads llama.cpp splits the attention of a lone token over 512
    /// cells or more among them, and sums in another order: it must not be alone.
    var mustNotDecodeALoneToken: Bool { options.threads > 1 && options.contextTokens >= 512 && options.sequences > 1 }

    var batchRoom: Int { Self.maximumBatch - Int(batch.n_tokens) }
    var outputRoom: Int { Self.maximumOutputs - outputs.count }

    func beginBatch() {
        batch.n_tokens = 0
        outputs.removeAll(keepingCapacity: true)
    }

    /// Adds a token to the batch. `owner` comes back with its logits, if those are wanted.
    func add(_ token: Token, sequence: Int, position: Int, owner: Int?) {
        let index = Int(batch.n_tokens)
        batch.token[index] = token
        batch.pos[index] = llama_pos(position)
        batch.n_seq_id[index] = 1
        batch.seq_id[index]![0] = llama_seq_id(sequence)
        batch.logits[index] = owner == nil ? 0 : 1
        if let owner { outputs.append(Output(owner: owner, position: position, index: batch.n_tokens)) }
        batch.n_tokens += 1
    }

    /// Runs the model on the batch. Returns why it failed, else `nil`.
    func decode() -> String? {
        guard batch.n_tokens > 0 else { return nil }
        let status = llama_decode(context, batch)
        guard status != 0 else { return nil }
        outputs.removeAll()
        let complaints = LlamaRuntime.takeComplaints()
        return "llama.cpp could not run the model (status \(status))" + (complaints.isEmpty ? "" : ": \(complaints)")
    }

    /// Valid until the next `decode`.
    func logits(_ output: Output) -> UnsafePointer<Float> {
        UnsafePointer(llama_get_logits_ith(context, output.index)!)
    }
}
