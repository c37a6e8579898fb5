import LanguageModels
import LlamaBackend
import SearchCore
import SearchRuntime
import StrategyHost

/// Models, plugins and a runtime, opened once: what a program needs to run searches.
///
///     let engine = try Engine()
///     let result = try await engine.solve(Problem(text: "What is 12 * 7?"), strategy: "best-of-n", limits: Limits(generations: 16))
///     print(result.answer ?? "no answer")
///
/// It prints nothing, ends no process and handles no signal. Messages go to ``EngineOptions/log``, and ``cancelAll()``
/// ends its runs. Safe to use from every thread. When the engine is released, its runs and its lanes' threads end.
/// Plugins stay in memory for the life of the process.
public final class Engine: Sendable {
    /// The plugins that were found.
    public let registry: PluginRegistry
    /// The bundle with its weights loaded, shared by all lanes.
    public let models: any ModelSource
    /// Takes runs: many at once, batches, with an observer of a run's turns.
    public let runtime: SearchRuntime
    /// How answers are found and compared.
    public let answers: Answers
    /// Says whether an answer is right, by the function that compares them.
    public let grader: Grader

    /// Opens everything. Takes as long as reading the weights.
    ///
    /// - Parameter registry: from ``plugins(_:log:)``, if the caller wants to look a strategy up before any weights are
    ///   read; nil: made here.
    /// - Throws: for a bundle that cannot be read or has models that cannot be opened (origin `user`), and for
    ///   functions that the bundle reads answers with but no plugin has.
    public init(_ options: EngineOptions = EngineOptions(), registry: PluginRegistry? = nil) throws(StratagemError) {
        let registry = registry ?? Engine.plugins(options.plugins, log: options.log)
        models = try ModelFiles.open(options, registry: registry)
        var settings = RuntimeOptions()
        settings.lanes = options.lanes
        settings.sharesSamples = options.sharesSamples
        if let bytes = options.cacheBytes { settings.sharedBytes = CacheShares.samples(of: bytes) }
        settings.abiTraceSink = options.abiTraceSink
        settings.onHang = options.whenHanging
        settings.log = { [log = options.log] level, text in log(LogLevel(ofPlugin: level), text) }
        runtime = try SearchRuntime(models: models, registry: registry, options: settings)
        let answers = try Answers(
            models.answerFunctions, chosenBy: options.answers.origin(isNamed: models.namesAnswers), registry)
        self.answers = answers
        grader = Grader { answers.areEqual($0, $1) }
        self.registry = registry
    }

    /// Finds the plugins. Reads no weights, so that a misspelt strategy is refused at once.
    ///
    /// - Parameter log: receives what isolated plugins print, and reports about their processes.
    public static func plugins(_ options: PluginOptions = PluginOptions(), log: @escaping EngineLog = noLog)
        -> PluginRegistry
    {
        var isolation = IsolationOptions()
        isolation.scope = options.isolatesAll ? .all : .untrusted
        isolation.requiresAll = options.requiresIsolation
        isolation.allowsShadowing = options.allowsShadowing
        isolation.trust = TrustStore.standard(environment: options.environment)
        isolation.whenHanging = options.whenHanging
        isolation.log = { level, text in log(max(.notice, LogLevel(ofPlugin: level)), text) }
        let registry = PluginRegistry(
            folders: PluginRegistry.standardFolders(explicit: options.folders, environment: options.environment),
            isolation: isolation)
        registry.discover()
        return registry
    }

    /// SHA-256 of the weights, by role: other weights give other results. The first call takes seconds for large files.
    public var modelHashes: [String: String] { WeightsHash.all(models.weights) }

    /// Solves one problem.
    ///
    /// - Parameters:
    ///   - strategy: a name, an id, or the path of a plugin.
    ///   - parameters: as a user would type them; a parameter that is not given has its default.
    ///   - limits: the most that the run may cost.
    ///   - seed: the same seed gives the same answer.
    /// - Returns: the answer, votes and cost. `error` is set if the run failed, `wasCancelled` if it was cut short;
    ///   both keep what was finished by then.
    /// - Throws: whatever is refused before anything runs: an unknown strategy, or parameters that it does not take.
    public func solve(
        _ problem: Problem, strategy: String = "best-of-n", parameters: [String: String] = [:], limits: Limits,
        seed: UInt64 = 0
    ) async throws(StratagemError) -> RunResult {
        let loaded = try registry.strategy(named: strategy)
        let checked = try models.complete(loaded.check(parameters: parameters), of: loaded, limits: limits)
        return await runtime.run(
            RunRequest(problems: [problem], strategy: loaded, params: checked, limits: limits, seed: seed))[0]
    }

    /// How the model is shown a conversation whose last turn is the problem, and the problem as verifiers and people
    /// see it. The first conversation with a given order of roles may take seconds.
    ///
    /// - Throws: if the model has no chat template that the bundle's prompt comes from, or if the template refuses such
    ///   a conversation.
    public func conversation(_ turns: [ChatTurn]) throws(StratagemError) -> (problem: Problem, prompt: PromptTemplate) {
        guard let chat = models.chat else {
            throw StratagemError(
                .user, .noChatTemplate,
                "bundle '\(models.name)': its model has no chat template that could be asked, so other turns than the problem have no place. Send one user message"
            )
        }
        return (Problem(text: turns.transcript), try chat.prompt(for: turns))
    }

    /// Stops every decode call in this process, current and later ones: for a caller that is about to end the process.
    public static func stopDecoding() { LlamaRuntime.stopDecoding() }

    /// Ends all runs with their best answers so far. New runs may be submitted afterwards.
    public func cancelAll() { runtime.cancelAll() }
}
