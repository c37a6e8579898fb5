import Engine
import Foundation
import GRDB
import SearchCore
import StrategyHost
import Testing
@testable import StudyReport
@testable import Studies

/// One reader: what `report`, `fit` and `difficulty` say of one store is the same.
@Suite struct StudyReaderTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("reader-\(UUID().uuidString)")
    private var path: String { folder.appendingPathComponent("s.db").path }
    private static let bestOfN = #"{"n":null,"selection":"weighted","verifier":"prm"}"#
    private static let revise = #"{"selection":"weighted","verifier":null}"#

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    private func done() { try? FileManager.default.removeItem(at: folder) }

    /// Two seeds of best-of-8, and revise with and without its verifier named.
    private static let cells = [
        StoreTests.cell("best-of-n", bestOfN, 8, defaults: bestOfN),
        StoreTests.cell("best-of-n", bestOfN, 8, seed: 1, defaults: bestOfN),
        StoreTests.cell("revise", revise, 4, defaults: revise),
        StoreTests.cell("revise", #"{"selection":"weighted","verifier":"prm"}"#, 4, defaults: revise),
    ]

    private static func run(_ cell: StoredCell, _ problem: Int) -> StoredRun {
        // One failed run, whose samples count for nothing.
        let failed = cell.strategy == "best-of-n" && cell.seed == 1 && problem == 2
        let candidates = (0..<(cell.generations ?? 0)).map { index in
            StoredCandidate(
                node: index + 2, answer: index == 3 ? nil : "\(index % 3)", isCorrect: index % 3 == problem % 3,
                score: Double(index + problem) / 16,
                stepScores: [0.5], tokens: 5, text: nil)
        }
        return StoredRun(
            problem: problem, answer: "0", isCorrect: (problem + Int(cell.seed)) % 2 == 0,
            error: failed ? StratagemError(.model, .endpointFailed, "b") : nil,
            cost: Cost(generations: candidates.count, tokens: 9 + problem, flops: 100),
            candidates: failed ? [] : candidates)
    }

    private func fill(_ cells: [StoredCell] = Self.cells) throws {
        try StoreTests.fill(path, problems: 4, cells) { Self.run($0, $1) }
    }

    @Test func theCommandsSayTheSameOfOneStore() throws {
        defer { done() }
        try fill()
        let report = try MeasuredStudy(store: path)
        let (fit, source) = try PolicyReading(registry: PluginRegistry(folders: [])).read([path])
        let reader = try StudyReader(path)
        // Three strategies with parameters, not two.
        let runs = ["best-of-n @ 8", "revise @ 4", "revise:verifier=prm @ 4"]
        #expect(report.cells.map { "\($0.run) @ \($0.budget)" } == runs)
        #expect(fit.cells.map { "\($0.run) @ \($0.budget)" } == runs)
        #expect(reader.cells.map { "\($0.run) @ \($0.budget)" } == runs)
        for (one, other) in zip(report.cells, fit.cells) {
            // Those of a fit are in the order of their names.
            #expect(one.right.sorted() == other.right.sorted() && one.flops == other.flops)
        }
        // 16 samples a problem, of both seeds; 8 where one failed.
        let difficulties = try reader.difficulties()
        #expect(difficulties.map(\.samples) == [16, 16, 8, 16])
        #expect(
            report.samples.map(\.count) == [16, 16, 8, 16] && report.difficulties() == difficulties
                && source.samples == 16)
        func key(_ one: Difficulty) -> [Double] { [Double(one.samples), Double(one.right), one.scoreSum] }
        #expect(
            fit.difficulties.map(key).sorted { $0.lexicographicallyPrecedes($1) }
                == difficulties.map(key).sorted { $0.lexicographicallyPrecedes($1) })
        #expect(try reader.difficulties(first: 3) == report.difficulties(first: 3))
    }

    // MARK: older stores

    private func makeOld() throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction {
            try $0.execute(
                sql: "PRAGMA journal_mode = DELETE; ALTER TABLE cells DROP COLUMN defaults; PRAGMA user_version = 1")
        }
        try queue.close()
    }

    /// Without their plugins every parameter is named; with them the defaults are not.
    @Test func aStoreOfVersionOneIsRead() throws {
        defer { done() }
        try fill()
        try makeOld()
        #expect(
            try StudyReader(path).cells.map(\.run) == [
                "best-of-n:selection=weighted,verifier=prm", "revise:selection=weighted",
                "revise:selection=weighted,verifier=prm",
            ])
        let programs = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
        let reader = try StudyReader(path) { PluginRegistry(folders: [programs]) }
        #expect(reader.cells.map(\.run) == ["best-of-n", "revise", "revise:verifier=prm"])
        #expect(try reader.difficulties().map(\.samples) == [16, 16, 8, 16])
    }

    /// Nothing of it is lost, and what its cells take by default is known from then on.
    @Test func goingOnWithAnOldStoreBringsItUpToDate() throws {
        defer { done() }
        try fill()
        let before = try EvalStore.reading(path).outcomes(of: Self.stored(path, 1))
        try makeOld()
        let store = try EvalStore.writing(path, study: StoreTests.study(4), cells: Self.cells, resume: true)
        let writer = StoreWriter(store)
        try writer.finish()
        #expect(
            try EvalStore.reading(path).cells().map(\.defaults) == [
                Self.bestOfN, Self.bestOfN, Self.revise, Self.revise,
            ])
        #expect(try EvalStore.reading(path).outcomes(of: Self.stored(path, 1)) == before && before.count == 4)
        #expect(try StudyReader(path).difficulties().map(\.samples) == [16, 16, 8, 16])
        // Votes and candidates still belong to their runs.
        let queue = try DatabaseQueue(path: path)
        let (orphans, version) = try queue.read { db in
            (
                try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count,
                try Int.fetchOne(db, sql: "PRAGMA user_version")
            )
        }
        #expect(orphans == 0 && version == 2)
    }

    private static func stored(_ path: String, _ id: Int) throws -> StoredCell {
        try #require(try EvalStore.reading(path).cells().first { $0.id == id })
    }

    // MARK: whatever the store holds

    private func figure(_ report: Report, _ id: String) -> Figure? { report.drawn.first { $0.id == id } }

    /// A stranger's strategy, a budget in tokens, and FLOPs that nobody can count.
    @Test func anyStrategyIsDrawn() throws {
        defer { done() }
        let mine = [1, 4].map { StoreTests.cell("mine", #"{"depth":3}"#, $0, defaults: #"{"depth":2}"#) }
        var tokens = StoreTests.cell("greedy", "{}", 1, defaults: "{}")
        (tokens.budget, tokens.generations) = ("tokens=500", nil)
        try StoreTests.fill(path, problems: 4, mine + [tokens]) { cell, problem in
            // The dear cell is right on three of four, the cheap one on one, and greedy on one for more.
            let right = cell.generations == 4 ? problem > 0 : problem == 0
            return StoredRun(
                problem: problem, answer: "0", isCorrect: right,
                cost: Cost(generations: 1, tokens: 10 * (cell.generations ?? 2), flops: .nan))
        }
        let report = try Report(MeasuredStudy(store: path))
        let budgets = try #require(figure(report, "every-strategy"))
        #expect(
            budgets.panels[0].series.map(\.name) == ["mine:depth=3"]
                && budgets.panels[0].series[0].points.map(\.x) == [1, 4])
        let frontier = try #require(figure(report, "frontier"))
        #expect(frontier.panels[0].series.map(\.name) == ["frontier", "mine:depth=3", "greedy"])
        #expect(
            frontier.panels[0].series[0].points.map(\.x) == [10, 40] && frontier.x.label.contains("tokens sampled"))
        #expect(
            frontier.tables[0].rows.map { $0[0] + " " + $0[1] + " " + $0[6] } == [
                "mine:depth=3 1 yes", "greedy tokens=500 ", "mine:depth=3 4 yes",
            ])
        #expect(
            frontier.tables[0].rows.allSatisfy { $0[5] == "–" }
                && frontier.notes.contains { $0.contains("FLOPs of some runs are not known") })
        #expect(report.warnings.allSatisfy { !$0.contains("not finished") })
        #expect(report.markdown.contains("| mine:depth=3 | 4 | 75.0 "))
    }
}
