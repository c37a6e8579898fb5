import Foundation
@testable import LlamaBackend
import LanguageModels

/// A transformer of two layers with random weights, written as GGUF: large enough
/// for every kernel that a real one uses, small enough to run in microseconds.
/// Tokens are the 256 bytes, an end token, and two verdicts for a verifier.
enum TinyModel {
    static let width = 64, layers = 2, heads = 2, feedForward = 96, contextTokens = 1024
    static let end = "<|end|>", good = "<|good|>", bad = "<|bad|>"
    static let vocabulary = 259

    static let path: String = {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(
            "tiny-\(ProcessInfo.processInfo.processIdentifier).gguf"
        ).path
        _ = FileManager.default.createFile(atPath: path, contents: Data(file()))
        atexit { unlink(TinyModel.path) }
        return path
    }()

    static let weights = try! LlamaWeights(path: path)

    static let bundle = Bundle(
        name: "tiny", file: "tiny.toml", contextTokens: 512,
        prompt: .init(problem: "Q: {problem}\nA:", revise: "{attempts}{problem}", attempt: "{attempt}"),
        models: [
            "policy": .init(role: "policy", kind: .policy, source: .gguf(path)),
            "prm": .init(
                role: "prm", kind: .prm, source: .gguf(path), template: "{problem}\n",
                readOut: TokenReadOut(good: good, bad: [bad])),
        ])

    /// A bundle's text with a verifier of role "judge", which has these keys as well.
    static func judging(_ keys: String, kind: String = "prm") -> String {
        """
        name = "tiny"
        context = 512
        [template]
        problem = "{problem}"
        [models.policy]
        gguf = "\(path)"
        [models.judge]
        gguf = "\(path)"
        kind = "\(kind)"
        \(keys)
        template = "{problem}\\n"
        """
    }

    static func policy(
        sequences: Int = 64, threads: Int = 1, contextTokens: Int = 512, stop: [String] = [],
        steps: StepRule = .delimiter("\n")
    ) -> LlamaPolicy {
        LlamaPolicy(
            weights: weights, options: .init(contextTokens: contextTokens, sequences: sequences, threads: threads),
            contextTokens: contextTokens, rules: .init(steps: steps, stop: stop))
    }

    enum ReadOut: CaseIterable { case token, likelihood, tag, turn }

    static func readOut(_ kind: ReadOut) -> any StepReadOut {
        switch kind {
        case .token: TokenReadOut(good: good, bad: [bad])
        case .likelihood: LikelihoodReadOut()
        // The end token for a tag: any special token will do.
        case .tag: StepTagReadOut(tag: end, good: good, bad: [bad])
        case .turn: TurnReadOut(ask: " Right?" + end, next: end + "Next: ", good: good, bad: [bad])
        }
    }

    static func verifier(sequences: Int = 64, readOut: ReadOut = .token) -> LlamaVerifier {
        let readOut = Self.readOut(readOut)
        return LlamaVerifier(
            weights: weights, options: .init(contextTokens: 512, sequences: sequences, threads: 1), contextTokens: 512,
            template: PromptTemplate(problem: "{problem}\n", revise: "{problem}\n", attempt: ""),
            steps: .delimiter("\n"),
            readOut: BoundReadOut(readOut, ids: readOut.tokens.map { weights.vocabulary.singleToken($0.text)! }))
    }

    // MARK: The file

    /// What a header may say of the tokenizer, or not.
    struct Header {
        var preTokenizer: String? = "smollm"
        var beginning: Int?
        var addsBeginning: Bool?
        var end: Int? = 256
        var chatTemplate: String?
        /// Bytes as SentencePiece has them, with a space before every text, in place of GPT-2's.
        var isSentencePiece = false
    }

    /// A file of its own, to be removed by who made it.
    static func write(_ header: Header) -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("tiny-\(UUID().uuidString).gguf").path
        _ = FileManager.default.createFile(atPath: path, contents: Data(file(header: header)))
        return path
    }

    static func file(architecture: String = "llama", version: UInt32 = 3, header: Header = Header()) -> [UInt8] {
        var metadata = Writer()
        var entries = 0
        func entry(_ key: String, _ type: UInt32, _ write: (inout Writer) -> Void) {
            metadata.text(key)
            metadata.number(type)
            write(&metadata)
            entries += 1
        }
        func text(_ key: String, _ value: String) { entry(key, 8) { $0.text(value) } }
        func count(_ key: String, _ value: Int) { entry(key, 4) { $0.number(UInt32(value)) } }
        func real(_ key: String, _ value: Float) { entry(key, 6) { $0.number(value.bitPattern) } }
        func texts(_ key: String, _ values: [String]) {
            entry(key, 9) { writer in
                writer.number(UInt32(8))
                writer.number(UInt64(values.count))
                for value in values { writer.text(value) }
            }
        }
        text("general.architecture", architecture)
        count("\(architecture).context_length", contextTokens)
        count("\(architecture).embedding_length", width)
        count("\(architecture).block_count", layers)
        count("\(architecture).feed_forward_length", feedForward)
        count("\(architecture).attention.head_count", heads)
        count("\(architecture).attention.head_count_kv", heads)
        count("\(architecture).rope.dimension_count", width / heads)
        real("\(architecture).attention.layer_norm_rms_epsilon", 1e-5)
        real("\(architecture).rope.freq_base", 10_000)
        text("tokenizer.ggml.model", header.isSentencePiece ? "llama" : "gpt2")
        if let pre = header.preTokenizer { text("tokenizer.ggml.pre", pre) }
        if let template = header.chatTemplate { text("tokenizer.chat_template", template) }
        if let beginning = header.beginning { count("tokenizer.ggml.bos_token_id", beginning) }
        if let adds = header.addsBeginning {
            entry("tokenizer.ggml.add_bos_token", 7) { $0.number(UInt8(adds ? 1 : 0)) }
        }
        let pieces = (0..<256).map { "<0x" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) + ">" }
        texts(
            "tokenizer.ggml.tokens",
            header.isSentencePiece ? pieces + [end, good, "<unk>"] : byteTokens() + [end, good, bad])
        if header.isSentencePiece {
            entry("tokenizer.ggml.scores", 9) { writer in
                writer.number(UInt32(6))
                writer.number(UInt64(vocabulary))
                for _ in 0..<vocabulary { writer.number(Float(0).bitPattern) }
            }
            count("tokenizer.ggml.unknown_token_id", 258)
        }
        texts("tokenizer.ggml.merges", [])
        entry("tokenizer.ggml.token_type", 9) { writer in
            writer.number(UInt32(5))
            writer.number(UInt64(vocabulary))
            for token in 0..<vocabulary {
                writer.number(UInt32(token < 256 ? (header.isSentencePiece ? 6 : 1) : 3))
            }
        }
        if let end = header.end { count("tokenizer.ggml.eos_token_id", end) }

        var tensors = Writer()
        var data = Writer()
        var random = SystemLikeRandom(state: 1)
        var tensorCount = 0
        func tensor(_ name: String, _ shape: [Int], scale: Float?) {
            tensors.text(name)
            tensors.number(UInt32(shape.count))
            for size in shape { tensors.number(UInt64(size)) }
            tensors.number(UInt32(0))
            tensors.number(UInt64(data.bytes.count))
            for _ in 0..<shape.reduce(1, *) { data.number((scale.map { random.normal() * $0 } ?? 1).bitPattern) }
            tensorCount += 1
        }
        tensor("token_embd.weight", [width, vocabulary], scale: 0.4)
        tensor("output_norm.weight", [width], scale: nil)
        for layer in 0..<layers {
            tensor("blk.\(layer).attn_norm.weight", [width], scale: nil)
            tensor("blk.\(layer).ffn_norm.weight", [width], scale: nil)
            for name in ["q", "k", "v"] { tensor("blk.\(layer).attn_\(name).weight", [width, width], scale: 0.25) }
            tensor("blk.\(layer).attn_output.weight", [width, width], scale: 0.2)
            tensor("blk.\(layer).ffn_gate.weight", [width, feedForward], scale: 0.2)
            tensor("blk.\(layer).ffn_up.weight", [width, feedForward], scale: 0.2)
            tensor("blk.\(layer).ffn_down.weight", [feedForward, width], scale: 0.2)
        }

        var file = Writer()
        file.bytes = Array("GGUF".utf8)
        file.number(version)
        file.number(UInt64(tensorCount))
        file.number(UInt64(entries))
        file.bytes += metadata.bytes + tensors.bytes
        while file.bytes.count % 32 != 0 { file.bytes.append(0) }
        return file.bytes + data.bytes
    }

    /// GPT-2's spelling of bytes: printable ones are themselves.
    private static func byteTokens() -> [String] {
        let printable = Set(Array(33...126) + Array(161...172) + Array(174...255))
        var next: UInt32 = 256
        return (0..<256).map { byte in
            if printable.contains(byte) { return String(UnicodeScalar(UInt8(byte))) }
            defer { next += 1 }
            return String(UnicodeScalar(next)!)
        }
    }

    struct Writer {
        var bytes: [UInt8] = []
        mutating func number(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
        }
        mutating func text(_ value: String) {
            number(UInt64(value.utf8.count))
            bytes += Array(value.utf8)
        }
    }

    /// The same numbers on every run.
    struct SystemLikeRandom {
        var state: UInt64
        mutating func uniform() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) * 0x1p-24
        }
        /// Nearly normal: the sum of twelve uniform numbers.
        mutating func normal() -> Float { (0..<12).reduce(Float(-6)) { sum, _ in sum + uniform() } }
    }
}

/// Runs jobs to their end.
func run(_ model: LlamaPolicy, _ jobs: [SampleJob]) -> [UInt64: SampleCompletion] {
    for job in jobs { model.submit(job) }
    var done: [SampleCompletion] = []
    while model.hasWork { model.advance(into: &done) }
    return Dictionary(uniqueKeysWithValues: done.map { ($0.id, $0) })
}

func run(_ verifier: LlamaVerifier, _ jobs: [ScoreJob]) -> [UInt64: ScoreCompletion] {
    for job in jobs { verifier.submit(job) }
    var done: [ScoreCompletion] = []
    while verifier.hasWork { verifier.advance(into: &done) }
    return Dictionary(uniqueKeysWithValues: done.map { ($0.id, $0) })
}

extension LlamaPolicy {
    func root(_ text: String) -> PrefixHandle {
        try! makePrefix(parent: nil, text: [PromptPart(text: Array(text.utf8))]).0
    }
}
