import Hummingbird
import SearchCore

/// Runs that are kept: what came of them, and how.
struct RunRoutes: Sendable {
    let searches: Searches
    let limits: ServerLimits

    func add(to group: RouterGroup<ServerContext>) {
        group.get("runs") { _, context in
            Response.json([
                "object": "list", "data": .array(searches.store.all(of: context.key.name).reversed().map(Self.line)),
            ])
        }
        group.get("runs/:run") { _, context in
            let record = try find(context)
            var fields = SearchEvents.began(record).fields.filter { $0.name != "type" }
            switch record.outcome {
            case nil: fields.append(.init("status", "running"))
            case .result(let result)?:
                fields += [.init("status", "done"), .init("report", Replies.report(result, record))]
            case .refused(let refusal)?: fields += [.init("status", "refused")] + refusal.json.fields
            }
            return Response.json(.object(fields))
        }
        group.get("runs/:run/events") { request, context in
            let record = try find(context)
            var request = request
            _ = try await request.bytes(limits, context)
            return EventStream.response(request) { writer in
                try await EventStream.follow(record, keepAlive: limits.keepAlive, showsEvents: true, &writer) { $0 }
            }
        }
        group.delete("runs/:run") { _, context in
            let record = try find(context)
            record.stop()
            searches.store.remove(record)
            return Response.json(["run": .string(record.id), "deleted": true])
        }
    }

    private func find(_ context: ServerContext) throws -> RunRecord {
        try searches.store.find(context.parameters.get("run") ?? "", owner: context.key.name)
    }

    private static func line(_ record: RunRecord) -> JSON {
        var fields = SearchEvents.began(record).fields.filter { $0.name != "type" }
        if case .result(let result)? = record.outcome {
            fields += [.init("answer", JSON(result.answer)), .init("tokens", .int(result.cost.tokens))]
        }
        return .object(fields + [.init("status", record.isOver ? "done" : "running")])
    }
}
