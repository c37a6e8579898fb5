import LanguageModels
import SearchCore
import StrategyHost

/// Starting runs on a lane.
extension Lane {
    /// Begins a run and gives it its first turn, so that the models know its work.
    func start(
        _ request: RunRequest, id: RunID, observer: (@Sendable (RunEvent) -> Void)?,
        onFinish: @escaping ([RunResult]) -> Void
    ) {
        let start = ThreadClock.nanoseconds
        defer { busyNanoseconds += ThreadClock.nanoseconds - start }
        let info = request.strategy.info
        let params = Result { () throws(StratagemError) in
            try complete(request.params, of: request.strategy, blame: .user)
        }
        var run: Run?
        let made = Run(
            lane: self, strategyName: info.name, strategyID: info.id, pluginHash: request.strategy.pluginHash,
            problems: request.problems, params: (try? params.get()) ?? request.params, limits: request.limits,
            seed: request.seed,
            keepTrace: request.keepTrace, prompt: request.prompt, observer: observer,
            onFinish: { ending in
                guard let ended = run else { return }
                // Until here the closure and the run hold each other.
                run = nil
                onFinish(ended.results(ending, keepTree: request.keepTree))
            })
        run = made
        made.id = id
        runBegan(made)
        do {
            try check(request, made)
            made.begin(
                driver: try makeInstance(
                    request.strategy, made, try params.get(), seed: StableHash(request.seed).combining(3).value))
        } catch {
            made.finish(.failed(error))
        }
        takeTurns()
    }

    private func check(_ request: RunRequest, _ run: Run) throws(StratagemError) {
        let info = request.strategy.info
        guard !request.problems.isEmpty, request.problems.count == 1 || info.takesBatch else {
            throw StratagemError(
                .user, .notABatch,
                "strategy '\(info.name)' takes one problem at a time, and \(request.problems.count) were given")
        }
        try source.requireRoles(of: info, run.params)
        try source.requireFLOPs(of: info, run.params, request.limits)
        guard let policy = model("policy") else {
            throw StratagemError(.user, .noModel, "bundle '\(bundleName)' has no model of role 'policy'")
        }
        for problem in request.problems {
            let (prefix, tokens) = try policy.makePrefix(
                parent: nil, text: run.prompt.render(problem: Array(problem.text.utf8)))
            policy.release(prefix)
            guard tokens < policy.contextTokens else {
                throw StratagemError(
                    .user, .problemTooLong,
                    "the problem takes \(tokens) tokens with its template, and the model's context is \(policy.contextTokens). Shorten it, or use a bundle with a longer context"
                )
            }
        }
    }

    var statistics: RuntimeStatistics {
        var total = RuntimeStatistics()
        for model in models.models.values { total.policy.add(model.statistics) }
        for verifier in models.verifiers.values { total.verifier.add(verifier.statistics) }
        total.sharing = models.sharing
        (total.endedTexts, total.endedTokens) = ended
        total.busySeconds = Double(busyNanoseconds) * 1e-9
        total.pluginSeconds = Double(pluginNanoseconds) * 1e-9
        let inModels = [total.policy, total.verifier].reduce(0) { $0 + $1.decodeSeconds + $1.samplingSeconds }
        let starting = total.policy.startSeconds + total.verifier.startSeconds
        total.engineSeconds = max(0, Double(advanceNanoseconds) * 1e-9 - inModels)
        total.hostSeconds = max(0, total.busySeconds - inModels - total.pluginSeconds - starting)
        return total
    }
}
