import SearchCore

/// The part of a sample that comes from one request, as the server reported it.
struct Segment: Sendable, Equatable {
    /// A text and the number of its tokens: one token, unless the server held some back (an incomplete character, or
    /// the beginning of what might become a stop string).
    struct Piece: Sendable, Equatable {
        var bytes: [UInt8] = []
        /// Fewer than `tokens` if the server did not report all ids.
        var ids: [Int32] = []
        var tokens = 0
        var knowsIDs: Bool { ids.count == tokens }
    }

    enum Ending: Sendable, Equatable {
        /// The model's own end token, which is the last one sampled.
        case end
        /// At one of the stop strings that were requested; no piece contains its text.
        case stop([UInt8])
        /// At the number of tokens that was granted, or at the end of the context.
        case limit
        /// At a stop string or at the end token: the server does not say which.
        case untold
    }

    var pieces: [Piece] = []
    /// Tokens whose text has not arrived.
    var held = Piece()
    /// The number of sampled tokens, including an end token.
    var tokens = 0
    /// One per token, or fewer if the server did not report them all.
    var logProbabilities: [Float] = []
    var ending: Ending?
    /// The number of tokens of the prompt that the server read, because they were not in its cache; nil if it does not
    /// say.
    var promptTokensRead: Int?

    /// Adds tokens, with the text that came with them.
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
    /// - Throws: `.nonsense` if the server cannot have sampled this.
    mutating func take(_ event: JSONValue) throws(EndpointFailure)
    /// The segment so far; its ending is nil until the server has reported the end.
    var segment: Segment { get }
    /// Whether it has ended without reporting a count of tokens.
    var lacksCount: Bool { get }
}

extension SegmentReader {
    var lacksCount: Bool { false }

    /// The only choice of an event of OpenAI's interface; nil for an event without any, which reports the usage.
    static func choice(of event: JSONValue) throws(EndpointFailure) -> JSONValue? {
        guard let choices = event["choices"]?.array else { throw .nonsense("an event without \"choices\"") }
        guard let choice = choices.first else { return nil }
        guard choices.count == 1, choice["index"]?.int ?? 0 == 0 else {
            throw .nonsense("several choices, expected one")
        }
        return choice
    }

    /// A log-probability is at most 0; NaN comes from a server whose weights are damaged.
    static func checked(_ value: Double) throws(EndpointFailure) -> Float {
        guard value <= 1e-4 else { throw .nonsense("a log-probability of \(value)") }
        return Float(min(value, 0))
    }
}
