import CStratagem
import SearchCore

/// Batches: what an instance of several problems asks for.
let batchChecks: [Check] = [
    Check(
        "batch-asks", .asks, level: 6,
        proves: "What it asks for and answers is right with two, three, nine and three hundred problems.",
        clause: "STG_STRATEGY_BATCH: one instance may be given several problems; stg_ask.tag: distinct within a batch"
    ) { context throws(CheckStop) in
        for strategy in try context.batchStrategies() {
            let plain = try context.requireClean(strategy)
            for count in [2, 3, 9, 300] {
                // Of very many only the first turns: what is wrong with their number is wrong at once.
                let scenario = context.batch(count).with {
                    if count > 9 { $0.stop = .init(round: 2, event: STG_EVENT_CANCELLED) }
                }
                let choices = count == 3 ? context.otherChoices(strategy, from: scenario) : []
                for (what, chosen) in [("the defaults", scenario)] + choices {
                    let record = context.searchOrRefusal(strategy, chosen)
                    try context.judgeAsks(record, besides: plain, strategy, in: "\(count) problems, with \(what)")
                }
            }
        }
    }
]

extension CheckContext {
    func batchStrategies() throws(CheckStop) -> [StrategyView] {
        let batch = try strategies().filter(\.takesBatch)
        if batch.isEmpty { throw .skip("no strategy takes batches") }
        return batch
    }

    /// The standard scenario with so many problems.
    func batch(_ count: Int) -> Scenario {
        standard.with {
            $0.problems = (0..<count).map { Array("Problem number \($0): what is \($0) + \($0)?".utf8) }
            $0.limits.generations = 8 * count
        }
    }

    /// Each choice and truth value that is not the default, alone.
    func otherChoices(_ strategy: StrategyView, from scenario: Scenario? = nil) -> [(String, Scenario)] {
        let chosen = strategy.params.filter { [STG_PARAM_CHOICE, STG_PARAM_BOOL].contains($0.kind) }
        let all = chosen.flatMap { param -> [(String, Scenario)] in
            guard let id = text(param.id) else { return [] }
            return edgeValues(param).filter { !isDefault($0, param) }.map { value in
                ("\(id) = \(shown(value))", (scenario ?? standard).with { $0.params[id] = value })
            }
        }
        return Array(all.prefix(Effort.of(12, briefly: 1)))
    }

    private func isDefault(_ value: ParameterValue, _ param: stg_param) -> Bool {
        switch settings.value(param) ?? value {
        case .text(let given) where param.fallback.kind == STG_VALUE_TEXT && settings.value(param) == nil:
            text(param.fallback.s) == given
        case .bool(let given) where param.fallback.kind == STG_VALUE_BOOL && settings.value(param) == nil:
            (param.fallback.i != 0) == given
        case let given: settings.value(param) != nil && shown(given) == shown(value)
        }
    }
}
