import ArgumentParser
import Engine
import Glibc
import LlamaBackend
import Reporting
import SearchCore
import StrategyHost

/// Options of all commands that look for plugins.
struct PluginArguments: ParsableArguments {
    @Option(
        name: .customLong("plugin-path"),
        help: ArgumentHelp(
            "A folder with plugins, or one plugin; searched before STRATAGEM_PATH, the user's data folder and the program's folder. May be repeated.",
            valueName: "dir"), completion: .directory)
    var pluginPath: [String] = []

    @Flag(help: "Run every strategy in its own process, also those of trusted plugins.")
    var isolate = false

    @Flag(
        name: .customLong("require-isolation"),
        help: "Refuse untrusted plugins if this system cannot confine them completely.")
    var requireIsolation = false

    @Flag(
        name: .customLong("allow-shadowing"),
        help: "Allow untrusted plugins to take the names of included and trusted ones that come after them.")
    var allowShadowing = false

    /// A folder that is named and not there is a typing mistake, and would be searched in silence.
    mutating func validate() throws {
        for path in pluginPath where access(path, F_OK) != 0 {
            throw ValidationError("--plugin-path \(path): there is no such folder or plugin.")
        }
    }
}

/// Options of all commands that run a model.
struct EngineArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A bundle: the TOML file that names model, verifier and prompt; or a shipped one: reference (the default), reference-pair or reference-rollout.",
            valueName: "file"),
        completion: ShippedCompletions.bundle)
    var bundle: String?

    @Option(
        help: ArgumentHelp(
            "Instead of a bundle: a server with OpenAI's interface (vLLM, llama-server, …), such as http://localhost:8000/v1.",
            valueName: "url"))
    var endpoint: String?

    @Option(
        help: ArgumentHelp(
            "Instead of a bundle: a GGUF file, used with its own chat template. With --endpoint: the server's model, if it has several.",
            valueName: "file"),
        completion: .file(extensions: ["gguf"]))
    var model: String?

    @OptionGroup var plugins: PluginArguments

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Threads that run searches in parallel, each with its own contexts over the same weights.", valueName: "n"))
    var lanes: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("Threads per lane for computing.", valueName: "n"))
    var threads: Int?

    @Option(
        name: .customLong("cache-memory"), parsing: .unconditional,
        help: ArgumentHelp(
            "Memory for the caches of all models together. Default: 128 for small models, more for large ones.",
            valueName: "MiB"))
    var cacheMemory: Int?

    @Flag(
        name: .customLong("allow-commands"),
        help: "Let the bundle run programs as verifiers (command = …), with your rights.")
    var allowCommands = false

    @Flag(
        name: .customLong("trace-abi"),
        help: "Print every call between host and plugin, with its arguments, on standard error.")
    var traceABI = false

    mutating func validate() throws {
        if endpoint != nil, bundle != nil {
            throw ValidationError("--bundle and --endpoint exclude each other: a bundle names its endpoint itself.")
        }
        if model != nil, bundle != nil {
            throw ValidationError("--bundle and --model exclude each other: a bundle names its models itself.")
        }
        if let lanes, !(1...1024).contains(lanes) {
            throw ValidationError("--lanes must be from 1 to 1024, found \(lanes).")
        }
        if let cacheMemory, !(1...1 << 20).contains(cacheMemory) {
            throw ValidationError("--cache-memory must be from 1 to 1048576 MiB, found \(cacheMemory).")
        }
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads must be from 1 to 1024, found \(threads).")
        }
    }
}

extension PluginArguments {
    private var options: PluginOptions {
        var options = PluginOptions()
        options.folders = pluginPath
        options.isolatesAll = isolate
        options.requiresIsolation = requireIsolation
        options.allowsShadowing = allowShadowing
        options.whenHanging = { error in
            Output.error(error)
            Interrupt.quit(Interrupt.isRequested ? ExitStatus.interrupted : ExitStatus.failed)
        }
        return options
    }

    /// Plugins first: a misspelt strategy is refused before any weights are read.
    func registry(log: @escaping EngineLog = Output.log) -> PluginRegistry { Engine.plugins(options, log: log) }
}

extension PluginRegistry {
    /// Says what is not used because something else has its name: else a name would stand
    /// for other code than its user thinks. To be called when all strategies are named.
    func sayShadowings() {
        let all = shadowings
        for one in all.prefix(5) { Output.warning(one) }
        if all.count > 5 { Output.warning("\(all.count - 5) more are shadowed: see `stratagem plugins`") }
    }
}

extension EngineArguments {
    var cacheBytes: Int? { cacheMemory.map { $0 << 20 } }

    /// Opens what the arguments name. Ctrl-C brings its runs to an end.
    ///
    /// - Parameters:
    ///   - endsRunsOnInterrupt: false: what Ctrl-C does is up to the caller.
    ///   - whenHanging: called when a plugin does not return; the process ends when it returns.
    func open(
        registry: PluginRegistry, answers: AnswerChoice = AnswerChoice(), sharesSamples: Bool = false,
        endsRunsOnInterrupt: Bool = true,
        whenHanging: @escaping @Sendable (StratagemError) -> Void = { _ in }
    ) throws(StratagemError) -> Engine {
        var options = EngineOptions()
        (options.bundle, options.lanes, options.threads) = (bundle, lanes, threads)
        (options.endpoint, options.model) = (endpoint, model)
        options.cacheBytes = cacheBytes
        options.allowsCommands = allowCommands
        options.answers = answers
        options.sharesSamples = sharesSamples
        options.abiTraceSink = traceABI ? ABILines() : nil
        let repeated = RepeatedMessages()
        options.log = { [traceABI] level, text in
            if traceABI { return Output.log(level, text) }
            if level >= .notice, let text = repeated.shown(text) { Output.log(level, text) }
        }
        options.whenHanging = { error in
            Output.error(error)
            whenHanging(error)
            Interrupt.quit(Interrupt.isRequested ? ExitStatus.interrupted : ExitStatus.failed)
        }
        let engine = try Engine(options, registry: registry)
        guard endsRunsOnInterrupt else { return engine }
        Interrupt.onRequest { [weak engine] in
            engine?.cancelAll()
            Self.endUnlessOver(whenHanging) { engine?.runtime.hasRuns ?? false }
        }
        return engine
    }

    /// A decode call of a large model is cut; a plugin in this process may not return at all:
    /// the process then ends without it, with what is finished.
    private static func endUnlessOver(_ whenHanging: (StratagemError) -> Void, hasRuns: () -> Bool) {
        func wait(seconds: Double) {
            let end = ContinuousClock.now + .seconds(seconds)
            while hasRuns(), .now < end { usleep(10_000) }
        }
        wait(seconds: 0.75)
        if hasRuns() { Engine.stopDecoding() }
        wait(seconds: 0.75)
        guard hasRuns() else { return }
        let error = StratagemError(
            .user, .interrupted, "it was interrupted, and the running work did not end within 1.5 s")
        Output.error(error)
        whenHanging(error)
        Interrupt.quit(ExitStatus.interrupted)
    }
}
