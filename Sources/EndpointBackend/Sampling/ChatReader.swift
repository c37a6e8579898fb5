import LanguageModels
import SearchCore

/// OpenAI's `/v1/chat/completions`, for servers that have nothing else, or whose model answers in conversations only.
/// Such a server cannot continue an answer, so there are only whole ones.
struct ChatReader: SegmentReader {
    private var text: [UInt8] = []
    private var ending: Segment.Ending?
    private var usage = TokenUsage()

    mutating func take(_ event: JSONValue) throws(EndpointFailure) {
        usage.take(event)
        guard let choice = try Self.choice(of: event) else { return }
        // The first delta has only the role. What a model thinks comes under another name, and is not its answer.
        // A whole answer is a message.
        if let piece = (choice["delta"] ?? choice["message"])?["content"]?.string { text += piece.utf8 }
        guard let word = choice["finish_reason"]?.string else { return }
        guard ending == nil else { throw .nonsense("a stream that continues after its end") }
        switch word {
        case "stop": ending = .end
        case "length": ending = .limit
        case "content_filter": throw .nonsense("it withheld the answer: finish_reason content_filter")
        default: throw .nonsense("an unknown finish_reason '\(EndpointClient.short(word))'")
        }
    }

    var lacksCount: Bool { ending != nil && usage.sampled == nil }

    var segment: Segment {
        var segment = Segment()
        segment.tokens = usage.sampled ?? 0
        // The count comes after the last choice: without it the stream was not complete.
        segment.ending = usage.sampled == nil ? nil : ending
        segment.promptTokensRead = usage.promptRead
        segment.pieces = [Segment.Piece(bytes: text, tokens: segment.tokens)]
        return segment
    }

    /// - Parameter user: the text of the only message.
    static func body(
        model: String, user: [UInt8], most: Int, request: SampleRequest, seed: UInt32, stop: [String],
        isStreamed: Bool = true
    ) -> [UInt8] {
        var body = JSONWriter()
        body.add("model", model)
        body.addMessage(ofUser: user)
        body.addCommon(most: most, request: request, seed: seed, stop: stop, isStreamed: isStreamed)
        return body.finish()
    }
}
