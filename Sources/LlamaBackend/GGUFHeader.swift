/// What `GGUFFile` takes from a file's header, whole: enough to say whether llama.cpp can be shown the file.
struct GGUFHeader: Sendable {
    struct Tensor: Sendable {
        var name: String
        /// Of a row, rows …; 1 to 4 of them, each at least 1.
        var dimensions: [Int]
        /// Elements of a block of its type: a row is whole blocks.
        var block = 1
    }

    /// GGUF's numbers for types of values.
    enum Kind { static let real32: UInt64 = 6, text: UInt64 = 8, integer32: UInt64 = 5 }

    var architecture = ""
    /// Every whole number; a list of up to 1,024 of them too, an element each.
    var integers: [String: [Int]] = [:]
    var reals: [String: [Double]] = [:]
    var flags: [String: Bool] = [:]
    /// Except tokens, merges, templates: those that choose among a few words.
    var texts: [String: String] = [:]
    /// Every list: its elements' type and number.
    var lists: [String: (kind: UInt64, count: Int)] = [:]
    /// tokenizer.ggml.tokens
    var tokens: [[UInt8]] = []
    /// tokenizer.ggml.token_type, where there is one.
    var tokenTypes: [UInt8] = []
    /// tokenizer.chat_template
    var chatTemplate: String?
    var tensors: [Tensor] = []

    var vocabulary: Int { tokens.count }
    var parameters: Int { tensors.reduce(0) { $0 + $1.dimensions.reduce(1, *) } }

    /// The first or only number of a key of the architecture.
    func integer(_ key: String) -> Int? { integers["\(architecture).\(key)"]?.first }
}
