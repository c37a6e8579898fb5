import CLlama
import SearchCore

/// One llama.cpp context: a cache of sequences, and the buffers to run the model. Confined to one thread.
///
/// Every sequence has its own stream (`kv_unified = false`): attention reads only the cells of that stream, so other
/// sequences cannot change a single bit of its results. A prefix is copied from one stream to another.
final class LlamaContext {
    struct Options {
        /// The number of tokens that a sequence may hold.
        var contextTokens: Int
        /// The largest number of sequences.
        var sequences: Int
        var threads: Int
        /// Whether hidden states are wanted besides logits.
        var givesStates = false
        /// The limit that the caches of its lane share.
        var memory = CacheMemory(bytesMax: .max)
    }

    /// A row of logits that the last decode call made.
    struct Output {
        /// The value that was passed to `add`.
        var owner: Int
        /// The position of its token in the sequence.
        var position: Int
        fileprivate var index: Int32
    }

    /// From this many tokens of one sequence on, attention uses a tiled path that sums in another order. With fewer
    /// tokens per call, a row's bits do not depend on its call.
    static let maximumChunk = 60
    static let maximumBatch = 2048
    /// The largest number of rows of logits per call, and of tokens that are computed at once. The buffers for both
    /// have the same size whether they are used or not: `outputBytesMax` bytes of logits, but at least `outputsMin`
    /// rows.
    let maximumOutputs: Int
    private static let outputBytesMax = 1 << 20
    private static let outputsMin = 64
    private static let outputsMax = 256

    /// llama.cpp has a row of logits for every sequence, so this is also the largest number of sequences.
    static func maximumOutputs(vocabulary: Int) -> Int {
        min(outputsMax, max(outputsMin, outputBytesMax / max(1, 4 * vocabulary)))
    }

    let weights: LlamaWeights
    let options: Options
    private let context: OpaquePointer
    private let memory: llama_memory_t
    private let threadPool: ggml_threadpool_t?
    private var batch: llama_batch
    let pages = CachePages()
    /// By sequence: the number of cells that have been filled and not returned since.
    private var touched: [Int]
    /// Sequences whose memory is to be returned to the system.
    private var returning = SlotSet()
    /// Sequences from which the next decode call will copy.
    private var queuedSources = SlotSet()
    /// The bytes of one token in all layers.
    let cellBytes: Int
    private(set) var outputs: [Output] = []

    init(weights: LlamaWeights, options: Options) throws(StratagemError) {
        let shape = weights.shape
        maximumOutputs = Self.maximumOutputs(vocabulary: shape.vocabulary)
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
        // With marked-states.patch, only the marked tokens have states.
        parameters.embeddings = options.givesStates
        parameters.pooling_type = LLAMA_POOLING_TYPE_NONE
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
        // If it has no thread pool from us, llama.cpp starts its threads again for every call.
        var pool = ggml_threadpool_params_default(Int32(options.threads))
        // Between calls the threads sleep, because other programs and our own sampling need the cores.
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

    /// Makes the first `length` tokens of one sequence the tokens of another.
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

    /// Notes that a sequence does not use its memory from `length` on. `returnPages` gives it to the system.
    func giveBack(_ sequence: Int, from length: Int) {
        guard touched[sequence] > length, !queuedSources.contains(sequence) else { return }
        options.memory.gaveBack((touched[sequence] - length) * cellBytes)
        touched[sequence] = length
        returning.insert(sequence)
    }

    /// Returns all memory to the system that `giveBack` noted.
    func returnPages() {
        guard !returning.isEmpty else { return }
        // Sequences that were never filled have no pages; with them, their neighbours form a larger piece.
        let rests = touched.indices.filter { returning.contains($0) || touched[$0] == 0 }
        pages.giveBack(rests.map { CachePages.Rest(stream: $0, from: touched[$0]) })
        returning = SlotSet()
    }

    /// Removes a sequence's tokens from `length` on.
    func trim(_ sequence: Int, to length: Int) {
        llama_memory_seq_rm(memory, llama_seq_id(sequence), llama_pos(length), -1)
    }

    // MARK: Decoding

    /// With several threads, llama.cpp divides the attention of a single token over 512 or more cells among them, and
    /// sums in another order. So such a token must not be alone in a call.
    var mustNotDecodeALoneToken: Bool { options.threads > 1 && options.contextTokens >= 512 && options.sequences > 1 }

    var batchRoom: Int { Self.maximumBatch - Int(batch.n_tokens) }
    var outputRoom: Int { maximumOutputs - outputs.count }

    func beginBatch() {
        batch.n_tokens = 0
        outputs.removeAll(keepingCapacity: true)
    }

    /// Adds a token to the batch. `owner` is returned with its logits, if those are wanted.
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

    /// Runs the model on the batch. Returns the reason if it failed, else `nil`.
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

    /// The hidden state after the final norm; empty if the context gives none.
    func state(_ output: Output) -> [Float] {
        guard options.givesStates, let start = llama_get_embeddings_ith(context, output.index) else { return [] }
        return Array(UnsafeBufferPointer(start: start, count: weights.shape.width))
    }

    /// Valid until the next `decode`.
    func logits(_ output: Output) -> UnsafePointer<Float> {
        UnsafePointer(llama_get_logits_ith(context, output.index)!)
    }
}
