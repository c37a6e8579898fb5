import CStratagem
import SearchCore

/// save and restore.
let stateChecks: [Check] = [
    Check(
        "save-restore", .state, level: 7,
        proves: "Restored after any of its turns, in another instance, it continues exactly.",
        clause: "restore: an instance that goes on exactly where save left off"
    ) { context throws(CheckStop) in
        for strategy in try savers(context) {
            let plain = try context.search(strategy, context.standard)
            for round in 1..<max(2, min(plain.rounds.count, 24)) {
                var problem: String?
                let moved = context.searchOrRefusal(
                    strategy, context.standard,
                    beforeRound: { now, session in
                        guard now == round else { return nil }
                        let other = session.moved(&problem)
                        session.abandon()
                        return other
                    })
                if let problem {
                    throw context.fail("its own state is taken", "\(problem), saved before turn \(round)", strategy)
                }
                try context.judge(moved, "save-restore", strategy, in: "saved and restored before turn \(round)")
                if let place = firstDifference(plain.turns, moved.turns) {
                    throw context.fail(
                        "the same asks as without", "saved and restored before turn \(round), turn \(place) differs",
                        strategy)
                }
            }
        }
    },
    Check(
        "save-harmless", .state, level: 7, proves: "Saving changes nothing in the instance.",
        clause: "save: the state between two turns as bytes"
    ) { context throws(CheckStop) in
        for strategy in try savers(context) {
            let plain = try context.search(strategy, context.standard)
            let saved = context.searchSaving(strategy)
            if let place = firstDifference(plain.turns, saved.turns) {
                throw context.fail("the same asks as without saving", "turn \(place) differs", strategy)
            }
        }
    },
    Check(
        "save-fresh", .state, level: 7,
        proves: "An instance can be saved before its first turn, and continues from there.",
        clause: "save: the state between two turns as bytes"
    ) { context throws(CheckStop) in
        for strategy in try savers(context) {
            let plain = try context.search(strategy, context.standard)
            var problem: String?
            let moved = context.searchOrRefusal(
                strategy, context.standard,
                beforeRound: { round, session in
                    guard round == 0 else { return nil }
                    let other = session.moved(&problem)
                    session.abandon()
                    return other
                })
            if problem != nil || moved.turns != plain.turns {
                throw context.fail("the same search as without", problem ?? "it asks for something else", strategy)
            }
        }
    },
    Check(
        "save-again", .state, level: 7,
        proves: "Saved two or three times between the same two turns, it continues exactly from the last state too.",
        clause: "save: as often as the host likes"
    ) { context throws(CheckStop) in
        for strategy in try movers(context) { try judgeSavedAgain(context, strategy) }
    },
    hostileState("restore-empty", "An empty state is refused, or makes an instance that works.", rejects: false) { _ in
        [[]]
    },
    hostileState("restore-random", "Random bytes are refused, or make an instance that works.", rejects: false) { _ in
        let random = SampleRandom(seed: 99)
        return [8, 64, 4096].map { count in (0..<count).map { UInt8(truncatingIfNeeded: random.bits(UInt64($0))) } }
            + [Array(repeating: 0xFF, count: 64), Array(repeating: 0, count: 64)]
    },
    hostileState("restore-short", "A truncated state is refused.", rejects: true) { state in
        state.count < 2 ? [] : [Array(state.dropLast()), Array(state.prefix(state.count / 2)), Array(state.prefix(1))]
    },
    hostileState("restore-long", "A state with additional bytes is refused.", rejects: true) { state in
        [state + [0], state + Array(repeating: 7, count: 64)]
    },
    Check(
        "restore-status", .state, level: 7, proves: "What restore refuses a state with is STG_INVALID_ARGUMENT.",
        clause: "restore: any bytes may come, and bad ones return INVALID_ARGUMENT"
    ) { context throws(CheckStop) in
        for strategy in try savers(context) {
            let world = World(context.standard)
            for state in try states(context, strategy) where state.count > 1 {
                for bytes in [Array(state.dropLast()), Array(state.prefix(1)), state + [0]] {
                    let status = tryState(strategy, world, bytes, .plain)
                    if ![STG_OK, STG_INVALID_ARGUMENT, STG_OUT_OF_MEMORY].contains(status) {
                        throw context.fail(
                            "STG_INVALID_ARGUMENT",
                            "\(statusName(status)) for \(bytes.count) bytes in place of the \(state.count) of a saved state",
                            strategy)
                    }
                }
            }
        }
    },
    hostileState(
        "restore-damaged", "A state with single flipped bits is refused, or makes an instance that works.",
        rejects: false
    ) { state in
        (0..<min(state.count * 8, 256)).map { bit in
            var damaged = state
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            return damaged
        }
    },
    Check(
        "restore-bounds", .state, level: 7, proves: "restore reads no byte after the state.",
        clause: "Text: pointer and length"
    ) { context throws(CheckStop) in
        for strategy in try savers(context) {
            let world = World(context.standard)
            for state in try states(context, strategy) {
                tryState(strategy, world, state, MemoryRules(bounded: [.state]))
            }
        }
    },
    Check(
        "restore-kept", .state, level: 7, proves: "restore keeps no pointer into the state.",
        clause: "What a call passes in is valid until that call returns"
    ) { context throws(CheckStop) in
        for strategy in try savers(context) {
            let world = World(context.standard)
            for state in try states(context, strategy) {
                tryState(strategy, world, state, MemoryRules(fleeting: [.state]))
            }
        }
    },
]

func savers(_ context: CheckContext) throws(CheckStop) -> [StrategyView] {
    let strategies = try context.strategies().filter(\.canSave)
    if strategies.isEmpty { throw .skip("no strategy has save and restore") }
    for strategy in strategies { try context.requireClean(strategy) }
    return strategies
}

extension PluginSession {
    /// Another instance that continues from this one's state, in the same world.
    func moved(_ problem: inout String?) -> PluginSession? {
        guard let state = save() else {
            problem = "save failed"
            return nil
        }
        let other = PluginSession(inPlaceOf: self)
        let status = other.restore(state)
        if status != STG_OK {
            problem = "restore returned \(statusName(status)) for \(state.count) bytes"
            return nil
        }
        return other
    }
}

extension CheckContext {
    /// The standard search, saved before each turn but the first.
    fileprivate func searchSaving(_ strategy: StrategyView) -> SearchRecord {
        searchOrRefusal(
            strategy, standard,
            beforeRound: { round, session in
                if round > 0 { _ = session.save() }
                return nil
            })
    }
}

private func judgeSavedAgain(_ context: CheckContext, _ strategy: StrategyView) throws(CheckStop) {
    let plain = try context.search(strategy, context.standard)
    let saved = context.searchSaving(strategy)
    if saved.turns != plain.turns { throw .skip("saving changes what it does (save-harmless)") }
    for round in 1..<max(2, min(plain.rounds.count, 12)) {
        for earlier in 1...2 {
            var problem: String?
            let moved = context.searchOrRefusal(
                strategy, context.standard,
                beforeRound: { now, session in
                    guard now == round else { return nil }
                    for _ in 0..<earlier { _ = session.save() }
                    let other = session.moved(&problem)
                    session.abandon()
                    return other
                })
            if problem == nil, let place = firstDifference(plain.turns, moved.turns) {
                problem = "turn \(place) differs"
            }
            guard let problem else { continue }
            throw context.fail(
                "a state that is saved after another one is taken, and gone on from exactly",
                "\(problem), saved \(earlier + 1) times before turn \(round): is what was saved first still in it?",
                strategy)
        }
    }
}

/// States of an ordinary search, one before each of its turns.
func states(_ context: CheckContext, _ strategy: StrategyView) throws(CheckStop) -> [[UInt8]] {
    var states: [[UInt8]] = []
    _ = try context.search(
        strategy, context.standard,
        beforeRound: { round, session in
            if round > 0, let state = session.save() { states.append(state) }
            return nil
        })
    return states
}

/// Restores from the bytes and, if they are taken, goes one turn on.
@discardableResult
private func tryState(_ strategy: StrategyView, _ world: World, _ state: [UInt8], _ rules: MemoryRules) -> stg_status {
    let session = PluginSession(strategy, world: world, rules: rules)
    let status = session.restore(state)
    if status == STG_OK { _ = session.next(STG_EVENT_CANCELLED, []) }
    session.abandon()
    return status
}

private func hostileState(
    _ name: String, _ proves: String, rejects: Bool, _ make: @escaping @Sendable ([UInt8]) -> [[UInt8]]
) -> Check {
    Check(
        name, .state, level: 7, proves: proves,
        clause: "restore: any bytes may come, and bad ones return INVALID_ARGUMENT"
    ) { context throws(CheckStop) in
        for strategy in try savers(context) {
            // One for all of them: nothing is done in it.
            let world = World(context.standard)
            for state in try states(context, strategy) {
                for bytes in make(state) {
                    let status = tryState(strategy, world, bytes, .plain)
                    if rejects, status == STG_OK {
                        throw context.fail(
                            "STG_INVALID_ARGUMENT",
                            "\(bytes.count) bytes were taken in place of the \(state.count) of a saved state", strategy)
                    }
                }
            }
        }
    }
}
