import CStratagem
import SearchCore

/// Told to stop, a strategy answers with the best that it has.
let stopChecks: [Check] = [
    stopCheck(
        "stop-cancelled", level: 4, event: STG_EVENT_CANCELLED, shares: [1],
        proves: "After CANCELLED at any turn, it answers DONE."),
    stopCheck(
        "stop-budget-over", level: 4, event: STG_EVENT_BUDGET_OVER, shares: [0],
        proves: "After BUDGET_OVER at any turn, it answers DONE."),
    stopCheck(
        "stop-partial", level: 5, event: STG_EVENT_CANCELLED, shares: [0.5, 0],
        proves: "After CANCELLED with half or nothing of the last batch, as at a deadline, it answers DONE."),
    Check(
        "stop-first", .stops, level: 5, proves: "After CANCELLED instead of START, it answers DONE.",
        clause: "STG_EVENT_CANCELLED: The instance answers DONE with the best that it has"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            try expectStop(context, strategy, .init(round: 0, event: STG_EVENT_CANCELLED))
        }
    },
    Check(
        "stop-best-so-far", .stops, level: 5,
        proves: "If it is stopped after finished answers, it returns some of them.",
        clause: "STG_EVENT_CANCELLED: The instance answers DONE with the best that it has"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            let turns = try context.requireClean(strategy).rounds.count
            for round in 1..<max(2, min(turns, 16)) {
                for (event, name) in [(STG_EVENT_CANCELLED, "CANCELLED"), (STG_EVENT_BUDGET_OVER, "BUDGET_OVER")] {
                    // Where the budget is over, nothing came of the last batch.
                    let share = event == STG_EVENT_BUDGET_OVER ? 0.0 : 1
                    let record = context.searchOrRefusal(
                        strategy,
                        context.standard.with { $0.stop = .init(round: round, event: event, share: share) })
                    guard let answers = record.answers, answers.isEmpty, answersBefore(record) else { continue }
                    throw context.fail(
                        "at least one answer",
                        "finished answers were told, and DONE came with none (\(name) before turn \(round))", strategy)
                }
            }
        }
    },
    Check(
        "stop-last", .stops, level: 6,
        proves:
            "If CANCELLED comes with the only finished answers, of all problems or of one, it returns some of them.",
        clause: "The two stops are told once, with the results of the last batch … DONE with the best that it has"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            let batch = strategy.takesBatch ? [("three problems", context.batch(3))] : []
            let all = [("the defaults", context.standard)] + context.otherChoices(strategy) + batch
            for (what, scenario) in all { try judgeLast(context, strategy, scenario, what) }
        }
    },
]

private func judgeLast(_ context: CheckContext, _ strategy: StrategyView, _ scenario: Scenario, _ what: String)
    throws(CheckStop)
{
    let turns = context.searchOrRefusal(strategy, scenario).rounds.count
    for round in 1..<max(2, min(turns, 16)) {
        for share in [1, 0.5] {
            let stop = Scenario.Stop(round: round, event: STG_EVENT_CANCELLED, share: share)
            let record = context.searchOrRefusal(strategy, scenario.with { $0.stop = stop })
            guard let answers = record.answers else { continue }
            var problems: [UInt64: Int] = [:]
            for node in record.rounds.flatMap(\.nodes) { problems[UInt64(node.id)] = node.problem }
            let told = record.rounds.flatMap(\.told).flatMap(\.nodes).filter { record.finishedNodes[$0] == true }
            let missing = Set(told.map { problems[$0] }).subtracting(answers.map { problems[$0.node] })
            guard !missing.isEmpty else { continue }
            throw context.fail(
                "the best that it has, what the stop itself tells included",
                "of a problem finished answers were told, and DONE came with none (CANCELLED before turn \(round) with \(share == 1 ? "all" : "half") of the last batch, and \(what))",
                strategy)
        }
    }
}

/// Whether a finished answer was told that the strategy certainly had time to see: in
/// a turn before the one that stopped it.
private func answersBefore(_ record: SearchRecord) -> Bool {
    record.rounds.dropLast().flatMap(\.told).flatMap(\.nodes).contains { record.finishedNodes[$0] == true }
}

private func expectStop(_ context: CheckContext, _ strategy: StrategyView, _ stop: Scenario.Stop) throws(CheckStop) {
    let record = context.searchOrRefusal(strategy, context.standard.with { $0.stop = stop })
    guard case .done = record.ending else {
        let event = stop.event == STG_EVENT_CANCELLED ? "CANCELLED" : "BUDGET_OVER"
        throw context.fail("DONE", "\(record.endingText) (told \(event) before turn \(stop.round))", strategy)
    }
}

private func stopCheck(_ name: String, level: Int, event: Int32, shares: [Double], proves: String) -> Check {
    Check(
        name, .stops, level: level, proves: proves,
        clause: "The two stops are told once … answers DONE with the best that it has; anything else is an error"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            let turns = try context.requireClean(strategy).rounds.count
            for round in 1..<max(2, min(turns, 16)) {
                for share in shares {
                    try expectStop(context, strategy, .init(round: round, event: event, share: share))
                }
            }
        }
    }
}
