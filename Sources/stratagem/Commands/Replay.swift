import ArgumentParser
import Conformance
import SearchCore
import StrategyHost

struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a plugin against a recorded search, without a model.",
        discussion: """
            TRACE is a file that solve --trace or check --export wrote. The plugin gets the recorded tells, \
            turn by turn; the first ask that differs is shown: turn, ask, field. The plugin runs \
            in this process, so that you can debug it:

              gdb --args stratagem replay run.jsonl ./my-search.so

            Exit status: 0 the same asks; 1 they differ, or the plugin failed; 2 refused (a trace that \
            is truncated or changed, another version, another plugin: --force continues if possible).
            """)

    @Argument(help: "A trace.", completion: .file(extensions: ["jsonl"]))
    var trace: String

    @Argument(
        help: "The shared object. Default: the loaded strategy with the trace's name.",
        completion: .file(extensions: ["so"]))
    var plugin: String?

    @Flag(help: "Continue although the trace is truncated, or was recorded with another build of the plugin.")
    var force = false

    @OptionGroup var plugins: PluginArguments

    mutating func run() throws {
        let contents = try TraceFile.read(trace)
        let header = contents.trace.header
        // In this process in any case: an explicit path, and no worker.
        let registry = plugin == nil ? plugins.registry() : PluginRegistry(folders: [])
        let name = plugin.map { ($0.contains("/") ? $0 : "./\($0)") + "#\(header.strategy)" } ?? header.strategyID
        let strategy = try registry.strategy(named: name)
        // It was found in a folder and not named: nobody has said that it may run here.
        guard strategy.isolated == nil else {
            throw StratagemError(
                .user, .notTrusted,
                "\(strategy.info.name) was found at \(strategy.pluginPath), which is not trusted, and a replay runs it inside this process. If you want that, name the file: stratagem replay \(trace) \(strategy.pluginPath)"
            )
        }
        let replayer = Replayer(contents.trace, strategy)
        for (code, doubt): (ErrorCode, String?) in [
            (.traceCutShort, contents.cutShort), (.otherPlugin, replayer.mismatch),
        ] {
            guard let doubt else { continue }
            guard force else {
                throw StratagemError(.user, code, "\(trace): \(doubt). Pass --force to continue anyway")
            }
            Output.warning("\(doubt); continuing because of --force")
        }
        switch try replayer.run() {
        case .same(let rounds):
            Output.line("\(header.strategy): the same in all \(rounds) turns")
        case .differs(let difference):
            let place =
                difference.place.map { ", \(difference.field.hasPrefix("answer") ? "answer" : "ask") \($0)" } ?? ""
            Output.line(
                "\(header.strategy): differs in turn \(difference.round)\(place): \(difference.field) was \(difference.recorded), is \(difference.now)"
            )
            throw Finished(status: ExitStatus.failed)
        case .failed(let round, let error):
            Output.error(error)
            Output.line("\(header.strategy): in turn \(round) it failed, or returned what the host refuses")
            throw Finished(status: ExitStatus.failed)
        }
    }
}
