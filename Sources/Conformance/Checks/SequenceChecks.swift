import SearchCore

/// Sequences drawn from a seed. What they find is shrunk before it is shown.
let sequenceChecks: [Check] = [
    Check(
        "sequences", .sequences, level: 8,
        proves: "Forty searches with faults, stops, odd budgets and odd parameters drawn from the seed break no rule.",
        clause: "the whole header"
    ) { context throws(CheckStop) in
        try run(context, count: 40)
    },
    Check(
        "sequences-many", .sequences, level: 10,
        proves: "Three hundred more such searches break no rule.",
        clause: "the whole header"
    ) { context throws(CheckStop) in
        try run(context, count: 300, from: 1000)
    },
]

/// Promises that have a name of their own, that a drawn sequence may break too.
private func run(_ context: CheckContext, count: Int, from start: Int = 0) throws(CheckStop) {
    for strategy in try context.strategies() {
        if let sequence = context.sequence {
            let parsed = SequenceText(parsing: sequence)
            guard parsed.strategy ?? strategy.name == strategy.name else { continue }
            guard let scenario = parsed.scenario else { throw .skip("the sequence cannot be read: \(sequence)") }
            try judgeSequence(context, strategy, context.settled(scenario))
            continue
        }
        for index in start..<start + count {
            var generator = SequenceGenerator(seed: context.seed, index: index)
            try judgeSequence(context, strategy, context.settled(generator.scenario(strategy)))
        }
    }
}

private func judgeSequence(_ context: CheckContext, _ strategy: StrategyView, _ scenario: Scenario) throws(CheckStop) {
    let sequence = SequenceText(strategy: strategy.name, scenario: scenario).text
    ChildChannel.begin(sequence)
    let record = context.searchOrRefusal(strategy, scenario, destroysAlways: true)
    // Warnings have their own checks.
    if let violation = record.violations.first(where: { CheckTable.named($0.check)?.severity != .warn }) {
        throw context.fail(
            "\(violation.expected) [\(violation.check)]",
            "\(violation.happened), in turn \(record.rounds.count) of the sequence", strategy)
    }
    switch record.ending {
    case .endless(let why): throw context.fail("a search ends", why, strategy)
    case .ignoredStop: throw context.fail("a strategy that is told to stop answers DONE", "it asked for more", strategy)
    case .unreadable: throw context.fail("what next returns can be read", record.endingText, strategy)
    default: break
    }
}
