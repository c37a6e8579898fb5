import Evaluation
import Foundation
import LanguageModels
import SearchCore
import SearchRuntime
import StrategyHost

/// Everything that a command with a model needs, opened once.
struct Session: Sendable {
    let registry: PluginRegistry
    let models: any ModelSource
    /// SHA-256 of the weights, by role: results of other weights are other results.
    var modelHashes: [String: String] { WeightsHash.all(models.weights) }
    let runtime: SearchRuntime
    let grader: Grader

    /// Plugins first: a misspelt strategy is refused before any weights are read.
    static func registry(_ options: PluginOptions) -> PluginRegistry {
        let environment = ProcessInfo.processInfo.environment
        var isolation = IsolationOptions()
        isolation.scope = options.isolate ? .all : .untrusted
        isolation.requiresAll = options.requireIsolation
        isolation.trust = TrustStore.standard(environment: environment)
        isolation.log = { _, text in Output.warning(text) }
        let registry = PluginRegistry(
            folders: PluginRegistry.standardFolders(explicit: options.pluginPath, environment: environment), isolation: isolation)
        registry.discover()
        return registry
    }

    /// - Parameters:
    ///   - sharesSamples: see `RuntimeOptions.sharesSamples`.
    ///   - whenHanging: called when a plugin does not come back; the process ends when it
    ///     returns.
    static func open(_ options: EngineOptions, registry: PluginRegistry, sharesSamples: Bool = false,
                     whenHanging: @escaping @Sendable (StratagemError) -> Void) throws(StratagemError) -> Session {
        let models = try ModelFiles.open(options)
        var settings = RuntimeOptions()
        settings.lanes = options.lanes
        settings.sharesSamples = sharesSamples
        settings.abiTraceSink = options.traceABI ? ABILines() : nil
        settings.onHang = { error in
            Output.error(error)
            whenHanging(error)
            _exit(ExitStatus.failed)
        }
        settings.log = { level, text in
            if level >= 2 || options.traceABI { Output.warning(text) }
        }
        let runtime = try SearchRuntime(models: models, registry: registry, options: settings)
        let grader = try grader(models.answerFunctions, registry)
        Interrupt.onRequest { [weak runtime] in runtime?.cancelAll() }
        return Session(registry: registry, models: models, runtime: runtime, grader: grader)
    }

    private static func grader(_ answers: AnswerFunctions, _ registry: PluginRegistry) throws(StratagemError) -> Grader {
        guard case .answersEqual(let areEqual) = try registry.function(.answersEqual, named: answers.equal) else {
            throw StratagemError(.user, "bad_bundle", "the function '\(answers.equal)' does not compare answers")
        }
        return Grader { areEqual($0, $1) }
    }
}
