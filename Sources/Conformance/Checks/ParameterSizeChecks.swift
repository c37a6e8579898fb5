import CStratagem
import SearchCore

/// What a parameter's value may be, beyond the edges of its range.
let parameterSizeChecks: [Check] = [
    Check(
        "param-sizes", .parameters, level: 6,
        proves: "A number at 256, with a budget to match, makes a search whose asks are right and that has answers.",
        clause: "stg_ask.tag: distinct within a batch; STG_MAX_COUNT: samples in one ask"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            try judgeSizes(context, strategy)
        }
    },
    Check(
        "params-together", .parameters, level: 7,
        proves:
            "Whole numbers that are large together, or small with a large budget, make a search whose asks are right.",
        clause: "stg_ask.count: SAMPLE: 1 … STG_MAX_COUNT; stg_param.max: inclusive"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            try judgeTogether(context, strategy)
        }
    },
    Check(
        "value-kind", .parameters, level: 5,
        proves: "Of a parameter's value it reads only the field that the kind names.",
        clause: "stg_value: kind says which field holds it"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            let plain = try context.requireClean(strategy)
            let filled = context.searchOrRefusal(strategy, context.standard.with { $0.fillsOtherFields = true })
            if let place = firstDifference(plain.turns, filled.turns) {
                throw context.fail(
                    "the same asks, whatever the other fields of a stg_value hold",
                    filled.rounds.isEmpty ? filled.endingText : "turn \(place) differs", strategy)
            }
        }
    },
    Check(
        "param-text-null", .parameters, level: 5,
        proves: "An empty text is the same to it, whether its pointer is NULL or not.",
        clause: "Text: {NULL, 0} is the empty text"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            for param in strategy.params where param.kind == STG_PARAM_TEXT {
                guard let id = text(param.id) else { continue }
                let empty = context.standard.with { $0.params[id] = .text("") }
                let null = context.searchOrRefusal(strategy, empty)
                let pointer = context.searchOrRefusal(strategy, empty.with { $0.emptyTextHasPointer = true })
                if null.ending != pointer.ending || null.turns != pointer.turns {
                    throw context.fail(
                        "the same search with {NULL, 0} and with a pointer and no bytes",
                        "\(null.endingText) with NULL, \(pointer.endingText) with a pointer (\(id))", strategy)
                }
            }
        }
    },
]

/// All whole numbers at once: one limits what another does, so that each alone changes nothing.
private func judgeTogether(_ context: CheckContext, _ strategy: StrategyView) throws(CheckStop) {
    let numbers = strategy.params.filter { $0.kind == STG_PARAM_INT && $0.min <= $0.max }
    let start = monotonicSeconds()
    let plain = try context.search(strategy, context.standard)
    for param in numbers where param.min >= -9e18 {
        guard let id = text(param.id), monotonicSeconds() - start < 0.5 else { continue }
        // As many turns as there can be.
        let record = context.searchOrRefusal(
            strategy,
            context.standard.with {
                $0.params[id] = .int(Int64(param.min.rounded(.up)))
                $0.limits.generations = 500
            })
        try context.judgeAsks(record, besides: plain, strategy, in: "\(id) at its minimum, with a budget of 500")
    }
    if numbers.count < 2 { return }
    for (most, samples) in [(255, 600), (256, 600), (65_536, 64), (4096, 2600), (1 << 20, 64), (1 << 32, 64)] {
        // One that takes its time has shown what there is to see.
        guard monotonicSeconds() - start < 1.5 else { return }
        let scenario = context.standard.with {
            for param in numbers {
                guard let id = text(param.id) else { continue }
                $0.params[id] = .int(Int64(min(max(Double(most), param.min.rounded(.up)), param.max.rounded(.down))))
            }
            $0.limits.generations = most > 4096 ? 1 << 22 : samples
            // Of more samples than these the rest is cut by the budget.
            $0.batchMax = samples
            $0.stop = .init(round: 24, event: STG_EVENT_CANCELLED)
        }
        let record = context.searchOrRefusal(strategy, scenario)
        let situation = "every whole number at \(most), or as near as its range allows"
        try context.judgeAsks(record, besides: plain, strategy, in: situation)
        if case .unreadable = record.ending {
            throw context.fail("a batch that can be read", "\(record.endingText) (\(situation))", strategy)
        }
    }
}

/// Counts that do not fit a byte, or a part of a tag.
private func judgeSizes(_ context: CheckContext, _ strategy: StrategyView) throws(CheckStop) {
    let start = monotonicSeconds()
    let plain = try context.search(strategy, context.standard)
    for param in strategy.params where param.kind == STG_PARAM_INT && param.min <= 255 && param.max >= 256 {
        // One that takes its time over 256 has shown with the others what there is to see.
        guard let id = text(param.id), monotonicSeconds() - start < 1 else { continue }
        func search(_ value: Int64) -> SearchRecord {
            context.searchOrRefusal(
                strategy,
                context.standard.with {
                    $0.params[id] = .int(value); $0.limits.generations = 600
                })
        }
        let record = search(256)
        try context.judgeAsks(record, besides: plain, strategy, in: "\(id) = 256")
        guard let answers = record.answers, answers.isEmpty, record.toldAnswers > 0 else { continue }
        if search(255).answers?.isEmpty == false {
            throw context.fail(
                "answers with \(id) = 256, as with 255",
                "\(record.toldAnswers) finished answers were told, and DONE came with none", strategy)
        }
    }
}
