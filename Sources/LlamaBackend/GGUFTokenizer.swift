/// What a file's header says about its tokenizer: enough to write a prompt for the model, and to know what llama.cpp
/// would assume if the header does not say it.
struct GGUFTokenizer: Sendable {
    /// The value of `tokenizer.ggml.model`: "gpt2" (byte-level BPE), "llama" (SentencePiece) …
    let kind: String
    /// Whether the header says how text is divided before merging. Only byte-level BPE has that.
    let hasPreTokenizer: Bool
    /// The texts of the tokens that begin and end a text; nil if the header names none.
    let beginning: String?
    let end: String?
    private let hasBeginning: Bool
    private let hasEnd: Bool
    /// Control tokens, which ordinary text never produces: marks of turns, ends.
    let controls: [String]
    let chatTemplate: String?

    private static let controlType: UInt8 = 3

    init(_ header: GGUFHeader) {
        kind = header.texts["tokenizer.ggml.model"] ?? ""
        hasPreTokenizer = header.texts["tokenizer.ggml.pre"] != nil
        func named(_ key: String) -> Int? {
            guard let id = header.integers["tokenizer.ggml.\(key)_token_id"]?.first, header.tokens.indices.contains(id)
            else { return nil }
            return id
        }
        func text(_ id: Int) -> String { String(decoding: header.tokens[id], as: UTF8.self) }
        // SentencePiece has conventional ids for these tokens, which llama.cpp uses too.
        let isConventional = header.texts["tokenizer.ggml.model"] == "llama"
        let beginning = named("bos") ?? (isConventional && header.tokens.count > 2 ? 1 : nil)
        let end = named("eos") ?? (isConventional && header.tokens.count > 2 ? 2 : nil)
        (hasBeginning, hasEnd) = (beginning != nil, end != nil)
        self.beginning = beginning.map(text)
        self.end = end.map(text)
        controls = header.tokenTypes.indices.filter {
            header.tokenTypes[$0] == Self.controlType && $0 < header.tokens.count
        }.map(text).filter { !$0.isEmpty }
        chatTemplate = header.chatTemplate.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The token that llama.cpp uses to begin and end a text if a byte-level vocabulary names none: number 11, which is
    /// a letter or a mark in such a vocabulary.
    static let borrowed = 11
    private var borrows: Bool { kind == "gpt2" }
    var borrowsBeginning: Bool { borrows && !hasBeginning }
    var borrowsEnd: Bool { borrows && !hasEnd }
    /// Whether text may become other tokens than in training.
    var guessesCuts: Bool { kind == "gpt2" && !hasPreTokenizer }
}
