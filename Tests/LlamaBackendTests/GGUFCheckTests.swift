import SearchCore
import Testing

@testable import LlamaBackend

/// The values of a header are handed to the checker as they are: no file holds them.
@Suite("A header's values are held against each other and the tensors")
struct GGUFCheckTests {
    private static let width = 64, layers = 2, heads = 4, pairs = 2, inner = 96

    private static func tensor(_ name: String, _ dimensions: Int...) -> GGUFHeader.Tensor {
        .init(name: name, dimensions: dimensions)
    }

    /// One that makes sense.
    private static let good: GGUFHeader = {
        var header = GGUFHeader()
        header.architecture = "llama"
        header.integers = [
            "llama.block_count": [layers], "llama.embedding_length": [width], "llama.context_length": [512],
            "llama.feed_forward_length": [inner],
            "llama.attention.head_count": [heads], "llama.attention.head_count_kv": [pairs],
            "llama.rope.dimension_count": [16],
            "tokenizer.ggml.eos_token_id": [256],
        ]
        header.reals = ["llama.rope.freq_base": [10000], "llama.attention.layer_norm_rms_epsilon": [1e-5]]
        header.texts = ["tokenizer.ggml.model": "llama"]
        header.tokens = (0...255).map { [UInt8($0)] } + [Array("<end>".utf8)]
        header.lists = [
            "tokenizer.ggml.tokens": (8, 257), "tokenizer.ggml.token_type": (5, 257), "tokenizer.ggml.scores": (6, 257),
        ]
        header.tensors = [
            tensor("token_embd.weight", width, 257), tensor("output_norm.weight", width),
            tensor("output.weight", width, 257),
        ]
        for layer in 0..<layers {
            header.tensors += [
                tensor("blk.\(layer).attn_norm.weight", width), tensor("blk.\(layer).ffn_norm.weight", width),
                tensor("blk.\(layer).attn_q.weight", width, 64), tensor("blk.\(layer).attn_k.weight", width, 32),
                tensor("blk.\(layer).attn_v.weight", width, 32),
                tensor("blk.\(layer).attn_output.weight", 64, width),
                tensor("blk.\(layer).ffn_gate.weight", width, inner),
                tensor("blk.\(layer).ffn_up.weight", width, inner),
                tensor("blk.\(layer).ffn_down.weight", inner, width),
            ]
        }
        return header
    }()

    private func complaint(_ change: (inout GGUFHeader) -> Void) -> String {
        var header = Self.good
        change(&header)
        return GGUFCheck(header: header).complaint ?? "none"
    }

    @Test func whatMakesSensePasses() throws {
        #expect(complaint { _ in } == "none")
        #expect(
            complaint {
                $0.integers["llama.attention.head_count_kv"] = nil;
                $0.tensors.removeAll { $0.name.contains("attn_k") || $0.name.contains("attn_v") }
            } == "none")
        // Heads of each layer; a type of weights in blocks; no special token; a language model of another kind.
        #expect(
            complaint {
                $0.integers["llama.attention.head_count"] = [4, 4]; $0.lists["llama.attention.head_count"] = (4, 2)
            } == "none")
        #expect(complaint { $0.tensors[0].block = 32 } == "none")
        #expect(complaint { $0.integers["tokenizer.ggml.eos_token_id"] = [Int(UInt32.max)] } == "none")
        let file = try GGUFFile(path: TinyModel.path)
        #expect(file.shape.layers == TinyModel.layers)
    }

    @Test(arguments: [
        ("block_count", 513, "block_count"), ("block_count", 3, "has tensors of 2"),
        ("block_count", 1, "has tensors of 2"), ("block_count", 0, "block_count"),
        ("embedding_length", 0, "embedding_length"),
        ("embedding_length", 128, "token_embd.weight is 64 × 257, and should be 128 × 257 by the header"),
        ("embedding_length", Int.max, "embedding_length"), ("context_length", 0, "context_length"),
        ("context_length", 1 << 31, "context_length"),
        ("feed_forward_length", 97, "ffn_gate.weight"), ("feed_forward_length", -1, "feed_forward_length"),
        ("attention.head_count", 0, "head_count"),
        ("attention.head_count", 3, "share 2 of keys"), ("attention.head_count", 8, "rope.dimension_count is 16 of 8"),
        ("attention.head_count", Int.min, "head_count"),
        ("attention.head_count_kv", 0, "no heads for them"), ("attention.head_count_kv", 3, "share 3"),
        ("attention.head_count_kv", 8, "share 8"),
        ("attention.head_count_kv", 4, "attn_k.weight"), ("attention.key_length", 0, "key_length"),
        ("attention.key_length", 32, "attn_q.weight"),
        ("attention.value_length", 8, "attn_v.weight"), ("rope.dimension_count", 15, "rope.dimension_count"),
        ("rope.dimension_count", 18, "rope.dimension_count"),
        ("expert_count", 1025, "expert_count"), ("expert_count", 8, "expert_used_count is 0 of 8"),
        ("expert_used_count", 2, "expert_used_count is 2 of 0"),
        ("expert_group_count", 4, "expert_group_count"), ("nextn_predict_layers", 3, "nextn_predict_layers"),
        ("leading_dense_block_count", 9, "leading_dense"),
        ("attention.sliding_window", 1 << 33, "sliding_window"),
        ("expert_feed_forward_length", -7, "expert_feed_forward_length"),
    ]) func aNumberThatDoesNotFit(key: String, value: Int, words: String) {
        let found = complaint { $0.integers["llama.\(key)"] = [value] }
        #expect(found.contains(words), "\(key) = \(value): \(found)")
    }

    @Test(arguments: [
        ("rope.freq_base", 0.0, "freq_base"), ("rope.freq_base", .nan, "not a finite number"),
        ("rope.scaling.factor", -1, "scaling.factor"),
        ("attention.layer_norm_rms_epsilon", -1, "epsilon"),
        ("attention.layer_norm_rms_epsilon", .nan, "not a finite number"),
        ("attention.layer_norm_epsilon", 1e9, "epsilon"),
        ("rope.scaling.attn_factor", .infinity, "not a finite number"),
    ]) func aRealThatDoesNotFit(key: String, value: Double, words: String) {
        let found = complaint { $0.reals["llama.\(key)"] = [value] }
        #expect(found.contains(words), "\(key) = \(value): \(found)")
    }

    @Test func listsWordsAndTokens() {
        #expect(
            complaint {
                $0.integers["llama.attention.head_count"] = [4, 4, 4]; $0.lists["llama.attention.head_count"] = (4, 3)
            }.contains("3 values for 2 layers"))
        #expect(
            complaint {
                $0.integers["llama.attention.head_count"] = [4, 6]; $0.lists["llama.attention.head_count"] = (4, 2)
            }.contains("attn_q.weight"))
        #expect(complaint { $0.texts["llama.rope.scaling.type"] = "sideways" }.contains("sideways"))
        #expect(complaint { $0.texts["tokenizer.ggml.model"] = "none" }.contains("kind 'none'"))
        #expect(complaint { $0.tokens[7] = $0.tokens[8] }.contains("1 of its 257 tokens occur twice"))
        #expect(complaint { $0.tokens[65] = Array("other".utf8) }.contains("no token for 1 of the 256 bytes"))
        #expect(complaint { $0.tokens[65] = Array("<0x41>".utf8) } == "none")
        #expect(complaint { $0.tokens = [] }.contains("no tokenizer"))
        #expect(complaint { $0.lists["tokenizer.ggml.token_type"] = (5, 256) }.contains("token_type has 256 values"))
        #expect(complaint { $0.lists["tokenizer.ggml.scores"] = (8, 257) }.contains("scores"))
        #expect(complaint { $0.lists["tokenizer.ggml.tokens"] = (4, 257) }.contains("not texts"))
        #expect(complaint { $0.integers["tokenizer.ggml.bos_token_id"] = [257] }.contains("bos_token_id is 257 of 257"))
        #expect(
            complaint {
                $0.flags["tokenizer.ggml.add_bos_token"] = true; $0.integers["tokenizer.ggml.bos_token_id"] = [-1]
            }.contains("add_bos_token"))
    }

    @Test func tensors() {
        #expect(complaint { $0.tensors.append($0.tensors[3]) }.contains("occurs twice"))
        #expect(complaint { $0.tensors[0].block = 256 }.contains("not whole blocks of 256"))
        #expect(complaint { $0.tensors[0].name = "" }.contains("name of a tensor"))
        #expect(complaint { $0.tensors[1].dimensions = [64, 2] }.contains("output_norm.weight"))
        #expect(complaint { $0.tensors.removeAll { $0.name.hasPrefix("blk.0.") } }.contains("has tensors of 1"))
        #expect(
            complaint { $0.tensors.append(Self.tensor("blk.7.attn_q.weight", 64, 64)) }.contains("has tensors of 3"))
        #expect(complaint { $0.tensors.append(Self.tensor("blk.x.attn_q.weight", 64, 64)) } == "none")
    }

    /// Any number anywhere: an answer, never a trap.
    @Test func anyNumbers() {
        let values = [Int.min, -1, 0, 1, 2, 3, 7, 64, 1023, 1 << 20, 1 << 31, Int.max]
        let keys =
            Self.good.integers.keys.sorted() + [
                "llama.expert_count", "llama.expert_used_count", "llama.expert_group_count",
                "llama.expert_group_used_count", "llama.attention.key_length",
            ]
        let random = SampleRandom(seed: 5)
        for round in 0..<20_000 {
            var header = Self.good
            for change in 0..<3 {
                let draw = UInt64(round * 8 + change * 2)
                header.integers[keys[Int(random.bits(draw) % UInt64(keys.count))]] = [
                    values[Int(random.bits(draw + 1) % UInt64(values.count))]
                ]
            }
            if round % 5 == 0 { header.lists["llama.attention.head_count"] = (4, 1) }
            _ = GGUFCheck(header: header).complaint
        }
    }
}
