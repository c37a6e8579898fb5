import SearchCore
import StrategyHost

/// What the user gets in the end, and what traces and observers see before.
extension Run {
    /// One result per problem.
    func results(_ ending: Ending, keepTree: Bool) -> [RunResult] {
        var ranked: [RankedAnswer] = []
        var error: StratagemError?
        switch ending {
        case .answers(let answers): ranked = answers
        case .failed(let why):
            error = why
            ranked = finishedNodes()
        }
        let spent = costs(answers: ranked)
        let texts = textCounts()
        return problems.indices.map { index in
            var result = RunResult(
                problem: problems[index], strategy: strategyName, params: params, limits: ledger.limits, seed: seed)
            let own = ranked.filter { tree[Int($0.node)].problem == index }
            result.candidates = own.map { candidate($0) }
            if error == nil {
                result.votes = votes(own)
                result.answer = own.first.flatMap { tree[Int($0.node)].answer }
            }
            result.cost = spent[index]
            result.texts = texts[index]
            result.error = error
            result.wasCancelled = wasStopped && stop == .cancelled
            result.caveats = caveats
            result.notes = notes
            if keepTree { result.tree = tree }
            if keepTrace, index == 0 { result.trace = trace }
            return result
        }
    }

    /// By problem. A text that a limit cut and that the strategy continued does not count as ended.
    private func textCounts() -> [TextCount] {
        var counts = problems.indices.map { TextCount(unscored: unscored[$0] ?? 0) }
        var isContinued = [Bool](repeating: false, count: tree.count + 1)
        for node in tree.nodes { isContinued[node.parent] = true }
        for (index, node) in tree.nodes.enumerated() where node.kind == .sampled && node.ending != .open {
            guard node.ending == .finished || !isContinued[index + 1] else { continue }
            counts[node.problem].ended += 1
            counts[node.problem].truncated += node.ending == .truncated ? 1 : 0
        }
        return counts
    }

    /// The caveats of the roles that the run used, in order.
    private var caveats: [String] {
        let roles = Set(handles.pairs.map { $0.role } + verifierStates.pairs.map { $0.role }).sorted()
        return roles.flatMap { role in (lane.capabilities[role]?.caveats ?? []).map { "\(role): \($0)" } }
    }

    /// The finished nodes that a failed run keeps.
    private func finishedNodes() -> [RankedAnswer] {
        (1...max(1, tree.count)).filter { $0 <= tree.count && tree[$0].ending == .finished }
            .sorted { (tree[$0].score ?? -1, $1) > (tree[$1].score ?? -1, $0) }
            .map { RankedAnswer(node: UInt64($0), weight: 0) }
    }

    private func candidate(_ ranked: RankedAnswer) -> Candidate {
        let id = Int(ranked.node)
        var candidate = Candidate(
            answer: tree[id].answer, score: tree[id].score,
            text: String(decoding: tree.text(through: id), as: UTF8.self), node: id)
        let path = tree.path(to: id)
        candidate.tokens = path.dropFirst().reduce(0) { $0 + tree[$1].tokens }
        candidate.stepScores = stepValues(through: id)
        if candidate.stepScores.allSatisfy(\.isNaN) { candidate.stepScores = [] }
        candidate.previous = path.first.flatMap { rootContents[$0]?.previous }
        candidate.revision = revision(of: candidate.previous)
        return candidate
    }

    /// The place in its chain of an attempt that revises `previous`.
    private func revision(of previous: SearchNode.ID?) -> Int {
        var count = 0
        var current = previous
        while let attempt = current {
            count += 1
            // An attempt is older than the root that shows it, so this loop ends.
            current = tree.path(to: attempt).first.flatMap { rootContents[$0]?.previous }
        }
        return count
    }

    private func votes(_ ranked: [RankedAnswer]) -> [Vote] {
        var places: [String: Int] = [:]
        var votes: [Vote] = []
        for answer in ranked {
            guard let text = tree[Int(answer.node)].answer else { continue }
            let place = places[text] ?? votes.count
            if place == votes.count {
                places[text] = place
                votes.append(Vote(answer: text, weight: 0, count: 0))
            }
            votes[place].weight += answer.weight
            votes[place].count += 1
        }
        // Stable: answers with equal weights stay in the strategy's order.
        return votes.enumerated().sorted { ($0.element.weight, $1.offset) > ($1.element.weight, $0.offset) }.map(
            \.element)
    }

    /// The run's cost by problem. Costs that cannot be attributed (verifier, FLOPs, seconds of a batch instance) are
    /// divided in proportion to the problems' tokens.
    private func costs(answers: [RankedAnswer]) -> [Cost] {
        var used = [Bool](repeating: false, count: tree.count)
        for answer in answers {
            for id in tree.path(to: Int(answer.node)) { used[id - 1] = true }
        }
        var tokens = [Int](repeating: 0, count: problems.count)
        var kept = tokens
        for (index, node) in tree.nodes.enumerated() where node.kind == .sampled {
            tokens[node.problem] += node.tokens
            if used[index] { kept[node.problem] += node.tokens }
        }
        guard problems.count > 1 else {
            var cost = ledger.spent
            cost.wastedTokens = cost.tokens - kept[0]
            return [cost]
        }
        let total = max(1, tokens.reduce(0, +))
        // Shares of a total in tokens, rounded so that they add up to the total.
        func split(_ whole: Int) -> [Int] {
            var (before, given) = (0, 0)
            return tokens.map { own in
                before += own
                let part = Int((Double(whole) * Double(before) / Double(total)).rounded()) - given
                given += part
                return part
            }
        }
        let (prompts, verified) = (split(ledger.spent.promptTokens), split(ledger.spent.verifierTokens))
        let calls = split(ledger.spent.programCalls)
        return problems.indices.map { index in
            var generations = GenerationCount()
            for node in tree.nodes where node.problem == index && node.kind == .sampled && node.parent != 0 {
                generations.add(1, from: tree[node.parent].depth, steps: max(1, node.stepEnds.count))
            }
            var cost = Cost(
                generations: generations.peak, tokens: tokens[index], promptTokens: prompts[index],
                verifierTokens: verified[index],
                flops: ledger.spent.flops * Double(tokens[index]) / Double(total), seconds: ledger.spent.seconds,
                wastedTokens: tokens[index] - kept[index])
            cost.programCalls = calls[index]
            cost.programSeconds = ledger.spent.programSeconds * Double(tokens[index]) / Double(total)
            return cost
        }
    }

    // MARK: Traces and observers

    func recordTell(_ tell: Tell) {
        guard isWatched else { return }
        let ids = Set(touched).sorted()
        touched.removeAll(keepingCapacity: true)
        if let observer {
            observer(.nodes(Dictionary(uniqueKeysWithValues: ids.map { ($0, tree[$0]) })))
            observer(.round(rounds, ledger.spent))
        }
        guard keepTrace else { return }
        traceRounds.append(
            TraceRound(
                event: tell.event.rawValue,
                told: tell.told.map {
                    TraceRound.Told(tag: $0.tag, outcome: $0.outcome.rawValue, nodes: $0.nodes.map { Int($0) })
                },
                nodes: ids.map { TraceNode(id: $0, node: tree[$0]) }, cost: ledger.spent,
                generations: ledger.limits.generations == nil ? nil : ledger.generations))
    }

    func recordNext(_ next: NextStep) {
        guard keepTrace, !traceRounds.isEmpty else { return }
        switch next {
        case .asks(let asks): traceRounds[traceRounds.count - 1].asks = asks.map { TraceAsk($0) }
        case .done(let answers):
            traceRounds[traceRounds.count - 1].answers = answers.map { TraceAnswer(node: $0.node, weight: $0.weight) }
        }
    }

    private var trace: Trace {
        Trace(
            header: TraceHeader(
                strategy: strategyName, strategyID: strategyID, pluginHash: pluginHash, bundle: lane.bundleName,
                problems: problems.map(\.text), params: params, limits: ledger.limits, seed: seed),
            rounds: traceRounds)
    }
}

extension TraceAsk {
    init(_ ask: Ask) {
        self.init(
            kind: 0, tag: ask.tag, role: "", node: 0, count: 0, steps: 0, maxTokens: 0, problem: 0, temperature: 0,
            topP: 0,
            minP: 0, nodes: [], text: "", share: 0)
        switch ask.body {
        case .sample(let sample):
            kind = 1
            role = sample.role
            node = sample.node
            count = UInt32(sample.count)
            steps = UInt32(sample.steps)
            maxTokens = UInt32(sample.maxTokens)
            temperature = sample.temperature
            topP = sample.topP
            minP = sample.minP
        case .score(let role, let nodes): (kind, self.role, self.nodes) = (2, role, nodes)
        case .append(let role, let node, let text):
            (kind, self.role, self.node, self.text) = (3, role, node, String(decoding: text, as: UTF8.self))
        case .revise(let role, let problem, let attempts):
            (kind, self.role, self.problem, nodes) = (4, role, UInt32(problem), attempts)
        case .run(let run): (kind, text, problem, share) = (5, run.strategy, UInt32(run.problem), run.share)
        }
    }
}
