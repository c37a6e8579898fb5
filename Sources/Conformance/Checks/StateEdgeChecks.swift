import CStratagem
import SearchCore

/// save and restore where a state is likely to be incomplete: other parameters, other threads, the old instance gone.
let stateEdgeChecks: [Check] = [
    Check(
        "restore-params", .state, level: 7,
        proves: "Saved and restored before each of its turns, it continues exactly with any of its parameters' edges.",
        clause: "restore: in place of create, with the same info"
    ) { context throws(CheckStop) in
        for strategy in try movers(context) {
            for (what, scenario) in edges(context.standard, strategy.params) {
                let plain = context.searchOrRefusal(strategy, scenario)
                guard case .done = plain.ending else { continue }
                try judgeMoves(context, strategy, scenario, plain, "with \(what)")
            }
        }
    },
    Check(
        "restore-alone", .state, level: 7,
        proves: "It continues exactly from its state alone, when the saved instance is gone.",
        clause: "restore: in any process, whether or not the saved instance is still there"
    ) { context throws(CheckStop) in
        for strategy in try movers(context) {
            let plain = try context.search(strategy, context.standard)
            try judgeMoves(context, strategy, context.standard, plain, "after the first was destroyed", destroys: true)
        }
    },
    Check(
        "restore-threads", .state, level: 7,
        proves: "Saved on one thread and restored on another, it continues exactly on a third.",
        clause: "Threads: Calls on one instance never overlap, but may come from different threads one after another"
    ) { context throws(CheckStop) in
        for strategy in try movers(context) {
            let plain = try context.search(strategy, context.standard)
            try judgeMoves(
                context, strategy, context.standard, plain, "each call on a thread of its own", call: onNewThread)
        }
    },
    Check(
        "restore-steady", .state, level: 7,
        proves: "A state that restore refuses leaves no memory behind.",
        clause: "restore: bad ones return INVALID_ARGUMENT; destroy: Frees the instance"
    ) { context throws(CheckStop) in
        for strategy in try savers(context) {
            guard PluginHeap.patch(strategy) > 0 else { throw .skip("it allocates through a runtime of its own") }
            let world = World(context.standard)
            for state in try states(context, strategy) {
                for damaged in damagedEverywhere(state) { try judgeRefusals(context, strategy, world, damaged) }
            }
        }
    },
    Check(
        "save-steady", .state, level: 7,
        proves: "Saving again and again leaves no memory behind.",
        clause: "save: as often as the host likes; destroy: Frees the instance, in any state"
    ) { context throws(CheckStop) in
        for strategy in try savers(context) {
            guard PluginHeap.patch(strategy) > 0 else { throw .skip("it allocates through a runtime of its own") }
            for saves in [20, 60] { try judgeSaves(context, strategy, saves) }
        }
    },
    Check(
        "save-stays", .state, level: 7,
        proves: "A saved state does not change while other instances are saved.",
        clause: "save: the state between two turns as bytes, valid until the next call on the instance"
    ) { context throws(CheckStop) in
        for strategy in try savers(context) {
            let other = PluginSession(strategy, world: World(context.standard.with { $0.seed &+= 5 }))
            guard other.create() == STG_OK else { continue }
            var changed: Int?
            _ = try context.search(
                strategy, context.standard,
                beforeRound: { round, session in
                    guard round > 0, changed == nil, let state = session.saveInPlace(), let before = bytes(state)
                    else { return nil }
                    _ = other.saveInPlace()
                    if bytes(state) != before { changed = round }
                    return nil
                })
            other.destroy()
            if let changed {
                throw context.fail(
                    "the state stays as it was saved",
                    "after another instance was saved, the state from before turn \(changed) reads differently",
                    strategy)
            }
        }
    },
]

/// Before each turn of a search.
private func judgeSaves(_ context: CheckContext, _ strategy: StrategyView, _ saves: Int) throws(CheckStop) {
    let before = PluginHeap.liveBlocks
    _ = try context.search(
        strategy, context.standard,
        beforeRound: { round, session in
            if round > 0 { for _ in 0..<saves { _ = session.saveInPlace() } }
            return nil
        })
    let left = PluginHeap.liveBlocks - before
    // The first search may fill what is kept for all others.
    if saves > 20, left >= saves - 1 {
        throw context.fail(
            "as many blocks given back as taken",
            "\(left) blocks were not, in a search that was saved \(saves) times a turn", strategy)
    }
}

/// The state with one byte after the other turned over, and cut.
private func damagedEverywhere(_ state: [UInt8]) -> [[UInt8]] {
    let flipped = stride(from: 0, to: state.count, by: max(1, state.count / 48)).map { place in
        var damaged = state
        damaged[place] ^= 0xFF
        return damaged
    }
    return flipped + [Array(state.dropLast()), Array(state.prefix(state.count / 2))]
}

private func judgeRefusals(_ context: CheckContext, _ strategy: StrategyView, _ world: World, _ state: [UInt8])
    throws(CheckStop)
{
    func refusals(of times: Int) -> Int {
        (0..<times).count { _ in
            let session = PluginSession(strategy, world: world)
            let status = session.restore(state)
            session.destroy()
            return status != STG_OK
        }
    }
    // What caches take, they take at first.
    guard refusals(of: 2) == 2 else { return }
    let before = PluginHeap.liveBlocks
    let refused = refusals(of: 6)
    let left = PluginHeap.liveBlocks - before
    if refused > 0, left >= refused {
        throw context.fail(
            "as many blocks given back as taken", "\(left) blocks were not, in \(refused) refusals of a damaged state",
            strategy)
    }
}

/// Those whose states are complete where nothing is special about them: else that is the finding.
func movers(_ context: CheckContext) throws(CheckStop) -> [StrategyView] {
    let strategies = try savers(context)
    for strategy in strategies {
        let plain = try context.search(strategy, context.standard)
        do throws(CheckStop) { try judgeMoves(context, strategy, context.standard, plain, "") } catch {
            throw .skip("its states do not go on as they should (save-restore)")
        }
    }
    return strategies
}

/// Moves a search to a new instance before each of its turns; it must come to what it came to without.
func judgeMoves(
    _ context: CheckContext, _ strategy: StrategyView, _ scenario: Scenario, _ plain: SearchRecord, _ how: String,
    destroys: Bool = false, call: ((() -> Void) -> Void)? = nil
) throws(CheckStop) {
    var problem: String?
    let moved = context.searchOrRefusal(
        strategy, scenario, call: call,
        beforeRound: { round, session in
            guard problem == nil, round > 0, round < 40 else { return nil }
            guard destroys else {
                // Twice: a host may save what it has just restored.
                let other = session.moved(&problem)
                session.abandon()
                let another = other?.moved(&problem)
                other?.abandon()
                return another
            }
            return session.movedAlone(&problem)
        })
    if let problem { throw context.fail("its own state is taken", "\(problem) (\(how))", strategy) }
    if let place = firstDifference(plain.turns, moved.turns) {
        throw context.fail("the same asks as without", "turn \(place) differs (\(how))", strategy)
    }
}

extension PluginSession {
    /// Like `moved`, with this instance destroyed first.
    fileprivate func movedAlone(_ problem: inout String?) -> PluginSession? {
        guard let state = save() else {
            problem = "save failed"
            return nil
        }
        destroy()
        let other = PluginSession(inPlaceOf: self)
        let status = other.restore(state)
        if status != STG_OK { problem = "restore returned \(statusName(status)) for \(state.count) bytes" }
        // Without an instance the search ends by itself.
        return other
    }
}

/// Each parameter at the ends of its range, and at each of its choices.
func edges(_ standard: Scenario, _ params: [stg_param]) -> [(String, Scenario)] {
    params.flatMap { param -> [(String, Scenario)] in
        guard let id = text(param.id) else { return [] }
        return edgeValues(param).map { value in
            ("\(id) = \(shown(value))", standard.with { $0.params[id] = value })
        }
    }
}

/// The values at the edges of what a parameter allows.
func edgeValues(_ param: stg_param) -> [ParameterValue] {
    switch param.kind {
    case STG_PARAM_INT:
        var values: [ParameterValue] = []
        if param.min >= -9e18 { values.append(.int(Int64(param.min.rounded(.up)))) }
        if param.max <= 9e18 { values.append(.int(Int64(param.max.rounded(.down)))) }
        return values
    case STG_PARAM_FLOAT: return [param.min, param.max].filter(\.isFinite).map { .float($0) }
    case STG_PARAM_BOOL: return [.bool(true), .bool(false)]
    case STG_PARAM_CHOICE:
        guard let choices = param.choices, (1...16).contains(param.choice_count) else { return [] }
        return (0..<param.choice_count).compactMap { text(choices[$0]).map { .text($0) } }
    default: return []
    }
}
