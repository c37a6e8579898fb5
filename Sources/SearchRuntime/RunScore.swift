import LanguageModels
import SearchCore
import StrategyHost

/// What a run knows about one verifier role.
struct VerifierState {
    enum Status { case unread, underWay, scored, failed }

    struct Entry {
        var status = Status.unread
        var handle: PrefixHandle?
        /// For a root: the cost of reading it.
        var prompt: PromptCost?
        /// Reserved for reading it, until its job begins.
        var reservedFlops: Double?
        /// The values of the node's own steps.
        var values: [Double] = []
        var waiters: [Waiter] = []
    }

    /// Who waits for a node to be read.
    enum Waiter {
        /// An ask, and the node of that ask whose text is being read.
        case ask(Int, SearchNode.ID)
        /// A node below it that must be scored.
        case child(SearchNode.ID)
    }

    /// Node n is at index n - 1. Of nodes that are one prefix (`EqualTexts`) only the first has a filled entry.
    var entries: [Entry] = []

    subscript(node: SearchNode.ID) -> Entry {
        get { node <= entries.count ? entries[node - 1] : Entry() }
        _modify {
            while entries.count < node { entries.append(Entry()) }
            yield &entries[node - 1]
        }
    }
}

/// The cost of scoring a node.
private struct ScoringPlan {
    /// The cost of the root, if it has not been paid for.
    var prompt: PromptCost?
    var reads: [(node: SearchNode.ID, flops: Double)] = []
    /// The cost of everything.
    var flops = 0.0
}

/// SCORE: every node is read once, below the node above it, so that scoring a child costs only that child's tokens.
/// Equal texts below one node are one prefix, and are read once.
extension Run {
    /// - Returns: false if a node must wait for work in progress.
    func startScores(role: String, nodes: [UInt64], at index: Int) -> Bool {
        while asks[index].startedScores < nodes.count {
            let node = Int(nodes[asks[index].startedScores])
            let first = firstEqual(node)
            switch verifierStates[role, default: VerifierState()][first].status {
            case .scored: publish(node, role: role)
            case .failed: asks[index].outcome = .verifierFailed
            case .underWay: wait(.ask(index, node), for: first, role: role)
            case .unread where judgesOutcomes(role) && tree[node].ending != .finished:
                verifierStates[role, default: VerifierState()][first].status = .underWay
                settleRead(first, role: role, failed: "it judges whole answers, and this node is not finished")
                asks[index].outcome = .verifierFailed
            case .unread:
                let plan = planScoring(first, role: role)
                switch ledger.admit(flops: plan.flops) {
                case .wait: return false
                case .exhausted:
                    asks[index].outcome = .budgetExhausted
                    asks[index].startedScores = nodes.count
                    return true
                case .granted:
                    carryOut(plan, role: role)
                    wait(.ask(index, node), for: first, role: role)
                    read(first, role: role)
                }
            }
            asks[index].startedScores += 1
        }
        return true
    }

    private func wait(_ waiter: VerifierState.Waiter, for node: SearchNode.ID, role: String) {
        verifierStates[role, default: VerifierState()][node].waiters.append(waiter)
        if case .ask = waiter { outstanding += 1 }
    }

    // MARK: Reading

    /// Starts to read a node (the first of its equals), or first the nearest node above it that ends a step.
    private func read(_ node: SearchNode.ID, role: String) {
        guard let verifier = lane.verifier(role) else { return }
        verifierStates[role, default: VerifierState()][node].status = .underWay
        let base = baseForScoring(node, role: role)
        do {
            let handle: PrefixHandle
            if tree[base].kind == .root {
                handle = try verifierRoot(base, role: role, verifier)
            } else {
                let above = firstEqual(base)
                switch verifierStates[role, default: VerifierState()][above].status {
                case .failed: return settleRead(node, role: role, failed: "the step above it could not be scored")
                case .unread:
                    wait(.child(node), for: above, role: role)
                    return read(above, role: role)
                case .underWay: return wait(.child(node), for: above, role: role)
                case .scored: break
                }
                guard let known = verifierStates[role]?[above].handle else {
                    return settleRead(node, role: role, failed: "its prefix was released")
                }
                handle = known
            }
            let steps = stepsToScore(node, below: base)
            if steps.isEmpty {
                // It ended without any text, so it has the value of the text before it.
                return settleRead(node, role: role, failed: nil)
            }
            let reserved = verifierStates[role]?[node].reservedFlops
            verifierStates[role]?[node].reservedFlops = nil
            if reserved == nil { ledger.reserve(tokens: 0, flops: 0) }
            lane.submit(
                ScoreJob(id: 0, prefix: handle, steps: steps, isFinished: tree[node].ending == .finished), role: role,
                for: JobOwner(
                    run: self, ask: 0, position: node, reservedTokens: 0, reservedFlops: reserved ?? 0,
                    length: verifier.length(of: handle)))
        } catch {
            settleRead(node, role: role, failed: error.message)
        }
    }

    /// The nearest node above `node` that ends with a complete step. An outcome verifier reads an answer in one go,
    /// because it has no values for unfinished answers.
    private func baseForScoring(_ node: SearchNode.ID, role: String) -> SearchNode.ID {
        let readsWhole = judgesOutcomes(role)
        var base = tree[node].parent
        while tree[base].kind != .root, readsWhole || !endsStep(base) { base = tree[base].parent }
        return base
    }

    private func judgesOutcomes(_ role: String) -> Bool { lane.verifier(role)?.judgesWholeAnswersOnly ?? false }

    private func endsStep(_ node: SearchNode.ID) -> Bool {
        switch (tree[node].kind, tree[node].ending) {
        case (.root, _), (_, .finished): true
        case (_, .truncated): false
        case (.sampled, .open): true
        case (.appended, .open): lane.steps.endsStep(tree[node].text)
        }
    }

    /// The text between base and node, divided into steps: an unfinished piece is part of the step that the node below
    /// it continues.
    private func stepsToScore(_ node: SearchNode.ID, below base: SearchNode.ID) -> [[UInt8]] {
        var steps: [[UInt8]] = []
        var open: [UInt8] = []
        var between: [SearchNode.ID] = []
        var current = node
        while current != base {
            between.append(current)
            current = tree[current].parent
        }
        for id in between.reversed() {
            var start = 0
            for end in tree[id].stepEnds {
                open += tree[id].text[start..<end]
                start = end
                // The last piece of an unfinished node is not the end of a step.
                if end == tree[id].text.count, id != node, !endsStep(id) { continue }
                steps.append(open)
                open = []
            }
        }
        return steps
    }

    /// All that must be read for a node's score, with the cost of each part: the root if it is not paid for yet, and
    /// every node on the way that was never read.
    private func planScoring(_ node: SearchNode.ID, role: String) -> ScoringPlan {
        var plan = ScoringPlan()
        guard let verifier = lane.verifier(role) else { return plan }
        var unread = [node]
        var base = baseForScoring(node, role: role)
        while tree[base].kind != .root, verifierStates[role]?[firstEqual(base)].handle == nil {
            unread.append(base)
            base = baseForScoring(base, role: role)
        }
        // A root that cannot be made makes the read fail, with an error that says so.
        guard
            let handle = try? verifierStates[role]?[firstEqual(base)].handle ?? verifierRoot(base, role: role, verifier)
        else { return plan }
        if let prompt = verifierStates[role]?[base].prompt, !prompt.isPaid {
            plan.prompt = prompt
            plan.flops = prompt.flops
        }
        var start = verifier.length(of: handle)
        for id in unread.reversed() {
            let steps = stepsToScore(id, below: base)
            let place = StepPlace(begins: tree[base].kind == .root, ends: tree[id].ending == .finished)
            let tokens = verifier.countTokens(steps, at: place)
            if verifierStates[role, default: VerifierState()][firstEqual(id)].status == .unread {
                let outputs = verifier.outputs(tokens: tokens, steps: steps.count)
                let cost = verifier.shape?.flops(reading: tokens, from: start, outputs: outputs) ?? 0
                plan.reads.append((firstEqual(id), cost))
                plan.flops += cost
            }
            start += tokens
            base = id
        }
        return plan
    }

    /// Pays for the root and reserves the rest.
    private func carryOut(_ plan: ScoringPlan, role: String) {
        if let prompt = plan.prompt {
            prompt.isPaid = true
            ledger.charge(verifierTokens: prompt.tokens, flops: prompt.flops)
        }
        for (id, cost) in plan.reads {
            ledger.reserve(tokens: 0, flops: cost)
            verifierStates[role, default: VerifierState()][id].reservedFlops = cost
        }
    }

    private func verifierRoot(_ root: SearchNode.ID, role: String, _ verifier: any Verifier) throws(StratagemError)
        -> PrefixHandle
    {
        if let handle = verifierStates[role]?[root].handle { return handle }
        let content = rootContents[root] ?? RootContent(problem: 0, attempts: [])
        if let parent, content.attempts.isEmpty, case .run(let ask) = parent.run.asks[parent.ask].ask.body {
            let shared = try parent.run.verifierRoot(ask.problem + 1, role: role, verifier)
            verifierStates[role, default: VerifierState()][root].handle = shared
            verifierStates[role]?[root].prompt = parent.run.verifierStates[role]?[ask.problem + 1].prompt
            return shared
        }
        let (handle, tokens) = try verifier.makeRoot(
            problem: Array(problems[content.problem].text.utf8), attempts: attemptTexts(content))
        verifierStates[role, default: VerifierState()][root].handle = handle
        verifierStates[role]?[root].prompt = PromptCost(
            tokens: tokens,
            flops: verifier.shape?.flops(reading: tokens, from: 0, outputs: 0) ?? lane.flopsWithoutShape(role))
        return handle
    }

    // MARK: Results

    func completed(_ completion: ScoreCompletion, _ owner: JobOwner, role: String, shape: ModelShape?) {
        let node = owner.position
        let steps = completion.values.count
        let outputs = lane.verifier(role)?.outputs(tokens: completion.tokens, steps: steps) ?? steps
        ledger.release(tokens: 0, flops: owner.reservedFlops)
        ledger.charge(
            verifierTokens: completion.tokens,
            flops: completion.flops ?? shape?.flops(reading: completion.tokens, from: owner.length, outputs: outputs)
                ?? lane.flopsWithoutShape(role))
        ledger.noteProgram(calls: completion.calls, seconds: completion.seconds)
        var failure = completion.failure
        if failure == nil, completion.values.isEmpty || completion.values.contains(where: { !(0...1).contains($0) }) {
            failure = "it gave \(completion.values), but every step needs a value in [0, 1]"
        }
        if failure == nil {
            verifierStates[role]?[node].handle = completion.prefix
            verifierStates[role]?[node].values = ownValues(of: node, completion.values, role: role)
            if tree[node].kind == .sampled { hasSpent = true }
        } else if let verifier = lane.verifier(role), completion.failure == nil {
            verifier.release(completion.prefix)
        }
        settleRead(node, role: role, failed: failure, isCancelled: completion.wasCancelled)
        if cursor < asks.count || outstanding == 0 { pump() }
    }

    private func ownValues(of node: SearchNode.ID, _ values: [Double], role: String) -> [Double] {
        let count = max(1, tree[node].stepEnds.count)
        guard judgesOutcomes(role) else {
            // Steps that began in nodes above and end here count here.
            return Array(values.suffix(count))
        }
        return Array(repeating: .nan, count: count - 1) + values.suffix(1)
    }

    private func settleRead(_ node: SearchNode.ID, role: String, failed: String?, isCancelled: Bool = false) {
        if let failed, !isCancelled {
            unscored[tree[node].problem, default: 0] += 1
            log(level: 3, "the verifier '\(role)' could not score node \(node): \(failed)")
        }
        if let reserved = verifierStates[role]?[node].reservedFlops {
            // It ended without a job.
            ledger.release(tokens: 0, flops: reserved)
            verifierStates[role]?[node].reservedFlops = nil
        }
        let waiters = verifierStates[role]?[node].waiters ?? []
        verifierStates[role]?[node].waiters = []
        verifierStates[role]?[node].status = failed == nil ? .scored : .failed
        for waiter in waiters {
            switch waiter {
            case .ask(let index, let asked):
                outstanding -= 1
                if failed == nil {
                    publish(asked, role: role)
                } else {
                    asks[index].outcome = isCancelled ? .cancelled : .verifierFailed
                }
            case .child(let child) where isCancelled: settleRead(child, role: role, failed: failed, isCancelled: true)
            case .child(let child): read(child, role: role)
            }
        }
    }

    /// Puts a role's values where the strategy sees them: for the node and for the steps above it that were read on the
    /// way.
    private func publish(_ node: SearchNode.ID, role: String) {
        guard let state = verifierStates[role] else { return }
        for id in tree.path(to: node) where tree[id].kind != .root {
            let values = state[firstEqual(id)].values
            guard !values.isEmpty, !isSame(tree[id].stepScores, values) || tree[id].score == nil else { continue }
            tree[id].stepScores = values
            tree[id].score = values.last
            touch(id)
        }
        if tree[node].stepScores.isEmpty { tree[node].score = stepValues(through: node).last { !$0.isNaN } ?? 0 }
        if tree[node].ending == .finished {
            // Values of steps above may be another verifier's; an outcome verifier has no values for them.
            let values = (judgesOutcomes(role) ? tree[node].stepScores : stepValues(through: node)).filter { !$0.isNaN }
            if !values.isEmpty { tree[node].score = lane.answerReader.aggregate(values) }
        }
        touch(node)
    }

    private func isSame(_ a: [Double], _ b: [Double]) -> Bool {
        a.elementsEqual(b) { $0 == $1 || $0.isNaN && $1.isNaN }
    }

    // MARK: Settling

    /// If more than one verifier is used, a strategy reads the result of the latest SCORE, in order of tag. A node that
    /// this SCORE could not score then has no score, and not the one that another verifier gave it.
    func settleScores(role: String, nodes: [UInt64]) {
        guard verifierStates.count > 1, let state = verifierStates[role] else { return }
        for node in nodes.map({ Int($0) }) {
            if case .scored = state[firstEqual(node)].status {
                publish(node, role: role)
            } else if tree[node].score != nil {
                tree[node].score = nil
                tree[node].stepScores = []
                touch(node)
            }
        }
    }
}
