import CConformance
import CStratagem
import SearchCore

/// What a stack holds that nobody wrote to: two things, one after the other.
enum StackPattern {
    /// As numbers these are NaN and -1; tiny and large; 0.
    static let all: [Int32] = [0xFF, 0x3F, 0]

    static func each<Result>(_ body: () -> Result) -> [Result] {
        defer { kit_stack_pattern(-1) }
        return all.map { pattern in
            kit_stack_pattern(pattern)
            return body()
        }
    }
}

let stackChecks: [Check] = [
    Check(
        "stack-unwritten", .memory, level: 6,
        proves: "It reads nothing on its stack that it never wrote, nor what a function that failed left unwritten.",
        clause: "Repeatable: The same tells, getters and random bits lead to the same asks; NOT_FOUND: no such node"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            try context.eachSituation(strategy, within: 0.4) { what, scenario throws(CheckStop) in
                try judgeStack(context, strategy, what, scenario) { context.searchOrRefusal(strategy, $0) }
            }
            guard strategy.canSave else { continue }
            try judgeStack(context, strategy, "moved before each turn", context.standard) {
                context.searchOrRefusal(
                    strategy, $0,
                    beforeRound: { round, session in
                        var problem: String?
                        return round > 0 ? session.moved(&problem) : nil
                    })
            }
        }
    }
]

private func judgeStack(
    _ context: CheckContext, _ strategy: StrategyView, _ what: String, _ scenario: Scenario,
    _ search: (Scenario) -> SearchRecord
) throws(CheckStop) {
    let records = StackPattern.each { search(scenario.with { $0.host.fillsStack = true }) }
    for record in records.dropFirst() {
        guard let place = firstDifference(records[0].turns, record.turns) else { continue }
        throw context.fail(
            "the same asks and answers, whatever the stack holds",
            "turn \(place) differs with \(what): it reads what nobody wrote: a variable, or a struct that a function "
                + "which did not return STG_OK left alone", strategy)
    }
}

extension CheckContext {
    /// Searches in which a strategy does what it does not do by default: a defect may be there only.
    func situations(_ strategy: StrategyView) -> [(String, Scenario)] {
        var all: [(String, Scenario)] = [("the defaults", standard)]
        all.append(
            (
                "figures of confidence for half of the nodes",
                standard.with {
                    $0.offersExtensions = true
                    $0.host.hidesSomeFigures = true
                }
            ))
        all += otherChoices(strategy)
        if strategy.takesBatch { all.append(("three problems", batch(3))) }
        all.append(("no probabilities", standard.with { $0.hidesProbabilities = true }))
        for kind in [Scenario.Fault.Kind.verifierFails, .verifierFailsHalfway, .modelFailsHalfway, .truncated] {
            all.append((kind.rawValue, standard.with { $0.faults = [.init(round: 1, kind: kind)] }))
            all.append((kind.rawValue, standard.with { $0.faults = [.init(round: 0, kind: kind)] }))
        }
        all += edges(standard, strategy.params.filter { [STG_PARAM_INT, STG_PARAM_FLOAT].contains($0.kind) }).map {
            ($0.0, $0.1.with { $0.stop = .init(round: 24, event: STG_EVENT_CANCELLED) })
        }
        return Array(all.prefix(Effort.of(40, briefly: 1)))
    }

    /// Each of them, as long as there is patience: the likeliest come first.
    func eachSituation(
        _ strategy: StrategyView, within seconds: Double = 0.15,
        _ body: (String, Scenario) throws(CheckStop) -> Void
    ) throws(CheckStop) {
        let start = monotonicSeconds()
        for (place, (what, scenario)) in situations(strategy).enumerated() {
            if place > 0, monotonicSeconds() - start > seconds { return }
            try body(what, scenario)
        }
    }
}
