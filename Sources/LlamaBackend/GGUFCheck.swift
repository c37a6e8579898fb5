/// Checks whether the values of a header are consistent with one another and with the tensors. llama.cpp relies on
/// them: if they are not consistent, it divides by zero or stops the process.
///
/// It checks only what holds for every model of an architecture. Whatever llama.cpp itself refuses with a reason is
/// left to llama.cpp.
struct GGUFCheck {
    private struct Nonsense: Error { var what: String }

    let header: GGUFHeader

    /// llama.cpp's own limits.
    private static let layersMost = 512, expertsMost = 1024
    private static let widthMost = 1 << 20, contextMost = 1 << 30
    private static let scalings: Set = ["none", "linear", "yarn", "longrope"]
    /// Tokenizers of models that continue text.
    private static let tokenizers: Set = ["llama", "gpt2", "gemma4", "plamo2", "hybriddna", "whitespace"]
    /// Architectures with plain attention: queries, keys and values of heads, one product for each.
    private static let plain: Set = [
        "llama", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "mistral3", "smollm3", "granite", "olmo2", "starcoder2",
        "stablelm", "internlm2", "exaone",
    ]

    /// What is inconsistent, in words for a person; nil if nothing is.
    var complaint: String? {
        do throws(Nonsense) {
            try numbers()
            try layers()
            try attention()
            try rotation()
            try experts()
            try tokenizer()
            try tensors()
            return nil
        } catch { return error.what }
    }

    private func require(_ holds: Bool, _ what: @autoclosure () -> String) throws(Nonsense) {
        if !holds { throw Nonsense(what: what()) }
    }

    private func name(_ key: String) -> String { "\(header.architecture).\(key)" }

    /// A value for every layer, from a list or from one number for all layers.
    private func perLayer(_ key: String, otherwise: [Int]) throws(Nonsense) -> [Int] {
        guard let all = header.integers[name(key)], let first = all.first else { return otherwise }
        let layers = header.integer("block_count") ?? 0
        let isList = header.lists[name(key)] != nil
        try require(!isList || all.count == layers, "\(name(key)) has \(all.count) values for \(layers) layers")
        return isList ? all : Array(repeating: first, count: layers)
    }

    // MARK: - one by one

    private func numbers() throws(Nonsense) {
        let prefix = "\(header.architecture)."
        for (key, values) in header.integers.sorted(by: { $0.key < $1.key }) where key.hasPrefix(prefix) {
            try require(values.allSatisfy { $0 >= -1 && $0 < 1 << 31 }, "\(key) is \(values.first ?? 0)")
        }
        for (key, values) in header.reals.sorted(by: { $0.key < $1.key }) where key.hasPrefix(prefix) {
            try require(values.allSatisfy(\.isFinite), "\(key) is not a finite number")
        }
        for key in ["attention.layer_norm_epsilon", "attention.layer_norm_rms_epsilon", "attention.group_norm_epsilon"]
        {
            guard let value = header.reals[name(key)]?.first else { continue }
            try require(value >= 0 && value <= 1, "\(name(key)) is \(value), expected a number from 0 to 1")
        }
    }

    private func layers() throws(Nonsense) {
        func range(_ key: String, _ range: ClosedRange<Int>) throws(Nonsense) {
            let value = header.integer(key) ?? 0
            try require(
                range.contains(value),
                "\(name(key)) is \(value), and must be from \(range.lowerBound) to \(range.upperBound)")
        }
        try range("block_count", 1...Self.layersMost)
        try range("embedding_length", 1...Self.widthMost)
        try range("context_length", 1...Self.contextMost)
        let layers = header.integer("block_count") ?? 0
        for key in ["nextn_predict_layers", "leading_dense_block_count"] {
            guard let value = header.integer(key) else { continue }
            try require((0...layers).contains(value), "\(name(key)) is \(value) of \(layers) layers")
        }
        for value in try perLayer("feed_forward_length", otherwise: []) {
            try require((0...Self.widthMost * 16).contains(value), "\(name("feed_forward_length")) is \(value)")
        }
    }

    private func attention() throws(Nonsense) {
        let width = header.integer("embedding_length") ?? 0
        let heads = try perLayer("attention.head_count", otherwise: [])
        let pairs = try perLayer("attention.head_count_kv", otherwise: heads)
        let first = heads.first ?? 0
        try require(first > 0, "\(name("attention.head_count")) is \(first)")
        for (layer, (count, shared)) in zip(heads, pairs).enumerated() {
            // A layer may have no attention: then it has no heads of any kind.
            try require(
                (0...Self.widthMost).contains(count) && (0...count).contains(shared)
                    && (count == 0 || shared == 0 || count % shared == 0),
                "layer \(layer) has \(count) heads that share \(shared) of keys and values")
        }
        for key in ["attention.key_length", "attention.value_length"] {
            let value = header.integer(key) ?? width / max(1, first)
            try require((1...Self.widthMost).contains(value), "\(name(key)) is \(value)")
            try require(
                header.integer(key) != nil || width % max(1, first) == 0,
                "\(width) numbers cannot be shared by \(first) heads")
        }
    }

    private func rotation() throws(Nonsense) {
        let headWidth =
            header.integer("attention.key_length") ?? (header.integer("embedding_length") ?? 0)
            / max(1, header.integer("attention.head_count") ?? 1)
        if let rotated = header.integer("rope.dimension_count") {
            try require(
                (0...headWidth).contains(rotated) && rotated % 2 == 0,
                "\(name("rope.dimension_count")) is \(rotated) of \(headWidth) numbers a head")
        }
        for key in ["rope.freq_base", "rope.freq_base_swa"] {
            guard let value = header.reals[name(key)]?.first else { continue }
            try require(value > 0, "\(name(key)) is \(value), and must be above 0")
        }
        for key in ["rope.scaling.factor", "rope.scale_linear", "rope.scaling.attn_factor"] {
            guard let value = header.reals[name(key)]?.first else { continue }
            try require(value >= 0, "\(name(key)) is \(value), and must not be below 0")
        }
        if let scaling = header.texts[name("rope.scaling.type")] {
            try require(Self.scalings.contains(scaling), "\(name("rope.scaling.type")) is '\(scaling.prefix(40))'")
        }
    }

    private func experts() throws(Nonsense) {
        let count = header.integer("expert_count") ?? 0
        let used = try perLayer("expert_used_count", otherwise: [0]).max() ?? 0
        let groups = header.integer("expert_group_count") ?? 0,
            groupsUsed = header.integer("expert_group_used_count") ?? 0
        try require((0...Self.expertsMost).contains(count), "\(name("expert_count")) is \(count)")
        try require(
            count > 0 ? (1...count).contains(used) : used == 0, "\(name("expert_used_count")) is \(used) of \(count)")
        try require(groups == 0 || groups < count, "\(name("expert_group_count")) is \(groups) of \(count) experts")
        try require(
            groups <= 1 || count % groups == 0 && groupsUsed > 0 && groupsUsed < groups,
            "\(name("expert_group_used_count")) is \(groupsUsed) of \(groups) groups")
    }

    // MARK: - tokens

    private func tokenizer() throws(Nonsense) {
        let vocabulary = header.vocabulary
        try require(vocabulary > 0, "it holds no tokenizer (tokenizer.ggml.tokens)")
        let kind = header.texts["tokenizer.ggml.model"] ?? ""
        try require(
            Self.tokenizers.contains(kind),
            "its tokenizer is of the kind '\(kind.prefix(40))', which is not one of \(Self.tokenizers.sorted().joined(separator: ", "))"
        )
        try require(header.lists["tokenizer.ggml.tokens"]?.kind == GGUFHeader.Kind.text, "its tokens are not texts")
        for (key, kinds) in [
            ("token_type", [GGUFHeader.Kind.integer32]),
            ("scores", [GGUFHeader.Kind.real32, GGUFHeader.Kind.integer32]),
        ] {
            guard let list = header.lists["tokenizer.ggml.\(key)"] else { continue }
            try require(
                kinds.contains(list.kind) && list.count >= vocabulary,
                "tokenizer.ggml.\(key) has \(list.count) values for \(vocabulary) tokens, or of a wrong type")
        }
        // llama.cpp gives an empty token a name of its own.
        let tokens = header.tokens.enumerated().map { $1.isEmpty ? Array("[EMPTY_\($0)]".utf8) : $1 }
        let distinct = Set(tokens)
        try require(
            distinct.count == vocabulary, "\(vocabulary - distinct.count) of its \(vocabulary) tokens occur twice")
        if kind == "llama" {
            let missing = (0...255).filter { byte in
                !distinct.contains(Self.byteToken(byte)) && !distinct.contains([UInt8(byte)])
            }
            try require(missing.isEmpty, "it has no token for \(missing.count) of the 256 bytes")
        }
        try specialTokens(vocabulary, kind)
    }

    private static func byteToken(_ byte: Int) -> [UInt8] {
        let digits = String(byte, radix: 16, uppercase: true)
        return Array("<0x\(digits.count < 2 ? "0" : "")\(digits)>".utf8)
    }

    private func specialTokens(_ vocabulary: Int, _ kind: String) throws(Nonsense) {
        for (key, values) in header.integers.sorted(by: { $0.key < $1.key })
        where key.hasPrefix("tokenizer.ggml.") && key.hasSuffix("_token_id") {
            // Some converters write the largest number, or −1, to say "none".
            guard let id = values.first, id != -1, id != Int(UInt32.max) else { continue }
            try require((0..<vocabulary).contains(id), "\(key) is \(id) of \(vocabulary) tokens")
        }
        // The tokens that llama.cpp uses if the header names none.
        let fallback = kind == "llama" ? (bos: 1, eos: 2) : (bos: 11, eos: 11)
        for (key, id, otherwise) in [
            ("add_bos_token", "bos_token_id", fallback.bos), ("add_eos_token", "eos_token_id", fallback.eos),
        ]
        where header.flags["tokenizer.ggml.\(key)"] == true {
            let found = header.integers["tokenizer.ggml.\(id)"]?.first ?? otherwise
            try require(
                (0..<vocabulary).contains(found),
                "tokenizer.ggml.\(key) needs a token that tokenizer.ggml.\(id) does not name")
        }
    }

    // MARK: - tensors

    private func tensors() throws(Nonsense) {
        var known: [String: [Int]] = [:]
        for tensor in header.tensors {
            try require(
                !tensor.name.isEmpty && tensor.name.utf8.count < 64,
                "the name of a tensor has \(tensor.name.utf8.count) bytes")
            try require(
                known.updateValue(tensor.dimensions, forKey: tensor.name) == nil, "tensor \(tensor.name) occurs twice")
            try require(
                (tensor.dimensions.first ?? 0) % max(1, tensor.block) == 0,
                "tensor \(tensor.name) has rows of \(tensor.dimensions.first ?? 0), which are not whole blocks of \(tensor.block)"
            )
        }
        let layers = header.integer("block_count") ?? 0
        let numbers = known.keys.compactMap { name -> Int? in
            guard name.hasPrefix("blk.") else { return nil }
            return Int(name.dropFirst(4).prefix { $0 != "." })
        }
        let found = Set(numbers)
        // Layers for predicting further tokens may have been left out of the file.
        let least = layers - (header.integer("nextn_predict_layers") ?? 0)
        try require(
            found.isSubset(of: 0..<layers) && found.isSuperset(of: 0..<max(1, least)),
            "its header says \(layers) layers, and it has tensors of \(found.count)")
        let width = header.integer("embedding_length") ?? 0
        func shape(_ name: String, _ wanted: [Int]) throws(Nonsense) {
            guard let dimensions = known[name], wanted.allSatisfy({ $0 > 0 }) else { return }
            let trimmed = dimensions.count > wanted.count ? Array(dimensions.prefix(wanted.count)) : dimensions
            try require(
                trimmed == wanted && dimensions.dropFirst(wanted.count).allSatisfy { $0 == 1 },
                "tensor \(name) is \(Self.shown(dimensions)), and should be \(Self.shown(wanted)) by the header")
        }
        try shape("token_embd.weight", [width, header.vocabulary])
        try shape("output.weight", [width, header.vocabulary])
        try shape("output_norm.weight", [width])
        guard Self.plain.contains(header.architecture) else { return }
        let heads = try perLayer("attention.head_count", otherwise: []),
            pairs = try perLayer("attention.head_count_kv", otherwise: heads)
        let inner = try perLayer("feed_forward_length", otherwise: [])
        let key = header.integer("attention.key_length") ?? width / max(1, heads.first ?? 1)
        let value = header.integer("attention.value_length") ?? width / max(1, heads.first ?? 1)
        for layer in 0..<layers where heads.indices.contains(layer) && pairs.indices.contains(layer) {
            try require(
                known["blk.\(layer).attn_k.weight"] == nil || pairs[layer] > 0,
                "layer \(layer) has keys, but no heads for them")
            try shape("blk.\(layer).attn_q.weight", [width, heads[layer] * key])
            try shape("blk.\(layer).attn_k.weight", [width, pairs[layer] * key])
            try shape("blk.\(layer).attn_v.weight", [width, pairs[layer] * value])
            try shape("blk.\(layer).attn_output.weight", [heads[layer] * value, width])
            try shape("blk.\(layer).attn_norm.weight", [width])
            try shape("blk.\(layer).ffn_norm.weight", [width])
            guard inner.indices.contains(layer) else { continue }
            try shape("blk.\(layer).ffn_gate.weight", [width, inner[layer]])
            try shape("blk.\(layer).ffn_up.weight", [width, inner[layer]])
            try shape("blk.\(layer).ffn_down.weight", [inner[layer], width])
        }
    }

    private static func shown(_ dimensions: [Int]) -> String { dimensions.map(String.init).joined(separator: " × ") }
}
