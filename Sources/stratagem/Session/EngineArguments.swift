import ArgumentParser
import Engine
import Glibc
import SearchCore
import StrategyHost

/// Options of all commands that look for plugins.
struct PluginArguments: ParsableArguments {
    @Option(name: .customLong("plugin-path"), help: ArgumentHelp(
        "A folder with plugins, or one plugin; searched before STRATAGEM_PATH, the user's data folder and the program's folder. May be repeated.",
        valueName: "dir"), completion: .directory)
    var pluginPath: [String] = []

    @Flag(help: "Run every strategy in a process of its own, those of trusted plugins too.")
    var isolate = false

    @Flag(name: .customLong("require-isolation"), help: "Refuse plugins that are not trusted where this system cannot confine them in full.")
    var requireIsolation = false

    /// A folder that is named and not there is a slip of the pen, and would be searched in silence.
    mutating func validate() throws {
        for path in pluginPath where access(path, F_OK) != 0 { throw ValidationError("--plugin-path \(path): there is no such folder or plugin.") }
    }
}

/// Options of all commands that run a model.
struct EngineArguments: ParsableArguments {
    @Option(help: ArgumentHelp("A bundle: the TOML file that names model, verifier and prompt. Default: the reference models.", valueName: "file"),
            completion: .file(extensions: ["toml"]))
    var bundle: String?

    @OptionGroup var plugins: PluginArguments

    @Option(parsing: .unconditional, help: ArgumentHelp("Threads that search side by side, each with contexts of its own over the same weights.", valueName: "n"))
    var lanes: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("Threads that one lane computes with.", valueName: "n"))
    var threads: Int?

    @Flag(name: .customLong("trace-abi"), help: "Print every call between host and plugin, with its arguments, on standard error.")
    var traceABI = false

    mutating func validate() throws {
        if let lanes, !(1...1024).contains(lanes) { throw ValidationError("--lanes must be from 1 to 1024, found \(lanes).") }
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be from 1 to 1024, found \(threads).") }
    }
}

extension PluginArguments {
    private var options: PluginOptions {
        var options = PluginOptions()
        options.folders = pluginPath
        options.isolatesAll = isolate
        options.requiresIsolation = requireIsolation
        return options
    }

    /// Plugins first: a misspelt strategy is refused before any weights are read.
    func registry() -> PluginRegistry { Engine.plugins(options, log: Output.log) }
}

extension EngineArguments {
    /// Opens what the arguments name. Ctrl-C brings its runs to an end.
    ///
    /// - Parameter whenHanging: called when a plugin does not come back; the process ends when it returns.
    func open(registry: PluginRegistry, sharesSamples: Bool = false,
              whenHanging: @escaping @Sendable (StratagemError) -> Void = { _ in }) throws(StratagemError) -> Engine {
        var options = EngineOptions()
        (options.bundle, options.lanes, options.threads) = (bundle, lanes, threads)
        options.sharesSamples = sharesSamples
        options.abiTraceSink = traceABI ? ABILines() : nil
        options.log = { [traceABI] level, text in
            if level >= .notice || traceABI { Output.log(level, text) }
        }
        options.whenHanging = { error in
            Output.error(error)
            whenHanging(error)
            _exit(ExitStatus.failed)
        }
        let engine = try Engine(options, registry: registry)
        Interrupt.onRequest { [weak engine] in engine?.cancelAll() }
        return engine
    }
}
