import CLlama
import LanguageModels
import Testing

@testable import LlamaBackend

/// The formula for FLOPs against the graphs that llama.cpp builds and runs.
@Suite("FLOPs are those of the graph")
struct OperationCountTests {
    /// Counts what it is shown of a graph at work: two operations a multiply-add, in matrix
    /// products, and in attention for those pairs of tokens that the mask lets through.
    private final class Counter {
        var products = 0.0
        var attention = 0.0

        func count(_ node: ggml_tensor) {
            switch node.op {
            case GGML_OP_MUL_MAT:
                guard let weights = node.src.0?.pointee else { return }
                products += 2 * Double(weights.ne.0) * size(node)
            case GGML_OP_FLASH_ATTN_EXT:
                // src: queries, keys, values, mask. Queries are (head width, tokens, heads, streams).
                guard let queries = node.src.0?.pointee, let mask = node.src.3?.pointee else { return }
                attention += 4 * Double(queries.ne.0 * queries.ne.2) * seen(mask, rows: Int(queries.ne.1))
            default: break
            }
        }

        private func size(_ tensor: ggml_tensor) -> Double {
            Double(tensor.ne.0 * tensor.ne.1 * tensor.ne.2 * tensor.ne.3)
        }

        /// Entries of the mask that are not minus infinity (f16: 0xFC00), in the rows that have a token.
        private func seen(_ mask: ggml_tensor, rows: Int) -> Double {
            var seen = 0
            for stream in 0..<Int(mask.ne.3) {
                for row in 0..<rows {
                    let start = mask.data + stream * Int(mask.nb.3) + row * Int(mask.nb.1)
                    for column in 0..<Int(mask.ne.0)
                    where start.load(fromByteOffset: 2 * column, as: UInt16.self) != 0xFC00 { seen += 1 }
                }
            }
            return Double(seen)
        }
    }

    /// Decodes tokens at the end of sequences that hold so many already.
    private func counted(_ pieces: [(held: Int, read: Int, outputs: Int)]) throws -> Counter {
        let counter = Counter()
        var parameters = llama_context_default_params()
        parameters.n_seq_max = UInt32(pieces.count)
        parameters.n_ctx = UInt32(512 * pieces.count)
        parameters.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED
        parameters.kv_unified = false
        parameters.cb_eval = { node, isQuestion, user in
            if let node, let user, !isQuestion {
                Unmanaged<Counter>.fromOpaque(user).takeUnretainedValue().count(node.pointee)
            }
            return true
        }
        parameters.cb_eval_user_data = Unmanaged.passUnretained(counter).toOpaque()
        let context = try #require(llama_init_from_model(TinyModel.weights.pointer, parameters))
        defer { llama_free(context) }
        var batch = llama_batch_init(1024, 0, 1)
        defer { llama_batch_free(batch) }
        func decode(_ part: (Int) -> (start: Int, count: Int, outputs: Int)) {
            batch.n_tokens = 0
            for sequence in pieces.indices {
                let (start, count, outputs) = part(sequence)
                for index in 0..<count {
                    let at = Int(batch.n_tokens)
                    batch.token[at] = Int32(65 + (start + index) % 26)
                    batch.pos[at] = Int32(start + index)
                    batch.n_seq_id[at] = 1
                    batch.seq_id[at]![0] = Int32(sequence)
                    batch.logits[at] = index >= count - outputs ? 1 : 0
                    batch.n_tokens += 1
                }
            }
            if batch.n_tokens > 0 { #expect(llama_decode(context, batch) == 0) }
        }
        decode { (0, pieces[$0].held, 0) }
        (counter.products, counter.attention) = (0, 0)
        decode { (pieces[$0].held, pieces[$0].read, pieces[$0].outputs) }
        return counter
    }

    private func formula(_ pieces: [(held: Int, read: Int, outputs: Int)]) -> Double {
        pieces.reduce(0) { $0 + TinyModel.weights.shape.flops(reading: $1.read, from: $1.held, outputs: $1.outputs) }
    }

    /// Prefill, one token, a step of which the end is wanted, one where every token is.
    @Test(arguments: [(0, 41, 1), (0, 41, 0), (37, 1, 1), (100, 12, 1), (100, 12, 12), (300, 2, 1)])
    func ofOneSequence(held: Int, read: Int, outputs: Int) throws {
        let counter = try counted([(held, read, outputs)])
        #expect(counter.products > 0 && counter.attention > 0)
        #expect(counter.products + counter.attention == formula([(held, read, outputs)]))
    }

    @Test func ofManySequencesTogether() throws {
        let pieces = (0..<8).map { (held: 10 + 20 * $0, read: 1, outputs: 1) }
        let counter = try counted(pieces)
        #expect(counter.products + counter.attention == formula(pieces))
    }

    /// What the engine says that it computed: of samples that share what they have in common.
    @Test func theEngineCountsWhatItDecodes() throws {
        let model = TinyModel.policy()
        let root = model.root("Count me")
        let length = model.length(of: root)
        let done = run(model, [SampleJob(id: 1, prefix: root, until: .end, maxTokens: 9, temperature: 0, seed: 1)])[1]!
        let alone =
            TinyModel.weights.shape.flops(reading: length, from: 0, outputs: 1)
            + TinyModel.weights.shape.flops(reading: done.tokens - 1, from: length, outputs: done.tokens - 1)
        #expect(model.statistics.flops == alone)
        // The same eight times over: greedy samples are equal, and cost no more.
        let again = TinyModel.policy()
        let top = again.root("Count me")
        _ = run(
            again, (1...8).map { SampleJob(id: $0, prefix: top, until: .end, maxTokens: 9, temperature: 0, seed: $0) })
        #expect(again.statistics.flops == alone)
    }
}
