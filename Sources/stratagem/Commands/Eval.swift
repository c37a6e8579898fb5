import Locking
import ArgumentParser
import Evaluation
import Foundation
import ReferenceModels
import SearchCore
import SearchRuntime
import StrategyHost

struct Eval: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure strategies at budgets on a data set.",
        discussion: """
            Every strategy is run at every budget: accuracy with a 95 % interval (Wilson), pairwise \
            differences (McNemar), mean cost a problem, and throughput.

            Examples:
              stratagem eval --limit 100
              stratagem eval --strategy majority --strategy best-of-n --budget 1,4,16,64
              stratagem eval --strategy best-of-n:selection=naive --strategy beam-search:beam_width=4 --json
              stratagem eval --data gsm8k-test.jsonl --bundle smollm2.toml --journal gsm8k.journal
            """)

    @Option(help: ArgumentHelp(
        "JSON lines, {\"problem\": …, \"answer\": …}; 'question' is accepted, and GSM8K's '#### N'. Default: the 500 shipped test problems.",
        valueName: "file"), completion: .file(extensions: ["jsonl"]))
    var data: String?

    @Option(name: .customLong("strategy"), help: ArgumentHelp(
        "A strategy with parameters; may be repeated. Default: best-of-n.", valueName: "name[:k=v,…]"), completion: .custom(Completions.strategies))
    var strategies: [String] = []

    @Option(parsing: .unconditional, help: ArgumentHelp("Budgets, as for solve.", valueName: "budget[,budget…]"))
    var budget = "16"

    @Option(parsing: .unconditional, help: ArgumentHelp("The same seed gives the same results.", valueName: "number"))
    var seed: UInt64 = 0

    @Option(parsing: .unconditional, help: ArgumentHelp("Only the first so many problems.", valueName: "problems"))
    var limit: Int?

    @Option(help: ArgumentHelp(
        "Keep every finished run in this file, and do not run again what is in it: the same command goes on where it stopped.",
        valueName: "file"), completion: .file())
    var journal: String?

    @Flag(help: "Print the results as JSON (docs/json.md).")
    var json = false

    @Flag(name: .customLong("watch-plugins"), help: "Pick up plugins that come or change meanwhile: runs that begin later use them.")
    var watchPlugins = false

    @OptionGroup var engine: EngineOptions

    mutating func validate() throws {
        if watchPlugins, journal != nil { throw ValidationError("--watch-plugins changes what is measured, so a --journal of it could not be gone on with. Leave one out.") }
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1, found \(limit).") }
    }

    mutating func run() async throws {
        let registry = Session.registry(engine.plugins)
        let plan = try EvalPlan(strategies: strategies.isEmpty ? ["best-of-n"] : strategies, budgets: budget, registry: registry)
        let file = try data ?? ReferenceModels.find().testProblems
        let set = try DataSet.read(file: file, limit: limit)
        let emergency = Locked<EvalReport?>(nil)
        let session = try Session.open(engine, registry: registry) { [json] _ in
            if let report = emergency.withLock({ $0 }) { Self.print(report, json: json) }
        }
        let kept = try journal.map { path throws(StratagemError) in
            try EvalJournal(path, study: plan.fingerprint(models: session.identity, seed: seed), cases: plan.cases, data: set)
        }
        let finding = await search(plan, set, session, kept, emergency)
        Self.print(report(finding, plan, set, session), json: json)
        try finish(finding, kept)
    }

    private func search(_ plan: EvalPlan, _ set: DataSet, _ session: Session, _ kept: EvalJournal?,
                        _ emergency: Locked<EvalReport?>) async -> EvalRunner.Finding {
        let seed = seed
        let watch = watchPlugins ? PluginWatch.begin(session.registry) : nil
        defer { watch?.stop() }
        var runner = EvalRunner(data: set, cases: plan.cases, grader: session.grader, start: { [watchPlugins] entry, items, done in
            let (strategy, params) = watchPlugins ? plan.current(entry, session.registry) : (plan.strategies[entry], plan.cases[entry].params)
            let request = RunRequest(problems: items.map { set.items[$0].problem }, strategy: strategy, params: params,
                                     limits: plan.cases[entry].limits, seed: seed)
            session.runtime.submit(request, onFinish: done)
        }, isStopped: { Interrupt.isRequested || kept?.hasFailed == true })
        if let lanes = engine.lanes { runner.quietWindow = lanes }
        let progress = Progress()
        var tallies = plan.cases.map { _ in EvalTally(outcomes: Array(repeating: nil, count: set.items.count), seconds: 0) }
        let finding = await runner.run(known: { kept?.outcome($0, $1) }, observe: { entry, item, outcome, state in
            kept?.add(entry, item, outcome)
            tallies[entry].outcomes[item] = outcome
            tallies[entry].seconds = state.caseSeconds
            let soFar = EvalRunner.Finding(tallies: tallies, totalCost: state.cost, isComplete: false)
            emergency.withLock { $0 = report(soFar, plan, set, session) }
            progress.show(Self.line(state))
        })
        progress.clear()
        return finding
    }

    private func report(_ finding: EvalRunner.Finding, _ plan: EvalPlan, _ set: DataSet, _ session: Session) -> EvalReport {
        EvalReport(cases: plan.cases, tallies: finding.tallies, data: set.file, bundle: session.models.name, seed: seed,
                   isComplete: finding.isComplete, totalCost: finding.totalCost)
    }

    private static func print(_ report: EvalReport, json: Bool) {
        if json { Output.line(report.json.pretty) } else { Output.text(report.text) }
    }

    private static func line(_ state: EvalProgress) -> String {
        let share = state.total > 0 ? Double(state.done) / Double(state.total) : 1
        let right = state.graded > 0 ? Readable.percent(Double(state.correct) / Double(state.graded)) : "–"
        let left = state.secondsLeft.map { "\(Readable.seconds($0)) left" } ?? "–"
        return "\(Progress.bar(share, width: 20)) \(state.done)/\(state.total)  \(left)  \(Readable.count(Int(state.tokensPerSecond))) tokens/s  \(state.name): \(right)"
    }

    private func finish(_ finding: EvalRunner.Finding, _ kept: EvalJournal?) throws {
        if let failure = kept?.failure {
            Output.error(failure)
            throw Finished(status: ExitStatus.failed)
        }
        if Interrupt.isRequested, !finding.isComplete { throw Finished(status: ExitStatus.interrupted) }
        let finished = finding.tallies.flatMap(\.finished)
        if let error = finished.lazy.compactMap(\.error).first, finished.allSatisfy({ $0.error != nil }) {
            Output.error(error)
            throw Finished(status: ExitStatus.failed)
        }
    }
}
