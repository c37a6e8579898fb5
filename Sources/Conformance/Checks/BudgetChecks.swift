import CStratagem
import SearchCore

/// Budgets of every size and kind.
let budgetChecks: [Check] = [
    budgetCheck("budget-one", level: 4, proves: "A budget of one generation makes a search that ends with DONE.") {
        $0.limits = Limits(generations: 1)
    },
    budgetCheck("budget-odd", level: 4, proves: "Budgets that are prime numbers make searches that end with DONE.") {
        $0.limits = Limits(generations: 7)
    },
    budgetCheck("budget-unlimited", level: 4, proves: "A run without any limit also ends.") { $0.limits = Limits() },
    budgetCheck(
        "budget-huge", level: 5,
        proves:
            "A budget of 2⁴⁰ generations, or of more than an int holds, is accepted without allocating memory for as many.",
        [1 << 40, 1 << 32, 1 << 31 + 5, .max].map { count in
            { @Sendable in
                $0.limits = Limits(generations: count)
                $0.batchMax = 512
            }
        }),
    budgetCheck("budget-zero", level: 5, proves: "A budget of zero makes a search that ends.") {
        $0.showsZeroBudget = true
    },
    budgetCheck(
        "budget-tokens", level: 6, proves: "A budget in tokens, however few, makes a search that ends with DONE.",
        [1, 2, 7, 20, 61].map { tokens in
            { @Sendable in $0.limits = Limits(tokens: tokens) }
        }),
    budgetCheck(
        "budget-joint", level: 6,
        proves:
            "Generations, tokens, FLOPs and seconds together, or the last two alone, make a search that ends with DONE, whether or not FLOPs are known.",
        [
            { $0.limits = Limits(generations: 5, tokens: 30, flops: 1e9, seconds: 2) },
            {
                $0.limits = Limits(generations: 5, flops: 1e9)
                $0.hidesFlops = true
            },
            { $0.limits = Limits(flops: 1e9) },
            { $0.limits = Limits(seconds: 2) },
        ]),
    Check(
        "budget-cut", .budget, level: 4,
        proves: "If the budget cuts a batch, the strategy uses the results that it got.",
        clause: "STG_OUTCOME_BUDGET_EXHAUSTED: as much as the budget allowed"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            for round in [nil, 0, 1, 2] as [Int?] {
                let scenario = context.standard.with {
                    $0.faults = [.init(round: round, ask: nil, kind: .budgetEndsHalfway)]
                }
                let situation = "half of \(round.map { "the batch of turn \($0)" } ?? "every batch") fits the budget"
                let record = try context.expectEnd(strategy, scenario, in: situation)
                try context.judgeGoesOn(record, strategy, in: situation)
            }
        }
    },
    Check(
        "budget-overasked", .budget, level: 5, .warn,
        proves: "No batch asks for more generations than get_budget says are left.",
        clause: "get_budget: Limits and what was spent"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            for limit in [8, 5] {
                let record = try context.search(strategy, context.standard.with { $0.limits.generations = limit })
                if let (round, asked, left) = overasked(record, limit) {
                    throw context.fail(
                        "samples of one depth for at most what is left",
                        "turn \(round) asks for \(asked) samples of one depth, and \(left) of \(limit) are left",
                        strategy)
                }
            }
        }
    },
    Check(
        "budget-left-over", .budget, level: 6, .warn,
        proves: "A strategy that spends more with a larger budget spends all of it.",
        clause: "stg_budget: What may be spent, and was"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            var spent: [Int] = []
            for limit in [4, 8] {
                spent.append(
                    try context.search(strategy, context.standard.with { $0.limits.generations = limit }).rounds.last?
                        .spent.generations ?? 0)
            }
            if spent[1] > spent[0], spent[0] < 4 || spent[1] < 8 {
                throw context.fail(
                    "all of 4 generations spent, and of 8", "\(spent[0]) of 4 and \(spent[1]) of 8 are", strategy)
            }
        }
    },
]

private func budgetCheck(
    _ name: String, level: Int, proves: String, _ change: @escaping @Sendable (inout Scenario) -> Void
) -> Check {
    budgetCheck(name, level: level, proves: proves, [change])
}

private func budgetCheck(_ name: String, level: Int, proves: String, _ changes: [@Sendable (inout Scenario) -> Void])
    -> Check
{
    Check(name, .budget, level: level, proves: proves, clause: "get_budget: Limits and what was spent") {
        context throws(CheckStop) in
        for strategy in try context.strategies() {
            let plain = try context.requireClean(strategy)
            for change in changes {
                let scenario = context.standard.with { change(&$0) }
                let situation =
                    scenario.showsZeroBudget
                    ? "a budget of 0 generations"
                    : "a budget of \(scenario.limits.description.isEmpty ? "no limit" : scenario.limits.description)"
                let record = context.searchOrRefusal(strategy, scenario)
                // A budget that a strategy can do nothing with may be refused, in words.
                if case .refused(_, let reason?) = record.ending, !reason.isEmpty { continue }
                guard case .done = record.ending else {
                    throw context.fail("the search ends with DONE", "\(record.endingText) (\(situation))", strategy)
                }
                try context.judgeAsks(record, besides: plain, strategy, in: situation)
            }
        }
    }
}

/// The first turn that asks, from nodes of the same depth, for more than is left.
private func overasked(_ record: SearchRecord, _ limit: Int) -> (round: Int, asked: Int, left: Int)? {
    var depths: [UInt64: Int] = [:]
    var atDepth: [Int: Int] = [:]
    for (round, turn) in record.rounds.enumerated() {
        for node in turn.nodes { depths[UInt64(node.id)] = node.depth }
        guard case .asks(let asks) = turn.turn else { continue }
        for ask in asks where ask.kind == STG_ASK_SAMPLE {
            atDepth[depths[ask.node] ?? 0, default: 0] += Int(ask.count)
        }
        if let worst = atDepth.first(where: { $0.value > limit }) { return (round, worst.value, limit) }
    }
    return nil
}
