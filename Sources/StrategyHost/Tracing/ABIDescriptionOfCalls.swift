import CStratagem

/// The arguments and results of create, next, save and restore.
extension ABIDescription {
    static func createInfo(_ info: UnsafePointer<stg_create_info>) -> String {
        let info = info.pointee
        var parts: [String] = []
        if let problems = info.problems {
            parts.append(
                "problems="
                    + list(Int(info.problem_count)) { index in
                        let problem = UnsafeRawPointer(problems).loadUnaligned(
                            fromByteOffset: index * Int(problems.pointee.struct_size), as: stg_problem.self)
                        return "{root \(problem.root), text \(ForeignText.quoted(problem.text))}"
                    })
        }
        if let params = info.params { parts.append("params=" + list(info.param_count) { value(params[$0]) }) }
        return parts.joined(separator: ", ")
    }

    static func value(_ value: stg_value) -> String {
        switch value.kind {
        case STG_VALUE_NONE: "none"
        case STG_VALUE_INT: String(value.i)
        case STG_VALUE_FLOAT: String(value.f)
        case STG_VALUE_BOOL: value.i == 0 ? "false" : "true"
        case STG_VALUE_TEXT: ForeignText.quoted(value.s)
        case STG_VALUE_BYTES: "(\(value.s.size) bytes)"
        default: "(kind \(value.kind))"
        }
    }

    static func tell(_ tell: UnsafePointer<stg_tell>) -> String {
        let events = [
            STG_EVENT_START: "START", STG_EVENT_RESULTS: "RESULTS", STG_EVENT_CANCELLED: "CANCELLED",
            STG_EVENT_BUDGET_OVER: "BUDGET_OVER",
        ]
        let event = events[tell.pointee.event] ?? "event \(tell.pointee.event)"
        guard tell.pointee.told != nil, tell.pointee.told_count > 0 else { return event }
        return event + " "
            + list(tell.pointee.told_count) { index in
                guard let told = stg_told_at(tell, index) else { return "NULL" }
                let outcome =
                    outcomes.indices.contains(Int(told.pointee.outcome))
                    ? outcomes[Int(told.pointee.outcome)] : "outcome \(told.pointee.outcome)"
                return
                    "{tag \(told.pointee.tag), \(outcome), nodes \(nodes(told.pointee.nodes, told.pointee.node_count))}"
            }
    }

    private static let outcomes = [
        "OK", "TRUNCATED", "MODEL_FAILED", "VERIFIER_FAILED", "BUDGET_EXHAUSTED", "CANCELLED", "RUN_FAILED",
    ]

    /// The plugin filled this struct in, so nothing in it is known to be right.
    static func next(_ next: stg_next) -> String {
        switch next.kind {
        case STG_NEXT_DONE:
            guard next.answer_count != 0 else { return "DONE []" }
            guard let answers = next.answers, (0...Int(STG_MAX_ASKS)).contains(next.answer_count) else {
                return "DONE, \(UInt(bitPattern: next.answer_count)) answers, unreadable"
            }
            return "DONE " + list(next.answer_count) { "{node \(answers[$0].node), weight \(answers[$0].weight)}" }
        case STG_NEXT_ASKS:
            guard next.ask_count != 0 else { return "ASKS []" }
            guard let asks = next.asks, (0...Int(STG_MAX_ASKS)).contains(next.ask_count) else {
                return "ASKS, \(UInt(bitPattern: next.ask_count)) of them, unreadable"
            }
            let stride = Int(asks.pointee.struct_size)
            guard stride >= MemoryLayout<stg_ask>.size, stride <= 65536 else {
                return "ASKS of struct_size \(stride), unreadable"
            }
            return "ASKS "
                + list(next.ask_count) {
                    ask(UnsafeRawPointer(asks).loadUnaligned(fromByteOffset: $0 * stride, as: stg_ask.self))
                }
        default: return "kind \(next.kind)"
        }
    }

    static func ask(_ ask: stg_ask) -> String {
        let role = ask.role.size > 0 ? ", role \(ForeignText.quoted(ask.role))" : ""
        let head = { (kind: String) in "{tag \(ask.tag), \(kind)\(role)" }
        switch ask.kind {
        case STG_ASK_SAMPLE:
            return head("SAMPLE")
                + ", node \(ask.node), count \(ask.count), steps \(ask.steps), max_tokens \(ask.max_tokens), "
                + "temperature \(ask.temperature), top_p \(ask.top_p), min_p \(ask.min_p)}"
        case STG_ASK_SCORE: return head("SCORE") + ", nodes \(nodes(ask.nodes, ask.node_count))}"
        case STG_ASK_APPEND: return head("APPEND") + ", node \(ask.node), text \(ForeignText.quoted(ask.text))}"
        case STG_ASK_REVISE:
            return head("REVISE") + ", problem \(ask.problem), nodes \(nodes(ask.nodes, ask.node_count))}"
        case STG_ASK_RUN:
            return head("RUN")
                + ", strategy \(ForeignText.quoted(ask.text)), problem \(ask.problem), share \(ask.share), "
                + "max_generations \(ask.max_generations), max_tokens \(ask.max_tokens_total), params \(params(ask))}"
        default: return head("kind \(ask.kind)") + "}"
        }
    }

    private static func params(_ ask: stg_ask) -> String {
        guard let params = ask.params, (0...ParameterTable.parametersMax).contains(ask.param_count) else {
            return ask.param_count == 0 ? "[]" : "[\(UInt(bitPattern: ask.param_count)), unreadable]"
        }
        return list(ask.param_count) { "\(ForeignText.quoted(params[$0].name))=\(value(params[$0].value))" }
    }
}
