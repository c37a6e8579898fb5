import CStratagem
import SearchCore

/// Reads what `next` returned. Notes what breaks the contract, under the name of
/// the check that owns it, and reads on as far as that is possible.
struct AskReading {
    private(set) var violations: [Violation] = []
    let world: World
    let strategy: StrategyView
    let told: Set<UInt64>
    /// Strategies of the plugin's, which RUN may name: of any other the kit knows nothing.
    nonisolated(unsafe) static var siblings: [StrategyView] = []

    private mutating func note(_ check: String, _ expected: String, _ happened: String) {
        violations.append(Violation(check: check, expected: expected, happened: happened))
    }

    mutating func read(_ next: stg_next) -> Turn {
        switch next.kind {
        case STG_NEXT_ASKS: return readAsks(next)
        case STG_NEXT_DONE: return readAnswers(next)
        default:
            note("next-kind", "next sets kind to STG_NEXT_ASKS (1) or STG_NEXT_DONE (2)", "kind is \(next.kind)")
            return .unreadable
        }
    }

    // MARK: Asks

    private mutating func readAsks(_ next: stg_next) -> Turn {
        guard next.ask_count != 0 else { return .asks([]) }
        guard let first = next.asks, (0...Int(STG_MAX_ASKS)).contains(next.ask_count) else {
            note(
                "ask-pointers", "a batch of at most STG_MAX_ASKS asks, and where they are",
                "ask_count is \(UInt(bitPattern: next.ask_count)), asks is \(next.asks == nil ? "NULL" : "set")")
            return .unreadable
        }
        let size = MemoryLayout<stg_ask>.size
        var stride = Int(first.pointee.struct_size)
        if stride < size || stride > 4096 || stride % 8 != 0 {
            note("ask-size", "stg_ask.struct_size is sizeof(stg_ask), \(size) or more", "it is \(stride)")
            stride = size
        }
        var asks: [AskRecord] = []
        var tags: Set<UInt64> = []
        for index in 0..<next.ask_count {
            let raw = UnsafeRawPointer(first).load(fromByteOffset: index * stride, as: stg_ask.self)
            if Int(raw.struct_size) != stride, Int(first.pointee.struct_size) == stride {
                note(
                    "ask-size", "all asks of a batch have the same struct_size",
                    "ask \(index) has \(raw.struct_size), the first \(stride)")
            }
            guard let ask = copy(raw, index) else { continue }
            check(ask, raw, index)
            if !tags.insert(ask.tag).inserted {
                note("ask-tags-distinct", "the tags of one batch are distinct", "two asks have tag \(ask.tag)")
            }
            asks.append(ask)
        }
        return .asks(asks)
    }

    private mutating func copy(_ raw: stg_ask, _ index: Int) -> AskRecord? {
        var problem: String?
        func text(_ raw: stg_str, _ what: String) -> [UInt8] {
            guard let copied = bytes(raw) else {
                problem = "\(what) has \(raw.size) bytes at \(raw.data == nil ? "NULL" : "a pointer")"
                return []
            }
            return copied
        }
        var nodes: [UInt64] = []
        if raw.node_count > 0, raw.node_count <= Int(STG_MAX_ASKS), let list = raw.nodes {
            nodes = Array(UnsafeBufferPointer(start: list, count: raw.node_count))
        } else if raw.node_count != 0 {
            problem = "it has \(UInt(bitPattern: raw.node_count)) nodes at \(raw.nodes == nil ? "NULL" : "a pointer")"
        }
        var params: [String] = []
        if raw.kind == STG_ASK_RUN, raw.param_count > 0, raw.param_count <= 1024, let list = raw.params {
            params = (0..<raw.param_count).map {
                "\(String(decoding: text(list[$0].name, "a parameter's name"), as: UTF8.self)) \(list[$0].value.i) \(list[$0].value.f)"
            }
        } else if raw.param_count != 0, raw.kind == STG_ASK_RUN {
            problem =
                "it has \(UInt(bitPattern: raw.param_count)) parameters at \(raw.params == nil ? "NULL" : "a pointer")"
        }
        let copied = AskRecord(
            kind: raw.kind, tag: raw.tag, role: text(raw.role, "role"), node: raw.node, count: raw.count,
            steps: raw.steps,
            maxTokens: raw.max_tokens, problem: raw.problem, temperature: raw.temperature.bitPattern,
            topP: raw.top_p.bitPattern,
            minP: raw.min_p.bitPattern, nodes: nodes, text: text(raw.text, "text"), params: params,
            share: raw.share.bitPattern,
            maxGenerations: raw.max_generations, maxTokensTotal: raw.max_tokens_total)
        if let problem {
            note("ask-pointers", "every pointer of an ask holds what its count says", "ask \(index): \(problem)")
        }
        return problem == nil ? copied : nil
    }

    private mutating func check(_ ask: AskRecord, _ raw: stg_ask, _ index: Int) {
        checkUnused(ask, index)
        switch ask.kind {
        case STG_ASK_SAMPLE: checkSample(ask, raw, index)
        case STG_ASK_SCORE:
            checkRole(ask, or: "prm", index)
            for node in ask.nodes {
                checkKnown(node, index)
                if let place = world.node(node), world.tree[place].kind == .root {
                    note(
                        "score-has-step", "SCORE names nodes that hold a step",
                        "ask \(index) scores node \(node), which is a root")
                }
            }
        case STG_ASK_APPEND:
            checkContinues(ask, index)
            checkRole(ask, or: "policy", index)
            if ask.text.isEmpty { note("append-has-text", "APPEND has a text", "ask \(index) appends nothing") }
        case STG_ASK_REVISE:
            checkRole(ask, or: "policy", index)
            checkProblem(ask, index)
            for node in ask.nodes {
                checkKnown(node, index)
                guard let own = world.node(node).map({ world.tree[$0].problem }), own != Int(ask.problem) else {
                    continue
                }
                note(
                    "ask-problem", "the earlier attempts of REVISE are attempts at its problem",
                    "ask \(index) is for problem \(ask.problem), and node \(node) is of problem \(own)"
                )
            }
        case STG_ASK_RUN:
            checkProblem(ask, index)
            checkRun(ask, raw, index)
        default: note("ask-kind", "the kind of an ask is 1 (SAMPLE) to 5 (RUN)", "ask \(index) is of kind \(ask.kind)")
        }
    }

    private mutating func checkSample(_ ask: AskRecord, _ raw: stg_ask, _ index: Int) {
        checkContinues(ask, index)
        checkRole(ask, or: "policy", index)
        if !(1...STG_MAX_COUNT).contains(ask.count) {
            note("sample-count", "count is 1 to STG_MAX_COUNT", "ask \(index) has count \(ask.count)")
        }
        if ask.steps > STG_MAX_STEPS {
            note("sample-steps", "steps is 0 to STG_MAX_STEPS", "ask \(index) has \(ask.steps) steps")
        }
        if !(raw.temperature.isFinite && raw.temperature >= 0) {
            note(
                "sample-temperature", "temperature is finite and at least 0",
                "ask \(index) has temperature \(raw.temperature)")
        }
        if !((0...1).contains(raw.top_p) && (0...1).contains(raw.min_p)) {
            note(
                "sample-filters", "top_p and min_p lie in [0, 1]",
                "ask \(index) has top_p \(raw.top_p) and min_p \(raw.min_p)")
        }
    }

    private mutating func checkKnown(_ node: UInt64, _ index: Int) {
        if world.node(node) == nil || !told.contains(node) {
            note(
                "ask-nodes-issued", "asks name nodes that were issued to the instance",
                "ask \(index) names node \(node), which never was")
        }
    }

    private mutating func checkContinues(_ ask: AskRecord, _ index: Int) {
        checkKnown(ask.node, index)
        if let place = world.node(ask.node), world.tree[place].ending == .finished {
            note(
                "ask-node-open", "SAMPLE and APPEND continue nodes that are not finished",
                "ask \(index) continues node \(ask.node), which is finished")
        }
    }

    private mutating func checkRole(_ ask: AskRecord, or fallback: String, _ index: Int) {
        let role = ask.role.isEmpty ? fallback : String(decoding: ask.role, as: UTF8.self)
        if !world.hasRole(role) {
            note(
                "ask-role", "asks name roles that has_role says the bundle has",
                "ask \(index) wants role \(quoted(Array(role.utf8)))")
        }
    }

    private mutating func checkProblem(_ ask: AskRecord, _ index: Int) {
        let count = world.scenario.problems.count
        if Int(ask.problem) >= count {
            note(
                "ask-problem", "REVISE and RUN name a problem of the instance's",
                "ask \(index) names problem \(ask.problem) of \(count)")
        }
    }

    private mutating func checkRun(_ ask: AskRecord, _ raw: stg_ask, _ index: Int) {
        if !(raw.share > 0 && raw.share <= 1) {
            note("run-share", "share lies in (0, 1]", "ask \(index) runs on a share of \(raw.share)")
        }
        let wanted = String(decoding: ask.text, as: UTF8.self)
        if wanted == strategy.name || wanted == text(strategy.raw.pointee.id) {
            note(
                "run-not-itself", "a strategy does not run itself", "ask \(index) runs \(quoted(ask.text)), which it is"
            )
        }
        guard let other = Self.siblings.first(where: { $0.name == wanted || text($0.raw.pointee.id) == wanted }),
            let given = raw.params, (1...1024).contains(raw.param_count)
        else { return }
        for place in 0..<raw.param_count {
            guard let wrong = other.wrong(given[place]) else { continue }
            note("run-params", "RUN's parameters are values that the strategy takes", "ask \(index): \(wrong)")
        }
    }

    private mutating func checkUnused(_ ask: AskRecord, _ index: Int) {
        var used: [Int32: Bool] = [:]
        func unused(_ name: String, _ isSet: Bool, _ kinds: Int32...) -> String? {
            used[ask.kind] = true
            return isSet && !kinds.contains(ask.kind) ? name : nil
        }
        let set = [
            unused("node", ask.node != 0, 1, 3), unused("count", ask.count != 0, 1), unused("steps", ask.steps != 0, 1),
            unused("max_tokens", ask.maxTokens != 0, 1), unused("problem", ask.problem != 0, 4, 5),
            unused("temperature", ask.temperature != 0, 1), unused("top_p", ask.topP != 0, 1),
            unused("min_p", ask.minP != 0, 1),
            unused("nodes", !ask.nodes.isEmpty, 2, 4), unused("text", !ask.text.isEmpty, 3, 5),
            unused("share", ask.share != 0, 5),
            unused("role", !ask.role.isEmpty, 1, 2, 3, 4), unused("max_generations", ask.maxGenerations != 0, 5),
            unused("max_tokens_total", ask.maxTokensTotal != 0, 5),
        ].compactMap { $0 }
        if !set.isEmpty, (1...5).contains(ask.kind) {
            note(
                "ask-unused-zero", "fields that an ask's kind does not use are zero",
                "ask \(index), of kind \(ask.kind), sets \(set.joined(separator: ", "))")
        }
    }

    // MARK: Answers

    private mutating func readAnswers(_ next: stg_next) -> Turn {
        guard next.answer_count != 0 else { return .done([]) }
        guard let list = next.answers, (0...Int(STG_MAX_ASKS)).contains(next.answer_count) else {
            note(
                "answer-pointers", "DONE has a count of answers, and where they are",
                "answer_count is \(UInt(bitPattern: next.answer_count)), answers is \(next.answers == nil ? "NULL" : "set")"
            )
            return .unreadable
        }
        var seen: Set<UInt64> = []
        let answers = (0..<next.answer_count).map {
            AnswerRecord(node: list[$0].node, weightBits: list[$0].weight.bitPattern)
        }
        for answer in answers {
            checkAnswer(answer)
            if !seen.insert(answer.node).inserted {
                note(
                    "answers-distinct", "each node stands once in the ranking", "node \(answer.node) stands there twice"
                )
            }
        }
        return .done(answers)
    }

    private mutating func checkAnswer(_ answer: AnswerRecord) {
        if !(answer.weight.isFinite && answer.weight >= 0) {
            note(
                "answer-weights", "weights are finite and at least 0", "node \(answer.node) has weight \(answer.weight)"
            )
        }
        guard let place = world.node(answer.node), told.contains(answer.node) else {
            return note(
                "answers-issued", "answers are nodes that were issued to the instance", "node \(answer.node) never was")
        }
        switch world.tree[place].ending {
        case .finished: break
        case .truncated:
            note("answers-not-truncated", "a truncated node is not an answer", "node \(answer.node) is truncated")
        case .open: note("answers-finished", "answers are finished nodes", "node \(answer.node) is not finished")
        }
    }
}
