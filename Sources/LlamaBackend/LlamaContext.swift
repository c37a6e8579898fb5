import CLlama
import SearchCore

/// One llama.cpp context: a cache of sequences and the buffers to run the model
/// with. Confined to one thread.
///
/// Every sequence has its own stream (`kv_unified = false`): attention looks at
/// its own cells only, and other sequences cannot move a bit of its results. A
/// prefix is copied from one stream to another.
final class LlamaContext {
    struct Options {
        /// Tokens a sequence may hold.
        var contextTokens: Int
        /// Sequences at most.
        var sequences: Int
        var threads: Int
        /// What the caches of its lane share.
        var memory = CacheMemory(bytesMax: .max)
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
    /// Rows of logits a call, and tokens that are computed at once: the buffers for both are as
    /// large whether they are used or not. `outputBytesMax` of logits, and no fewer than `outputsMin`.
    let maximumOutputs: Int
    private static let outputBytesMax = 1 << 20
    private static let outputsMin = 64
    private static let outputsMax = 256

    let weights: LlamaWeights
    let options: Options
    private let context: OpaquePointer
    private let memory: llama_memory_t
    private let threadPool: ggml_threadpool_t?
    private var batch: llama_batch
    let pages = CachePages()
    /// By sequence: cells that have been filled and not given back since.
    private var touched: [Int]
    /// Sequences that others are to be copied from by the next decode call.
    private var queuedSources = SlotSet()
    /// Of one token, all layers.
    let cellBytes: Int
    private(set) var outputs: [Output] = []

    init(weights: LlamaWeights, options: Options) throws(StratagemError) {
        let shape = weights.shape
        let rows = Self.outputBytesMax / max(1, 4 * shape.vocabulary)
        maximumOutputs = min(Self.outputsMax, max(Self.outputsMin, rows))
        cellBytes = shape.layers * 2 * shape.keyValueHeads * shape.headWidth * 2
        touched = Array(repeating: 0, count: options.sequences)
        var parameters = llama_context_default_params()
        parameters.n_ctx = UInt32(options.contextTokens * options.sequences)
        parameters.n_seq_max = UInt32(options.sequences)
        parameters.n_batch = UInt32(Self.maximumBatch)
        parameters.n_ubatch = UInt32(maximumOutputs)
        parameters.n_outputs_max = UInt32(maximumOutputs)
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
        parameters.abort_callback = LlamaRuntime.abortCallback
        parameters.cb_eval = CachePages.callback
        parameters.cb_eval_user_data = Unmanaged.passUnretained(pages).toOpaque()
        _ = LlamaRuntime.takeComplaints()
        guard let context = llama_init_from_model(weights.pointer, parameters) else {
            throw StratagemError(
                .model, .contextFailed,
                "\(weights.path): llama.cpp cannot create a context of \(options.sequences) sequences of \(options.contextTokens) tokens: \(LlamaRuntime.takeComplaints()). Lower the bundle's context or close other programs"
            )
        }
        self.weights = weights
        self.options = options
        self.context = context
        memory = llama_get_memory(context)
        batch = llama_batch_init(Int32(Self.maximumBatch), 0, 1)
        // Without one of our own, llama.cpp starts its threads again for every call.
        var pool = ggml_threadpool_params_default(Int32(options.threads))
        // Between calls they sleep: others, and our own sampling, have a use for the cores.
        pool.poll = 0
        threadPool = options.threads > 1 ? ggml_threadpool_new(&pool) : nil
        if let threadPool { llama_attach_threadpool(context, threadPool, threadPool) }
    }

    deinit {
        options.memory.gaveBack(touched.reduce(0, +) * cellBytes)
        llama_free(context)
        llama_batch_free(batch)
        if let threadPool { ggml_threadpool_free(threadPool) }
    }

    // MARK: The cache

    /// The first `length` tokens of one sequence become those of another.
    func copy(_ source: Int, to target: Int, length: Int) {
        llama_memory_seq_cp(memory, llama_seq_id(source), llama_seq_id(target), -1, llama_pos(length))
        queuedSources.insert(source)
        touch(target, length)
    }

    private func touch(_ sequence: Int, _ length: Int) {
        guard length > touched[sequence] else { return }
        options.memory.took((length - touched[sequence]) * cellBytes)
        touched[sequence] = length
    }

    /// A sequence's memory from `length` on, which it does not use, goes back to the system.
    func giveBack(_ sequence: Int, from length: Int) {
        guard touched[sequence] > length, !queuedSources.contains(sequence) else { return }
        pages.giveBack(stream: sequence, from: length)
        options.memory.gaveBack((touched[sequence] - length) * cellBytes)
        touched[sequence] = length
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
    var outputRoom: Int { maximumOutputs - outputs.count }

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
        touch(sequence, position + 1)
    }

    /// Runs the model on the batch. Returns why it failed, else `nil`.
    func decode() -> String? {
        guard batch.n_tokens > 0 else { return nil }
        let status = llama_decode(context, batch)
        pages.endLooking()
        queuedSources = SlotSet()
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
