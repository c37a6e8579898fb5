import CLlama
import LanguageModels

typealias Token = Int32

/// A model's tokens: text to tokens and back.
struct Vocabulary: @unchecked Sendable {
    // `@unchecked`: the pointer is into the model, which is immutable and outlives us.
    private let pointer: OpaquePointer
    /// All pieces, one after the other; piece t is `bytes[offsets[t]..<offsets[t + 1]]`.
    private let bytes: [UInt8]
    private let offsets: [Int32]
    private let isEnd: [Bool]
    /// Whether a token has no text.
    private let isSilent: [Bool]
    /// Tokens that only templates may contain, longest first.
    private let controls: [(text: [UInt8], token: Token)]
    /// The token that precedes a root's text, if the model needs one.
    let beginning: Token?

    var count: Int { isEnd.count }

    /// - Parameter tokenizer: what the model's file says; for the rest, llama.cpp makes assumptions.
    init(of model: OpaquePointer, _ tokenizer: GGUFTokenizer) {
        let pointer = llama_model_get_vocab(model)!
        let count = Int(llama_vocab_n_tokens(pointer))
        var bytes: [UInt8] = []
        var offsets: [Int32] = [0]
        var isEnd: [Bool] = []
        var isSilent: [Bool] = []
        var controls: [(text: [UInt8], token: Token)] = []
        var buffer = [CChar](repeating: 0, count: 256)
        for token in 0..<Token(count) {
            var length = llama_token_to_piece(pointer, token, &buffer, Int32(buffer.count), 0, false)
            if length < 0 {
                buffer = [CChar](repeating: 0, count: Int(-length))
                length = llama_token_to_piece(pointer, token, &buffer, Int32(buffer.count), 0, false)
            }
            bytes += buffer.prefix(Int(max(0, length))).map { UInt8(bitPattern: $0) }
            offsets.append(Int32(bytes.count))
            isSilent.append(length <= 0)
            let isBorrowed = tokenizer.borrowsEnd && Int(token) == GGUFTokenizer.borrowed
            isEnd.append(llama_vocab_is_eog(pointer, token) && !isBorrowed)
            if llama_vocab_is_control(pointer, token), let text = llama_vocab_get_text(pointer, token) {
                let spelled = Array(String(cString: text).utf8)
                if !spelled.isEmpty { controls.append((spelled, token)) }
            }
        }
        self.pointer = pointer
        self.bytes = bytes
        self.offsets = offsets
        self.isEnd = isEnd
        self.isSilent = isSilent
        self.controls = controls.sorted { $0.text.count > $1.text.count }
        let wantsBeginning = llama_vocab_get_add_bos(pointer) && !tokenizer.borrowsBeginning
        beginning = wantsBeginning && llama_vocab_bos(pointer) >= 0 ? llama_vocab_bos(pointer) : nil
    }

    func piece(_ token: Token) -> ArraySlice<UInt8> {
        bytes[Int(offsets[Int(token)])..<Int(offsets[Int(token) + 1])]
    }

    /// Whether the token ends an answer.
    func isEnd(_ token: Token) -> Bool { isEnd[Int(token)] }
    /// Whether any token ends an answer.
    var hasEnd: Bool { isEnd.contains(true) }
    /// The text for a token without text of its own in templates and stop strings; empty for every other token.
    func controlText(_ token: Token) -> [UInt8] {
        isSilent[Int(token)] ? controls.first { $0.token == token }?.text ?? [] : []
    }
    /// The first token in `text` that only templates may contain.
    func firstControl(in text: [UInt8]) -> (text: [UInt8], token: Token)? {
        for at in text.indices {
            if let control = controls.first(where: { text[at...].starts(with: $0.text) }) { return control }
        }
        return nil
    }

    /// Tokens of ordinary text: nothing in it becomes a special token.
    func tokens(of text: [UInt8]) -> [Token] {
        guard !text.isEmpty else { return [] }
        return text.withUnsafeBytes { raw in
            let characters = raw.baseAddress!.assumingMemoryBound(to: CChar.self)
            var tokens = [Token](repeating: 0, count: text.count + 2)
            var count = llama_tokenize(
                pointer, characters, Int32(text.count), &tokens, Int32(tokens.count), false, false)
            if count < 0 {
                tokens = [Token](repeating: 0, count: Int(-count))
                count = llama_tokenize(
                    pointer, characters, Int32(text.count), &tokens, Int32(tokens.count), false, false)
            }
            return Array(tokens.prefix(Int(max(0, count))))
        }
    }

    /// Tokens of a whole prompt. It begins with the token that the model needs there, exactly once, whether or not the
    /// template contains it.
    func tokens(ofRoot parts: [PromptPart]) -> [Token] {
        let tokens = self.tokens(of: parts)
        guard let beginning, tokens.first != beginning else { return tokens }
        return [beginning] + tokens
    }

    /// Whether `template` begins with the token that precedes every prompt anyway.
    func spellsBeginning(_ template: String) -> Bool {
        guard let beginning else { return false }
        return controls.first { Array(template.utf8).starts(with: $0.text) }?.token == beginning
    }

    /// Tokens of a prompt. Only its template parts may contain special tokens. The text between two special tokens is
    /// tokenised in one piece, whoever wrote it, as in the model's training.
    func tokens(of parts: [PromptPart]) -> [Token] {
        var tokens: [Token] = []
        var run: [UInt8] = []
        func flush() {
            tokens += self.tokens(of: run)
            run = []
        }
        for part in parts {
            guard part.isTemplate, !controls.isEmpty else {
                run += part.bytes
                continue
            }
            var rest = part.bytes[...]
            while !rest.isEmpty {
                if let control = controls.first(where: { rest.starts(with: $0.text) }) {
                    flush()
                    tokens.append(control.token)
                    rest = rest.dropFirst(control.text.count)
                } else {
                    run.append(rest.removeFirst())
                }
            }
        }
        flush()
        return tokens
    }

    /// The single token that is `text`, as a special token or as plain text; nil if there is none.
    func singleToken(_ text: String) -> Token? {
        let bytes = Array(text.utf8)
        if let control = controls.first(where: { $0.text == bytes }) { return control.token }
        let tokens = self.tokens(of: bytes)
        if tokens.count == 1 { return tokens[0] }
        // A tokenizer that puts a space before every text makes two tokens of a text that already has a space.
        guard bytes.first == UInt8(ascii: " ") else { return nil }
        let rest = self.tokens(of: Array(bytes.dropFirst()))
        return rest.count == 1 && piece(rest[0]).elementsEqual(bytes) ? rest[0] : nil
    }
}
