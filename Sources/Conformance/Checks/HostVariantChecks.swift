import CStratagem
import SearchCore

/// Hosts other than the one that it was tried with: older, later, of another run, with more roles.
let hostVariantChecks: [Check] = [
    Check(
        "host-older", .memory, level: 6,
        proves: "It works with a host of 1.0, or says why not: it calls nothing that such a host does not have.",
        clause: "Versions: A host of 1.0 does not have it: look at host->struct_size"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            try context.expectEnd(
                strategy, context.standard.with { $0.host.isOfVersion1_0 = true }, in: "a host of 1.0",
                rules: MemoryRules(bounded: [.host]))
        }
    },
    Check(
        "flags-unknown", .memory, level: 5,
        proves: "It ignores flags of nodes that it does not know.",
        clause: "Bits: a plugin ignores the bits of the host's that it does not know"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            let plain = try context.requireClean(strategy)
            let later = context.searchOrRefusal(strategy, context.standard.with { $0.host.hasUnknownFlags = true })
            if let place = firstDifference(plain.turns, later.turns) {
                throw context.fail(
                    "the same asks where nodes have flags of a later minor version",
                    "turn \(place) differs: are flags compared as a whole?", strategy)
            }
        }
    },
    Check(
        "kept-host", .memory, level: 7,
        proves: "It keeps neither a host nor an extension's table longer than the instance that they were for.",
        clause: "stg_host: one for each instance; valid until destroy returns"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            // Without a search before: what it keeps is what it was given first.
            let rules = MemoryRules(bounded: [.host, .extensionTable])
            let scenario = context.standard.with { $0.offersExtensions = true }
            for _ in 0..<2 {
                let session = PluginSession(strategy, world: World(scenario), rules: rules)
                guard session.create() == STG_OK else { continue }
                var progress = Search.Progress(scenario: scenario)
                var record = SearchRecord()
                while progress.ending == nil { progress.turn(session, &record) }
                session.destroy()
                session.host.placer.instanceEnded()
            }
        }
    },
    Check(
        "roles-declared", .asks, level: 5,
        proves:
            "If it declares roles, it asks for no other one, whatever the bundle has, and for none that is of the other kind.",
        clause:
            "stg_strategy.roles: all that it needs, and all that it can use; STG_ROLE_VERIFIER: a verifier: SCORE"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            guard let declared = context.settings.declared(strategy),
                let verifiers = context.settings.declared(strategy, asVerifiers: true),
                let models = context.settings.declared(strategy, asVerifiers: false)
            else { continue }
            for (what, scenario) in context.choosings(strategy, [STG_PARAM_CHOICE, STG_PARAM_BOOL]) {
                let record = context.searchOrRefusal(strategy, scenario.with { $0.host.hasEveryRole = true })
                if let (turn, role, isScore) = firstStranger(record, verifiers: verifiers, models: models),
                    declared.contains(role)
                {
                    throw context.fail(
                        "a \(isScore ? "SCORE is for a verifier" : "SAMPLE is for a model"), and declared as one",
                        "turn \(turn) asks \(quoted(Array(role.utf8))), a \(isScore ? "model" : "verifier"), with \(what)",
                        strategy)
                }
                guard let (turn, role, _) = firstStranger(record, verifiers: declared, models: declared) else {
                    continue
                }
                throw context.fail(
                    "the roles that it declares: \(declared.sorted().joined(separator: ", "))",
                    "turn \(turn) asks for the role \(quoted(Array(role.utf8))), which the bundle has (with \(what))",
                    strategy)
            }
        }
    },
]

/// The first turn that asks for scores, or for anything else, of a role that is not one of those for it.
private func firstStranger(_ record: SearchRecord, verifiers: Set<String>, models: Set<String>) -> (
    turn: Int, role: String, isScore: Bool
)? {
    for (index, turn) in record.turns.enumerated() {
        guard case .asks(let asks) = turn else { continue }
        for ask in asks where (STG_ASK_SAMPLE...STG_ASK_REVISE).contains(ask.kind) {
            let role =
                ask.role.isEmpty
                ? ask.kind == STG_ASK_SCORE ? "prm" : "policy" : String(decoding: ask.role, as: UTF8.self)
            // A role may be pinned to its weights.
            let name = role.prefix { $0 != "@" }
            let isScore = ask.kind == STG_ASK_SCORE
            if !(isScore ? verifiers : models).contains(String(name)) { return (index, String(name), isScore) }
        }
    }
    return nil
}
