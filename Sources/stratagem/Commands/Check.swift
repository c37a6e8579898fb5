import ArgumentParser
import Conformance
import Engine
import Foundation
import LanguageModels
import Locking
import ReferenceModels
import SearchCore
import StrategyHost

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check that a plugin follows the contract of stratagem.h.",
        discussion: """
            Each check runs in its own confined process, which is killed with everything that it started \
            when its time is up. A failure shows what was expected, what happened, the clause of the \
            header, and the command that runs only that check again. All checks with a sentence each: \
            --list, or docs/checks.md.

            Examples:
              stratagem check ./my-search.so
              stratagem check ./my-search.so --fail-fast
              stratagem check ./my-search.so --level 10 --junit report.xml
              stratagem check ./my-search.so --only save-restore --export traces

            Exit status: 0 no check failed (warnings and skips are reported); 1 a check failed; 2 bad usage.
            """)

    @Argument(help: "Shared objects to check.", completion: .file(extensions: ["so"]))
    var plugins: [String] = []

    @Flag(help: "List the checks instead: level, name, what each proves.")
    var list = false

    @Flag(help: .hidden)
    var markdown = false

    @Option(help: "Run only the check with this name; may be repeated.")
    var only: [String] = []

    @Option(help: "Run the checks up to this level, 1 to 10.")
    var level = CheckTable.defaultLevel

    @Option(
        name: .customLong("param"),
        help: ArgumentHelp(
            "A parameter of the plugin's strategies, for all searches; may be repeated. For required parameters.",
            valueName: "key=value"))
    var params: [String] = []

    @Option(
        help: ArgumentHelp(
            "Search with the roles that this bundle has; strategies that need other roles are skipped.",
            valueName: "file"),
        completion: ShippedCompletions.bundle)
    var bundle: String?

    @Option(help: "Seed of the scenarios, samples and sequences.")
    var seed: UInt64 = 1

    @Flag(help: "Print the results as JSON (docs/json.md).")
    var json = false

    @Option(help: "Also write the results to this file in JUnit's format.", completion: .file())
    var junit: String?

    @Option(
        help: "Write the trace of each failing search into this folder, for stratagem replay.", completion: .directory)
    var export: String?

    @Option(help: "Run only this sequence, as a failure of the check 'sequences' printed it.")
    var sequence: String?

    @Flag(name: .customLong("fail-fast"), help: "Run the checks of the lowest level first, and stop after a failure.")
    var failFast = false

    @Option(help: "Seconds that a check may take.")
    var timeout = 20.0

    mutating func run() throws {
        if list {
            let checks = try chosen()
            Output.line(markdown ? CheckList.markdown(checks) : CheckList.text(checks))
            return
        }
        try validateUsage()
        let runner = try makeRunner()
        let report = try junit.map { path throws(StratagemError) in
            try OutputFile(path, for: "--junit", notOver: plugins)
        }
        var reports: [(path: String, results: [CheckResult])] = []
        for plugin in plugins { reports.append((plugin, results(plugin, runner))) }
        if json { Output.json(JSONReport.text(reports, level: level, seed: seed)) }
        try Finished.afterWork { () throws(StratagemError) in try report?.finish(JUnitReport.text(reports)) }
        if reports.contains(where: { $0.results.contains(where: \.isFailure) }) {
            throw Finished(status: ExitStatus.failed)
        }
    }

    /// One plugin's results: told as they come, in the table's order at the end.
    private func results(_ plugin: String, _ runner: CheckRunner) -> [CheckResult] {
        let start = Date()
        let results = Progress.during("checking") { runner.run(plugin) }
        guard !json else { return results }
        if only.isEmpty {
            for line in TextReport.findings(results) + TextReport.skips(results) { Output.line(line) }
        } else {
            for result in results { Output.line(TextReport.lines(result).joined(separator: "\n")) }
        }
        Output.line(TextReport.summary(plugin, results, seconds: Date().timeIntervalSince(start)))
        let left = runner.checks.count - results.count
        if left > 0 { Output.line("\(left) checks were not run (--fail-fast)") }
        return results
    }

    private func chosen() throws -> [Check] {
        for name in only where CheckTable.named(name) == nil {
            let near = CheckTable.all.map(\.name).first { $0.contains(name) || name.contains($0) }
            throw StratagemError(
                .user, .unknownCheck,
                "there is no check '\(name)'\(near.map { "; did you mean '\($0)'?" } ?? ""). stratagem check --list names them all"
            )
        }
        return only.isEmpty ? CheckTable.all : CheckTable.all.filter { only.contains($0.name) }
    }

    private func validateUsage() throws {
        _ = try chosen()
        guard CheckTable.levels.contains(level) else {
            throw StratagemError(
                .user, .badLevel,
                "--level is \(level); it goes from \(CheckTable.levels.lowerBound) to \(CheckTable.levels.upperBound)")
        }
        guard timeout.isFinite, timeout > 0 else {
            throw StratagemError(.user, .badTimeout, "--timeout is \(timeout); expected a number of seconds above 0")
        }
        guard !plugins.isEmpty else {
            throw StratagemError(.user, .usage, "name at least one plugin: stratagem check PLUGIN.so")
        }
        for plugin in plugins {
            guard let reason = PluginFile.unreadable(plugin) else { continue }
            throw StratagemError(
                .user, .noPlugin, "\(plugin) \(reason). A plugin is a shared object: name the .so itself")
        }
    }

    private func makeRunner() throws -> CheckRunner {
        var options = CheckRunner.Options()
        (options.level, options.only, options.seed, options.sequence) = (level, only, seed, sequence)
        (options.timeoutSeconds, options.exportFolder, options.failsFast) = (timeout, export, failFast)
        options.settings = try settings()
        options.typed = params.flatMap { ["--param", $0] } + (bundle.map { ["--bundle", $0] } ?? [])
        if let export {
            do { try FileManager.default.createDirectory(atPath: export, withIntermediateDirectories: true) } catch {
                throw StratagemError(
                    .user, .unwritable, "the folder \(export) cannot be made: \(error.localizedDescription)")
            }
        }
        return CheckRunner(command: [CommandLine.ownPath, "check"], options: options)
    }

    private func settings() throws -> SearchSettings {
        var settings = SearchSettings()
        settings.params = try StrategySpec.params(parsing: params)
        if !params.isEmpty { try refuseUnknown(settings.params) }
        if let bundle {
            let read = try BundleReader.read(file: ShippedFiles.path(bundle, .bundle))
            (settings.models, settings.verifiers) = (Set(read.policies.map(\.role)), Set(read.verifiers.map(\.role)))
        }
        return settings
    }

    /// A value that no strategy would get is a typing mistake.
    private func refuseUnknown(_ params: [String: String]) throws {
        let registry = PluginRegistry(
            folders: [],
            isolation: {
                var isolation = IsolationOptions()
                isolation.scope = .all
                return isolation
            }())
        // Plugins that cannot be loaded are what the checks tell of.
        let strategies = plugins.compactMap { try? registry.load(path: $0) }.flatMap(\.strategies)
        guard !strategies.isEmpty else { return }
        for (id, value) in params {
            let fitting = strategies.filter { $0.params.contains { $0.id == id } }
            guard !fitting.isEmpty else {
                throw StratagemError(.user, .unknownParameter, "no strategy that is checked has a parameter \"\(id)\"")
            }
            for info in fitting { try PluginRegistry.check(id, value, info) }
        }
    }
}

extension CommandLine {
    /// This program's own file, however it was called.
    static var ownPath: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? arguments[0]
    }
}
