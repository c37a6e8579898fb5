import CStratagem
import SearchCore

/// destroy, in every state that a search can leave an instance in.
let destroyChecks: [Check] = [
    Check(
        "destroy-quiet", .lifecycle, level: 7,
        proves: "destroy calls no host function, whatever state the instance is in.",
        clause: "Host functions may be called only from inside create, next, save or restore"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            for state in context.lastStates(strategy) {
                for session in state.make() {
                    session.destroy()
                    guard let violation = session.allViolations.first(where: { $0.check == "host-calls-inside" })
                    else { continue }
                    throw context.fail(
                        violation.expected, "\(violation.happened) (destroyed \(state.situation))", strategy)
                }
            }
        }
    },
    Check(
        "destroy-steady", .memory, level: 7,
        proves: "An instance leaves no memory behind, whatever state it is destroyed in, nor does a create that fails.",
        clause: "destroy: Frees the instance, in any state"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            guard PluginHeap.patch(strategy) > 0 else { throw .skip("it allocates through a runtime of its own") }
            let whole = LastState(situation: "after DONE") {
                CheckContext.stopped(strategy, context.standard, after: .max).map { [$0] } ?? []
            }
            if whole.left > 0 { throw .skip("even a whole search leaves memory behind (memory-steady)") }
            for state in context.lastStates(strategy) where state.left > 0 {
                throw context.fail(
                    "as many blocks given back as taken",
                    "\(state.left) blocks are left each time that an instance is destroyed \(state.situation)", strategy
                )
            }
        }
    },
]

/// A state in which an instance is destroyed.
private struct LastState {
    var situation: String
    /// Instances in it; none if it cannot be reached.
    var make: () -> [PluginSession]

    /// Blocks that are left each time.
    var left: Int {
        func once() -> Int {
            let before = PluginHeap.liveBlocks
            for session in make() { session.destroy() }
            return PluginHeap.liveBlocks - before
        }
        // What caches take, they take at first.
        return (0..<3).allSatisfy { _ in once() > 0 } ? max(0, once()) : 0
    }
}

extension CheckContext {
    /// Before the first turn, between two, after a stop, a fault or a failure, saved, restored, of a batch, refused.
    fileprivate func lastStates(_ strategy: StrategyView) -> [LastState] {
        var found = lastStates(standard, strategy, "")
        for (what, chosen) in otherChoices(strategy) { found += lastStates(chosen, strategy, ", with \(what)") }
        if strategy.takesBatch { found += lastStates(batch(3), strategy, ", with three problems") }
        return found
    }

    private func lastStates(_ scenario: Scenario, _ strategy: StrategyView, _ what: String) -> [LastState] {
        let turns = min(searchOrRefusal(strategy, scenario).rounds.count, 12)
        var found: [LastState] = []
        func add(_ situation: String, turns: Int, _ change: (inout Scenario) -> Void = { _ in }) {
            let changed = scenario.with(change)
            found.append(
                LastState(situation: situation + what) {
                    Self.stopped(strategy, changed, after: turns).map { [$0] } ?? []
                })
        }
        for turn in 0...turns { add("after \(turn) turns", turns: turn) }
        add("in a bundle without a verifier", turns: turns) { $0.missingRoles = ["prm", "orm", "judge"] }
        for kind in Scenario.Fault.Kind.allCases where kind != .nothing {
            for round in [nil, 1] as [Int?] {
                add("after \(kind.rawValue)\(round == nil ? "" : " in turn 1")", turns: turns) {
                    $0.faults = [.init(round: round, kind: kind)]
                }
            }
        }
        for (event, name) in [(STG_EVENT_CANCELLED, "CANCELLED"), (STG_EVENT_BUDGET_OVER, "BUDGET_OVER")] {
            for round in 0..<min(turns, 6) where round > 0 || event == STG_EVENT_CANCELLED {
                add("after \(name) before turn \(round)", turns: round + 1) {
                    $0.stop = .init(round: round, event: event, share: event == STG_EVENT_CANCELLED ? 1 : 0)
                }
            }
        }
        guard strategy.canSave else { return found }
        for turn in 1..<max(2, min(turns, 4)) {
            found.append(
                LastState(situation: "after turn \(turn), saved and restored" + what) {
                    guard let session = Self.stopped(strategy, scenario, after: turn) else { return [] }
                    var problem: String?
                    return [session] + (session.moved(&problem).map { [$0] } ?? [])
                })
        }
        return found
    }

    /// Nil: it could not be made.
    fileprivate static func stopped(_ strategy: StrategyView, _ scenario: Scenario, after turns: Int) -> PluginSession?
    {
        let session = PluginSession(strategy, world: World(scenario))
        guard session.create() == STG_OK else { return nil }
        var progress = Search.Progress(scenario: scenario)
        var record = SearchRecord()
        while progress.ending == nil, progress.round < turns { progress.turn(session, &record) }
        return session
    }
}
