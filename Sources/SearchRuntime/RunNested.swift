import LanguageModels
import SearchCore
import StrategyHost

/// RUN: another strategy on a share of the budget. A nested run has its own tree while it works, so that its node ids
/// do not depend on what runs at the same time. When it is over, its tree is grafted onto its parent's tree, in order
/// of tag.
extension Run {
    /// All nested runs of a batch get their limits before anything else in the batch starts, so that the limits do not
    /// depend on timing.
    func startNested() throws(StratagemError) {
        for index in asks.indices {
            guard case .run(let ask) = asks[index].ask.body else { continue }
            // With a path, the host would open any file that a plugin names.
            guard !ask.strategy.contains("/") else {
                throw violation(
                    .unknownStrategy,
                    "it runs '\(ask.strategy)', a path; RUN takes the id or the short name of a strategy that is loaded"
                )
            }
            let loaded = try lane.registry.strategy(named: ask.strategy)
            try refuseRecursion(loaded)
            let params = try lane.complete(try loaded.check(values: ask.params), of: loaded, blame: .plugin)
            guard
                let limits = ledger.nestedLimits(
                    share: ask.share, maxGenerations: ask.maxGenerations, maxTokens: ask.maxTokens,
                    secondsLeft: deadline.map { ($0 - .now).seconds })
            else {
                asks[index].outcome = .budgetExhausted
                continue
            }
            ledger.reserve(nested: limits)
            start(ask, loaded, params, limits, at: index)
        }
    }

    private func refuseRecursion(_ loaded: LoadedStrategy) throws(StratagemError) {
        if ancestry.contains(loaded.info.id) {
            throw violation(
                .selfRun,
                "it runs '\(loaded.info.name)', which is already running above it (\(ancestry.joined(separator: " > "))); a strategy may not run itself"
            )
        }
        if ancestry.count > RunLimits.nesting {
            throw violation(
                .nestedTooDeep,
                "it runs '\(loaded.info.name)' \(ancestry.count) deep; at most \(RunLimits.nesting) are allowed (\(ancestry.joined(separator: " > ")))"
            )
        }
    }

    private func start(
        _ ask: RunAsk, _ loaded: LoadedStrategy, _ params: [String: ParameterValue], _ limits: Limits, at index: Int
    ) {
        outstanding += 1
        // Two runs of one strategy must not draw the same samples.
        let childSeed = StableHash(seed).combining(UInt64(nestedCount)).combining(2).value
        nestedCount += 1
        let child = Run(
            lane: lane, strategyName: loaded.info.name, strategyID: loaded.info.id, problems: [problems[ask.problem]],
            params: params,
            limits: limits, seed: childSeed, parent: (self, index),
            onFinish: { [unowned self] ending in
                nestedEnded(ending, at: index)
                // If the parent failed meanwhile, it has no use for the result: the two runs release each other.
                if isFinished, outstanding == 0 { dropNested() }
                if !isStarting, cursor < asks.count || outstanding == 0 { pump() }
            })
        asks[index].nested = child
        asks[index].nestedLimits = limits
        nested.append(child)
        lane.runBegan(child)
        do {
            let instance = try lane.makeInstance(loaded, child, params, seed: childSeed)
            child.begin(driver: instance)
        } catch {
            child.finish(.failed(error))
        }
    }

    private func nestedEnded(_ ending: Ending, at index: Int) {
        outstanding -= 1
        guard !isFinished, let child = asks[index].nested else { return }
        asks[index].nestedOutcome = ending
        ledger.ended(nested: child.ledger)
        hasSpent = hasSpent || child.everSpent
    }

    func dropNested() {
        nested.removeAll()
        asks.removeAll()
    }

    func settleNested(_ ask: RunAsk, at index: Int) -> Told {
        let tag = asks[index].ask.tag
        guard let child = asks[index].nested else {
            return Told(
                tag: tag, outcome: stop != nil && asks[index].outcome == .ok ? .cancelled : asks[index].outcome,
                nodes: [])
        }
        ledger.settle(nested: child.ledger)
        let offset = graft(child, problem: ask.problem)
        switch asks[index].nestedOutcome {
        case .answers(let ranked):
            return Told(
                tag: tag, outcome: child.wasStopped && stop != nil ? .cancelled : .ok,
                nodes: ranked.map { $0.node + UInt64(offset) })
        case .failed(let error):
            log(level: 3, "the strategy that it ran failed: \(error.message)")
            return Told(tag: tag, outcome: .runFailed, nodes: [])
        case nil:
            return Told(tag: tag, outcome: .cancelled, nodes: [])
        }
    }

    /// - Returns: what to add to the child's node ids.
    private func graft(_ child: Run, problem: Int) -> Int {
        let offset = tree.count
        for (index, original) in child.tree.nodes.enumerated() {
            var node = original
            if node.parent != 0 { node.parent += offset }
            node.problem = problem
            node.answer = node.answer.map { canonical($0) }
            add(node, key: child.keys[index])
            drawn[offset + index] = child.drawn[index]
        }
        for (root, content) in child.rootContents {
            rootContents[root + offset] = RootContent(problem: problem, attempts: content.attempts.map { $0 + offset })
        }
        for (role, list) in child.handles.pairs {
            for (index, handle) in list.list.enumerated() {
                if let handle { setHandle(handle, of: offset + index + 1, role: role) }
            }
        }
        for (role, costs) in child.prompts.pairs {
            for (node, cost) in costs where !cost.isPaid { prompts[role, default: [:]][node + offset] = cost }
        }
        for (role, state) in child.verifierStates.pairs {
            for (index, entry) in state.entries.enumerated() {
                verifierStates[role, default: VerifierState()][offset + index + 1] = entry
            }
        }
        unscored[problem, default: 0] += child.unscored.values.reduce(0, +)
        graftEqualTexts(child, offset: offset)
        return offset
    }
}
