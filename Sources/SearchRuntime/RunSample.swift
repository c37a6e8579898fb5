import LanguageModels
import SearchCore
import StrategyHost

/// SAMPLE: from an ask to jobs of the model, and from completions to nodes.
extension Run {
    /// The node's prefix in the model of a role. It is made when it is first needed, because a node that one role
    /// sampled can be continued by another.
    func prefix(_ node: SearchNode.ID, role: String) throws(StratagemError) -> PrefixHandle {
        if let handle = handles[role]?[node] { return handle }
        guard let model = lane.model(role) else {
            throw StratagemError(.host, .noModel, "no model of role '\(role)'")
        }
        let parent: PrefixHandle?
        let parts: [PromptPart]
        if let content = rootContents[node] {
            if let shared = try sharedRoot(content, role: role) {
                setHandle(shared, of: node, role: role)
                return shared
            }
            parent = nil
            parts = prompt.render(problem: Array(problems[content.problem].text.utf8), attempts: attemptTexts(content))
        } else {
            parent = try prefix(tree[node].parent, role: role)
            parts = [PromptPart(text: tree[node].text)]
        }
        let (handle, tokens) = try model.makePrefix(parent: parent, text: parts)
        let start = parent.map { model.length(of: $0) } ?? 0
        prompts[role, default: [:]][node] = PromptCost(
            tokens: tokens,
            flops: model.shape?.flops(reading: tokens, from: start, outputs: 0) ?? lane.flopsWithoutShape(role))
        if rootContents[node] != nil {
            tree[node].tokens = tokens
            touch(node)
        }
        setHandle(handle, of: node, role: role)
        return handle
    }

    /// A nested run's plain root is its parent's root: one prefix, read once.
    private func sharedRoot(_ content: RootContent, role: String) throws(StratagemError) -> PrefixHandle? {
        guard let parent, content.attempts.isEmpty, case .run(let ask) = parent.run.asks[parent.ask].ask.body else {
            return nil
        }
        let root = ask.problem + 1
        let shared = try parent.run.prefix(root, role: role)
        prompts[role, default: [:]][1] = parent.run.prompts[role]?[root]
        return shared
    }

    /// The texts that must be read before the first sample from `node` and are not paid for yet.
    func unpaidPrompts(above node: SearchNode.ID, role: String) -> [PromptCost] {
        guard let costs = prompts[role] else { return [] }
        guard costs.values.contains(where: { !$0.isPaid }) else {
            // The usual case: texts that were paid for need not be looked at again.
            prompts[role] = nil
            return []
        }
        return tree.path(to: node).compactMap { costs[$0] }.filter { !$0.isPaid }
    }

    func pay(_ costs: [PromptCost]) {
        for cost in costs {
            cost.isPaid = true
            ledger.charge(promptTokens: cost.tokens, flops: cost.flops)
        }
    }

    func setHandle(_ handle: PrefixHandle, of node: SearchNode.ID, role: String) {
        handles[role, default: NodePrefixes()].set(handle, of: node)
    }

    /// - Returns: false if a sample must wait for work in progress.
    func startSamples(_ sample: SampleAsk, at index: Int) -> Bool {
        let parent = Int(sample.node)
        if asks[index].completions.isEmpty {
            guard !freeWork.isOverdrawn else {
                asks[index].outcome = .budgetExhausted
                return true
            }
            let depth = tree[parent].depth
            let granted = ledger.generationsFitting(sample.count, from: depth, steps: sample.steps)
            ledger.chargeGenerations(granted, from: depth, steps: sample.steps)
            asks[index].granted = granted
            asks[index].firstOrdinal = drawn[parent - 1]
            if granted < sample.count { asks[index].outcome = .budgetExhausted }
            guard granted > 0 else { return true }
            asks[index].completions = Array(repeating: nil, count: granted)
        }
        do {
            let handle = try prefix(parent, role: sample.role)
            while asks[index].startedSamples < asks[index].granted {
                guard startOne(sample, handle, at: index) else { return false }
            }
        } catch {
            log(level: 3, error.message)
            asks[index].granted = asks[index].startedSamples
            asks[index].outcome = .modelFailed
        }
        return true
    }

    private func startOne(_ sample: SampleAsk, _ handle: PrefixHandle, at index: Int) -> Bool {
        guard let model = lane.model(sample.role) else { return true }
        // Many asks of a million samples each would fill the memory before the first sample returns.
        guard outstanding < RunLimits.jobs else { return false }
        let parent = Int(sample.node)
        let length = model.length(of: handle)
        let room = max(0, model.contextTokens - length)
        let most = sample.maxTokens == 0 ? room : min(room, sample.maxTokens)
        let position = asks[index].startedSamples
        if most == 0 {
            // If the context is full, the child is empty and truncated.
            freeWork.add(nodes: 1)
            guard !freeWork.isOverdrawn else {
                asks[index].granted = position
                asks[index].outcome = .budgetExhausted
                return true
            }
            asks[index].startedSamples += 1
            drawn[parent - 1] += 1
            asks[index].completions[position] = SampleCompletion(
                id: 0, prefix: handle, text: [], stepEnds: [], tokens: 0, tokenLogProbabilities: [], ending: .truncated)
            return true
        }
        let shape = model.shape
        let unpaid = unpaidPrompts(above: parent, role: sample.role)
        let before = unpaid.reduce(0) { $0 + $1.flops }
        switch ledger.admit(
            tokens: most,
            flops: {
                before + (shape?.flops(reading: $0, from: length, outputs: $0) ?? lane.flopsWithoutShape(sample.role))
            })
        {
        case .wait: return false
        case .exhausted:
            asks[index].granted = position
            asks[index].outcome = .budgetExhausted
            return true
        case .granted(let tokens):
            pay(unpaid)
            let reserved = shape?.flops(reading: tokens, from: length, outputs: tokens) ?? 0
            ledger.reserve(tokens: tokens, flops: reserved)
            let seed = StableHash(keys[parent - 1]).combining(drawn[parent - 1]).value
            drawn[parent - 1] += 1
            asks[index].startedSamples += 1
            outstanding += 1
            lane.submit(
                SampleJob(
                    id: 0, prefix: handle, until: sample.steps == 0 ? .end : .steps(sample.steps), maxTokens: tokens,
                    temperature: sample.temperature, topP: sample.topP, minP: sample.minP, seed: seed,
                    wantsDistributions: wantsFigures),
                role: sample.role,
                for: JobOwner(
                    run: self, ask: index, position: position, reservedTokens: tokens,
                    reservedFlops: reserved, length: length))
            return true
        }
    }

    /// A sample has returned.
    func completed(_ completion: SampleCompletion, _ owner: JobOwner, role: String, shape: ModelShape?) {
        ledger.release(tokens: owner.reservedTokens, flops: owner.reservedFlops)
        // The token that ends an answer is sampled but never read.
        let read = completion.ending == .finished ? max(0, completion.tokens - 1) : completion.tokens
        ledger.charge(
            tokens: completion.tokens,
            flops: shape?.flops(reading: read, from: owner.length, outputs: completion.tokens)
                ?? lane.flopsWithoutShape(role))
        asks[owner.ask].completions[owner.position] = completion
        if completion.ending == .finished || completion.ending == .truncated,
            case .sample(let sample) = asks[owner.ask].ask.body
        {
            lane.ended.texts += 1
            lane.ended.tokens +=
                completion.tokens + tree.path(to: Int(sample.node)).dropFirst().reduce(0) { $0 + tree[$1].tokens }
        }
        if completion.tokens > 0 {
            hasSpent = true
            freeWork.sampled()
        }
        outstanding -= 1
        if cursor < asks.count || outstanding == 0 { pump() }
    }

    func settleSamples(_ sample: SampleAsk, at index: Int) -> Told {
        let parent = Int(sample.node)
        var outcome = asks[index].outcome
        var nodes: [UInt64] = []
        nodes.reserveCapacity(asks[index].completions.count)
        for (position, completion) in asks[index].completions.enumerated() {
            guard let completion else { continue }
            switch completion.ending {
            case .failed(let why):
                outcome = .modelFailed
                // Work that was cut at the end may well fail, and nobody needs to know.
                if stop == nil { log(level: 3, "the model failed on a sample: \(why)") }
                continue
            case .cancelled:
                outcome = .cancelled
                lane.model(sample.role)?.release(completion.prefix)
                continue
            case .truncated where outcome == .ok: outcome = .truncated
            default: break
            }
            let key = StableHash(keys[parent - 1]).combining(asks[index].firstOrdinal + UInt64(position)).combining(1)
                .value
            let id = add(node(from: completion, below: parent), key: key)
            // If the context was full, nothing was sampled and no prefix was issued.
            if completion.tokens > 0 { setHandle(completion.prefix, of: id, role: sample.role) }
            nodes.append(UInt64(id))
        }
        if stop != nil, outcome == .ok || outcome == .truncated, nodes.count < sample.count { outcome = .cancelled }
        return Told(tag: asks[index].ask.tag, outcome: outcome, nodes: nodes)
    }

    private func node(from completion: SampleCompletion, below parent: SearchNode.ID) -> SearchNode {
        var stepEnds = completion.stepEnds
        if (stepEnds.last ?? 0) < completion.text.count { stepEnds.append(completion.text.count) }
        let above = tree[parent]
        return SearchNode(
            kind: .sampled, parent: parent, problem: above.problem, depth: above.depth + stepEnds.count,
            text: completion.text,
            stepEnds: stepEnds, tokens: completion.tokens, logProbability: completion.logProbability,
            ending: completion.ending == .finished ? .finished : completion.ending == .truncated ? .truncated : .open,
            answer: completion.ending == .finished ? answer(below: parent, completion.text) : nil,
            confidence: wantsConfidence ? TokenConfidence(completion.tokenLogProbabilities) : nil,
            figures: wantsFigures
                ? TokenFigures(
                    logProbabilities: completion.tokenLogProbabilities, distributions: completion.tokenDistributions,
                    tokens: completion.tokens) : nil)
    }

    /// The canonical answer in a finished text.
    private func answer(below parent: SearchNode.ID, _ text: [UInt8]) -> String? {
        let whole = tree[parent].kind == .root ? text : tree.text(through: parent) + text
        guard let found = lane.answerReader.extract(whole) else { return nil }
        return canonical(lane.answerReader.canonical(found))
    }

    /// The first spelling of equal answers: the promise that equal answers are equal bytes then holds even if two
    /// functions of a bundle disagree.
    func canonical(_ answer: String) -> String {
        if let known = answers.first(where: { $0 == answer || lane.answerReader.equal($0, answer) }) { return known }
        answers.append(answer)
        return answer
    }
}
