import Hummingbird
import SearchCore

/// OpenAI's interface: `/v1/chat/completions`, `/v1/completions`.
struct SearchRoutes: Sendable {
    let searches: Searches
    let orders: OrderReader
    let limits: ServerLimits

    func add(to group: RouterGroup<ServerContext>) {
        group.post("chat/completions") { request, context in
            try await answer(request, context) { bytes throws(Refusal) in try SearchRequest(chat: bytes) }
        }
        group.post("completions") { request, context in
            try await answer(request, context) { bytes throws(Refusal) in try SearchRequest(completions: bytes) }
        }
    }

    private func answer(
        _ request: Request, _ context: ServerContext, _ read: ([UInt8]) throws(Refusal) -> SearchRequest
    ) async throws -> Response {
        var request = request
        let wanted = try read(await request.bytes(limits, context))
        let admission = try searches.admit(try await orders.order(whole: wanted), context.key)
        let replies = Replies(wanted, admission.record)
        guard wanted.streams else {
            let result = try await request.whileConnected { try await run(admission, wanted) }
            var response = Response.json(replies.whole(result))
            response.headers[.connection] = "close"
            return response
        }
        return EventStream.response(request) { writer in try await stream(admission, wanted, replies, &writer) }
    }

    private func run(_ admission: Searches.Admission, _ wanted: SearchRequest) async throws(Refusal) -> RunResult {
        do throws(Refusal) { return try await searches.run(admission) } catch {
            var refusal = error
            if [ErrorCode.problemTooLong, .contextFull, .contextExceeded].map(\.rawValue).contains(error.code) {
                refusal.param = wanted.interface == .chat ? "messages" : "prompt"
            }
            throw refusal
        }
    }

    private func stream(
        _ admission: Searches.Admission, _ wanted: SearchRequest, _ replies: Replies, _ writer: inout EventStream.Writer
    ) async throws {
        // Ends with this scope: when the client goes, the search is cancelled.
        async let answer = run(admission, wanted)
        try await EventStream.follow(
            admission.record, keepAlive: limits.keepAlive, showsEvents: wanted.includesSearch, &writer
        ) { replies.event($0) }
        do {
            let result = try await answer
            var isFirst = true
            for piece in Replies.pieces(Replies.text(result)) {
                try await writer.send(replies.delta(piece, isFirst: isFirst))
                isFirst = false
            }
            try await writer.send(replies.end(result))
            if wanted.includesUsage { try await writer.send(replies.usage(result)) }
        } catch let refusal as Refusal {
            try await writer.send(refusal.json)
        }
        try await writer.done()
    }
}
