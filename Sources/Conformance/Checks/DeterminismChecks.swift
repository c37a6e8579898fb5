import CStratagem
import Glibc
import SearchCore

/// The same seed and the same tells give the same asks.
let determinismChecks: [Check] = [
    Check(
        "repeat-same", .determinism, level: 4,
        proves: "The same search, run again in the same process, asks for the same.",
        clause: "random: the only source of chance that a strategy may use"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            let first = try context.requireClean(strategy)
            for _ in 0..<3 {
                let again = try context.search(strategy, context.standard)
                if let place = firstDifference(first.turns, again.turns) {
                    throw context.fail("the same asks", "turn \(place) differs", strategy)
                }
            }
        }
    },
    Check(
        "repeat-elsewhere", .determinism, level: 5, proves: "The same search in another process asks for the same.",
        clause: "random: the only source of chance that a strategy may use",
        twice: "what the plugin asked for differs from one process to the next"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            for seed in 0..<3 {
                context.digest(try context.search(strategy, context.standard.with { $0.seed &+= UInt64(seed) }))
            }
            for (_, scenario) in context.situations(strategy).prefix(16) {
                context.digest(context.searchOrRefusal(strategy, scenario))
            }
        }
    },
    Check(
        "repeat-other-order", .determinism, level: 7,
        proves: "What it asks for does not depend on which searches its process did before.",
        clause: "Repeatable: The same tells, getters and random bits lead to the same asks … in any process",
        twice:
            "in a process that does the same searches in the opposite order it asks for something else: does it keep anything outside its instances?"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            // No search comes before these: what is kept from the first one is what matters.
            let scenarios = varied(context, strategy)
            var digests = [UInt64](repeating: 0, count: scenarios.count)
            let order = context.carried == nil ? Array(scenarios.indices) : scenarios.indices.reversed()
            for index in order { digests[index] = context.searchOrRefusal(strategy, scenarios[index]).digest }
            for digest in digests { context.digest(digest) }
        }
    },
    Check(
        "repeat-other-clock", .determinism, level: 5,
        proves: "What it asks for does not depend on how long the work took.",
        clause: "stg_budget.seconds_spent: not repeatable"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            try context.eachSituation(strategy) { what, scenario throws(CheckStop) in
                // Also where what was spent comes near to the limit.
                for (limit, seconds) in [(nil, 37.5), (100, 37.5), (100, 95)] as [(Double?, Double)] {
                    let limited = scenario.with { $0.limits.seconds = limit }
                    let quick = context.searchOrRefusal(strategy, limited)
                    let slow = context.searchOrRefusal(strategy, limited.with { $0.secondsARound = seconds })
                    guard let place = firstDifference(quick.turns, slow.turns) else { continue }
                    let limits = limit.map { " of \($0) s" } ?? ""
                    throw context.fail(
                        "the same asks on a slow machine",
                        "turn \(place) differs where a turn takes \(seconds) s\(limits) (\(what))", strategy)
                }
            }
        }
    },
    Check(
        "repeat-other-time", .determinism, level: 5,
        proves: "What it asks for does not depend on a clock that it reads itself.",
        clause: "Repeatable: Nothing may depend on time"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            let scenarios = context.situations(strategy).prefix(16)
            let before = scenarios.map { context.searchOrRefusal(strategy, $0.1) }
            _ = PluginHeap.patch(strategy, with: PluginSurroundings.racingClocks)
            for ((what, scenario), first) in zip(scenarios, before) {
                let after = context.searchOrRefusal(strategy, scenario)
                guard let place = firstDifference(first.turns, after.turns) else { continue }
                throw context.fail(
                    "the same asks at any time", "turn \(place) differs where its clocks are hours on (\(what))",
                    strategy)
            }
        }
    },
    Check(
        "repeat-other-environment", .determinism, level: 6,
        proves: "What it asks for does not depend on environment variables.",
        clause: "random: the only source of chance that a strategy may use"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            let before = try context.requireClean(strategy)
            for name in ["HOME", "LANG", "LC_ALL", "USER", "TZ", "SEED", "DEBUG", "TMPDIR", "PATH", "STRATAGEM_PATH"] {
                setenv(name, "4", 1)
            }
            // Variables of a name that only the plugin knows.
            _ = PluginHeap.patch(strategy, with: PluginSurroundings.fullEnvironment)
            let after = try context.search(strategy, context.standard)
            if let place = firstDifference(before.turns, after.turns) {
                throw context.fail("the same asks in another environment", "turn \(place) differs", strategy)
            }
        }
    },
    Check(
        "node-ids-opaque", .determinism, level: 5, proves: "It uses node ids only as names.",
        clause: "stg_node: Issued by the host, unique within a run"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            // Ties are rare, and every other one comes out the same whatever breaks it.
            let seeds = (0..<12).map { seed in context.standard.with { $0.seed &+= UInt64(seed) } }
            let others = context.otherChoices(strategy).flatMap { what in
                (0..<6).map { seed in what.1.with { $0.seed &+= UInt64(seed) } }
            }
            for scenario in seeds + others {
                let plain = context.searchOrRefusal(strategy, scenario)
                let opaque = context.searchOrRefusal(strategy, scenario.with { $0.opaqueIDs = true })
                let (before, after) = (named(plain), named(opaque))
                guard let place = firstDifference(before, after) else { continue }
                exportRenamed(strategy, scenario, plain)
                throw context.fail(
                    "the same asks and the same ranking, whatever numbers nodes have",
                    "with other node ids \(difference(before, after, at: place)) (seed \(scenario.seed))", strategy)
            }
        }
    },
    Check(
        "scores-matter", .determinism, level: 6, .warn,
        proves: "If it asks for scores, what it asks for or answers depends on them.",
        clause: "stg_node_info.score: its last step's value, in [0, 1]"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            var asked = false, differs = false
            for seed in 0..<8 where !differs {
                let scenario = context.standard.with { $0.seed &+= UInt64(seed) }
                let plain = context.searchOrRefusal(strategy, scenario)
                asked = asked || plain.turns.contains { $0.scores }
                let inverted = context.searchOrRefusal(strategy, scenario.with { $0.invertsScores = true })
                differs = plain.turns.map(\.unweighted) != inverted.turns.map(\.unweighted)
            }
            if asked, !differs {
                throw context.fail(
                    "other asks or another ranking if every score s is 1 - s",
                    "eight searches stay the same: are its scores, which lie in [0, 1], compared as integers?", strategy
                )
            }
        }
    },
]

/// Searches that have something in common with each other, and something not: the problem's text, the seed, a limit.
private func varied(_ context: CheckContext, _ strategy: StrategyView) -> [Scenario] {
    let standard = context.standard
    var found = [
        standard,
        standard.with { $0.seed &+= 11 },
        standard.with { $0.problems = SequenceText.problems(1) },
        standard.with { $0.limits.generations = 5 },
        standard.with { $0.opaqueIDs = true },
        standard.with { $0.offersExtensions = true },
        standard.with { $0.host.hasUnknownFlags = true },
        standard.with { $0.missingRoles = ["prm", "orm", "judge"] },
    ]
    found += edges(standard, strategy.params.filter { $0.kind != STG_PARAM_TEXT }).prefix(24).map(\.1)
    if strategy.takesBatch { found.append(context.batch(3)) }
    // The first one in the other order: nothing of it is as in the standard one.
    found.append(
        standard.with {
            $0.seed &+= 11
            $0.problems = SequenceText.problems(1)
            $0.limits.generations = 6
            $0.opaqueIDs = true
        })
    return found
}

func firstDifference<Element: Equatable>(_ a: [Element], _ b: [Element]) -> Int? {
    zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        ?? (a.count == b.count ? nil : min(a.count, b.count))
}

extension Turn {
    fileprivate var scores: Bool {
        if case .asks(let asks) = self { asks.contains { $0.kind == STG_ASK_SCORE } } else { false }
    }

    /// Of a ranking only its order.
    fileprivate var unweighted: Turn {
        guard case .done(let answers) = self else { return self }
        return .done(answers.map { AnswerRecord(node: $0.node, weightBits: 0) })
    }
}

/// What differs in a turn, of searches whose nodes are named in the same way.
private func difference(_ before: [Turn], _ after: [Turn], at place: Int) -> String {
    guard place < min(before.count, after.count) else { return "turn \(place) is missing" }
    switch (before[place], after[place]) {
    case (.done(let first), .done(let second)):
        let rank = firstDifference(first, second) ?? 0
        guard rank < min(first.count, second.count) else {
            return "DONE in turn \(place) has \(second.count) answers instead of \(first.count)"
        }
        return "the ranking of DONE in turn \(place) differs: at place \(rank + 1) there is the node that was told as "
            + "number \(second[rank].node), not number \(first[rank].node)"
    case (.asks(let first), .asks(let second)):
        let index = firstDifference(first, second) ?? 0
        return "turn \(place) differs in ask \(index)"
    default: return "turn \(place) differs"
    }
}

/// The search as it was, told with other node ids: played to the plugin it shows where that matters.
private func exportRenamed(_ strategy: StrategyView, _ scenario: Scenario, _ record: SearchRecord) {
    func name(_ id: UInt64) -> UInt64 {
        id == 0 ? 0 : World.opaqueID(SearchNode.ID(id), seed: scenario.seed)
    }
    TraceExport.begin(strategy, scenario)
    for round in record.rounds {
        var round = round
        round.told = round.told.map { ToldRecord(tag: $0.tag, outcome: $0.outcome, nodes: $0.nodes.map(name)) }
        round.nodes = round.nodes.map { node in
            var node = node
            (node.id, node.parent) = (Int(name(UInt64(node.id))), Int(name(UInt64(node.parent))))
            return node
        }
        round.turn = renamed(round.turn, name)
        TraceExport.note(round, isOver: true)
    }
}

/// The turns, with nodes named by the order in which they were told.
private func named(_ record: SearchRecord) -> [Turn] {
    var names: [UInt64: UInt64] = [:]
    for node in record.rounds.flatMap(\.told).flatMap(\.nodes) where names[node] == nil {
        names[node] = UInt64(names.count + 1)
    }
    return record.turns.map { renamed($0) { names[$0] ?? 0 } }
}

private func renamed(_ turn: Turn, _ name: (UInt64) -> UInt64) -> Turn {
    switch turn {
    case .asks(let asks):
        .asks(
            asks.map { ask in
                var ask = ask
                ask.node = name(ask.node)
                ask.nodes = ask.nodes.map(name)
                return ask
            })
    case .done(let answers): .done(answers.map { AnswerRecord(node: name($0.node), weightBits: $0.weightBits) })
    case .failed, .unreadable: turn
    }
}
