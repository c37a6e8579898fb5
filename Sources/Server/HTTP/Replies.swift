import Foundation
import Reporting
import SearchCore

/// Replies in OpenAI's shapes, and what this server adds to them: docs/serve.md is the contract.
struct Replies {
    let request: SearchRequest
    let record: RunRecord
    private let created = Int(Date().timeIntervalSince1970)

    init(_ request: SearchRequest, _ record: RunRecord) { (self.request, self.record) = (request, record) }

    /// As `solve --json` prints a result, with the run's id before it.
    static func report(_ result: RunResult, _ record: RunRecord) -> JSON {
        JSON.object([.init("run", .string(record.id))]).adding(
            SolveReport(result: result, strategy: record.order.strategy.info.name).json.fields)
    }

    private func head(_ object: String) -> [JSON.Field] {
        [
            .init("id", .string("\(request.interface.prefix)-\(record.id)")), .init("object", .string(object)),
            .init("created", .int(created)),
            .init("model", .string(request.model)),
        ]
    }

    /// The whole answer.
    func whole(_ result: RunResult) -> JSON {
        let text = JSON.string(Self.text(result))
        var choice: [JSON.Field] = [.init("index", 0)]
        switch request.interface {
        case .chat: choice.append(.init("message", ["role": "assistant", "content": text, "refusal": nil]))
        case .completions: choice.append(.init("text", text))
        }
        choice += [.init("logprobs", nil), .init("finish_reason", Self.finish(result))]
        return .object(
            head(request.interface.object) + [
                .init("choices", .array([.object(choice)])), .init("usage", Self.usage(result.cost)),
                .init("stratagem", Self.report(result, record)),
            ])
    }

    /// A piece of the answer; the first one of a chat says whose it is.
    func delta(_ text: String, isFirst: Bool) -> JSON {
        switch request.interface {
        case .chat:
            let delta: [JSON.Field] = (isFirst ? [.init("role", "assistant")] : []) + [.init("content", .string(text))]
            return chunk([["index": 0, "delta": .object(delta), "logprobs": nil, "finish_reason": nil]])
        case .completions: return chunk([["index": 0, "text": .string(text), "logprobs": nil, "finish_reason": nil]])
        }
    }

    /// After the last piece: why it ended, and all about the search.
    func end(_ result: RunResult) -> JSON {
        let choice: JSON =
            request.interface == .chat
            ? ["index": 0, "delta": [:], "logprobs": nil, "finish_reason": Self.finish(result)]
            : ["index": 0, "text": "", "logprobs": nil, "finish_reason": Self.finish(result)]
        return chunk([choice], [.init("stratagem", Self.report(result, record))])
    }

    func usage(_ result: RunResult) -> JSON {
        .object(head(request.interface.chunk) + [.init("choices", []), .init("usage", Self.usage(result.cost))])
    }

    /// Something of the search: see ``SearchEvents``.
    func event(_ event: JSON) -> JSON { chunk([], [.init("stratagem", event)]) }

    private func chunk(_ choices: [JSON], _ more: [JSON.Field] = []) -> JSON {
        .object(
            head(request.interface.chunk) + [.init("choices", .array(choices))]
                + (request.includesUsage ? [.init("usage", nil)] : []) + more)
    }

    /// The chosen solution.
    static func text(_ result: RunResult) -> String { result.candidates.first?.text ?? "" }

    /// As a model would send it: pieces that end with a line.
    static func pieces(_ text: String) -> [String] {
        var pieces: [String] = []
        var rest = text[...]
        while let end = rest.firstIndex(of: "\n") {
            pieces.append(String(rest[...end]))
            rest = rest[rest.index(after: end)...]
        }
        return rest.isEmpty ? pieces : pieces + [String(rest)]
    }

    /// Nothing was finished within the budget: what OpenAI calls length.
    private static func finish(_ result: RunResult) -> JSON { result.candidates.isEmpty ? "length" : "stop" }

    /// Every token that was paid for. The verifier's are beside the total, as the standard has no place for them.
    static func usage(_ cost: Cost) -> JSON {
        [
            "prompt_tokens": .int(cost.promptTokens), "completion_tokens": .int(cost.tokens),
            "total_tokens": .int(cost.promptTokens + cost.tokens), "verifier_tokens": .int(cost.verifierTokens),
        ]
    }
}

extension JSON {
    /// Of an object.
    var fields: [Field] { if case .object(let fields) = self { fields } else { [] } }
}
