import CStratagem
import SearchCore

/// Two parameters that are not what they are by default.
let parameterPairChecks: [Check] = [
    Check(
        "params-in-pairs", .parameters, level: 7,
        proves: "Any two parameters at an edge of what they allow make a search that ends and whose asks are right.",
        clause: "stg_param: The host checks values against it before the plugin sees them"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            let plain = try context.requireClean(strategy)
            let start = monotonicSeconds()
            let isNumber = [STG_PARAM_INT, STG_PARAM_FLOAT]
            let alone = edges(
                context.standard, strategy.params.filter { !Effort.isBrief || !isNumber.contains($0.kind) })
            for (place, first) in alone.enumerated() {
                for second in alone.dropFirst(place + 1) {
                    // What two values of the same parameter make is one of them.
                    guard monotonicSeconds() - start < 0.4, let (id, value) = second.1.params.first,
                        first.1.params[id] == nil
                    else { continue }
                    let situation = "\(first.0) and \(second.0)"
                    let scenario = first.1.with {
                        $0.params[id] = value
                        $0.stop = .init(round: 24, event: STG_EVENT_CANCELLED)
                    }
                    let record = try context.expectEnd(strategy, scenario, in: situation)
                    try context.judgeAsks(record, besides: plain, strategy, in: situation, except: ["ask-role"])
                    try context.judge(record, "answer-weights", strategy, in: situation)
                }
            }
        }
    }
]
