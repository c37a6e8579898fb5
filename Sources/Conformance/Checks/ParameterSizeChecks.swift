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
        "value-kind", .parameters, level: 5,
        proves: "Of a parameter's value it reads only the field that the kind names.",
        clause: "stg_value: kind says which field holds it"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            let plain = try context.search(strategy, context.standard)
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
