/// What `GGUFFile` reads from a file's header: enough to decide whether llama.cpp may be shown the file.
struct GGUFHeader: Sendable {
    struct Tensor: Sendable {
        var name: String
        /// The sizes of the dimensions, beginning with the length of a row; 1 to 4 of them, each at least 1.
        var dimensions: [Int]
        /// The number of elements in a block of its type: a row consists of whole blocks.
        var block = 1
    }

    /// GGUF's numbers for the types of values.
    enum Kind { static let real32: UInt64 = 6, text: UInt64 = 8, integer32: UInt64 = 5 }

    var architecture = ""
    /// Every whole number, and every list of up to 1,024 whole numbers.
    var integers: [String: [Int]] = [:]
    var reals: [String: [Double]] = [:]
    var flags: [String: Bool] = [:]
    /// Texts that choose among a few words; not tokens, merges or templates.
    var texts: [String: String] = [:]
    /// Every list: the type of its elements, and their number.
    var lists: [String: (kind: UInt64, count: Int)] = [:]
    /// tokenizer.ggml.tokens
    var tokens: [[UInt8]] = []
    /// tokenizer.ggml.token_type, if the file has it.
    var tokenTypes: [UInt8] = []
    /// tokenizer.chat_template
    var chatTemplate: String?
    var tensors: [Tensor] = []

    var vocabulary: Int { tokens.count }
    var parameters: Int { tensors.reduce(0) { $0 + $1.dimensions.reduce(1, *) } }

    /// The first or only number of a key that belongs to the architecture.
    func integer(_ key: String) -> Int? { integers["\(architecture).\(key)"]?.first }
}
