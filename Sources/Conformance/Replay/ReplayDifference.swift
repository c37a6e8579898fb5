import SearchCore
import StrategyHost

extension Replayer {
    /// Where a turn first differs from the recorded one; nil if it does not.
    func difference(_ round: Int, _ recorded: TraceRound, _ now: NextStep) -> Difference? {
        func differs(_ field: String, _ a: String, _ b: String, _ place: Int? = nil) -> Difference {
            Difference(round: round, place: place, field: field, recorded: a, now: b)
        }
        switch now {
        case .done(let answers):
            guard let before = recorded.answers else {
                // The last turn of a trace that was cut short holds no reply to compare.
                return recorded.asks.isEmpty ? nil : differs("kind", "\(recorded.asks.count) asks", "DONE")
            }
            if before.count != answers.count { return differs("answer_count", "\(before.count)", "\(answers.count)") }
            for (place, pair) in zip(before, answers).enumerated() {
                if pair.0.node != pair.1.node {
                    return differs("answer.node", "\(pair.0.node)", "\(pair.1.node)", place)
                }
                if pair.0.weight != pair.1.weight {
                    return differs("answer.weight", "\(pair.0.weight)", "\(pair.1.weight)", place)
                }
            }
            return nil
        case .asks(let asks):
            if recorded.answers != nil { return differs("kind", "DONE", "\(asks.count) asks") }
            if recorded.asks.count != asks.count {
                return differs("ask_count", "\(recorded.asks.count)", "\(asks.count)")
            }
            for (place, pair) in zip(recorded.asks, asks).enumerated() {
                if let (field, a, b) = Self.firstField(AskFields(pair.0), AskFields(pair.1)) {
                    return differs(field, a, b, place)
                }
            }
            return nil
        }
    }

    private static func firstField(_ a: AskFields, _ b: AskFields) -> (String, String, String)? {
        zip(a.fields, b.fields).first { $0.value != $1.value }.map { ($0.name, $0.value, $1.value) }
    }
}

/// An ask's fields by their names in the header, defaults filled in: the host
/// records "policy" where the kit records what the plugin wrote.
private struct AskFields {
    var fields: [(name: String, value: String)]

    init(_ ask: TraceAsk) {
        let topP = ask.kind == 1 && ask.topP == 0 ? 1 : ask.topP
        let role =
            ask.role.isEmpty ? (ask.kind == 1 || ask.kind == 4 ? "policy" : ask.kind == 2 ? "prm" : "") : ask.role
        fields = [
            ("kind", "\(ask.kind)"), ("tag", "\(ask.tag)"), ("role", role), ("node", "\(ask.node)"),
            ("count", "\(ask.count)"),
            ("steps", "\(ask.steps)"), ("max_tokens", "\(ask.maxTokens)"), ("problem", "\(ask.problem)"),
            ("temperature", "\(ask.temperature)"), ("top_p", "\(topP)"), ("min_p", "\(ask.minP)"),
            ("nodes", "\(ask.nodes)"),
            ("text", ask.text), ("share", "\(ask.share)"),
        ]
    }

    init(_ ask: Ask) {
        var traced = TraceAsk(
            kind: 0, tag: ask.tag, role: "", node: 0, count: 0, steps: 0, maxTokens: 0, problem: 0, temperature: 0,
            topP: 0,
            minP: 0, nodes: [], text: "", share: 0)
        switch ask.body {
        case .sample(let sample):
            (traced.kind, traced.role, traced.node) = (1, sample.role, sample.node)
            (traced.count, traced.steps, traced.maxTokens) = (
                UInt32(sample.count), UInt32(sample.steps), UInt32(sample.maxTokens)
            )
            (traced.temperature, traced.topP, traced.minP) = (sample.temperature, sample.topP, sample.minP)
        case .score(let role, let nodes): (traced.kind, traced.role, traced.nodes) = (2, role, nodes)
        case .append(let role, let node, let text):
            (traced.kind, traced.role, traced.node, traced.text) = (
                3, role, node, String(decoding: text, as: UTF8.self)
            )
        case .revise(let role, let problem, let attempts):
            (traced.kind, traced.role, traced.problem, traced.nodes) = (4, role, UInt32(problem), attempts)
        case .run(let run):
            (traced.kind, traced.text, traced.problem, traced.share) = (5, run.strategy, UInt32(run.problem), run.share)
        }
        self.init(traced)
    }
}
