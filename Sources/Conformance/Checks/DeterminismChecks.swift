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
            try context.requireClean(strategy)
            let first = try context.search(strategy, context.standard)
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
        clause: "random: the only source of chance that a strategy may use", twice: true
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            for seed in 0..<3 {
                context.digest(try context.search(strategy, context.standard.with { $0.seed &+= UInt64(seed) }))
            }
        }
    },
    Check(
        "repeat-other-clock", .determinism, level: 5,
        proves: "What it asks for does not depend on how long the work took.",
        clause: "stg_budget.seconds_spent: not repeatable"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            let quick = try context.search(strategy, context.standard)
            let slow = try context.search(strategy, context.standard.with { $0.secondsARound = 37.5 })
            if let place = firstDifference(quick.turns, slow.turns) {
                throw context.fail("the same asks on a slow machine", "turn \(place) differs", strategy)
            }
        }
    },
    Check(
        "repeat-other-environment", .determinism, level: 6,
        proves: "What it asks for does not depend on environment variables.",
        clause: "random: the only source of chance that a strategy may use"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            let before = try context.search(strategy, context.standard)
            for name in ["HOME", "LANG", "LC_ALL", "USER", "TZ", "SEED", "DEBUG", "TMPDIR", "PATH", "STRATAGEM_PATH"] {
                setenv(name, "4", 1)
            }
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
            let plain = try context.search(strategy, context.standard)
            let opaque = context.searchOrRefusal(strategy, context.standard.with { $0.opaqueIDs = true })
            if let place = firstDifference(named(plain), named(opaque)) {
                throw context.fail("the same asks, whatever numbers nodes have", "turn \(place) differs", strategy)
            }
        }
    },
]

func firstDifference<Element: Equatable>(_ a: [Element], _ b: [Element]) -> Int? {
    zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        ?? (a.count == b.count ? nil : min(a.count, b.count))
}

/// The turns, with nodes named by the order in which they were told.
private func named(_ record: SearchRecord) -> [Turn] {
    var names: [UInt64: UInt64] = [:]
    for node in record.rounds.flatMap(\.told).flatMap(\.nodes) where names[node] == nil {
        names[node] = UInt64(names.count + 1)
    }
    func name(_ node: UInt64) -> UInt64 { names[node] ?? 0 }
    return record.turns.map { turn in
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
}
