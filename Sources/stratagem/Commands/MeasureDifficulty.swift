import ArgumentParser
import EvalStore
import Evaluation
import Foundation
import ReferenceModels
import SearchCore

struct MeasureDifficulty: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "difficulty",
        abstract: "Say how hard a problem, or each of a data set, is for the model.",
        discussion: """
            Draws samples and says how easy they came: oracle difficulty is the share that is right, predicted \
            difficulty the mean of the verifier's final scores, which needs no answers. A data set is sorted \
            into bins, the easiest first.

            Examples:
              stratagem difficulty "Ann has 3 apples and buys 4 more. How many has she?" --samples 8
              stratagem difficulty --data dev.jsonl --samples 64 --bins 5 --json > difficulty.json
              stratagem difficulty --store dev.db --kind predicted
              stratagem difficulty --data dev.jsonl --thresholds 0.8,0.5,0.2
            """)

    @Argument(help: ArgumentHelp("One problem, or '-' to read it from standard input.", valueName: "problem"))
    var problem: String?

    @Option(help: ArgumentHelp("JSON lines of problems with answers, as for eval.", valueName: "file"), completion: .file(extensions: ["jsonl"]))
    var data: String?

    @Option(help: ArgumentHelp("An eval store, whose best-of-n samples tell: nothing is run.", valueName: "file"), completion: .file(extensions: ["db"]))
    var store: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Only the first so many problems.", valueName: "problems"))
    var limit: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("Samples of each problem; the paper takes 2048. Default: 16, or all of the store's.", valueName: "n"))
    var samples: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("Bins of equal size.", valueName: "n"))
    var bins = 5

    @Option(help: ArgumentHelp("In place of bins of equal size: the least ease of each bin but the last.", valueName: "ease,…"))
    var thresholds: String?

    @Option(help: ArgumentHelp("oracle, predicted or both. Default: what can be had.", valueName: "kind"))
    var kind: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("The same seed gives the same samples.", valueName: "number"))
    var seed: UInt64 = 0

    @Flag(help: "Print the result as JSON (docs/json.md).")
    var json = false

    @OptionGroup var engine: EngineOptions

    mutating func validate() throws {
        guard [problem, data, store].count(where: { $0 != nil }) == 1 else { throw ValidationError("Name one problem, or a file with --data, or a store with --store.") }
        if let samples, !(1...1 << 20).contains(samples) { throw ValidationError("--samples must be from 1 to 1048576, found \(samples).") }
        if store != nil, limit != nil { throw ValidationError("A store is read whole: leave --limit out.") }
        guard (1...1000).contains(bins) else { throw ValidationError("--bins must be from 1 to 1000, found \(bins).") }
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1, found \(limit).") }
        if let kind, kind != "both", Difficulty.Kind(rawValue: kind) == nil {
            throw ValidationError("--kind must be oracle, predicted or both, found '\(kind)'.")
        }
        if problem != nil, kind == "oracle" || kind == "both" { throw ValidationError("Oracle difficulty takes the answer to know: give a file with --data.") }
    }

    mutating func run() async throws {
        let absolute = try thresholds.map { text throws(StratagemError) in try DifficultyBins(parsing: text) }
        if let store { return try report(stored(store), bundle: nil, kinds: wanted(hasVerifier: true), absolute) }
        let problems = try data.map { file throws(StratagemError) in try DataSet.read(file: file, limit: limit).problems }
            ?? [try ProblemInput.read(argument: problem, example: nil)]
        let session = try Session.open(engine, registry: Session.registry(engine.plugins)) { _ in }
        let kinds = wanted(hasVerifier: session.models.verifierRoles.contains("prm"))
        let runs = try DifficultyRuns(session, samples: samples ?? 16, seed: seed, needsScores: kinds.contains(.predicted))
        guard let rows = try await runs.measure(problems, progress: Progress()) else { throw Finished(status: ExitStatus.interrupted) }
        try report(rows, bundle: session.models.name, kinds: kinds, absolute)
    }

    private func stored(_ path: String) throws(StratagemError) -> [DifficultyReport.Row] {
        let store = try EvalStore.reading(path)
        let found = try PolicyReading(registry: Session.registry(engine.plugins), samples: samples).difficulties(in: store)
        let rows = zip(store.study.problems, found).filter { $0.1.samples > 0 }.map { DifficultyReport.Row(problem: $0.0, difficulty: $0.1, cost: Cost()) }
        guard !rows.isEmpty else {
            throw StratagemError(.user, "no_difficulty", "\(path) has no samples to tell difficulty from: run best-of-n with its default parameters into it")
        }
        return rows
    }

    /// - Parameter bundle: nil for a store, whose own cost is not this command's.
    private func report(_ rows: [DifficultyReport.Row], bundle: String?, kinds: [Difficulty.Kind], _ absolute: DifficultyBins?) throws(StratagemError) {
        if kinds.contains(.predicted) { try Difficulty.checkScores(rows.map(\.difficulty)) }
        var sorted: [(kind: Difficulty.Kind, bins: DifficultyBins?)] = []
        for kind in kinds {
            let own = rows.map { $0.difficulty.ease(kind) }
            let isBinned = problem == nil && absolute == nil
            sorted.append((kind, isBinned ? try DifficultyBins(quantilesOf: own, count: bins) : absolute))
        }
        let report = DifficultyReport(rows: rows, kinds: sorted, samples: rows.map(\.difficulty.samples).max() ?? 0, seed: seed, bundle: bundle ?? "")
        if json { Output.line(report.json.pretty) } else { Output.text(report.text) }
    }

    private func wanted(hasVerifier: Bool) -> [Difficulty.Kind] {
        if let kind = kind.flatMap(Difficulty.Kind.init) { return [kind] }
        if problem != nil { return [.predicted] }
        return hasVerifier || kind == "both" ? [.oracle, .predicted] : [.oracle]
    }
}
