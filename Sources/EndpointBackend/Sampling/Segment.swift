import SearchCore

/// One request's share of a sample, as the server told it.
struct Segment: Sendable, Equatable {
    /// Text that came with so many tokens: one, unless the server held some back (half a character, the
    /// beginning of what might become a stop string).
    struct Piece: Sendable, Equatable {
        var bytes: [UInt8] = []
        /// Fewer than `tokens` where the server did not tell them all.
        var ids: [Int32] = []
        var tokens = 0
        var knowsIDs: Bool { ids.count == tokens }
    }

    enum Ending: Sendable, Equatable {
        /// The model's own end token: the last one sampled.
        case end
        /// At this string of those that were asked for; its text is in no piece.
        case stop([UInt8])
        /// As many tokens as were granted, or the context's end.
        case limit
        /// At a stop string or the end token: it does not say which.
        case untold
    }

    var pieces: [Piece] = []
    /// Tokens whose text has not come.
    var held = Piece()
    /// Sampled, an end token included.
    var tokens = 0
    /// One per token, or fewer where the server did not tell them all.
    var logProbabilities: [Float] = []
    var ending: Ending?
    /// Of the prompt: those that the server read, and did not find in its cache; nil if it does not say.
    var promptTokensRead: Int?

    /// Adds tokens, with the text that came along.
    mutating func add(_ bytes: [UInt8], ids: [Int32], tokens count: Int) {
        held.ids += ids
        held.tokens += count
        tokens += count
        guard !bytes.isEmpty else { return }
        held.bytes = bytes
        pieces.append(held)
        held = Piece()
    }
}

/// Reads one request's stream.
protocol SegmentReader: Sendable {
    /// - Throws: `.nonsense` if it cannot be what the server sampled.
    mutating func take(_ event: JSONValue) throws(EndpointFailure)
    /// So far; its ending is nil until the server has said that it is over.
    var segment: Segment { get }
    /// It has ended, and told no count of tokens.
    var lacksCount: Bool { get }
}

extension SegmentReader {
    var lacksCount: Bool { false }

    /// A log-probability is no more than 0; a NaN is a server's whose weights are damaged.
    static func checked(_ value: Double) throws(EndpointFailure) -> Float {
        guard value <= 1e-4 else { throw .nonsense("a log-probability of \(value)") }
        return Float(min(value, 0))
    }
}
