import CStratagem
import SearchCore

/// All that can happen to a search, where something other than the default was chosen, and to several problems at once.
let troubleChecks: [Check] = [
    Check(
        "choices-troubled", .faults, level: 7,
        proves: "Whatever is chosen, faults, stops, extensions and figures that are missing do no harm.",
        clause: "stg_param.choices; stg_outcome; stg_node_info.log_probability: NaN if the model does not report it"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            for (what, chosen) in context.otherChoices(strategy) {
                try judgeTroubles(context, strategy, chosen, "with \(what)")
            }
        }
    },
    Check(
        "batch-troubled", .faults, level: 7,
        proves: "Of several problems, what happens to the asks of one does no harm to the others.",
        clause: "STG_STRATEGY_BATCH: one instance may be given several problems; stg_outcome"
    ) { context throws(CheckStop) in
        for strategy in try context.batchStrategies() {
            try context.requireClean(strategy)
            let scenario = context.batch(3)
            let all = [("the defaults", scenario)] + context.otherChoices(strategy, from: scenario)
            for (what, chosen) in all {
                try judgeTroubles(context, strategy, chosen, "with three problems and \(what)")
            }
        }
    },
]

private func judgeTroubles(_ context: CheckContext, _ strategy: StrategyView, _ chosen: Scenario, _ what: String)
    throws(CheckStop)
{
    let plain = context.searchOrRefusal(strategy, chosen)
    // What ends badly without any trouble is another check's subject.
    guard case .done = plain.ending else { return }
    for (trouble, scenario) in troubles(chosen) {
        let situation = "\(trouble), \(what)"
        let record = context.searchOrRefusal(strategy, scenario)
        switch record.ending {
        case .endless, .ignoredStop, .unreadable:
            throw context.fail("the search ends", "\(record.endingText) (\(situation))", strategy)
        case .failed where scenario.stop != nil && scenario.stop?.event != 99:
            throw context.fail("DONE", "\(record.endingText) (\(situation))", strategy)
        case .done(let answers) where answers.isEmpty && record.toldAnswers > 0 && scenario.stop == nil:
            throw context.fail(
                "at least one answer",
                "\(record.toldAnswers) finished answers were told, and DONE came with none (\(situation))", strategy)
        case .done, .refused, .failed: break
        }
        try context.judgeAsks(record, besides: plain, strategy, in: situation)
        for check in ["answer-weights", "extensions-offered"] {
            try context.judge(record, check, strategy, in: situation)
        }
    }
}

private func troubles(_ chosen: Scenario) -> [(String, Scenario)] {
    var found: [(String, Scenario)] = []
    func add(_ what: String, _ change: (inout Scenario) -> Void) { found.append((what, chosen.with(change))) }
    for kind in Scenario.Fault.Kind.allCases {
        for (round, ask) in [(nil, nil), (0, nil), (1, nil), (2, nil), (0, 0), (1, 1), (nil, 1)] as [(Int?, Int?)] {
            // That nothing ever comes, and nobody says why, no host tells.
            if kind == .nothing, round == nil { continue }
            let place = (round.map { " in turn \($0)" } ?? "") + (ask.map { ", ask \($0) only" } ?? "")
            add(kind.rawValue + place) { $0.faults = [.init(round: round, ask: ask, kind: kind)] }
        }
    }
    for offers in [false, true] {
        add("no probabilities, \(offers ? "with" : "without") the extensions") {
            ($0.hidesProbabilities, $0.offersExtensions) = (true, offers)
        }
    }
    add("a host with extensions") { $0.offersExtensions = true }
    add("no finished text holds an answer") { $0.unanswered = true }
    for kind in [Scenario.Fault.Kind.verifierFails, .verifierFailsHalfway] {
        add("unscored nodes hold NaN for a score, \(kind.rawValue)") {
            $0.poisonsUnscored = true
            $0.faults = [.init(kind: kind)]
        }
    }
    add("node texts that are not UTF-8") { $0.hostileText = true }
    add("finished nodes without a text") { $0.endsSilently = true }
    add("a host of 1.0") { $0.host.isOfVersion1_0 = true }
    add("a budget of 1 generation") { $0.limits.generations = 1 }
    add("no limit") { $0.limits = Limits() }
    for round in 0..<5 {
        for share in [1, 0.5, 0] {
            add("CANCELLED before turn \(round) with \(share) of the last batch") {
                $0.stop = .init(round: round, event: STG_EVENT_CANCELLED, share: share)
            }
        }
        add("event 99 before turn \(round)") { $0.stop = .init(round: max(1, round), event: 99) }
    }
    return Effort.isBrief ? found.enumerated().filter { $0.offset % 4 == 1 }.map(\.element) : found
}
