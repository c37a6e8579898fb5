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
    /// The tokens of a line feed for a tokenizer that puts a space before every text; empty for other tokenizers. No
    /// such tokenizer joins a line feed with the text behind it, so behind one a text has the tokens that it has in the
    /// middle of another text.
    private let lineFeed: [Token]

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
        lineFeed = llama_vocab_type(pointer) == LLAMA_VOCAB_TYPE_SPM ? Self.tokenize([10], pointer) : []
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
    /// - Parameter continuing: other text precedes it.
    func tokens(of text: [UInt8], continuing: Bool = false) -> [Token] {
        guard !text.isEmpty else { return [] }
        guard continuing, !lineFeed.isEmpty else { return Self.tokenize(text, pointer) }
        let tokens = Self.tokenize([10] + text, pointer)
        return tokens.starts(with: lineFeed)
            ? Array(tokens.dropFirst(lineFeed.count)) : Self.tokenize(text, pointer)
    }

    private static func tokenize(_ text: [UInt8], _ pointer: OpaquePointer) -> [Token] {
        text.withUnsafeBytes { raw in
            guard let start = raw.baseAddress else { return [] }
            let characters = start.assumingMemoryBound(to: CChar.self)
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

    func isControl(_ token: Token) -> Bool { llama_vocab_is_control(pointer, token) }
    /// Whether a text of a template ends with a special token.
    func endsInControl(_ text: some BidirectionalCollection<UInt8>) -> Bool {
        controls.contains { text.suffix($0.text.count).elementsEqual($0.text) }
    }

    /// Tokens of a prompt. Only its template parts may contain special tokens. The text between two special tokens is
    /// tokenised in one piece, whoever wrote it, as in the model's training.
    /// - Parameter continuing: other text precedes it.
    func tokens(of parts: [PromptPart], continuing: Bool = false) -> [Token] {
        var tokens: [Token] = []
        var run: [UInt8] = []
        var continues = continuing
        func flush() {
            tokens += self.tokens(of: run, continuing: continues)
            run = []
        }
        for part in parts {
            if part.isToken, let id = singleToken(part.bytes) {
                flush()
                tokens.append(id)
                continues = !isControl(id)
                continue
            }
            guard part.isTemplate, !controls.isEmpty else {
                run += part.bytes
                continue
            }
            var rest = part.bytes[...]
            while !rest.isEmpty {
                if let control = controls.first(where: { rest.starts(with: $0.text) }) {
                    flush()
                    tokens.append(control.token)
                    continues = false
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
    func singleToken(_ text: String) -> Token? { singleToken(Array(text.utf8)) }

    func singleToken(_ bytes: [UInt8]) -> Token? {
        if let control = controls.first(where: { $0.text == bytes }) { return control.token }
        let tokens = self.tokens(of: bytes)
        if tokens.count == 1 { return tokens[0] }
        // A tokenizer that puts a space before every text makes two tokens of a text that has a space of its own, or of
        // a line feed.
        let continuing = self.tokens(of: bytes, continuing: true)
        return continuing.count == 1 && piece(continuing[0]).elementsEqual(bytes) ? continuing[0] : nil
    }
}
