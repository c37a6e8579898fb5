import ArgumentParser
import Benchmarks
import Engine
import Foundation
import LanguageModels
import ReferenceModels
import SearchCore
import StrategyHost
import Studies

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the cost of the host: ratios to what is possible, in one run.",
        discussion: """
            Times on a shared machine mean little; ratios measured side by side mean more. Every figure \
            is shown beside its goal; a figure that misses its goal is marked, and the exit status stays 0.

            The part 'models' takes some minutes, mostly for the bare loop: --no-loop leaves it out \
            and still reports what was decoded, how the time was spent and the cost. The part 'strategies' \
            runs every loaded strategy, and only if it is named.

            Examples:
              stratagem bench
              stratagem bench --part models --no-loop
              stratagem bench --part host --json
              stratagem bench --part models --problems 200 --samples 64
              stratagem bench --part strategies --problems 5 --samples 256
            """)

    enum Part: String, CaseIterable, ExpressibleByArgument { case host, isolation, endpoint, models, strategies }

    @Option(
        help:
            "Only this part: host (no model), isolation (compared with in-process calls), endpoint (a model on a server, compared with a bare HTTP client), models (compared with a bare llama.cpp loop) or strategies (the time of the host and the plugin beside the models)."
    )
    var part: Part?

    @Option(parsing: .unconditional, help: "Number of problems for the parts with models, from the 500 included ones.")
    var problems = 200

    @Option(parsing: .unconditional, help: "Samples per problem, and beams.")
    var samples = 64

    @Flag(
        name: .customLong("no-loop"),
        help: "Leave out the bare loop: no speed ratio, and the rest takes a quarter of the time.")
    var noLoop = false

    @Flag(help: "Print the figures as JSON (docs/json.md).")
    var json = false

    @OptionGroup var arguments: EngineArguments

    mutating func validate() throws {
        guard (1...Self.problemsMost).contains(problems) else {
            throw ValidationError("--problems must be from 1 to \(Self.problemsMost), found \(problems).")
        }
        guard (1...Self.samplesMost).contains(samples) else {
            throw ValidationError("--samples must be from 1 to \(Self.samplesMost), found \(samples).")
        }
    }

    /// There are 500 shipped ones; more samples than this take hours and say no more.
    private static let problemsMost = 500, samplesMost = 4096

    mutating func run() throws {
        let registry = arguments.plugins.registry()
        var figures: [BenchFigure] = []
        if part == nil || part == .host {
            figures += try Progress.during("measuring the host") { () throws(StratagemError) in
                try hostFigures(registry)
            }
        }
        if part == nil || part == .isolation {
            figures += try Progress.during("measuring isolation") { () throws(StratagemError) in try isolationFigures()
            }
        }
        if part == nil || part == .endpoint {
            figures += try Progress.during("measuring the client of servers") { () throws(StratagemError) in
                try EndpointBench().figures()
            }
        }
        if part == nil || part == .models {
            figures += try Progress.during("measuring the models") { () throws(StratagemError) in
                try modelBench(registry).figures()
            }
        }
        if part == .strategies {
            figures += try Progress.during("measuring the strategies") { () throws(StratagemError) in
                try modelBench(registry).shares()
            }
        }
        show(figures)
    }

    private func hostFigures(_ registry: PluginRegistry) throws(StratagemError) -> [BenchFigure] {
        let bench = try HostBench(registry: registry)
        var figures: [BenchFigure] = []
        // Memory first: later parts leave freed pages behind that would hide growth.
        figures.append(try bench.memory())
        figures += try bench.growth()
        figures.append(try bench.crossing())
        figures.append(try bench.asksPerSecond())
        return figures
    }

    private func isolationFigures() throws(StratagemError) -> [BenchFigure] {
        var (here, there) = (arguments.plugins, arguments.plugins)
        (here.isolate, there.isolate) = (false, true)
        let inProcess = here.registry()
        let bench = IsolationBench(inProcess: inProcess, isolated: there.registry())
        let set = try DataSet.read(file: try ReferenceModels.find().testProblems, limit: min(problems, 20))
        let file = if let named = arguments.bundle { named } else { try ReferenceModels.find().bundle }
        let source = try ModelFiles.open(
            file, registry: inProcess, lanes: arguments.lanes, threads: arguments.threads,
            cacheBytes: arguments.cacheBytes)
        return [try bench.roundTrip(), try bench.beams(source, problems: set.items.map(\.problem), samples: samples)]
    }

    private func modelBench(_ registry: PluginRegistry) throws(StratagemError) -> ModelBench {
        let file = if let named = arguments.bundle { named } else { try ReferenceModels.find().bundle }
        let set = try DataSet.read(file: try ReferenceModels.find().testProblems, limit: problems)
        return try ModelBench(
            opening: { () throws(StratagemError) in
                try ModelFiles.bundle(
                    file, registry: registry, lanes: arguments.lanes, threads: arguments.threads,
                    cacheBytes: arguments.cacheBytes)
            }, registry: registry,
            problems: set.items.map(\.problem), samples: samples, withLoop: !noLoop, progress: { Output.note($0) })
    }

    private func show(_ figures: [BenchFigure]) {
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            if let data = try? encoder.encode(["figures": figures]) {
                Output.json(String(decoding: data, as: UTF8.self))
            }
            return
        }
        let width = figures.map(\.name.count).max() ?? 0
        for figure in figures {
            let mark = figure.isReached.map { $0 ? "reached" : "NOT REACHED" } ?? ""
            let name = figure.name + String(repeating: " ", count: width - figure.name.count)
            Output.line(
                "\(name)  \(number(figure.value)) \(figure.unit)  \(figure.goal.map { "goal \($0)" } ?? "")  \(mark)")
            Output.line(String(repeating: " ", count: width + 2) + figure.note)
        }
    }

    private func number(_ value: Double) -> String {
        abs(value) >= 1000 ? String(Int(value.rounded())) : String((value * 1000).rounded() / 1000)
    }
}
