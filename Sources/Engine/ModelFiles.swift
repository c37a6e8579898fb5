import EndpointBackend
import LanguageModels
import LlamaBackend
import ReferenceModels
import ScriptedModel
import SearchCore
import SearchRuntime
import StrategyHost

/// From a bundle's file to a model source.
public enum ModelFiles {
    /// All kinds of sources that a bundle's roles may name, each with the backend that opens it.
    /// - Parameter allowsCommands: whether bundles may run programs.
    public static func backends(_ registry: PluginRegistry, cacheBytes: Int? = nil, allowsCommands: Bool = false)
        -> [any Backend]
    {
        [
            GGUFBackend(cacheBytes: cacheBytes.map { CacheShares.models(of: $0) }), ScriptBackend(),
            FunctionBackend(registry), EndpointBackend(), CommandBackend(isAllowed: allowsCommands),
        ]
    }

    /// - Parameter registry: where the functions that bundles name are found.
    public static func open(_ options: EngineOptions, registry: PluginRegistry) throws(StratagemError)
        -> any ModelSource
    {
        if let url = options.endpoint { return try open(endpoint: url, options, registry: registry) }
        if let name = options.model { return try open(model: name, options, registry: registry) }
        let file = if let named = options.bundle { named } else { try ReferenceModels.find().bundle }
        return try open(
            file, registry: registry, answers: options.answers, lanes: options.lanes, threads: options.threads,
            cacheBytes: options.cacheBytes, allowsCommands: options.allowsCommands, log: options.log)
    }

    /// Opens a server instead of a bundle: its kind is detected and reported.
    private static func open(endpoint url: String, _ options: EngineOptions, registry: PluginRegistry)
        throws(StratagemError) -> any ModelSource
    {
        let starter = try StarterBundle.ask(url, model: options.model)
        options.log(.notice, "\(url): \(starter.profile.summary)")
        let bundle = try BundleReader.parse(starter.text, file: "--endpoint \(url)", checkingFiles: false)
        return try models(bundle, registry, options)
    }

    /// Opens a file of weights instead of a bundle: the file is read and described.
    private static func open(model name: String, _ options: EngineOptions, registry: PluginRegistry)
        throws(StratagemError) -> any ModelSource
    {
        let file = try ModelName.file(name)
        let starter = try GGUFStarter.make(file)
        options.log(.notice, "\(file): \(starter.summary)")
        return try models(try BundleReader.parse(starter.text, file: "--model \(file)"), registry, options)
    }

    private static func models(_ bundle: Bundle, _ registry: PluginRegistry, _ options: EngineOptions)
        throws(StratagemError) -> BundleModels
    {
        var bundle = bundle
        bundle.answers = options.answers.applied(to: bundle.answers, isNamed: bundle.namesAnswers)
        let models = try BundleModels(
            bundle, backends: backends(registry, cacheBytes: options.cacheBytes),
            options: .init(lanes: options.lanes, threadsPerLane: options.threads))
        for note in models.notes { options.log(.warning, note) }
        return models
    }

    /// `file` may be the short name of a shipped bundle (``ShippedFiles``). It may also be a hand-made tree (see
    /// `Script`), to try a strategy on a case that you can work out by hand.
    public static func open(
        _ file: String, registry: PluginRegistry, answers: AnswerChoice = AnswerChoice(), lanes: Int? = nil,
        threads: Int? = nil, cacheBytes: Int? = nil, allowsCommands: Bool = false, log: EngineLog = noLog
    ) throws(StratagemError) -> any ModelSource {
        let file = try ShippedFiles.path(file, .bundle)
        if file.hasSuffix(".script") {
            let script = try ScriptBackend.read(file)
            for note in script.notes { log(.warning, "\(file): \(note)") }
            var source = ScriptedSource(script)
            source.answerFunctions = answers.applied(to: source.answerFunctions, isNamed: source.namesAnswers)
            return source
        }
        let models = try bundle(
            file, registry: registry, answers: answers, lanes: lanes, threads: threads, cacheBytes: cacheBytes,
            allowsCommands: allowsCommands)
        for note in models.notes { log(.warning, note) }
        return models
    }

    /// Reads a bundle without opening anything that it names.
    /// - Parameter name: a file, or the short name of a shipped bundle.
    /// - Parameter checkingFiles: whether the files that it names must exist.
    public static func read(bundle name: String, checkingFiles: Bool = true) throws(StratagemError) -> Bundle {
        try BundleReader.read(file: ShippedFiles.path(name, .bundle), checkingFiles: checkingFiles)
    }

    /// Opens a bundle only: the backends that its roles need open the rest.
    public static func bundle(
        _ file: String, registry: PluginRegistry, answers: AnswerChoice = AnswerChoice(), lanes: Int? = nil,
        threads: Int? = nil, cacheBytes: Int? = nil, allowsCommands: Bool = false
    ) throws(StratagemError) -> BundleModels {
        var bundle = try BundleReader.read(file: ShippedFiles.path(file, .bundle))
        bundle.answers = answers.applied(to: bundle.answers, isNamed: bundle.namesAnswers)
        return try BundleModels(
            bundle, backends: backends(registry, cacheBytes: cacheBytes, allowsCommands: allowsCommands),
            options: .init(lanes: lanes, threadsPerLane: threads))
    }
}
