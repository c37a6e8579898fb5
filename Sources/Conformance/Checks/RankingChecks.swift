import CStratagem
import SearchCore

/// What a ranking makes of the answers that it ranks.
let rankingChecks: [Check] = [
    Check(
        "answers-heaviest", .answers, level: 6,
        proves: "What it ranks first is not always the answer with the least weight.",
        clause: "DONE: best first; stg_answer: ranks a node of the heaviest answer first"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            for (what, chosen) in context.choosings(strategy) {
                var lightest = 0, others = 0
                for seed in 0..<12 {
                    let record = context.searchOrRefusal(strategy, rich(chosen, seed))
                    guard let tally = Tally(record), let isLightest = tally.firstIsLightest else { continue }
                    if isLightest { lightest += 1 } else { others += 1 }
                }
                if lightest >= 6, others == 0 {
                    throw context.fail(
                        "the heaviest answer first",
                        "in all of \(lightest) searches the answer of the least weight is (with \(what)): is the ranking reversed?",
                        strategy)
                }
            }
        }
    },
    Check(
        "votes-by-answer", .answers, level: 7,
        proves:
            "If it ranks the most common answer first, it does so however texts are worded, and however alike answers are.",
        clause: "stg_answer: Nodes agree if their stg_node_info.answer is the same bytes"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            for (what, chosen) in context.choosings(strategy) { try judgeVote(context, strategy, chosen, what) }
        }
    },
    Check(
        "batch-apart", .answers, level: 6,
        proves: "What it makes of a problem of a batch does not depend on whether others have the same answers.",
        clause: "DONE: For a batch instance, ranked within each problem"
    ) { context throws(CheckStop) in
        for strategy in try context.batchStrategies() {
            try context.requireClean(strategy)
            for (what, chosen) in context.choosings(strategy) {
                for seed in 0..<6 {
                    let scenario = chosen.with {
                        $0.problems = SequenceText.problems(3); $0.limits.generations = 24; $0.seed &+= UInt64(seed)
                    }
                    let shared = context.searchOrRefusal(strategy, scenario)
                    let apart = context.searchOrRefusal(strategy, scenario.with { $0.answersApart = true })
                    guard let place = firstDifference(shared.turns, apart.turns) else { continue }
                    throw context.fail(
                        "the same search of each problem, whatever the others' answers are",
                        "turn \(place) differs where no two problems share an answer (with \(what)): are votes of several problems counted together?",
                        strategy)
                }
            }
        }
    },
]

extension CheckContext {
    /// The defaults, and each choice: how answers are weighed is a choice, if it is a parameter.
    func choosings(_ strategy: StrategyView, _ kinds: [stg_param_kind] = [STG_PARAM_CHOICE]) -> [(String, Scenario)] {
        [("the defaults", standard)] + edges(standard, strategy.params.filter { kinds.contains($0.kind) })
    }
}

private func rich(_ scenario: Scenario, _ seed: Int) -> Scenario {
    scenario.with {
        $0.seed &+= UInt64(seed); $0.limits.generations = 16
    }
}

/// A ranking, counted.
private struct Tally {
    /// The first node's answer.
    let first: String
    private(set) var nodes: [String: Int] = [:]
    private(set) var weights: [String: Double] = [:]

    /// Nil if the first node has no answer, or there is none.
    init?(_ record: SearchRecord) {
        guard let answers = record.answers, let leader = answers.first else { return nil }
        var texts: [UInt64: String] = [:]
        for node in record.rounds.flatMap(\.nodes) { texts[UInt64(node.id)] = node.answer }
        guard let first = texts[leader.node] else { return nil }
        self.first = first
        for answer in answers {
            guard let text = texts[answer.node] else { continue }
            nodes[text, default: 0] += 1
            weights[text, default: 0] += answer.weight
        }
    }

    /// Nil if all weigh the same.
    var firstIsLightest: Bool? {
        guard let least = weights.values.min(), let most = weights.values.max(), least < most else { return nil }
        return weights[first] == least
    }

    /// Nil if no answer is more common than any other.
    var firstIsCommonest: Bool? {
        guard let most = nodes.values.max(), nodes.values.count(where: { $0 == most }) == 1 else { return nil }
        return nodes[first] == most
    }
}

/// Samples that differ in their wording only must be counted as those that do not.
private func judgeVote(_ context: CheckContext, _ strategy: StrategyView, _ chosen: Scenario, _ what: String)
    throws(CheckStop)
{
    var votes = 0
    for seed in 0..<12 {
        let scenario = rich(chosen, seed)
        let one = context.searchOrRefusal(strategy, scenario.with { $0.briefAnswers = .oneText })
        if let isVote = Tally(one)?.firstIsCommonest {
            // It does not vote, and may look at what it likes.
            guard isVote else { return }
            votes += 1
        }
    }
    guard votes >= 4 else { return }
    for spelling in Scenario.BriefAnswers.allCases where spelling != .oneText {
        for seed in 0..<(spelling == .threeTexts ? 12 : 6) {
            let scenario = rich(chosen, seed)
            let record = context.searchOrRefusal(strategy, scenario.with { $0.briefAnswers = spelling })
            guard Tally(record)?.firstIsCommonest == false else { continue }
            let question = spelling == .threeTexts ? "are texts compared, not answers?" : "are they taken for the same?"
            throw context.fail(
                "the most common answer first, as with the answers 4, 5 and 6",
                "another one is where \(spelling.rawValue) (seed \(scenario.seed), with \(what)): \(question)", strategy
            )
        }
    }
}
