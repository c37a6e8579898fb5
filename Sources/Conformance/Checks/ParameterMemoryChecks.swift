import CStratagem
import SearchCore

/// Texts, choices and files that are parameters' values: whose memory they lie in, and where they end.
let parameterMemoryChecks: [Check] = [
    textCheck(
        "bounds-param-text", MemoryRules(bounded: [.paramText]),
        proves: "It reads no byte after a parameter's text, choice or file.",
        clause: "Text: pointer and length, never NUL-terminated"),
    textCheck(
        "kept-param-text", MemoryRules(fleeting: [.paramText]),
        proves: "It keeps no pointer to a parameter's text, choice or file after the call.",
        clause: "create: The host pointer and nothing else of the arguments may be kept"),
    textCheck(
        "readonly-param-text", MemoryRules(readOnly: [.paramText]),
        proves: "It writes nothing into a parameter's text, choice or file.",
        clause: "What a call passes in is valid until that call returns, and read-only"),
]

private func textCheck(_ name: String, _ rules: MemoryRules, proves: String, clause: String) -> Check {
    Check(name, .memory, level: 5, proves: proves, clause: clause) { context throws(CheckStop) in
        var tried = 0
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            for scenario in textScenarios(context, strategy) {
                tried += 1
                // A text that it cannot use it may refuse: by then it has read it.
                _ = context.searchOrRefusal(strategy, scenario, rules: rules)
            }
        }
        if tried == 0 { throw .skip("no parameter is a text, a choice or a file") }
    }
}

/// The defaults, and then a value for each parameter that has a text: none ends with a NUL.
private func textScenarios(_ context: CheckContext, _ strategy: StrategyView) -> [Scenario] {
    var scenarios: [Scenario] = []
    for param in strategy.params {
        guard let id = text(param.id) else { continue }
        let values: [ParameterValue] =
            switch param.kind {
            case STG_PARAM_TEXT: [.text("seventeen letters"), .text("1")]
            case STG_PARAM_FILE:
                [.bytes(Array("{\"a\": [1, 2.5]}".utf8)), .bytes(Array("1,2\n3,4".utf8)), .bytes([0x7B])]
            case STG_PARAM_CHOICE: choices(param)
            default: []
            }
        scenarios += values.map { value in context.standard.with { $0.params[id] = value } }
    }
    return scenarios.isEmpty ? [] : [context.standard] + scenarios
}

private func choices(_ param: stg_param) -> [ParameterValue] {
    guard let choices = param.choices, (1...16).contains(param.choice_count) else { return [] }
    return (0..<param.choice_count).compactMap { text(choices[$0]).map { .text($0) } }
}
