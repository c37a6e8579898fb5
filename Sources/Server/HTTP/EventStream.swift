import HTTPTypes
import Hummingbird
import SearchCore

/// Server-sent events. Who reads slowly is waited for: nothing piles up here.
enum EventStream {
    /// A response whose events `write` sends, one after the other.
    static func response(_ request: Request, _ write: @escaping @Sendable (inout Writer) async throws -> Void)
        -> Response
    {
        Response(
            status: .ok, headers: [.contentType: "text/event-stream", .connection: "close"],
            body: .init { body in
                do {
                    try await request.whileConnected {
                        var writer = Writer(body: body)
                        defer { body = writer.body }
                        try await write(&writer)
                    }
                } catch is CancellationError {
                    // Nobody is there any more.
                }
                try await body.finish(nil)
            })
    }

    struct Writer {
        fileprivate var body: any ResponseBodyWriter

        mutating func send(_ json: JSON) async throws { try await write("data: \(json.line)\n\n") }
        /// Ends an OpenAI stream.
        mutating func done() async throws { try await write("data: [DONE]\n\n") }
        /// A comment, so that nobody on the way takes the silence for the end.
        mutating func keepAlive() async throws { try await write(": at work\n\n") }

        private mutating func write(_ text: String) async throws { try await body.write(ByteBuffer(string: text)) }
    }

    /// Sends what a run tells to its end, from the beginning.
    static func follow(
        _ record: RunRecord, keepAlive: Duration, showsEvents: Bool, _ writer: inout Writer,
        as shape: (JSON) -> JSON
    ) async throws {
        var told = 0
        if showsEvents { try await writer.send(shape(SearchEvents.began(record))) }
        for await signal in record.signals(tickEvery: keepAlive) {
            if case .tick = signal { try await writer.keepAlive() }
            let (notes, isOver, isCut) = record.notes(after: told)
            if showsEvents {
                for note in notes { try await writer.send(shape(SearchEvents.spelt(note))) }
            }
            told += notes.count
            guard isOver else { continue }
            if showsEvents {
                if isCut { try await writer.send(shape(SearchEvents.cut)) }
                try await writer.send(shape(SearchEvents.ended(record)))
            }
            return
        }
        throw CancellationError()
    }
}
