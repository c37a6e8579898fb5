import CStratagem
import SearchCore

/// What the host can meet with, told as the header says.
let faultChecks: [Check] = [
    faultCheck(
        "fault-model-fails", level: 4, .modelFails, "samples that all fail",
        proves: "Asks whose model failed, with no node, do it no harm.",
        clause: "STG_OUTCOME_MODEL_FAILED: the nodes that were done before"),
    faultCheck(
        "fault-model-halfway", level: 4, .modelFailsHalfway, "samples of which half fail",
        proves: "If the model fails on a part of an ask, the strategy uses the results that it got.",
        clause: "STG_OUTCOME_MODEL_FAILED: the nodes that were done before"),
    faultCheck(
        "fault-verifier-fails", level: 4, .verifierFails, "a verifier that fails",
        proves: "A verifier that fails causes no crash and no endless search.",
        clause: "STG_OUTCOME_VERIFIER_FAILED: some nodes lack a score: see their flags"),
    faultCheck(
        "fault-verifier-halfway", level: 4, .verifierFailsHalfway, "a verifier that fails on half of the nodes",
        proves: "If some nodes have no score, the search continues with the others.",
        clause: "STG_OUTCOME_VERIFIER_FAILED: some nodes lack a score: see their flags"),
    faultCheck(
        "fault-nothing", level: 5, .nothing, "asks that come to no node",
        proves: "An ask without any resulting node does it no harm.",
        clause: "stg_told.nodes, node_count"),
    faultCheck(
        "fault-truncated", level: 4, .truncated, "samples that are all cut",
        proves: "Samples that are cut by a limit cause no crash and no endless search.",
        clause: "STG_OUTCOME_TRUNCATED: all of it; a node met a token limit"),
    faultCheck(
        "fault-unknown-outcome", level: 5, .unknownOutcome, "an outcome of a later minor version",
        proves: "An outcome that it does not know does it no harm.",
        clause: "Versions: A minor version may add … outcomes"),
    Check(
        "told-less", .faults, level: 6,
        proves: "If it is told fewer nodes than it asked for, it takes no others for them.",
        clause: "stg_told.node_count; STG_OUTCOME_BUDGET_EXHAUSTED: as much as the budget allowed"
    ) { context throws(CheckStop) in
        // Behind the last node there is one of garbage, and then the end of the memory.
        let rules = MemoryRules(bounded: [.toldNodes], padded: [.toldNodes])
        for strategy in try context.strategies() {
            let plain = try context.requireClean(strategy)
            for (situation, scenario) in tellsOfLess(context.standard) {
                let record = context.searchOrRefusal(strategy, scenario, rules: rules)
                try context.judgeAsks(record, besides: plain, strategy, in: situation)
            }
        }
    },
    Check(
        "fault-unanswered", .faults, level: 4, proves: "Finished texts without an answer do it no harm.",
        clause: "STG_NODE_ANSWERED: finished, and an answer was found in its text"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            let record = try context.expectEnd(
                strategy, context.standard.with { $0.unanswered = true }, in: "no finished text holds an answer")
            try context.judge(record, "answer-weights", strategy, in: "no finished text holds an answer")
        }
    },
    Check(
        "fault-unscored", .faults, level: 5, proves: "It reads a score only if the flag says that there is one.",
        clause: "STG_NODE_SCORED: score is set"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            for kind in [Scenario.Fault.Kind.verifierFails, .verifierFailsHalfway] {
                let scenario = context.standard.with {
                    $0.poisonsUnscored = true; $0.faults = [.init(round: nil, ask: nil, kind: kind)]
                }
                try context.judge(
                    try context.search(strategy, scenario), "answer-weights", strategy,
                    in: "unscored nodes hold NaN for a score")
            }
        }
    },
    Check(
        "fault-no-probabilities", .faults, level: 7,
        proves: "A model that reports no probabilities makes a search that ends, with weights that are numbers.",
        clause: "stg_node_info.log_probability: NaN if the model does not report it; stg_confidence: NOT_FOUND"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            let plain = try context.requireClean(strategy)
            for offers in [false, true] {
                let situation = "no probabilities, \(offers ? "with" : "without") the extensions"
                let record = try context.expectEnd(
                    strategy, context.standard.with { ($0.hidesProbabilities, $0.offersExtensions) = (true, offers) },
                    in: situation)
                try context.judgeAsks(record, besides: plain, strategy, in: situation)
                try context.judge(record, "answer-weights", strategy, in: situation)
            }
        }
    },
    Check(
        "scores-extreme", .faults, level: 5,
        proves: "Scores of exactly 0 and 1 make a search that ends, with weights that are finite, whatever is chosen.",
        clause: "STG_ASK_SCORE: a value in [0, 1]; stg_answer.weight: >= 0, finite"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            let plain = try context.requireClean(strategy)
            for (what, scenario) in context.choosings(strategy, [STG_PARAM_CHOICE, STG_PARAM_BOOL]) {
                for flat in [nil, 0, 1] as [Double?] {
                    let situation = "scores of \(flat.map { "\(Int($0)) only" } ?? "0 and 1"), with \(what)"
                    let extreme = scenario.with { ($0.roundsScores, $0.flatScores) = (true, flat) }
                    let record = try context.expectEnd(strategy, extreme, in: situation)
                    try context.judgeAsks(record, besides: plain, strategy, in: situation)
                    try context.judge(record, "answer-weights", strategy, in: situation)
                }
            }
        }
    },
    Check(
        "fault-unknown-event", .faults, level: 5, proves: "An event that it does not know does it no harm.",
        clause: "Versions: A minor version may add … events"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            let turns = try context.requireClean(strategy).rounds.count
            for round in 1..<max(2, min(turns, 8)) {
                try context.expectEnd(
                    strategy, context.standard.with { $0.stop = .init(round: round, event: 99) },
                    in: "event 99 before turn \(round)")
            }
        }
    },
]

/// Searches in which some asks come to less than they were for.
private func tellsOfLess(_ standard: Scenario) -> [(String, Scenario)] {
    var found: [(String, Scenario)] = []
    for kind in [Scenario.Fault.Kind.modelFailsHalfway, .budgetEndsHalfway, .nothing] {
        for round in [nil, 0, 1, 2] as [Int?] {
            let place = round.map { "in turn \($0)" } ?? "in every turn"
            found.append(
                (
                    "\(kind == .nothing ? "nothing" : "half") of what was asked for is told, \(place)",
                    standard.with { $0.faults = [.init(round: round, ask: nil, kind: kind)] }
                ))
        }
    }
    for round in 1..<6 {
        found.append(
            (
                "half is told, with CANCELLED before turn \(round)",
                standard.with { $0.stop = .init(round: round, event: STG_EVENT_CANCELLED, share: 0.5) }
            ))
    }
    return found
}

extension CheckContext {
    /// Answers that it was told are not lost because something else came to less.
    func judgeGoesOn(_ record: SearchRecord, _ strategy: StrategyView, in situation: String) throws(CheckStop) {
        guard case .failed = record.ending, record.toldAnswers > 0 else { return }
        throw fail(
            "it goes on with what it has",
            "\(record.endingText), and \(record.toldAnswers) finished answers were told (\(situation))", strategy)
    }
}

private func faultCheck(
    _ name: String, level: Int, _ kind: Scenario.Fault.Kind, _ what: String, proves: String, clause: String
) -> Check {
    Check(name, .faults, level: level, proves: proves, clause: clause) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            let plain = try context.requireClean(strategy)
            for (round, ask) in [(nil, nil), (0, nil), (1, nil), (2, nil), (1, 0), (2, 0), (2, 1), (3, nil), (4, nil)]
                as [(Int?, Int?)]
            {
                // That nothing ever comes, and nobody says why, no host tells.
                if kind == .nothing, round == nil { continue }
                let scenario = context.standard.with { $0.faults = [.init(round: round, ask: ask, kind: kind)] }
                let situation = "\(what)\(round.map { ", in turn \($0)" } ?? "")"
                let record = try context.expectEnd(strategy, scenario, in: situation)
                try context.judgeAsks(record, besides: plain, strategy, in: situation)
                if kind == .verifierFailsHalfway, case .failed = record.ending {
                    throw context.fail("it goes on with what it has", "\(record.endingText) (\(situation))", strategy)
                }
                if kind == .modelFailsHalfway || kind == .truncated {
                    try context.judgeGoesOn(record, strategy, in: situation)
                }
            }
        }
    }
}
