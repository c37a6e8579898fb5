import Reporting
import SearchCore

/// What a search tells while it runs, as JSON: see docs/serve.md. The same from a run that is
/// at work and from one that is over.
enum SearchEvents {
    static func began(_ record: RunRecord) -> JSON {
        [
            "type": "run", "run": .string(record.id), "created": .int(Int(record.created.timeIntervalSince1970)),
            "model": .string(record.order.name),
            "strategy": .string(record.order.strategy.info.name), "budget": .string("\(record.order.limits)"),
            "problem": .string(record.order.problem.text),
        ]
    }

    static func spelt(_ note: RunRecord.Note) -> JSON {
        switch note {
        case .nodes(let nodes): ["type": "nodes", "nodes": .array(nodes.map { node($0.id, $0.node) })]
        case .round(let rounds, let cost): ["type": "round", "rounds": .int(rounds), "cost": JSON(cost)]
        }
    }

    /// The last one.
    static func ended(_ record: RunRecord) -> JSON {
        switch record.outcome {
        case .result(let result)?:
            [
                "type": "result", "ranking": .array(result.candidates.map { .int($0.node) }),
                "report": Replies.report(result, record),
            ]
        case .refused(let refusal)?: JSON.object([.init("type", "error")]).adding(refusal.json.fields)
        case nil: ["type": "gap"]
        }
    }

    /// More happened than is kept: the tree stops here.
    static let cut: JSON = ["type": "gap"]

    static func node(_ id: SearchNode.ID, _ node: SearchNode) -> JSON {
        [
            "id": .int(id), "parent": .int(node.parent), "kind": .string(node.kind.rawValue), "depth": .int(node.depth),
            "steps": .array(steps(node)), "score": JSON(node.score), "ending": .string(node.ending.rawValue),
            "answer": JSON(node.answer),
            "tokens": .int(node.tokens), "log_probability": JSON(node.logProbability),
        ]
    }

    /// A sampled node may be several steps; any other is one text.
    private static func steps(_ node: SearchNode) -> [JSON] {
        var ends = node.kind == .sampled && !node.stepEnds.isEmpty ? node.stepEnds : [node.text.count]
        ends[ends.count - 1] = node.text.count
        var begin = 0
        return ends.enumerated().map { place, end in
            defer { begin = max(begin, end) }
            let bytes = begin <= end && end <= node.text.count ? node.text[begin..<end] : []
            let score = place < node.stepScores.count ? node.stepScores[place] : nil
            return ["text": .string(String(decoding: bytes, as: UTF8.self)), "score": JSON(score)]
        }
    }
}
