import CStratagem
import SearchCore

/// Sizes that ordinary searches do not have.
let sizeChecks: [Check] = [
    Check(
        "search-deep", .input, level: 6,
        proves: "Answers of a hundred steps, or of three hundred, make a search that ends.",
        clause: "stg_node_info.depth: steps below its root"
    ) { context throws(CheckStop) in
        for steps in [100, 300] {
            try judgeSize(context, "answers of \(steps) steps", hasChoices: true) {
                $0.pathSteps = steps; $0.limits.generations = 4
            }
        }
    },
    Check(
        "steps-many", .input, level: 7,
        proves:
            "Nodes of three thousand steps do it no harm: what step_scores counts may be more than it has room for.",
        clause: "step_scores: Writes at most `capacity` of them and sets *count to how many there are"
    ) { context throws(CheckStop) in
        // Its end, upwards too, is where no memory is: who reads on past an array of its own gets there soon.
        let stack = Pages(count: 8 << 20, label: "the end of the stack", atEnd: true)
        // Who takes a turn for each step has no end of three thousand to look at.
        for steps in [3000, 100] {
            try judgeSize(
                context, "answers of \(steps) steps", hasChoices: true, call: { onNewThread(stack: stack, $0) }
            ) {
                $0.pathSteps = steps; $0.limits.generations = 4; $0.host.exaggeratesSteps = true
            }
        }
        // How far a search goes, and how it reads what it finds there, may be two parameters.
        for strategy in try context.strategies() {
            let start = monotonicSeconds()
            let numbers = edges(context.standard, strategy.params.filter { $0.kind == STG_PARAM_INT })
            for (what, chosen) in context.otherChoices(strategy) {
                for (edge, number) in numbers where monotonicSeconds() - start < 0.5 {
                    let long = chosen.with {
                        $0.params.merge(number.params) { _, edge in edge }
                        $0.pathSteps = 100; $0.limits.generations = 4; $0.host.exaggeratesSteps = true
                    }
                    try context.expectEndOrPatience(
                        context.searchOrRefusal(strategy, long, call: { onNewThread(stack: stack, $0) }), strategy,
                        "answers of 100 steps, with \(what) and \(edge)")
                }
            }
        }
    },
    Check(
        "answers-long", .input, level: 6, proves: "Answers of a kilobyte make a search that ends.",
        clause: "Text: Bytes; UTF-8 where the field says UTF-8"
    ) { context throws(CheckStop) in
        try judgeSize(context, "answers of 1 kB", hasChoices: true) { $0.longAnswers = .differAtTheEnd }
    },
    Check(
        "answers-told-apart", .input, level: 7, .warn,
        proves: "Long answers that differ in their last byte only are different answers to it.",
        clause: "stg_node_info.answer: equal answers are equal bytes"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            // How answers are weighed is a choice, if it is a parameter.
            for (what, chosen) in context.choosings(strategy) {
                for seed in 0..<4 {
                    let scenario = chosen.with { $0.seed &+= UInt64(seed) }
                    let start = context.searchOrRefusal(strategy, scenario.with { $0.longAnswers = .differAtTheStart })
                    let end = context.searchOrRefusal(strategy, scenario.with { $0.longAnswers = .differAtTheEnd })
                    guard let place = firstDifference(start.turns, end.turns) else { continue }
                    throw context.fail(
                        "the same search, whichever byte tells answers of 1 kB apart",
                        "turn \(place) of the search with seed \(scenario.seed) and \(what) differs", strategy)
                }
            }
        }
    },
    Check(
        "tell-large", .input, level: 7, proves: "Tells of seventy thousand nodes make a search that ends.",
        clause: "stg_told.node_count; STG_MAX_COUNT"
    ) { context throws(CheckStop) in
        try judgeSize(context, "tells of 70000 nodes") {
            $0.batchMax = Effort.of(70_000, briefly: 1500)
            $0.limits.generations = Effort.of(70_000, briefly: 1500)
            $0.stop = .init(round: 2, event: STG_EVENT_CANCELLED)
        }
    },
    Check(
        "next-prompt-many", .input, level: 6,
        proves: "No call of next takes a second with 160 nodes, nor a quarter of one with a number at 96.",
        clause: "Speed. next() is expected to return in microseconds"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            let many = context.standard.with { $0.limits.generations = 160 }
            try judgeTime(context, strategy, many, within: 1, "a budget of 160 generations")
            for param in strategy.params where param.kind == STG_PARAM_INT && param.min <= 96 && param.max >= 96 {
                guard let id = text(param.id) else { continue }
                try judgeTime(context, strategy, many.with { $0.params[id] = .int(96) }, within: 0.25, "\(id) = 96")
            }
        }
    },
    Check(
        "host-calls-grow", .input, level: 6, .warn,
        proves: "If it is told four times as many nodes, it does not call the host sixteen times as often.",
        clause: "Speed. next() is expected to return in microseconds"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            let calls = [250, 1000].map { count in
                context.searchOrRefusal(
                    strategy,
                    context.standard.with {
                        $0.limits.generations = count
                        $0.stop = .init(round: 2, event: STG_EVENT_CANCELLED)
                    }
                ).hostCalls
            }
            // Twice what grows as the nodes do: n log n is below it, n² far above.
            if calls[1] > 8 * max(calls[0], 250) {
                throw context.fail(
                    "about four times as many calls of host functions for 1000 nodes as for 250",
                    "\(calls[1]) instead of \(calls[0]): with many nodes its turns take their square", strategy)
            }
        }
    },
]

private func judgeSize(
    _ context: CheckContext, _ situation: String, hasChoices: Bool = false, call: ((() -> Void) -> Void)? = nil,
    _ change: (inout Scenario) -> Void
) throws(CheckStop) {
    for strategy in try context.strategies() {
        try context.requireClean(strategy)
        let plain = try context.search(strategy, context.standard)
        let choices = hasChoices ? context.otherChoices(strategy) : []
        for (what, scenario) in [("the defaults", context.standard)] + choices {
            let situation = "\(situation), with \(what)"
            let record = context.searchOrRefusal(strategy, scenario.with(change), call: call)
            try context.judgeAsks(record, besides: plain, strategy, in: situation)
            try context.expectEndOrPatience(record, strategy, situation)
        }
    }
}

extension CheckContext {
    /// One that takes a turn for each step may be far from its end: nothing is wrong with that.
    fileprivate func expectEndOrPatience(_ record: SearchRecord, _ strategy: StrategyView, _ situation: String)
        throws(CheckStop)
    {
        switch record.ending {
        case .done, .refused: return
        case .endless(let why) where !why.contains("empty"): return
        default: throw fail("the search ends with DONE", "\(record.endingText) (\(situation))", strategy)
        }
    }
}

/// The better of two: a busy machine is not the plugin's fault.
private func judgeTime(
    _ context: CheckContext, _ strategy: StrategyView, _ scenario: Scenario, within limit: Double, _ situation: String
) throws(CheckStop) {
    var best = Double.infinity
    for _ in 0..<2 where best > limit {
        best = min(best, context.searchOrRefusal(strategy, scenario).slowestNextSeconds)
    }
    if best > limit {
        throw context.fail(
            "next returns within \(milliseconds(limit)) ms", "a call took \(milliseconds(best)) ms (\(situation))",
            strategy)
    }
}
