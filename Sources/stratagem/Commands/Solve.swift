import ArgumentParser
import Engine
import Foundation
import Reporting
import SearchCore
import SearchRuntime
import StrategyHost
import Studies

struct Solve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Solve one problem, and show the vote and the cost.",
        discussion: """
            Examples:
              stratagem solve "A boy has 12 pencils. His sister has 4 fewer pencils than he has. How many pencils do they have together?"
              echo "A kid has 20 books. His sister has 8 fewer books than he has. How many books do they have together?" | stratagem solve - --strategy majority --budget 8
              stratagem solve --example 7 --strategy beam-search --watch
              stratagem solve --example 7 --budget 16+seconds=5 --json --tree tree.svg
              stratagem solve --example 7 --strategy ./libmine.so --trace run.jsonl
            """)

    @Argument(help: ArgumentHelp("The problem, or '-' to read it from standard input.", valueName: "problem"))
    var problem: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Solve the included test problem with this number, and say whether the answer is right.",
            valueName: "number"))
    var example: Int?

    @Option(
        help: ArgumentHelp(
            "A strategy's name or id, or the path of a plugin; NAME:key=value,key=value sets its parameters.",
            valueName: "name"),
        completion: .custom(Completions.strategies))
    var strategy = "best-of-n"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Generations, tokens=T, flops=F or seconds=S; joined by '+'; the first limit that is reached ends the search.",
            valueName: "budget"))
    var budget = "16"

    @Option(
        name: .customLong("param"),
        help: ArgumentHelp(
            "A parameter of the strategy; may be repeated. 'stratagem plugins' lists them.", valueName: "key=value"))
    var params: [String] = []

    @Option(parsing: .unconditional, help: ArgumentHelp("The same seed gives the same answer.", valueName: "number"))
    var seed: UInt64 = 0

    @Flag(help: "Print the result as JSON (docs/json.md).")
    var json = false

    @Option(
        help: ArgumentHelp("Write every ask and tell of the run, as JSON lines.", valueName: "file"),
        completion: .file(extensions: ["jsonl"]))
    var trace: String?

    @Option(
        help: ArgumentHelp("Draw the search tree: FILE.svg, FILE.html or FILE.dot.", valueName: "file"),
        completion: .file(extensions: ["svg", "html", "dot"]))
    var tree: String?

    @Flag(help: "Show the tree while it grows, on a terminal.")
    var watch = false

    @Flag(
        name: .customLong("difficulty-free"),
        help: "compute-optimal: measure the difficulty outside of the budget; its cost is shown separately.")
    var difficultyFree = false

    @Flag(
        name: .customLong("watch-plugins"),
        help:
            "With '-': solve one problem per line as they arrive, and load plugins that are added or changed meanwhile."
    )
    var watchPlugins = false

    @OptionGroup var answers: AnswerArguments

    @OptionGroup var arguments: EngineArguments

    mutating func validate() throws {
        if watchPlugins, problem != "-" || example != nil || trace != nil || tree != nil || watch || difficultyFree {
            throw ValidationError(
                "--watch-plugins solves one problem per line of standard input: pass '-', and neither --example, --trace, --tree, --watch nor --difficulty-free."
            )
        }
    }

    mutating func run() async throws {
        let limits = try Limits(parsing: budget)
        let chosen = try StrategySpec(parsing: strategy, params: params)
        if watchPlugins { return try await loop(limits, chosen) }
        let problem = try ProblemInput.read(argument: problem, example: example)
        let registry = arguments.plugins.registry()
        let loaded = try registry.strategy(named: chosen.name)
        let checked = try loaded.check(parameters: chosen.params)
        registry.sayShadowings()
        if difficultyFree { try DifficultyFree.check([loaded]) }
        let files = try SolveFiles(trace: trace, tree: tree)
        let progress = Progress()
        // `--watch` draws there itself.
        if !watch { progress.follow() }
        defer { progress.clear() }
        do {
            let engine = try arguments.open(registry: registry, answers: answers.choice()) { [json] in
                Self.reportHang($0, json: json)
            }
            if let example {
                DataSet(file: "example \(example)", items: [.init(problem: problem, line: example)]).sayReferences(
                    engine)
            }
            guard !Interrupt.isRequested else { throw Finished(status: ExitStatus.interrupted) }
            progress.runs(in: engine.runtime, within: limits)
            let params = try engine.models.complete(checked, of: loaded, limits: limits)
            var request = RunRequest(
                problems: [problem], strategy: loaded, params: params, limits: limits, seed: seed,
                keepTree: files.wantsTree, keepTrace: files.wantsTrace)
            let free = difficultyFree ? DifficultyFree(engine, seed: seed) : nil
            if let free { request = try await free.prepare(request).get() }
            let result = await search(request, in: engine)
            progress.clear()
            try report(result, of: loaded.info.name, grader: engine.grader, files, difficulty: free?.cost)
        } catch {
            files.discard()
            throw error
        }
    }

    private func loop(_ limits: Limits, _ chosen: StrategySpec) async throws {
        let registry = arguments.plugins.registry()
        let loaded = try registry.strategy(named: chosen.name)
        let checked = try loaded.check(parameters: chosen.params)
        registry.sayShadowings()
        let engine = try arguments.open(registry: registry, answers: answers.choice()) { [json] in
            Self.reportHang($0, json: json)
        }
        _ = try engine.models.complete(checked, of: loaded, limits: limits)
        try await SolveLoop(name: chosen.name, typed: chosen.params, seed: seed, json: json)
            .run(loaded, checked, limits, engine)
    }

    private func search(_ request: RunRequest, in engine: Engine) async -> RunResult {
        let view = watch ? LiveTree(strategy: request.strategy.info.name, limits: request.limits) : nil
        view?.begin()
        let observer: (@Sendable (RunEvent) -> Void)? =
            if let view { { @Sendable event in view.take(event) } } else { nil }
        let results = await engine.runtime.run(request, observer: observer)
        view?.end()
        return results.first
            ?? RunResult(
                problem: request.problems[0], strategy: request.strategy.info.name, params: request.params,
                limits: request.limits, seed: request.seed)
    }

    private func report(
        _ result: RunResult, of strategy: String, grader: Grader, _ files: SolveFiles, difficulty: Cost?
    ) throws {
        let isCorrect = result.error == nil ? grader.isCorrect(result.answer, of: result.problem) : nil
        var report = SolveReport(result: result, strategy: strategy, isCorrect: isCorrect, difficultyCost: difficulty)
        report.showsProblem = example != nil
        if json {
            Output.json(report.json.pretty)
        } else {
            let style = Style.standardOutput
            Output.text(report.text(width: Terminal.textWidth) { style.bold($0) })
        }
        if let error = result.error { Output.error(error) }
        do throws(StratagemError) {
            try files.write(result, strategy: strategy)
        } catch {
            Output.error(error)
            throw Finished(status: ExitStatus.failed)
        }
        if result.wasCancelled, Interrupt.isRequested { throw Finished(status: ExitStatus.interrupted) }
        if let error = result.error {
            // A problem that does not fit, a role that the bundle lacks: found only at
            // the run's start, but nothing has run.
            let isRefusal = error.origin == .user && result.cost.tokens == 0
            throw Finished(status: isRefusal ? ExitStatus.refused : ExitStatus.failed)
        }
    }

    private static func reportHang(_ error: StratagemError, json: Bool) {
        if json { Output.json(JSON.object([.init("answer", .null), .init("error", JSON(error))]).pretty) }
    }
}
