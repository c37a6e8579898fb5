import ArgumentParser
import Engine
import Foundation
import Locking
import ReferenceModels
import Reporting
import SearchCore
import SearchRuntime
import StrategyHost
import Studies

struct Eval: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure strategies at budgets on a data set.",
        discussion: """
            Every strategy is run at every budget: accuracy with a 95 % interval (Wilson), how often a right answer was among the \
            solutions (pass@N), how many texts a limit cut, pairwise differences (McNemar), mean cost per problem, and throughput. \
            With --seeds the interval is over problems and seeds (docs/eval.md). A store (--out) keeps every run, \
            vote and candidate: fit, report, query and your own SQL can read it, and --resume continues an interrupted study, or \
            lets it grow with a larger --limit.

            Examples:
              stratagem eval --limit 100
              stratagem eval --strategy majority --strategy best-of-n --budget 1,4,16,64
              stratagem eval --strategy best-of-n:selection=naive --strategy beam-search:beam_width=4 --json
              stratagem eval --limit 20 --seeds 3 --strategy majority --budget 4
              stratagem eval --limit 20 --budget 4 --csv
              stratagem eval --data gsm8k-test.jsonl --bundle smollm2.toml --out gsm8k.db --resume
              stratagem eval --grid examples/reproduce/quick.toml --out quick.db --shard 2/8
            """)

    @Option(
        help: ArgumentHelp(
            "JSON lines, {\"problem\": …, \"answer\": …}; 'question' is accepted, and GSM8K's '#### N'. Or an included data set: test (500 problems, the default), dev (500 others) or train.",
            valueName: "file"), completion: ShippedCompletions.data)
    var data: String?

    @Option(
        name: .customLong("strategy"),
        help: ArgumentHelp(
            "A strategy with parameters; may be repeated. Default: best-of-n.", valueName: "name[:k=v,…]"),
        completion: .custom(Completions.strategies))
    var strategies: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Budgets, as for solve. Default: 16.", valueName: "budget[,budget…]"))
    var budget: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The same seed gives the same results. Default: 0.", valueName: "number"))
    var seed: UInt64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Number of seeds, from --seed up: the interval is then over problems and seeds. Default: 1.",
            valueName: "count"))
    var seeds: Int?

    @Option(
        help: ArgumentHelp(
            "Strategies, parameters, budgets and seeds from a TOML file (docs/store.md), instead of --strategy, --budget and --seed.",
            valueName: "file"), completion: .file(extensions: ["toml"]))
    var grid: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Use only the first N problems.", valueName: "problems"))
    var limit: Int?

    @OptionGroup var keeping: StoreArguments

    @Option(
        help: ArgumentHelp(
            "Only the problems of one part; `stratagem merge` combines the stores of the parts.", valueName: "i/n"))
    var shard: String?

    @Flag(
        name: .customLong("no-texts"),
        help: "Leave the candidates' texts out of the store; they take most of the space.")
    var noTexts = false

    @Flag(help: "Run a large grid without asking.")
    var yes = false

    @Flag(help: "Print the results as JSON (docs/json.md).")
    var json = false

    @Flag(help: "Print the results as CSV, a row for each strategy, budget and seed (docs/eval.md).")
    var csv = false

    @Flag(
        name: .customLong("difficulty-free"),
        help: "compute-optimal: measure the difficulty outside of the budget; its cost is shown separately.")
    var difficultyFree = false

    @Flag(
        name: .customLong("watch-plugins"),
        help: "Load plugins that are added or changed during the eval: later runs use them.")
    var watchPlugins = false

    @OptionGroup var answers: AnswerArguments

    @OptionGroup var arguments: EngineArguments

    mutating func validate() throws {
        if watchPlugins, keeping.out != nil {
            throw ValidationError(
                "--watch-plugins can change a plugin during the eval, so a store would mix results of two plugins. Leave out --watch-plugins or --out."
            )
        }
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1, found \(limit).") }
        if keeping.out == nil, shard != nil || noTexts {
            throw ValidationError("--shard and --no-texts need a store: name one with --out.")
        }
        if grid != nil, !strategies.isEmpty || budget != nil || seed != nil || seeds != nil {
            throw ValidationError(
                "A grid has its own strategies, budgets and seeds. Leave out --strategy, --budget, --seed and --seeds, or leave out --grid."
            )
        }
        if json, csv { throw ValidationError("--json and --csv exclude each other.") }
        if let seeds, !(1...Self.mostSeeds).contains(seeds) {
            throw ValidationError("--seeds must be from 1 to \(Self.mostSeeds), found \(seeds).")
        }
        if let seed, let seeds, seed > .max - UInt64(seeds) {
            throw ValidationError("--seed \(seed) leaves no room for \(seeds) seeds: the largest is \(UInt64.max).")
        }
    }

    mutating func run() async throws {
        let registry = arguments.plugins.registry()
        var plan = try plan(registry)
        registry.sayShadowings()
        if difficultyFree { try plan.freeDifficulty() }
        let part = try shard.map { text throws(StratagemError) in try Shard(parsing: text) } ?? .whole
        let file = try ShippedFiles.path(data ?? "test", .data)
        let set = try DataSet.read(file: file, limit: limit)
        let emergency = Locked<EvalReport?>(nil)
        let writing = Locked<StoreWriter?>(nil)
        let progress = Progress()
        progress.follow()
        defer { progress.clear() }
        let engine = try arguments.open(
            registry: registry, answers: answers.choice(for: set), sharesSamples: keeping.out != nil
        ) { [format] _ in
            try? writing.withLock { $0 }?.finish()
            if let report = emergency.withLock({ $0 }) { Self.show(report, format) }
        }
        progress.runs(in: engine.runtime)
        try plan.complete(engine.models)
        let check = set.sayReferences(engine)
        let free = difficultyFree ? DifficultyFree(engine, seed: plan.cases.first?.seed ?? 0) : nil
        let store = try keeping.out.map { [plan] path throws(StratagemError) in
            try StudyRecorder(
                .init(path: path, resume: keeping.resume, shard: part, keepText: !noTexts, version: Version.text),
                plan: plan,
                data: set, engine: engine)
        }
        writing.withLock { $0 = store?.writer }
        // What cannot be kept need not be computed.
        store?.writer.onFailure { [weak engine] in engine?.cancelAll() }
        let finding = await search(plan, set, part, engine, store, free, progress) { found in
            emergency.withLock { $0 = report(found, plan, set, engine, check) }
        }
        progress.clear()
        let failure: StratagemError?
        do throws(StratagemError) {
            try store?.writer.finish()
            failure = nil
        } catch { failure = error }
        var found = report(finding, plan, set, engine, check)
        found.difficultyCost = free?.cost
        Self.show(found, format)
        try finish(finding, failure)
    }

    private static let mostSeeds = 1000
    private var seedList: [UInt64] { (0..<UInt64(seeds ?? 1)).map { (seed ?? 0) + $0 } }

    private func plan(_ registry: PluginRegistry) throws(StratagemError) -> EvalPlan {
        guard let grid else {
            return try EvalPlan(
                strategies: strategies.isEmpty ? ["best-of-n"] : strategies, budgets: budget ?? "16", seeds: seedList,
                registry: registry)
        }
        let isAsked = !yes
        return try EvalPlan(grid: try GridFile.read(grid), registry: registry) { count throws(StratagemError) in
            guard isAsked || count > Self.mostCells else { return }
            try Self.confirm(count, grid)
        }
    }

    /// More are never meant, and their list alone would fill the memory.
    private static let mostCells = 1_000_000

    /// A typing mistake in a grid multiplies.
    private static func confirm(_ count: Int, _ grid: String) throws(StratagemError) {
        guard count <= mostCells else {
            throw StratagemError(
                .user, .largeGrid,
                "\(grid): the grid has \(count == .max ? "more cells than can be counted" : "\(count) cells"), and one store can have at most \(mostCells). Shorten its lists, or split it into several grids"
            )
        }
        let refusal = StratagemError(
            .user, .largeGrid, "\(grid): the grid has \(count) cells. Pass --yes to run them all")
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { throw refusal }
        Output.note("\(grid): the grid has \(count) cells. Run them all? [y/N]")
        guard let line = readLine(), ["y", "yes"].contains(line.lowercased()) else { throw refusal }
    }

    private func search(
        _ plan: EvalPlan, _ set: DataSet, _ part: Shard, _ engine: Engine, _ store: StudyRecorder?,
        _ free: DifficultyFree?, _ progress: Progress, soFar: (EvalResults) -> Void
    ) async -> EvalResults {
        let watch = watchPlugins ? PluginWatch(engine.registry, log: Output.log) : nil
        defer { watch?.stop() }
        var runner = EvalRunner(
            data: set, cases: plan.cases, grader: engine.grader,
            start: { entry, items, done in
                let (strategy, params) =
                    watch.map { plan.current(entry, in: $0) } ?? (plan.strategies[entry], plan.cases[entry].params)
                var request = RunRequest(
                    problems: items.map { set.items[$0].problem }, strategy: strategy, params: params,
                    limits: plan.cases[entry].limits, seed: plan.cases[entry].seed)
                request.group = items.count == 1 ? UInt64(items[0]) : nil
                guard let free else { return _ = engine.runtime.submit(request, onFinish: done) }
                free.submit(request, onFinish: done)
            }, isStopped: { Interrupt.isRequested || store?.writer.failure != nil })
        if let store {
            runner.keep = { store.add($0, $1, $2, $3) }
            // A store's cells need the same samples, and are not timed.
            runner.order = .problemByProblem
        }
        runner.holds = { part.holds(problem: $0) }
        if let lanes = arguments.lanes { runner.quietWindow = lanes }
        let clusters = set.clusters
        var tallies = plan.cases.indices.map { entry in
            EvalTally(stored: set.items.indices.map { store?.outcome(entry, $0) }, clusters: clusters)
        }
        return await runner.run(
            known: { store?.outcome($0, $1) },
            observe: { entry, item, outcome, state in
                tallies[entry].outcomes[item] = outcome
                tallies[entry].seconds = state.caseSeconds
                soFar(EvalResults(tallies: tallies, totalCost: state.cost, isComplete: false))
                progress.show(Self.line(state))
            })
    }

    private func report(
        _ finding: EvalResults, _ plan: EvalPlan, _ set: DataSet, _ engine: Engine, _ check: ReferenceCheck
    ) -> EvalReport {
        var report = EvalReport(
            cases: plan.cases, tallies: finding.tallies, data: set.file, bundle: engine.models.name,
            seed: plan.cases.first?.seed ?? 0, isComplete: finding.isComplete, totalCost: finding.totalCost)
        if keeping.out != nil { report.sharing = engine.runtime.statistics.sharing }
        report.references = check
        report.repeated = set.repeated
        report.unusedFields = set.unused.names
        return report
    }

    private enum Format { case text, json, csv }
    private var format: Format { json ? .json : csv ? .csv : .text }

    private static func show(_ report: EvalReport, _ format: Format) {
        switch format {
        case .text: Output.text(report.text)
        case .json: Output.json(report.json.pretty)
        case .csv: Output.text(report.csv)
        }
    }

    private static func line(_ state: EvalProgress) -> String {
        let share = state.total > 0 ? Double(state.done) / Double(state.total) : 1
        let right = state.graded > 0 ? Readable.percent(Double(state.correct) / Double(state.graded)) : "–"
        let left = state.secondsLeft.map { "\(Readable.seconds($0)) left" } ?? "–"
        return
            "\(Progress.bar(share, width: 20)) \(state.done)/\(state.total)  \(left)  \(Readable.count(Int(state.tokensPerSecond))) tokens/s  \(state.name): \(right)"
    }

    private func finish(_ finding: EvalResults, _ failure: StratagemError?) throws {
        if let failure {
            Output.error(failure)
            throw Finished(status: ExitStatus.failed)
        }
        if Interrupt.isRequested, !finding.isComplete { throw Finished(status: ExitStatus.interrupted) }
        // A strategy of which no run came to an end was not measured.
        let broken = finding.tallies.map(\.finished).first { !$0.isEmpty && $0.allSatisfy { $0.error != nil } }
        if let error = broken?.first?.error {
            Output.error(error)
            throw Finished(status: ExitStatus.failed)
        }
    }
}
