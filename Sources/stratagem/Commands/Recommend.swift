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
import StudyReport

struct Recommend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find the strategy for a model, a verifier and a kind of problem.",
        discussion: """
            Runs all loaded strategies on a few problems of the data, drops those that are worse than the best beyond \
            chance, and goes on with twice as many problems until --spend is used up. Says which strategies cannot be \
            told from the best, and recommends the one with the best estimate, or a much cheaper one that is surely \
            within --margin of it; what more spending would decide; and the command to run (docs/recommend.md). With \
            --out and --resume nothing is run twice, whatever ended the first call.

            Examples:
              stratagem recommend --data test --budget 8
              stratagem recommend --data gsm8k-test.jsonl --bundle smollm2.toml --budget 16 --spend seconds=3600 --out gsm8k.db --resume
              stratagem recommend --budget 4 --strategy majority --strategy best-of-n --strategy best-of-n:selection=naive
              stratagem recommend --budget 8 --spend tokens=2000000 -o recommend.svg --json
            """)

    @Option(
        help: ArgumentHelp(
            "Problems with answers, as for eval. Default: test, an included data set.", valueName: "file"),
        completion: ShippedCompletions.data)
    var data: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The budget of a problem, as for solve.", valueName: "budget"))
    var budget: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "What this call may spend at most: seconds=S, tokens=T or flops=F, joined by '+'.",
            valueName: "cost"))
    var spend = "seconds=300"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Accuracy that you would give up for a strategy that costs at least 20 % less, in points.",
            valueName: "points"))
    var margin = 100 * RaceDesign.usualMargin

    @Option(
        name: .customLong("strategy"),
        help: ArgumentHelp(
            "Compare only the strategies that are named so; may be repeated. 'all' stands for every loaded one. Default: all, with variations of their parameters.",
            valueName: "name[:k=v,…]"),
        completion: .custom(Completions.strategies))
    var strategies: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Of the samples, and of the order in which problems are drawn.", valueName: "number"))
    var seed: UInt64 = 0

    @OptionGroup var keeping: StoreArguments

    @Option(
        name: [.customShort("o"), .customLong("picture")],
        help: ArgumentHelp(
            "Draw accuracy over cost, with intervals: FILE.svg. gnuplot must be installed.", valueName: "file"),
        completion: .file(extensions: ["svg"]))
    var picture: String?

    @Flag(help: "Print the result as JSON (docs/json.md).")
    var json = false

    @OptionGroup var answers: AnswerArguments

    @OptionGroup var arguments: EngineArguments

    mutating func validate() throws {
        guard margin.isFinite, (0...100).contains(margin) else {
            throw ValidationError("--margin must be from 0 to 100 points, found \(margin).")
        }
        if let picture, !picture.hasSuffix(".svg"), !picture.hasPrefix("/dev/") {
            throw ValidationError("-o \(picture): the picture is an SVG file, so its name must end with .svg.")
        }
    }

    mutating func run() async throws {
        let limits = try RecommendSpend.limits(spend)
        _ = try Limits(parsing: budget)
        let registry = arguments.plugins.registry()
        for text in strategies where text != RaceField.all {
            _ = try registry.strategy(named: StrategySpec(parsing: text).name)
        }
        registry.sayShadowings()
        let set = try DataSet.read(file: try ShippedFiles.path(data ?? "test", .data))
        let drawn = set.drawn(seed: seed)
        let gnuplot = try picture.map { _ throws(StratagemError) in try Gnuplot.find() }
        Interrupt.beforeQuitting { Gnuplot.abandon() }
        let page = try picture.map { [out = keeping.out] path throws(StratagemError) in
            try OutputFile(
                path, for: "the picture", notOver: [set.file] + OutputFile.files(ofStores: out.map { [$0] } ?? []))
        }
        var isPageOpen = page != nil
        defer { if isPageOpen { page?.discard() } }
        let writing = Locked<StoreWriter?>(nil)
        let progress = Progress()
        progress.follow()
        defer { progress.clear() }
        let engine = try arguments.open(registry: registry, answers: answers.choice(for: set), sharesSamples: true) {
            _ in try? writing.withLock { $0 }?.finish()
        }
        let field = try RaceField(
            specs: strategies, budget: budget, seed: seed, spend: limits, variations: true, engine: engine)
        let design = RaceDesign(problems: drawn.items.count, candidates: field.plan.cases.count, margin: margin / 100)
        try RecommendSpend.check(limits, field, design, set.file)
        set.sayReferences(engine)
        let store = try keeping.out.map { [keeping] path throws(StratagemError) in
            try StudyRecorder(
                .init(path: path, resume: keeping.resume, keepText: false, version: Version.text), plan: field.plan,
                data: drawn, engine: engine)
        }
        writing.withLock { $0 = store?.writer }
        store?.writer.onFailure { [weak engine] in engine?.cancelAll() }
        RecommendSpend.announce(limits, field, design, budget: budget, data: set.file)
        let purse = Purse(limits)
        var race = Race(
            field.racers(
                clusters: drawn.clusters, known: { store?.outcome($0, $1) }, problems: drawn.items.count),
            design: design)
        await runner(field, drawn, purse, engine, store).run(&race) { news in
            progress.show(RecommendSpend.line(news))
        }
        progress.clear()
        let failure: StratagemError?
        do throws(StratagemError) {
            try store?.writer.finish()
            failure = nil
        } catch { failure = error }
        guard let found = Recommendation(race) else {
            if let failure { Output.error(failure) }
            throw nothingFound(race, purse)
        }
        let report = report(found, field, set.file, engine, purse)
        if json { Output.json(report.json.pretty) } else { Output.text(report.text(width: 100)) }
        try Finished.afterWork { () throws(StratagemError) in if let failure { throw failure } }
        if let gnuplot, let page {
            isPageOpen = false
            let figure = RaceFigure.make(found, budget: budget)
            try Finished.afterWork { () throws(StratagemError) in try page.finish(try gnuplot.file(figure)) }
        }
        if Interrupt.isRequested { throw Finished(status: ExitStatus.interrupted) }
    }

    private func runner(
        _ field: RaceField, _ data: DataSet, _ purse: Purse, _ engine: Engine, _ store: StudyRecorder?
    ) -> RaceRunner {
        let plan = field.plan
        var runner = RaceRunner(data: data, cases: plan.cases, purse: purse, grader: engine.grader) {
            entry, items, done in
            var request = RunRequest(
                problems: items.map { data.items[$0].problem }, strategy: plan.strategies[entry],
                params: plan.cases[entry].params, limits: plan.cases[entry].limits, seed: plan.cases[entry].seed)
            request.group = items.count == 1 ? UInt64(items[0]) : nil
            _ = engine.runtime.submit(request, onFinish: done)
        }
        runner.cancel = { engine.cancelAll() }
        runner.isStopped = { Interrupt.isRequested || store?.writer.failure != nil }
        if let store { runner.keep = { store.add($0, $1, $2, $3) } }
        return runner
    }

    private func nothingFound(_ race: Race, _ purse: Purse) -> any Error {
        if Interrupt.isRequested {
            Output.note("stratagem: interrupted before the first round was complete: nothing can be said yet")
            return Finished(status: ExitStatus.interrupted)
        }
        let all = race.racers.indices.filter { !race.racers[$0].isVariation }
        let cost = race.missing(all, over: 0..<race.design.rounds[0])
        let price =
            cost.tokens == 0
            ? ""
            : ", which would take about \(Readable.count(cost.tokens)) more tokens"
                + (purse.pace.map { " (\(Readable.seconds($0 * cost.weight)))" } ?? "")
        let failures = race.racers.compactMap { racer -> String? in
            guard case .failed(let error) = racer.fate else { return nil }
            return "\n\(racer.name): \(error)"
        }
        let error =
            failures.count == race.racers.count
            ? StratagemError(.user, .badStrategy, "every strategy failed\(failures.joined())")
            : StratagemError(
                .user, .badBudget,
                "--spend \(purse.limits) does not suffice for the first round, \(race.design.rounds[0]) problems for each of \(all.count) strategies\(price). Spend more, lower --budget, or name fewer strategies with --strategy"
            )
        Output.error(error)
        if json { Output.json(JSON.object([.init("error", JSON(error))]).pretty) }
        return Finished(status: ExitStatus.failed)
    }

    private func report(
        _ found: Recommendation, _ field: RaceField, _ file: String, _ engine: Engine, _ purse: Purse
    ) -> RecommendReport {
        RecommendReport(
            found, leftOut: field.leftOut, params: field.plan.cases.map(\.params), data: file,
            bundle: engine.models.name, budget: budget, seed: seed, purse: purse,
            isComplete: !Interrupt.isRequested, solveCommand: solveCommand(found), moreCommand: moreCommand)
    }

    // MARK: - commands to type

    private func solveCommand(_ found: Recommendation) -> String {
        let name = found.race.racers[found.recommended].name
        let spec = try? StrategySpec(parsing: name)
        var words = ["solve", "--strategy", spec?.name ?? name]
        for (key, value) in (spec?.params ?? [:]).sorted(by: { $0.key < $1.key }) {
            words += ["--param", "\(key)=\(value)"]
        }
        return Self.spelt(words + ["--budget", budget] + common + ["PROBLEM"])
    }

    private var moreCommand: String {
        var words = ["recommend"]
        if let data { words += ["--data", data] }
        words += ["--budget", budget, "--spend", "seconds=3600"]
        for one in strategies { words += ["--strategy", one] }
        if seed != 0 { words += ["--seed", "\(seed)"] }
        if margin != 100 * RaceDesign.usualMargin { words += ["--margin", "\(margin)"] }
        return Self.spelt(words + ["--out", keeping.out ?? "recommend.db", "--resume"] + common)
    }

    /// What both commands have to repeat.
    private var common: [String] {
        let options: [(String, String?)] = [
            ("--bundle", arguments.bundle), ("--endpoint", arguments.endpoint), ("--model", arguments.model),
            ("--extract", answers.extract), ("--equal", answers.equal),
        ]
        return options.flatMap { name, value in value.map { [name, $0] } ?? [] }
            + arguments.plugins.pluginPath.flatMap { ["--plugin-path", $0] }
    }

    private static func spelt(_ words: [String]) -> String {
        (["stratagem"] + words).map(ShellWord.quoted).joined(separator: " ")
    }
}
