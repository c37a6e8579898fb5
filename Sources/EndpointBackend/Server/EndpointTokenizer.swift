import LanguageModels
import Locking
import SearchCore

/// Text to tokens and back, by the server's own tokenizer. Frequent results are remembered.
final class EndpointTokenizer: Sendable {
    private struct Memory {
        /// The special tokens that a template's text contains, longest first.
        var specials: [[UInt8]: [(text: [UInt8], id: Int32)]] = [:]
        /// The tokens that precede a root's text.
        var beginning: [Int32]?
        var texts: [[Int32]: [UInt8]] = [:]
    }

    private static let textsMax = 100_000
    private let profile: ServerProfile
    private let memory = Locked(Memory())

    init(_ profile: ServerProfile) { self.profile = profile }

    /// Tokens of a prompt. If the server can tell the two apart (llama-server), only its template parts may contain
    /// special tokens; the text between two special tokens is tokenised in one piece.
    func tokens(of parts: [PromptPart], isRoot: Bool, on client: EndpointClient) async throws(EndpointFailure)
        -> [Int32]
    {
        guard profile.kind == .llamaServer else {
            return try await tokenize(parts.flatMap(\.bytes), isRoot: isRoot, special: true, on: client)
        }
        var tokens = isRoot ? try await beginning(client) : []
        var run: [UInt8] = []
        for part in parts {
            guard part.isTemplate else {
                run += part.bytes
                continue
            }
            let specials = try await specials(in: part.bytes, on: client)
            var rest = part.bytes[...]
            while !rest.isEmpty {
                if let special = specials.first(where: { rest.starts(with: $0.text) }) {
                    tokens += try await plain(run, client)
                    run = []
                    tokens.append(special.id)
                    rest = rest.dropFirst(special.text.count)
                } else {
                    run.append(rest.removeFirst())
                }
            }
        }
        tokens += try await plain(run, client)
        return tokens
    }

    /// The text of tokens that were sampled one after the other.
    func text(of ids: [Int32], on client: EndpointClient) async throws(EndpointFailure) -> [UInt8] {
        if ids.isEmpty { return [] }
        if let known = memory.withLock({ $0.texts[ids] }) { return known }
        var body = JSONWriter()
        if profile.kind == .vLLM { body.add("model", profile.model) }
        body.add("tokens", ids)
        let answer = try await client.post(.native("detokenize"), body.finish())
        guard let text = answer["content"]?.string ?? answer["prompt"]?.string else {
            throw .nonsense("detokenize gave no text")
        }
        let bytes = Array(text.utf8)
        memory.withLock { if $0.texts.count < Self.textsMax { $0.texts[ids] = bytes } }
        return bytes
    }

    /// Tokens of ordinary text: nothing in it becomes a special token.
    func plain(_ bytes: [UInt8], _ client: EndpointClient) async throws(EndpointFailure) -> [Int32] {
        bytes.isEmpty ? [] : try await tokenize(bytes, isRoot: false, special: false, on: client)
    }

    private func tokenize(_ bytes: [UInt8], isRoot: Bool, special: Bool, on client: EndpointClient)
        async throws(EndpointFailure) -> [Int32]
    {
        var body = JSONWriter()
        if profile.kind == .vLLM {
            body.add("model", profile.model)
            body.add("prompt", bytes: bytes)
            body.add("add_special_tokens", isRoot)
        } else {
            body.add("content", bytes: bytes)
            body.add("add_special", isRoot)
            body.add("parse_special", special)
        }
        guard let ids = try await client.post(.native("tokenize"), body.finish())["tokens"]?.ids else {
            throw .nonsense("tokenize gave no list of ids")
        }
        return ids
    }

    private func beginning(_ client: EndpointClient) async throws(EndpointFailure) -> [Int32] {
        if let known = memory.withLock({ $0.beginning }) { return known }
        let word = Array("a".utf8)
        let with = try await tokenize(word, isRoot: true, special: false, on: client)
        let without = try await tokenize(word, isRoot: false, special: false, on: client)
        let count = with.indices.first { with[$0...].starts(with: without) } ?? 0
        let ids = Array(with[..<count])
        memory.withLock { $0.beginning = ids }
        return ids
    }

    /// Whether a template's text contains tokens that plain text does not produce.
    func hasSpecials(_ template: [UInt8], on client: EndpointClient) async throws(EndpointFailure) -> Bool {
        try await !specials(in: template, on: client).isEmpty
    }

    /// A token is special if its text is in the template, and becomes other tokens when it is read as plain text.
    private func specials(in template: [UInt8], on client: EndpointClient) async throws(EndpointFailure) -> [(
        text: [UInt8], id: Int32
    )] {
        if let known = memory.withLock({ $0.specials[template] }) { return known }
        let parsed = try await tokenize(template, isRoot: false, special: true, on: client)
        var found: [(text: [UInt8], id: Int32)] = []
        if try await plain(template, client) != parsed {
            for id in Set(parsed).sorted() {
                let text = try await self.text(of: [id], on: client)
                guard !text.isEmpty, text.count <= template.count, try await plain(text, client) != [id],
                    try await tokenize(text, isRoot: false, special: true, on: client) == [id]
                else { continue }
                found.append((text, id))
            }
        }
        found.sort { $0.text.count > $1.text.count }
        let specials = found
        memory.withLock { $0.specials[template] = specials }
        return specials
    }
}
