import ArgumentParser
import Engine
import Foundation
import ReferenceModels
import Reporting
import SearchCore
import Studies

struct MeasureDifficulty: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "difficulty",
        abstract: "Measure how hard a problem, or each problem of a data set, is for the model.",
        discussion: """
            Draws samples and computes the ease of each problem: for oracle difficulty, the share of right samples; for \
            predicted difficulty, the mean of the verifier's final scores, which needs no answers. A data set is sorted \
            into bins, the easiest first. Data without answers have only predicted difficulty. Exit status 1: \
            the samples distinguish too few difficulties for the number of bins; every ease is printed anyway.

            Examples:
              stratagem difficulty "A boy has 12 pencils. His sister has 4 fewer pencils than he has. How many pencils do they have together?" --samples 8
              stratagem difficulty --data dev --samples 64 --bins 5 --json > difficulty.json
              stratagem difficulty --store dev.db --kind predicted
              stratagem difficulty --data dev --thresholds 0.8,0.5,0.2
            """)

    @Argument(help: ArgumentHelp("One problem, or '-' to read it from standard input.", valueName: "problem"))
    var problem: String?

    @Option(
        help: ArgumentHelp(
            "JSON lines of problems, as for eval; answers are for oracle difficulty. Or a shipped data set: test, dev or train.",
            valueName: "file"), completion: ShippedCompletions.data)
    var data: String?

    @Option(
        help: ArgumentHelp("An eval store: its best-of-n samples are used, and nothing is run.", valueName: "file"),
        completion: .file(extensions: ["db"]))
    var store: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Use only the first N problems.", valueName: "problems"))
    var limit: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Samples per problem; the paper uses 2048. Default: 16, or all samples in the store.", valueName: "n"))
    var samples: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("Number of bins of equal size. Default: 5.", valueName: "n"))
    var bins: Int?

    @Option(
        help: ArgumentHelp(
            "Instead of bins of equal size: the lowest ease of each bin except the last.", valueName: "ease,…"))
    var thresholds: String?

    @Option(help: ArgumentHelp("oracle, predicted or both. Default: all that can be measured.", valueName: "kind"))
    var kind: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("The same seed gives the same samples.", valueName: "number"))
    var seed: UInt64 = 0

    @Flag(help: "Print the result as JSON (docs/json.md).")
    var json = false

    @OptionGroup var answers: AnswerArguments

    @OptionGroup var arguments: EngineArguments

    mutating func validate() throws {
        guard [problem, data, store].count(where: { $0 != nil }) == 1 else {
            throw ValidationError("Name one problem, or a file with --data, or a store with --store.")
        }
        if let samples, !(1...1 << 20).contains(samples) {
            throw ValidationError("--samples must be from 1 to 1048576, found \(samples).")
        }
        if store != nil, limit != nil { throw ValidationError("A store is always read completely: leave out --limit.") }
        try BinOptions.check(bins, thresholds)
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1, found \(limit).") }
        if let kind, kind != "both", Difficulty.Kind(rawValue: kind) == nil {
            throw ValidationError("--kind must be oracle, predicted or both, found '\(kind)'.")
        }
        if problem != nil, kind == "oracle" || kind == "both" {
            throw ValidationError("Oracle difficulty needs the reference answer: give a file with --data.")
        }
    }

    mutating func run() async throws {
        let absolute = try thresholds.map { text throws(StratagemError) in try DifficultyBins(parsing: text) }
        if let store {
            return try report(
                Progress.during("reading the store") { () throws(StratagemError) in try stored(store) }, bundle: nil,
                kinds: wanted(hasVerifier: true, hasAnswers: true), absolute)
        }
        let set = try set()
        let problems = try set?.problems ?? [ProblemInput.read(argument: problem, example: nil)]
        let hasAnswers = problems.allSatisfy { $0.answer != nil }
        let progress = Progress()
        progress.follow()
        defer { progress.clear() }
        let engine = try arguments.open(registry: arguments.plugins.registry(), answers: answers.choice(for: set))
        progress.runs(in: engine.runtime)
        set?.sayReferences(engine)
        let kinds = try wanted(hasVerifier: engine.models.verifierRoles.contains("prm"), hasAnswers: hasAnswers)
        let samples = samples ?? 16
        if let wantedBins = binCount(absolute) {
            let most = kinds.contains(.oracle) ? samples + 1 : .max
            try DifficultyBins.check(count: wantedBins, problems: problems.count, differentEases: most)
        }
        if data != nil, !hasAnswers, kind == nil {
            Output.warning(
                "\(Readable.count(problems.count { $0.answer == nil }, "problem")) of \(Readable.count(problems.count)) have no answer: predicted difficulty only"
            )
        }
        let runs = try DifficultyRuns(engine, samples: samples, seed: seed, needsScores: kinds.contains(.predicted))
        let rows = try await runs.measure(
            problems, isStopped: { Interrupt.isRequested },
            observe: { done in
                progress.show(
                    "\(Progress.bar(Double(done) / Double(problems.count), width: 20)) \(done)/\(problems.count) problems"
                )
            })
        progress.clear()
        guard !rows.isEmpty else { throw Finished(status: ExitStatus.interrupted) }
        try report(rows, of: problems.count, bundle: engine.models.name, kinds: kinds, absolute)
        if rows.count < problems.count { throw Finished(status: ExitStatus.interrupted) }
    }

    private func set() throws(StratagemError) -> DataSet? {
        guard let data else { return nil }
        return try DataSet.read(
            file: ShippedFiles.path(data, .data), limit: limit, needsAnswers: kind == "oracle" || kind == "both")
    }

    /// Of bins of equal size; nil: there are none.
    private func binCount(_ absolute: DifficultyBins?) -> Int? {
        problem == nil && absolute == nil ? bins ?? BinOptions.usual : nil
    }

    private func stored(_ path: String) throws(StratagemError) -> [DifficultyRuns.Measured] {
        let reader = try StudyReader(path) { arguments.plugins.registry() }
        let found = try reader.difficulties(first: samples)
        let rows = zip(reader.study.problems, found).filter { $0.1.samples > 0 }.map {
            DifficultyRuns.Measured(problem: $0.0, difficulty: $0.1, cost: Cost())
        }
        guard !rows.isEmpty else {
            throw StratagemError(
                .user, .noDifficulty,
                "\(path) has no samples for computing difficulty: run best-of-n with its default parameters into it")
        }
        return rows
    }

    /// What was sampled is shown, whatever cannot be made of it.
    ///
    /// - Parameters:
    ///   - count: the number of problems that were to be measured; nil: as many as there are rows.
    ///   - bundle: nil for a store, whose own cost is not this command's.
    private func report(
        _ rows: [DifficultyRuns.Measured], of count: Int? = nil, bundle: String?, kinds: [Difficulty.Kind],
        _ absolute: DifficultyBins?
    ) throws {
        var sorted: [(kind: Difficulty.Kind, bins: DifficultyBins?)] = []
        var failures: [StratagemError] = []
        for kind in kinds {
            do throws(StratagemError) {
                if kind == .predicted { try Difficulty.checkScores(rows.map(\.difficulty)) }
            } catch {
                failures.append(error)
                continue
            }
            do throws(StratagemError) {
                let own = rows.map { $0.difficulty.ease(kind) }
                sorted.append(
                    (
                        kind,
                        try binCount(absolute).map { count throws(StratagemError) in
                            try DifficultyBins(quantilesOf: own, count: count)
                        } ?? absolute
                    ))
            } catch {
                failures.append(
                    StratagemError(
                        error.origin, error.code, "\(kind.rawValue) difficulty has no bins: \(error.message)"))
                sorted.append((kind, nil))
            }
        }
        // Of a store nothing was run.
        if sorted.isEmpty, bundle == nil, let first = failures.first { throw first }
        var report = DifficultyReport(
            rows: rows, kinds: sorted, samples: rows.map(\.difficulty.samples).max() ?? 0, seed: seed,
            bundle: bundle ?? "")
        report.failures = failures
        report.missing = (count ?? rows.count) - rows.count
        if json { Output.json(report.json.pretty) } else { Output.text(report.text) }
        for failure in failures { Output.error(failure) }
        if !failures.isEmpty, report.missing == 0 { throw Finished(status: ExitStatus.failed) }
    }

    private func wanted(hasVerifier: Bool, hasAnswers: Bool) throws(StratagemError) -> [Difficulty.Kind] {
        if let kind = kind.flatMap(Difficulty.Kind.init) { return [kind] }
        if problem != nil { return [.predicted] }
        if !hasAnswers {
            guard hasVerifier else {
                throw StratagemError(
                    .user, .noDifficulty,
                    "\(data ?? "the data") has problems without answers, and the bundle has no verifier (prm), so difficulty cannot be measured. Add answers, or name a bundle with a verifier"
                )
            }
            return [.predicted]
        }
        return hasVerifier || kind == "both" ? [.oracle, .predicted] : [.oracle]
    }
}
