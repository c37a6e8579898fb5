import CStratagem
import SearchCore

/// Every ask says something that the host can do.
let askChecks: [Check] = [
    contractCheck(
        "next-kind", .asks, level: 3, proves: "next says whether it returns asks or is done.",
        clause: "stg_next.kind: STG_NEXT_ASKS, STG_NEXT_DONE"),
    contractCheck(
        "ask-pointers", .asks, level: 3, proves: "Every count of a batch comes with a pointer.",
        clause: "stg_str: data may be NULL only if size is 0"),
    contractCheck(
        "ask-size", .asks, level: 3, proves: "Every ask gives its size.",
        clause: "Struct sizes: Arrays of such structs step by the struct_size of their elements (all equal)"),
    contractCheck("ask-kind", .asks, level: 3, proves: "Every ask is of a kind that 1.0 has.", clause: "stg_ask_kind"),
    contractCheck(
        "ask-tags-distinct", .asks, level: 3, proves: "The tags of a batch differ.",
        clause: "stg_ask.tag: distinct within a batch"),
    contractCheck(
        "ask-nodes-issued", .asks, level: 3, proves: "Asks name nodes that the instance got in a tell.",
        clause: "stg_node: Issued by the host, unique within a run"),
    contractCheck(
        "ask-node-open", .asks, level: 3, proves: "A finished node is not continued.",
        clause: "STG_ASK_SAMPLE: node must not be finished"),
    contractCheck(
        "ask-role", .asks, level: 3, proves: "Asks name roles that the bundle has.", clause: "stg_ask.role; has_role"),
    contractCheck(
        "ask-problem", .asks, level: 3, proves: "REVISE and RUN name one of the instance's problems.",
        clause: "stg_ask.problem: index into the instance's problems"),
    contractCheck(
        "ask-unused-zero", .asks, level: 3, proves: "Fields that an ask's kind does not use are zero.",
        clause: "stg_ask: Zero every field that its kind does not use"),
    contractCheck(
        "sample-count", .asks, level: 3, proves: "SAMPLE asks for 1 to STG_MAX_COUNT samples.",
        clause: "stg_ask.count: SAMPLE: 1 … STG_MAX_COUNT"),
    contractCheck(
        "sample-steps", .asks, level: 3, proves: "SAMPLE asks for at most STG_MAX_STEPS steps.",
        clause: "stg_ask.steps: SAMPLE: 0 … STG_MAX_STEPS"),
    contractCheck(
        "sample-temperature", .asks, level: 3, proves: "SAMPLE's temperature is finite and not negative.",
        clause: "STG_ASK_SAMPLE: temperature >= 0, finite"),
    contractCheck(
        "sample-filters", .asks, level: 3, proves: "SAMPLE's top_p and min_p are probabilities.",
        clause: "STG_ASK_SAMPLE: top_p, min_p in [0, 1]"),
    contractCheck(
        "score-has-step", .asks, level: 3, proves: "SCORE names nodes that contain a step.",
        clause: "STG_ASK_SCORE: Each node's last step gets a value"),
    contractCheck(
        "revise-no-roots", .asks, level: 3, proves: "REVISE shows attempts, and no roots.",
        clause: "STG_ASK_REVISE: the earlier attempts (finished or not, but no roots)"),
    contractCheck(
        "append-has-text", .asks, level: 3, proves: "APPEND has a text.",
        clause: "STG_ASK_APPEND: Append the literal text"),
    contractCheck(
        "run-share", .asks, level: 3, proves: "RUN's share of the budget is in (0, 1].",
        clause: "STG_ASK_RUN: share in (0, 1]"),
    contractCheck(
        "run-params", .asks, level: 3,
        proves: "RUN gives a strategy of the same plugin only parameters that it has, within their ranges.",
        clause: "stg_named_value: a parameter's id; stg_param: The host checks values against it"),
    Check(
        "run-not-itself", .asks, level: 3,
        proves: "A strategy does not run itself, nor two of the same plugin each other.",
        clause: "STG_ASK_RUN: a strategy may not run itself, directly or through others"
    ) { context throws(CheckStop) in
        var runs: [String: Set<String>] = [:]
        let strategies = try context.strategies()
        for strategy in strategies {
            for (situation, scenario) in ordinary(context.standard, strategy) {
                let record = try context.search(strategy, scenario)
                try context.judge(record, "run-not-itself", strategy, in: situation)
                runs[strategy.name, default: []].formUnion(ran(record, strategies))
            }
        }
        for strategy in strategies {
            guard let others = circle(strategy.name, runs) else { continue }
            throw context.fail(
                "a strategy does not run itself through others",
                "\(strategy.name) runs \(others.joined(separator: ", which runs ")), which runs it", strategy)
        }
    },
    Check(
        "role-missing", .asks, level: 5, proves: "If the bundle has no verifier, the strategy does not ask for one.",
        clause: "has_role: 1 if the bundle has a model or verifier of this role"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            let choices = context.otherChoices(strategy).map { ($0.0 + " and ", $0.1) }
            for (what, chosen) in [("", context.standard)] + choices {
                // What it says it needs the host sees to.
                let needed = context.settings.needed(strategy, chosen).union(["policy"])
                let record = context.searchOrRefusal(
                    strategy, chosen.with { $0.missingRoles = chosen.roles.subtracting(needed) })
                // A parameter may be a role's name, which the bundle then has or has not.
                guard what.isEmpty || context.settings.declared(strategy) != nil else { continue }
                try context.judge(
                    record, "ask-role", strategy,
                    in: "\(what)a bundle with a policy and nothing else that it does not say it needs")
            }
        }
    },
]

/// What DONE returns.
let answerChecks: [Check] = [
    contractCheck(
        "answer-pointers", .answers, level: 3, proves: "The count of answers comes with a pointer.",
        clause: "stg_next.answers: DONE: best first; may be empty"),
    contractCheck(
        "answers-issued", .answers, level: 3, proves: "Answers are nodes that the instance got in a tell.",
        clause: "stg_answer: node was issued to this instance"),
    contractCheck(
        "answers-finished", .answers, level: 3, proves: "Answers are finished nodes.",
        clause: "stg_answer: and is finished",
        ordinary),
    contractCheck(
        "answers-distinct", .answers, level: 3, proves: "No node is in the ranking twice.",
        clause: "stg_answer: One answer, in a ranking"),
    contractCheck(
        "answer-weights", .answers, level: 3, proves: "Weights are finite and not negative.",
        clause: "stg_answer: weight >= 0, finite"),
    Check(
        "answers-given", .answers, level: 3, proves: "If there were finished answers, it returns some.",
        clause: "DONE: ranked answers"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            let record = try context.search(strategy, context.standard)
            if let answers = record.answers, answers.isEmpty, record.toldAnswers > 0 {
                throw context.fail(
                    "at least one answer", "\(record.toldAnswers) finished answers were told, and DONE came with none",
                    strategy)
            }
        }
    },
    contractCheck(
        "answers-not-truncated", .answers, level: 6,
        proves: "A sample that was cut by a limit is not returned as an answer.",
        clause: "STG_NODE_TRUNCATED: cut by a token limit: not an answer"
    ) { standard, _ in
        [
            (
                "every second sample is cut",
                standard.with { $0.faults = [.init(round: nil, ask: nil, kind: .truncated)] }
            ),
            ("a budget of 9 tokens", standard.with { $0.limits = Limits(tokens: 9) }),
        ]
    },
    Check(
        "batch-answers", .answers, level: 4,
        proves: "A strategy that takes batches answers every problem of a batch that a finished answer was told for.",
        clause: "DONE: For a batch instance, ranked within each problem"
    ) { context throws(CheckStop) in
        for strategy in try context.batchStrategies() {
            try context.requireClean(strategy)
            let scenario = context.standard.with {
                $0.problems = SequenceText.problems(3); $0.limits.generations = 24
            }
            let record = try context.search(strategy, scenario)
            try judgeBatch(context, strategy, scenario, record)
        }
    },
]

/// Strategies of the plugin that a search ran.
private func ran(_ record: SearchRecord, _ strategies: [StrategyView]) -> [String] {
    record.turns.flatMap { turn -> [String] in
        guard case .asks(let asks) = turn else { return [] }
        return asks.filter { $0.kind == STG_ASK_RUN }.compactMap { ask in
            let wanted = String(decoding: ask.text, as: UTF8.self)
            return strategies.first { $0.name == wanted || text($0.raw.pointee.id) == wanted }?.name
        }
    }
}

/// The others through which a strategy comes back to itself, if it does; nobody counts who runs itself.
private func circle(_ start: String, _ runs: [String: Set<String>]) -> [String]? {
    var known: Set<String> = []
    var paths = (runs[start] ?? []).filter { $0 != start }.sorted().map { [$0] }
    while let path = paths.popLast() {
        guard let last = path.last, known.insert(last).inserted else { continue }
        let next = runs[last] ?? []
        if next.contains(start) { return path }
        paths += next.sorted().map { path + [$0] }
    }
    return nil
}

private func judgeBatch(_ context: CheckContext, _ strategy: StrategyView, _ scenario: Scenario, _ record: SearchRecord)
    throws(CheckStop)
{
    guard let answers = record.answers else { throw context.fail("DONE", record.endingText, strategy) }
    var problemOf: [UInt64: Int] = [:]
    for node in record.rounds.flatMap(\.nodes) { problemOf[UInt64(node.id)] = node.problem }
    let answered = Set(answers.compactMap { problemOf[$0.node] })
    // A ranking may be empty: nobody has to ask for anything.
    let told = Set(record.rounds.flatMap(\.told).flatMap(\.nodes)).filter { record.finishedNodes[$0] == true }
    let missing = Set(told.compactMap { problemOf[$0] }).subtracting(answered).sorted()
    if !missing.isEmpty {
        throw context.fail(
            "answers for each of \(scenario.problems.count) problems that finished answers were told for",
            "none for problem \(missing.map { "\($0)" }.joined(separator: ", "))", strategy)
    }
}
