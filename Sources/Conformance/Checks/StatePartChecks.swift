import CStratagem
import SearchCore

/// save and restore in searches of which a part failed, and in another process.
let statePartChecks: [Check] = [
    Check(
        "restore-partial", .state, level: 7,
        proves:
            "It continues exactly where asks came to less than they were for, or to more for one problem than another.",
        clause: "restore: an instance that goes on exactly where save left off; stg_outcome"
    ) { context throws(CheckStop) in
        for strategy in try movers(context) {
            for (what, scenario) in partial(context, strategy) {
                let plain = context.searchOrRefusal(strategy, scenario)
                switch plain.ending {
                case .done, .failed: try judgeMoves(context, strategy, scenario, plain, what)
                default: continue
                }
            }
        }
    },
    Check(
        "restore-elsewhere", .state, level: 7,
        proves: "What one process saved another one restores, and continues exactly.",
        clause: "restore: in any process, whether or not the saved instance is still there",
        twice: "a search that goes on in another process asks for something else there"
    ) { context throws(CheckStop) in
        if let carried = context.carried {
            try judgeCarried(context, CarriedStates(carried))
        } else {
            var states = CarriedStates()
            for strategy in try movers(context) {
                for (index, scenario) in carriedScenarios(context, strategy).enumerated() {
                    states.add(strategy, index, try context.searchSaved(strategy, scenario))
                }
            }
            context.carries = states.text
        }
    },
]

// MARK: Parts

private func partial(_ context: CheckContext, _ strategy: StrategyView) -> [(String, Scenario)] {
    var all = [("", context.standard)]
    all += context.otherChoices(strategy).map { (", with \($0.0)", $0.1) }
    if strategy.takesBatch {
        let batch = context.batch(3)
        all.append((", with three problems", batch))
        all += context.otherChoices(strategy, from: batch).map { (", with three problems and \($0.0)", $0.1) }
    }
    return all.flatMap { what, scenario in
        [Scenario.Fault.Kind.budgetEndsHalfway, .modelFailsHalfway, .modelFails, .verifierFailsHalfway, .truncated]
            .prefix(Effort.of(5, briefly: 2)).flatMap { kind in
                ([(0, nil), (1, nil), (0, 0), (0, 1), (1, 0), (2, 1)] as [(Int, Int?)]).map { round, ask in
                    (
                        "\(kind.rawValue) in turn \(round)\(ask.map { ", ask \($0) only" } ?? "")\(what)",
                        scenario.with { $0.faults = [.init(round: round, ask: ask, kind: kind)] }
                    )
                }
            }
    }
}

// MARK: Another process

/// States by strategy, scenario and turn, as text.
private struct CarriedStates {
    struct Key: Hashable {
        var strategy: String
        var scenario: Int
        var turn: Int
    }
    private(set) var states: [Key: [UInt8]] = [:]
    private var lines: [String] = []
    private static let bytesMax = 1 << 20
    private var count = 0

    init() {}

    init(_ text: String) {
        for line in text.split(separator: " ") {
            let words = line.split(separator: ":", omittingEmptySubsequences: false)
            guard words.count == 4, let scenario = Int(words[1]), let turn = Int(words[2]) else { continue }
            let digits = Array(words[3].utf8)
            states[Key(strategy: String(words[0]), scenario: scenario, turn: turn)] = stride(
                from: 0, to: digits.count - 1, by: 2
            ).map { (digits[$0] - 97) << 4 | (digits[$0 + 1] - 97) }
        }
    }

    mutating func add(_ strategy: StrategyView, _ scenario: Int, _ saved: [Int: [UInt8]]) {
        for (turn, state) in saved.sorted(by: { $0.key < $1.key }) where count + state.count < Self.bytesMax {
            count += state.count
            // Two letters a byte, of sixteen.
            let letters = state.flatMap { [97 + $0 >> 4, 97 + $0 & 15] }
            lines.append("\(strategy.name):\(scenario):\(turn):\(String(decoding: letters, as: UTF8.self))")
        }
    }

    var text: String { lines.joined(separator: " ") }
}

private func carriedScenarios(_ context: CheckContext, _ strategy: StrategyView) -> [Scenario] {
    [context.standard] + (strategy.takesBatch ? [context.batch(3)] : []) + context.otherChoices(strategy).map(\.1)
}

extension CheckContext {
    /// What the search of a scenario saves before each of its turns: each state is the only one of its instance.
    fileprivate func searchSaved(_ strategy: StrategyView, _ scenario: Scenario) throws(CheckStop) -> [Int: [UInt8]] {
        var saved: [Int: [UInt8]] = [:]
        let plain = searchOrRefusal(strategy, scenario)
        digest(plain)
        for turn in 1..<max(2, min(plain.rounds.count, Effort.of(12, briefly: 3))) {
            let session = PluginSession(strategy, world: World(scenario))
            guard session.create() == STG_OK else { return saved }
            var progress = Search.Progress(scenario: scenario)
            var record = SearchRecord()
            for _ in 0..<turn where progress.ending == nil { progress.turn(session, &record) }
            if progress.ending == nil, let state = session.save() { saved[turn] = state }
            session.abandon()
        }
        return saved
    }
}

/// Goes on from each state that the other process saved.
private func judgeCarried(_ context: CheckContext, _ carried: CarriedStates) throws(CheckStop) {
    for strategy in try savers(context) {
        for (index, scenario) in carriedScenarios(context, strategy).enumerated() {
            let plain = context.searchOrRefusal(strategy, scenario)
            context.digest(plain)
            for round in 1..<max(2, min(plain.rounds.count, 12)) {
                let key = CarriedStates.Key(strategy: strategy.name, scenario: index, turn: round)
                guard let state = carried.states[key] else { continue }
                var problem: String?
                let moved = context.searchOrRefusal(
                    strategy, scenario,
                    beforeRound: { now, session in
                        guard now == round else { return nil }
                        // Whether anything is there that was saved is the subject of restore-alone.
                        _ = session.save()
                        let other = PluginSession(inPlaceOf: session)
                        let status = other.restore(state)
                        session.abandon()
                        if status != STG_OK {
                            problem = "restore returned \(statusName(status)) for \(state.count) bytes"
                        }
                        return other
                    })
                if problem == nil, let place = firstDifference(plain.turns, moved.turns) {
                    problem = "turn \(place) differs"
                }
                guard let problem else { continue }
                throw context.fail(
                    "a state that another process saved is taken, and gone on from exactly",
                    "\(problem), saved before turn \(round): are there addresses in it?", strategy)
            }
        }
    }
}
