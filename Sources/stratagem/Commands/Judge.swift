import ArgumentParser
import Engine
import ReferenceModels
import Reporting
import SearchCore
import Studies

struct Judge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure a verifier: how well it finds the first wrong step of given solutions.",
        discussion: """
            Reads solutions with steps that people have judged, such as ProcessBench and PRM800K (docs/data.md), and scores their steps \
            with the bundle's verifier. The first step below the threshold is taken as wrong. F1 is the harmonic mean of the accuracies \
            on solutions with a wrong step and on those without, as ProcessBench defines it.

            Examples:
              stratagem judge --data processbench.jsonl --bundle my-prm.toml
              stratagem judge --data math.jsonl --dev-data gsm8k.jsonl --bundle my-prm.toml --json
              stratagem judge --data processbench.jsonl --dev 200 --bundle my-prm.toml
            """)

    @Option(
        help: ArgumentHelp(
            "Judged solutions: {\"problem\": …, \"steps\": […], \"label\": …} of ProcessBench, or PRM800K's lines.",
            valueName: "file"),
        completion: .file(extensions: ["jsonl"]))
    var data: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "A step with a lower value is taken as wrong; from 0 to 1. Default: 0.5.", valueName: "value"))
    var threshold: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Instead of --threshold: choose the threshold with the highest F1 on the first N solutions, and measure on the others.",
            valueName: "solutions"))
    var dev: Int?

    @Option(
        name: .customLong("dev-data"),
        help: ArgumentHelp("The same, but choose it on another file.", valueName: "file"),
        completion: .file(extensions: ["jsonl"]))
    var devData: String?

    @Option(help: ArgumentHelp("Role of the verifier in the bundle.", valueName: "role"))
    var role = "prm"

    @Option(parsing: .unconditional, help: ArgumentHelp("Use only the first N solutions.", valueName: "solutions"))
    var limit: Int?

    @Flag(help: "Print the result as JSON (docs/json.md).")
    var json = false

    @OptionGroup var arguments: EngineArguments

    mutating func validate() throws {
        guard [threshold != nil, dev != nil, devData != nil].count(where: \.self) <= 1 else {
            throw ValidationError("--threshold, --dev and --dev-data exclude each other. Use one of them.")
        }
        if let threshold, !(0...1).contains(threshold) {
            throw ValidationError("--threshold must be from 0 to 1, found \(threshold).")
        }
        if let dev, dev < 2 { throw ValidationError("--dev must be at least 2, found \(dev).") }
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1, found \(limit).") }
    }

    mutating func run() async throws {
        let set = try JudgeData.read(file: ShippedFiles.path(data, .data), limit: limit)
        let other = try devData.map { file throws(StratagemError) in
            try JudgeData.read(file: ShippedFiles.path(file, .data))
        }
        for set in [set, other] {
            if let set, let note = set.unused.note { Output.warning("\(set.file): \(note)") }
        }
        if let dev, dev >= set.samples.count {
            throw StratagemError(
                .user, .badData,
                "\(data): --dev uses \(dev) of its \(set.samples.count) solutions, so none are left to measure. Use fewer"
            )
        }
        let progress = Progress()
        progress.follow()
        defer { progress.clear() }
        let engine = try arguments.open(registry: arguments.plugins.registry())
        let all = (other?.samples ?? []) + set.samples
        let begin = ContinuousClock.now
        let scored = try await score(all, engine, progress)
        progress.clear()
        let seconds = (ContinuousClock.now - begin).seconds
        let cases = zip(all, scored).compactMap { sample, found in
            found.map { Judgement.Case(firstWrong: sample.firstWrong, values: $0.values) }
        }
        let isComplete = cases.count == all.count
        // Of a part nothing is chosen, and without a threshold nothing can be said.
        guard isComplete || (dev == nil && other == nil) else { throw Finished(status: ExitStatus.interrupted) }
        var report = try report(
            cases, scored.compactMap(\.self), set, development: other?.samples.count ?? dev ?? 0, engine)
        (report.cost.seconds, report.isComplete) = (seconds, isComplete)
        if json { Output.json(report.json.pretty) } else { Output.text(report.text) }
        if Interrupt.isRequested { throw Finished(status: ExitStatus.interrupted) }
        if report.failed == all.count { throw Finished(status: ExitStatus.failed) }
    }

    private func score(_ samples: [JudgeData.Sample], _ engine: Engine, _ progress: Progress)
        async throws(StratagemError) -> [ScoredSolution?]
    {
        let count = samples.count
        return try await engine.scoreSteps(
            of: samples.map(\.solution), role: role, isStopped: { Interrupt.isRequested },
            observe: { done in
                progress.show("\(Progress.bar(Double(done) / Double(count), width: 20)) \(done)/\(count) solutions")
            })
    }

    private func report(
        _ cases: [Judgement.Case], _ scored: [ScoredSolution], _ set: JudgeData, development: Int,
        _ engine: Engine
    ) throws(StratagemError) -> JudgeReport {
        var chosen: (source: String, judgement: Judgement)?
        if development > 0 {
            let part = Array(cases.prefix(development))
            let source = devData ?? "the first \(Readable.count(development, "solution"))"
            guard let best = Judgement.bestThreshold(part) else {
                throw StratagemError(
                    .user, .badData,
                    "\(source): no threshold can be chosen: this needs solutions with a wrong step and solutions without one, with values from the verifier. Use more solutions, or give --threshold"
                )
            }
            chosen = (source, Judgement(part, threshold: best))
        }
        let judgement = Judgement(
            Array(cases.dropFirst(development)), threshold: chosen?.judgement.threshold ?? threshold ?? 0.5)
        var cost = Cost()
        for one in scored { cost.add(one.cost) }
        let failures = scored.compactMap(\.failure)
        return JudgeReport(
            data: set.file, bundle: engine.models.name, role: role, judgement: judgement, development: chosen,
            failed: failures.count,
            failure: failures.first, skipped: set.skipped, cost: cost)
    }
}
