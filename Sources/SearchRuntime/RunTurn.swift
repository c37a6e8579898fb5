import LanguageModels
import SearchCore
import StrategyHost

/// A turn of the strategy, and the batch between two turns.
extension Run {
    /// Tells the strategy the results of its last batch, takes the next one and
    /// starts it.
    func turn() {
        guard !isFinished, !isAwaitingPlugin, let driver, outstanding == 0 else { return }
        if rounds == 0, stop != nil {
            // Cancelled before it began: the first event for an instance must be START, so it is told nothing.
            wasStopped = true
            return finish(.answers([]))
        }
        do {
            let tell = rounds == 0 ? Tell(event: .start, told: []) : settle()
            if tell.event.isStop { wasStopped = true }
            ledger.setSeconds(secondsSpent)
            recordTell(tell)
            if let remote {
                isAwaitingPlugin = true
                remote.send(tell)
                return
            }
            try take(try lane.watched(self) { () throws(StratagemError) in try driver.next(tell) })
        } catch {
            finish(.failed(error))
        }
    }

    /// A worker has replied to the last tell.
    func replied() {
        guard !isFinished, isAwaitingPlugin, let result = remote?.takeReply() else { return }
        isAwaitingPlugin = false
        do {
            try take(try result.get())
        } catch {
            finish(.failed(error))
        }
    }

    private func take(_ next: NextStep) throws(StratagemError) {
        rounds += 1
        recordNext(next)
        noteTurn()
        switch next {
        case .done(let answers): finish(.answers(try check(answers)))
        case .asks(let asks):
            try refuseAsksAfterStop(asks)
            try start(asks)
        }
    }

    private func refuseAsksAfterStop(_ asks: [Ask]) throws(StratagemError) {
        if wasStopped {
            throw violation(
                .ignoredStop,
                "it got \(stop == .cancelled ? "CANCELLED" : "BUDGET_OVER") and returned \(asks.count) asks; expected DONE"
            )
        }
        emptyRounds = asks.isEmpty ? emptyRounds + 1 : 0
        if emptyRounds >= RunLimits.emptyRounds {
            throw violation(
                .noProgress,
                "it returned an empty batch \(emptyRounds) times in a row; a strategy must ask for something or return DONE"
            )
        }
        if rounds >= RunLimits.rounds {
            throw violation(.tooManyRounds, "it took \(rounds) turns and did not end")
        }
        if tree.count > RunLimits.nodes {
            throw violation(.tooManyNodes, "its tree has more than \(RunLimits.nodes) nodes")
        }
        try refuseEndlessFreeWork(asks)
    }

    func violation(_ code: ErrorCode, _ message: String) -> StratagemError {
        StratagemError(.plugin, code, "strategy '\(strategyName)': \(message)")
    }

    // MARK: Starting a batch

    private func start(_ batch: [Ask]) throws(StratagemError) {
        for ask in batch { try check(ask) }
        // In order of tag, because what is told, charged and seeded depends on this order.
        let isSorted = zip(batch, batch.dropFirst()).allSatisfy { $0.tag < $1.tag }
        asks = (isSorted ? batch : batch.sorted { $0.tag < $1.tag }).map { AskState(ask: $0) }
        if stop != nil {
            // Stopped while the plugin was working: nothing of the batch is started.
            cursor = asks.count
            return lane.makeReady(self)
        }
        cursor = 0
        isStarting = true
        try startNested()
        isStarting = false
        pump()
    }

    private func check(_ ask: Ask) throws(StratagemError) {
        switch ask.body {
        case .sample(let sample):
            try checkContinues(sample.node, ask)
            try checkModel(sample.role, ask)
        case .append(let role, let node, _):
            try checkContinues(node, ask)
            try checkModel(role, ask)
        case .score(let role, let nodes):
            guard lane.verifier(role) != nil else {
                throw lacking(role, isVerifier: true, ask, has: Set(lane.models.verifiers.keys))
            }
            for node in nodes {
                let id = try known(node, ask)
                if tree[id].kind == .root {
                    throw violation(.scoredRoot, "ask \(ask.tag) scores node \(node), which is a root: it has no step")
                }
            }
        case .revise(let role, let problem, let attempts):
            try checkProblem(problem, ask)
            try checkModel(role, ask)
            for attempt in attempts {
                let id = try known(attempt, ask)
                if tree[id].kind == .root {
                    throw violation(
                        .rootAttempt,
                        "ask \(ask.tag) shows node \(attempt) as an attempt, and it is a root: it has no text")
                }
            }
        case .run(let run):
            try checkProblem(run.problem, ask)
        }
    }

    private func known(_ node: UInt64, _ ask: Ask) throws(StratagemError) -> SearchNode.ID {
        guard let id = Int(exactly: node), tree.contains(id) else {
            throw violation(
                .foreignNode, "ask \(ask.tag) names node \(node), which was never issued to it (it has \(tree.count))")
        }
        return id
    }

    private func checkContinues(_ node: UInt64, _ ask: Ask) throws(StratagemError) {
        let id = try known(node, ask)
        if tree[id].ending == .finished {
            throw violation(.finishedNode, "ask \(ask.tag) continues node \(node), which is finished")
        }
    }

    private func checkModel(_ role: String, _ ask: Ask) throws(StratagemError) {
        guard lane.model(role) != nil else {
            throw lacking(role, isVerifier: false, ask, has: Set(lane.models.models.keys))
        }
    }

    /// The error if the bundle lacks a role that an ask names. It is the user's to correct, unless nobody can have
    /// meant such a name: a plugin that reads a text parameter past its end, or later than in `create`, makes such
    /// names.
    private func lacking(_ role: String, isVerifier: Bool, _ ask: Ask, has: Set<String>) -> StratagemError {
        let texts = params.compactMap { id, value -> (id: String, text: String)? in
            if case .text(let text) = value, !text.isEmpty { (id, text) } else { nil }
        }.sorted { $0.id < $1.id }
        let hint = "A text of stg_value has a size and no NUL after it, and is valid only during create: copy it"
        if !texts.contains(where: { $0.text == role }) {
            if let value = texts.first(where: { role.hasPrefix($0.text) }) {
                return violation(
                    .badRole,
                    "ask \(ask.tag) names a role that begins with the value of its parameter '\(value.id)', \"\(Plain.line(value.text, max: 60))\", and continues after it: \"\(Plain.line(role, max: 60))\". \(hint)"
                )
            }
            if role.utf8.count > 64 || !role.utf8.allSatisfy(Self.isOfARole) {
                return violation(
                    .badRole,
                    "ask \(ask.tag) names the role \"\(Plain.line(role, max: 60))\", and no role of a bundle can have that name. \(hint)"
                )
            }
        }
        return RunRefusal.missing(role, isVerifier: isVerifier, for: strategyName, bundle: lane.bundleName, has: has)
    }

    /// Whether names of roles may contain this byte.
    private static func isOfARole(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "_-.@".utf8.contains(byte)
        }
    }

    private func checkProblem(_ index: Int, _ ask: Ask) throws(StratagemError) {
        guard index < problems.count else {
            throw violation(
                .badProblem, "ask \(ask.tag) is about problem \(index), and the instance has \(problems.count)")
        }
    }

    // MARK: Working a batch off

    /// Starts whatever may start now. Called again whenever a result returns.
    func pump() {
        while cursor < asks.count, startAsk(at: cursor) { cursor += 1 }
        guard outstanding == 0, !isFinished else { return }
        if cursor == asks.count { lane.makeReady(self) } else { endStuck() }
    }

    /// No work is in progress that the run could wait for. This must never happen; if it does, the user is told whose
    /// fault it is and keeps what is finished, and other runs are not delayed.
    func endStuck() {
        let waiting =
            "\(asks.count - cursor) of \(asks.count) asks are not started, \(outstanding) jobs are not finished"
        asks.indices.forEach { if asks[$0].nestedOutcome == nil { asks[$0].nested = nil } }
        _ = settle()
        finish(
            .failed(
                StratagemError(
                    .host, .stuck,
                    "the run of strategy '\(strategyName)' waits, but nothing is left to wait for (turn \(rounds): \(waiting)). This is a fault of Stratagem and not of the strategy; the finished answers are kept. Please report it, with a trace (--trace)"
                )))
    }

    /// - Returns: false if the ask must wait for work in progress.
    private func startAsk(at index: Int) -> Bool {
        switch asks[index].ask.body {
        case .sample(let sample): return startSamples(sample, at: index)
        case .score(let role, let nodes): return startScores(role: role, nodes: nodes, at: index)
        case .append(let role, let node, let text): return append(text, to: Int(node), role: role, at: index)
        case .revise(_, let problem, let attempts):
            revise(problem: problem, attempts: attempts.map { Int($0) }, at: index)
            return true
        case .run: return true
        }
    }

    private func append(_ text: [UInt8], to parent: SearchNode.ID, role: String, at index: Int) -> Bool {
        do {
            let before = try prefix(parent, role: role)
            guard let model = lane.model(role) else { return true }
            let (handle, tokens) = try model.makePrefix(parent: before, text: [PromptPart(text: text)])
            let cost =
                model.shape?.flops(reading: tokens, from: model.length(of: before), outputs: 0)
                ?? lane.flopsWithoutShape(role)
            let unpaid = unpaidPrompts(above: parent, role: role)
            switch ledger.admit(flops: unpaid.reduce(cost) { $0 + $1.flops }) {
            case .wait:
                model.release(handle)
                return false
            case .exhausted:
                model.release(handle)
                asks[index].outcome = .budgetExhausted
                return true
            case .granted: break
            }
            pay(unpaid)
            ledger.charge(promptTokens: tokens, flops: cost)
            var hash = StableHash(keys[parent - 1])
            hash.combine(text)
            let above = tree[parent]
            let id = add(
                SearchNode(
                    kind: .appended, parent: parent, problem: above.problem, depth: above.depth + 1, text: text,
                    stepEnds: [text.count], tokens: tokens), key: hash.value)
            setHandle(handle, of: id, role: role)
            asks[index].nodes = [UInt64(id)]
        } catch {
            log(level: 3, error.message)
            asks[index].outcome = .modelFailed
        }
        return true
    }

    private func revise(problem: Int, attempts: [SearchNode.ID], at index: Int) {
        let key = rootKey(problem: problems[problem], attempts: attempts.map { keys[$0 - 1] })
        let root = addRoot(problem: problem, attempts: attempts, key: key)
        asks[index].nodes = [UInt64(root)]
    }

    // MARK: Settling a batch

    /// Makes nodes from the results, in order of tag and index, and the tell.
    private func settle() -> Tell {
        var told: [Told] = []
        told.reserveCapacity(asks.count)
        for index in asks.indices { told.append(settle(at: index)) }
        let nothingFitted = !asks.isEmpty && told.allSatisfy { $0.outcome == .budgetExhausted && $0.nodes.isEmpty }
        asks.removeAll(keepingCapacity: true)
        nested.removeAll()
        return Tell(event: stop ?? (nothingFitted ? .budgetOver : .results), told: told)
    }

    private func settle(at index: Int) -> Told {
        let tag = asks[index].ask.tag
        switch asks[index].ask.body {
        case .sample(let sample): return settleSamples(sample, at: index)
        case .score(let role, let nodes):
            settleScores(role: role, nodes: nodes)
            let isCut = stop != nil && asks[index].startedScores < nodes.count
            return Told(tag: tag, outcome: isCut ? .cancelled : asks[index].outcome, nodes: nodes)
        case .append, .revise:
            let isCut = stop != nil && asks[index].nodes.isEmpty && asks[index].outcome == .ok
            return Told(tag: tag, outcome: isCut ? .cancelled : asks[index].outcome, nodes: asks[index].nodes)
        case .run(let run): return settleNested(run, at: index)
        }
    }

    private func check(_ ranked: [RankedAnswer]) throws(StratagemError) -> [RankedAnswer] {
        for answer in ranked {
            guard let id = Int(exactly: answer.node), tree.contains(id) else {
                throw violation(.foreignAnswer, "it answered with node \(answer.node), which was never issued to it")
            }
            guard tree[id].ending == .finished else {
                throw violation(
                    .unfinishedAnswer,
                    "it answered with node \(answer.node), which is \(tree[id].ending == .truncated ? "truncated" : "not finished")"
                )
            }
        }
        return ranked
    }
}
