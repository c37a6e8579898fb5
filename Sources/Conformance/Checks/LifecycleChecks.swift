import CStratagem
import SearchCore

/// From create to destroy.
let lifecycleChecks: [Check] = [
    Check(
        "create-succeeds", .lifecycle, level: 1,
        proves: "With default parameters and a budget of eight an instance can be made.",
        clause: "create: A new instance in *out"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            let record = context.searchOrRefusal(strategy, context.standard)
            if record.violations.contains(where: { $0.check == "create-instance" }) {
                throw .skip("create gives no instance (create-instance)")
            }
            if case .refused = record.ending {
                throw context.fail("create returns STG_OK", record.endingText, strategy)
            }
        }
    },
    contractCheck(
        "create-instance", .lifecycle, level: 1, allowsRefusal: true,
        proves: "A create that returns STG_OK sets an instance.",
        clause: "create: A new instance in *out"),
    Check(
        "search-succeeds", .lifecycle, level: 2, proves: "next never fails if nothing is wrong.",
        clause: "After DONE, or anything but STG_OK, only destroy follows"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            let record = try context.search(strategy, context.standard)
            if case .failed = record.ending { throw context.fail("next returns STG_OK", record.endingText, strategy) }
        }
    },
    Check(
        "search-ends", .lifecycle, level: 2, proves: "A search ends within \(Search.roundsMax) turns.",
        clause: "DONE: ranked answers"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            let record = try context.search(strategy, context.standard)
            if case .endless(let why) = record.ending, !why.contains("empty") {
                throw context.fail("DONE within \(Search.roundsMax) turns", why, strategy)
            }
            if record.ending == .ignoredStop {
                throw context.fail(
                    "DONE when nothing of a batch fits the budget", "it was told BUDGET_OVER and asked for more",
                    strategy)
            }
        }
    },
    Check(
        "empty-batches", .lifecycle, level: 2, proves: "It does not return empty batches for ever.",
        clause: "ASKS: An empty batch … ends the run after 100 in a row"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            let record = try context.search(strategy, context.standard)
            if case .endless(let why) = record.ending, why.contains("empty") {
                throw context.fail("something is asked for, or DONE", why, strategy)
            }
        }
    },
    contractCheck(
        "host-calls-inside", .lifecycle, level: 3,
        proves: "Host functions are called only from inside create, next, save and restore, not from destroy.",
        clause: "Host functions may be called only from inside create, next, save or restore"),
    contractCheck(
        "getter-struct-size", .lifecycle, level: 3, proves: "Every struct that a getter fills in gives its size.",
        clause: "stg_node_info.struct_size: set by the plugin before the call"),
    contractCheck(
        "getter-room", .lifecycle, level: 3, severity: .warn,
        proves: "What it asks for a budget with has room for a figure of it.",
        clause: "get_budget: Fills in *out up to out->struct_size"),
    contractCheck(
        "messages-valid", .lifecycle, level: 3, proves: "What it logs is UTF-8, at a level that exists.",
        clause: "log: A line for the user's log. UTF-8"),
    Check(
        "messages-any-text", .lifecycle, level: 7,
        proves:
            "What it logs is UTF-8 also where node texts, which it may quote, are not, and where it quotes a part of a text.",
        clause: "log: A line for the user's log. UTF-8; stg_node_info.text: Bytes"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            let record = context.searchOrRefusal(strategy, context.standard.with { $0.hostileText = true })
            try context.judge(record, "messages-valid", strategy, in: "node texts that are not UTF-8")
            try context.judgeCutLines(strategy)
        }
    },
    Check(
        "next-prompt", .lifecycle, level: 3, .warn, proves: "No call of next takes longer than 20 ms.",
        clause: "Speed. next() is expected to return in microseconds"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            // The best of three: a busy machine is not the plugin's fault.
            var best = Double.infinity
            for _ in 0..<3 where best > 0.02 {
                best = min(best, try context.search(strategy, context.standard).slowestNextSeconds)
            }
            if best > 0.02 {
                throw context.fail("next returns within 20 ms", "a call took \(milliseconds(best)) ms", strategy)
            }
        }
    },
    Check(
        "next-waits", .lifecycle, level: 5, proves: "No call of next sleeps or waits.",
        clause: "Speed. It must never block on I/O, on other threads or on time"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            // How often its thread gave the processor away and was then without it. The least of three: the first
            // reads pages of the file.
            var least = Int.max
            for _ in 0..<3 where least > 0 {
                least = min(least, try context.search(strategy, context.standard).waits)
            }
            if least > 0 {
                throw context.fail(
                    "next computes and returns", "\(least) of its calls gave the processor away: they slept or waited",
                    strategy)
            }
        }
    },
    Check(
        "destroy-fresh", .lifecycle, level: 3, proves: "An instance can be destroyed before its first turn.",
        clause: "destroy: Frees the instance, in any state"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            let session = PluginSession(strategy, world: World(context.standard))
            if session.create() == STG_OK { session.destroy() }
        }
    },
    Check(
        "destroy-midway", .lifecycle, level: 4, proves: "An instance can be destroyed after each of its turns.",
        clause: "destroy: Frees the instance, in any state"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            let turns = try context.requireClean(strategy).rounds.count
            for last in 1..<max(2, min(turns, 20)) {
                let session = PluginSession(strategy, world: World(context.standard))
                guard session.create() == STG_OK else { continue }
                var progress = Search.Progress(scenario: context.standard)
                var record = SearchRecord()
                for _ in 0..<last where progress.ending == nil { progress.turn(session, &record) }
                session.destroy()
            }
        }
    },
    Check(
        "destroy-failed", .lifecycle, level: 6,
        proves: "An instance whose turn failed, or got only failures, can be destroyed.",
        clause: "After DONE, or anything but STG_OK, only destroy follows"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            for kind in [Scenario.Fault.Kind.modelFails, .modelFailsHalfway, .verifierFails] {
                _ = context.searchOrRefusal(
                    strategy, context.standard.with { $0.faults = [.init(round: nil, ask: nil, kind: kind)] },
                    destroysAlways: true)
            }
        }
    },
    Check(
        "turn-stays", .lifecycle, level: 4, proves: "The result of next does not change while other instances work.",
        clause: "What a plugin returns from next() stays valid and unchanged until the next call on the same instance"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            try judgeTurnStays(context, strategy)
        }
    },
    Check(
        "instances-interleaved", .lifecycle, level: 5,
        proves: "Two instances that run alternately ask for the same as each alone.",
        clause: "Different instances run at the same time"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            for other in others(context.standard, strategy) {
                let scenarios = [context.standard, other]
                let alone = scenarios.map { context.searchOrRefusal(strategy, $0) }
                // What is refused, or ends badly alone, is another check's subject.
                guard alone.allSatisfy({ if case .done = $0.ending { true } else { false } }) else { continue }
                let together = interleaved(strategy, scenarios)
                for (index, record) in together.enumerated() {
                    try context.judge(record, "host-calls-inside", strategy, in: "two instances, turn by turn")
                    if record.turns == alone[index].turns { continue }
                    throw context.fail(
                        "the same asks as alone",
                        "instance \(index + 1) of two asks for something else when the other is at work", strategy)
                }
            }
        }
    },
    Check(
        "instances-many", .lifecycle, level: 6,
        proves: "Three hundred instances live at the same time, and each asks for the same as it would alone.",
        clause: "Different instances run at the same time; thousands of runs share one model"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() { try judgeMany(context, strategy) }
    },
    Check(
        "status-known", .lifecycle, level: 5, proves: "Whatever goes wrong, functions return a status of the header.",
        clause: "stg_status: A closed set"
    ) { context throws(CheckStop) in
        try context.judgeTroubles("status-known")
    },
    Check(
        "errors-explained", .lifecycle, level: 5, .warn,
        proves: "Whatever goes wrong, set_error says why before a status is returned.",
        clause: "Before a plugin returns anything but STG_OK it should say why with host->set_error"
    ) { context throws(CheckStop) in
        try context.judgeTroubles("errors-explained")
    },
]

/// Searches that differ from the standard one: in all that is not the plugin's to choose, and in each parameter.
private func others(_ standard: Scenario, _ strategy: StrategyView) -> [Scenario] {
    let other = standard.with {
        $0.seed &+= 77
        $0.limits.generations = 5
    }
    let settled = edges(standard, strategy.params.filter { $0.kind != STG_PARAM_TEXT }).map(\.1)
    return [other, other.with { $0.problems = SequenceText.problems(1) }] + settled.prefix(24)
}

private func interleaved(_ strategy: StrategyView, _ scenarios: [Scenario]) -> [SearchRecord] {
    var sessions = scenarios.map { PluginSession(strategy, world: World($0)) }
    var progress = scenarios.map { Search.Progress(scenario: $0) }
    var records = scenarios.map { _ in SearchRecord() }
    for session in sessions { _ = session.create() }
    while progress.contains(where: { $0.ending == nil }) {
        for index in sessions.indices where progress[index].ending == nil {
            progress[index].turn(sessions[index], &records[index])
        }
    }
    for (index, session) in sessions.enumerated() {
        session.destroy()
        records[index].violations = session.allViolations
    }
    sessions = []
    return records
}

private func judgeTurnStays(_ context: CheckContext, _ strategy: StrategyView) throws(CheckStop) {
    let first = PluginSession(strategy, world: World(context.standard))
    guard first.create() == STG_OK else { return }
    var progress = Search.Progress(scenario: context.standard)
    var record = SearchRecord()
    while progress.ending == nil {
        progress.turn(first, &record)
        let other = context.standard.with {
            $0.seed &+= UInt64(progress.round); $0.limits.generations = 3
        }
        _ = try context.search(strategy, other)
        if let turn = record.rounds.last?.turn, let again = first.readAgain(), turn != again {
            throw context.fail(
                "the batch stays as it was returned",
                "after another instance's search, turn \(progress.round) reads differently", strategy)
        }
    }
    first.destroy()
}
