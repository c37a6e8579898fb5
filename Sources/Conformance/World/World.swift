import LanguageModels
import ScriptedModel
import SearchCore

/// The host's side of a search, small and exact: a tree grown by the scripted
/// model, scores by the scripted verifier, and a budget kept to the token.
///
/// Asks that break the contract are noted as violations and carried out as far as
/// they make sense, so that one defect does not hide or feign another.
final class World {
    let scenario: Scenario
    private(set) var tree = SearchTree()
    private(set) var spent = Cost()
    private(set) var violations: [Violation] = []
    private let model: ScriptedModel
    private let verifier: ScriptedVerifier
    private var prefixes: [SearchNode.ID: PrefixHandle] = [:]
    private var verifierPrefixes: [SearchNode.ID: PrefixHandle] = [:]
    private var keys: [UInt64] = []
    private var drawn: [UInt64] = []
    /// What was sampled at each depth.
    private(set) var generations = GenerationCount()
    private var outside: [UInt64: SearchNode.ID] = [:]
    private var outsideIDs: [UInt64] = []
    private var touched: [SearchNode.ID] = []

    init(_ scenario: Scenario) {
        self.scenario = scenario
        var behavior = ScriptedBehavior()
        behavior.contextTokens = 64 << 20
        let script = WorldScript.of(scenario)
        do {
            model = try ScriptedModel(script, behavior: behavior)
            verifier = try ScriptedVerifier(script)
        } catch { fatalError("the kit's script is wrong: \(error)") }
        for index in scenario.problems.indices { _ = addRoot(problem: index, attempts: []) }
    }

    // MARK: Ids

    /// The id that the plugin knows a node by.
    func outsideID(_ node: SearchNode.ID) -> UInt64 { outsideIDs[node - 1] }
    func node(_ id: UInt64) -> SearchNode.ID? { outside[id] }
    var roots: [UInt64] { scenario.problems.indices.map { outsideID($0 + 1) } }

    private func issue(_ node: SearchNode.ID) {
        var id = UInt64(node)
        if scenario.opaqueIDs {
            id = Self.opaqueID(node, seed: scenario.seed)
            while outside[id] != nil { id += 2 }
        }
        outside[id] = node
        outsideIDs.append(id)
    }

    /// Below 2^53: a trace's reader may keep numbers as doubles.
    static func opaqueID(_ node: SearchNode.ID, seed: UInt64) -> UInt64 {
        StableHash(seed).combining(UInt64(node)).value >> 11 | 1
    }

    private func addRoot(problem: Int, attempts: [SearchNode.ID]) -> SearchNode.ID {
        var key = StableHash(scenario.seed)
        key.combine(UInt64(problem))
        for attempt in attempts { key.combine(keys[attempt - 1]) }
        let node = SearchNode(kind: .root, parent: 0, problem: problem, depth: 0, text: [], stepEnds: [], tokens: 3)
        let id = add(node, key: key.value)
        prefixes[id] = try? model.makePrefix(parent: nil, text: [PromptPart(text: Array("q".utf8))]).0
        verifierPrefixes[id] = try? verifier.makeRoot(problem: Array("q".utf8), attempts: []).0
        return id
    }

    private func add(_ node: SearchNode, key: UInt64) -> SearchNode.ID {
        let id = tree.append(node)
        keys.append(key)
        drawn.append(0)
        issue(id)
        touched.append(id)
        return id
    }

    /// Nodes that are new or newly scored since it was last asked.
    func takeTouched() -> [TraceNode] {
        defer { touched = [] }
        return Set(touched).sorted().map { id in
            let node = tree[id]
            var traced = TraceNode(id: Int(outsideID(id)), node: node)
            traced.parent = node.parent == 0 ? 0 : Int(outsideID(node.parent))
            return traced
        }
    }

    func setSeconds(round: Int) { spent.seconds = Double(round) * scenario.secondsARound }

    func stepScores(through node: SearchNode.ID) -> [Double] {
        tree.path(to: node).flatMap { id -> [Double] in
            tree[id].stepScores.isEmpty ? Array(repeating: .nan, count: tree[id].stepEnds.count) : tree[id].stepScores
        }
    }

    func note(_ check: String, _ expected: String, _ happened: String) {
        violations.append(Violation(check: check, expected: expected, happened: happened))
    }

    // MARK: Work

    /// Carries a batch out, in order of tag.
    func perform(_ asks: [AskRecord], round: Int) -> [ToldRecord] {
        var left = scenario.batchMax
        let order = asks.indices.sorted { (asks[$0].tag, $0) < (asks[$1].tag, $1) }
        return order.map { place in
            let ask = asks[place]
            let fault = scenario.faults.first { fault in
                (fault.round ?? round) == round && (fault.ask.map { $0 % asks.count } ?? place) == place
            }?.kind
            switch ask.kind {
            case 1: return sample(ask, fault, &left)
            case 2: return score(ask, fault)
            case 3: return append(ask, fault)
            case 4: return revise(ask, fault)
            case 5: return runNested(ask, fault, &left)
            default: return ToldRecord(tag: ask.tag, outcome: 0, nodes: [])
            }
        }
    }

    private func sample(_ ask: AskRecord, _ fault: Scenario.Fault.Kind?, _ left: inout Int) -> ToldRecord {
        var told = ToldRecord(tag: ask.tag, outcome: 0, nodes: [])
        guard fault != .modelFails else { told.outcome = 2; return told }
        guard fault != .nothing else { return told }
        guard let parent = node(ask.node) else { told.outcome = 2; return told }
        // Read once: a node is copied each time.
        let from = tree[parent]
        guard from.ending != .finished else { told.outcome = 2; return told }
        let count = Int(min(ask.count, 1 << 20))
        let wanted = fault == .modelFailsHalfway || fault == .budgetEndsHalfway ? count / 2 : count
        for _ in 0..<wanted {
            guard left > 0, let (child, ending) = draw(ask, from: parent, from, cut: fault == .truncated) else {
                told.outcome = 4; break
            }
            left -= 1
            told.nodes.append(outsideID(child))
            if ending == .truncated, told.outcome == 0 { told.outcome = 1 }
        }
        switch fault {
        case .modelFailsHalfway: told.outcome = 2
        case .budgetEndsHalfway: told.outcome = 4
        case .unknownOutcome: told.outcome = 99
        default: break
        }
        return told
    }

    /// What the limit of generations still allows; nil: there is none.
    func generationsLeft(from depth: Int, steps: Int) -> Int? {
        if scenario.showsZeroBudget { return 0 }
        return scenario.limits.generations.map { max(0, $0 - generations.occupancy(from: depth, steps: steps)) }
    }

    private typealias Drawn = (SearchNode.ID, SearchNode.Ending)

    /// One sample, if the budget has room for one.
    private func draw(_ ask: AskRecord, from parent: SearchNode.ID, _ node: SearchNode, cut: Bool) -> Drawn? {
        let depth = node.depth
        let steps = Int(min(ask.steps, 256))
        guard generationsLeft(from: depth, steps: steps) ?? 1 > 0 else { return nil }
        let room = scenario.limits.tokens.map { $0 - spent.tokens } ?? .max
        guard room > 0, let prefix = prefixes[parent] else { return nil }
        generations.add(1, from: depth, steps: steps)
        spent.generations = generations.peak
        let limit = min(cut ? 1 : .max, room, ask.maxTokens == 0 ? .max : Int(ask.maxTokens))
        let seed = StableHash(keys[parent - 1]).combining(drawn[parent - 1])
        drawn[parent - 1] += 1
        let temperature = Double(bitPattern: ask.temperature)
        model.submit(
            SampleJob(
                id: 1, prefix: prefix, until: steps == 0 ? .end : .steps(steps), maxTokens: limit,
                temperature: temperature.isFinite && temperature >= 0 ? temperature : 1, seed: seed.value,
                wantsDistributions: scenario.offersExtensions))
        var completions: [SampleCompletion] = []
        while model.hasWork { model.advance(into: &completions) }
        guard let done = completions.first else { return nil }
        spent.tokens += done.tokens
        return keep(done, below: parent, node, key: seed.combining(1).value)
    }

    private func keep(_ done: SampleCompletion, below parent: SearchNode.ID, _ node: SearchNode, key: UInt64) -> Drawn {
        var ends = done.stepEnds
        if (ends.last ?? 0) < done.text.count { ends.append(done.text.count) }
        let ending: SearchNode.Ending =
            done.ending == .finished ? .finished : done.ending == .truncated ? .truncated : .open
        let id = add(
            SearchNode(
                kind: .sampled, parent: parent, problem: node.problem, depth: node.depth + ends.count,
                text: done.text, stepEnds: ends, tokens: done.tokens,
                logProbability: scenario.hidesProbabilities ? .nan : done.logProbability, ending: ending,
                answer: ending == .finished && !scenario.unanswered
                    ? answer(in: done.text, problem: node.problem) : nil,
                confidence: reportsFigures && !hidesNext ? TokenConfidence(done.tokenLogProbabilities) : nil,
                figures: reportsFigures && !hidesNext
                    ? TokenFigures(
                        logProbabilities: done.tokenLogProbabilities, distributions: done.tokenDistributions,
                        tokens: done.tokens) : nil), key: key)
        prefixes[id] = done.prefix
        return (id, ending)
    }

    private var hidesNext: Bool { scenario.host.hidesSomeFigures && !tree.count.isMultiple(of: 2) }
    private var reportsFigures: Bool { scenario.offersExtensions && !scenario.hidesProbabilities }

    private func answer(in text: [UInt8], problem: Int) -> String? {
        let whole = String(decoding: text, as: UTF8.self)
        guard let mark = whole.firstRange(of: "#### ") else { return nil }
        return (scenario.answersApart ? "\(problem + 1)" : "") + whole[mark.upperBound...]
    }

    private func append(_ ask: AskRecord, _ fault: Scenario.Fault.Kind?) -> ToldRecord {
        guard fault != .modelFails, let parent = node(ask.node), let before = prefixes[parent],
            let made = try? model.makePrefix(parent: before, text: [PromptPart(text: ask.text)])
        else { return ToldRecord(tag: ask.tag, outcome: 2, nodes: []) }
        spent.promptTokens += made.tokens
        var key = StableHash(keys[parent - 1])
        key.combine(ask.text)
        let id = add(
            SearchNode(
                kind: .appended, parent: parent, problem: tree[parent].problem, depth: tree[parent].depth + 1,
                text: ask.text, stepEnds: [ask.text.count], tokens: made.tokens), key: key.value)
        prefixes[id] = made.0
        return ToldRecord(tag: ask.tag, outcome: fault == .unknownOutcome ? 99 : 0, nodes: [outsideID(id)])
    }

    private func revise(_ ask: AskRecord, _ fault: Scenario.Fault.Kind?) -> ToldRecord {
        guard fault != .modelFails, Int(ask.problem) < scenario.problems.count else {
            return ToldRecord(tag: ask.tag, outcome: 2, nodes: [])
        }
        let attempts = ask.nodes.compactMap { node($0) }
        if attempts.contains(where: { tree[$0].kind == .root }) {
            note("revise-no-roots", "the earlier attempts of REVISE are nodes below a root", "an attempt is a root")
        }
        let root = addRoot(problem: Int(ask.problem), attempts: attempts)
        return ToldRecord(tag: ask.tag, outcome: fault == .unknownOutcome ? 99 : 0, nodes: [outsideID(root)])
    }

    /// Another strategy, whichever it is: its answers are whole samples of the problem.
    private func runNested(_ ask: AskRecord, _ fault: Scenario.Fault.Kind?, _ left: inout Int) -> ToldRecord {
        guard fault != .modelFails, Int(ask.problem) < scenario.problems.count else {
            return ToldRecord(tag: ask.tag, outcome: 6, nodes: [])
        }
        var whole = ask
        whole.kind = 1
        whole.node = roots[Int(ask.problem)]
        whole.steps = 0
        whole.maxTokens = 0
        whole.temperature = (1.0).bitPattern
        let share = Double(bitPattern: ask.share)
        let most =
            scenario.limits.generations.map { Double($0 - spent.generations) * (share > 0 && share <= 1 ? share : 1) }
            ?? 4
        whole.count = UInt32(max(1, min(most, ask.maxGenerations == 0 ? 64 : Double(min(ask.maxGenerations, 64)))))
        var told = sample(whole, fault, &left)
        told.nodes = told.nodes.filter { node($0).map { tree[$0].ending == .finished } ?? false }
        return told
    }

    // MARK: Scores

    private func score(_ ask: AskRecord, _ fault: Scenario.Fault.Kind?) -> ToldRecord {
        var told = ToldRecord(tag: ask.tag, outcome: 0, nodes: ask.nodes)
        let known = ask.nodes.compactMap { node($0) }.filter { tree[$0].kind != .root }
        switch fault {
        case .verifierFails: told.outcome = 3
        case .budgetEndsHalfway, .nothing: told.outcome = 4
        case .verifierFailsHalfway:
            for id in known.prefix(known.count / 2) { read(id) }
            told.outcome = 3
        default:
            for id in known { read(id) }
            if fault == .unknownOutcome { told.outcome = 99 }
        }
        return told
    }

    /// Scores the node and, as a process verifier does, all that it stands on.
    private func read(_ id: SearchNode.ID) {
        for step in tree.path(to: id) where tree[step].kind != .root && tree[step].stepScores.isEmpty {
            guard let before = verifierPrefixes[tree[step].parent] else { return }
            var start = 0
            let texts = tree[step].stepEnds.map { end in
                defer { start = end }
                return Array(tree[step].text[start..<end])
            }
            guard !texts.isEmpty else { return }
            verifier.submit(ScoreJob(id: 1, prefix: before, steps: texts, isFinished: tree[step].ending == .finished))
            var completions: [ScoreCompletion] = []
            while verifier.hasWork { verifier.advance(into: &completions) }
            guard let done = completions.first, done.failure == nil else { return }
            spent.verifierTokens += done.tokens
            verifierPrefixes[step] = done.prefix
            tree[step].stepScores = done.values.map { value in
                let shown = scenario.flatScores ?? (scenario.roundsScores ? value.rounded() : value)
                return scenario.invertsScores ? 1 - shown : shown
            }
            tree[step].score = tree[step].stepScores.last
            touched.append(step)
        }
    }
}
