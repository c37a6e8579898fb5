import Foundation
import GRDB
import Engine
import Reporting
import SearchCore
import StrategyHost
import Studies
import Testing
@testable import StudyReport

/// Stores whose cells hold what no eval writes: everything that reads one refuses it with a reason, or reads it.
/// Nothing traps.
@Suite struct DamagedStoreTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("damaged-\(UUID().uuidString)")
    /// A store without the constraints that would keep such values out.
    private let whole: Data

    private static let tables = ["study", "models", "problems", "cells", "runs", "votes", "candidates", "texts"]
    /// Under a sanitizer, which makes each reading ten times slower, a part of them (`make test-sanitize`).
    #if SANITIZED
    private static let (step, places, rounds) = (4, 1, 30)
    #else
    private static let (step, places, rounds) = (1, 3, 300)
    #endif
    private static let values: [DatabaseValue] = {
        let whole: [Int64] = [-1, 0, 1, 3, 1 << 31, 1 << 40, .max, .min]
        let real: [Double] = [1.5, -1e300, 1e308, .infinity]
        let text = ["", "nan", "-5", "{}", "[", "\u{0}"]
        return [.null] + whole.map(\.databaseValue) + real.map(\.databaseValue) + text.map(\.databaseValue) + [
            Data().databaseValue, Data([0, 1, 2]).databaseValue,
        ]
    }()

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appendingPathComponent("made.db").path
        let cells = ["best-of-n", "majority", "revise", "revise-parallel"].flatMap { name in
            [1, 4].map { StoreTests.cell(name, name == "revise-parallel" ? #"{"chains":2}"# : "{}", $0) }
        }
        try StoreTests.fill(path, problems: 6, cells) { cell, problem in
            let candidates = (0..<(cell.generations ?? 0)).map { index in
                StoredCandidate(
                    node: index + 2, previous: cell.strategy == "revise" && index > 0 ? index + 1 : nil, revision: 0,
                    answer: "\(index % 2)",
                    isCorrect: index <= problem, score: Double(index + problem) / 12, stepScores: [0.5, 0.25],
                    tokens: 5, text: "t\(index)")
            }
            return StoredRun(
                problem: problem, answer: "0", isCorrect: problem % 2 == 0,
                error: problem == 5 && cell.strategy == "majority" ? StratagemError(.model, .endpointFailed, "b") : nil,
                cost: Cost(generations: candidates.count, tokens: 9, flops: 100),
                votes: [Vote(answer: "0", weight: 1, count: 1)], candidates: candidates)
        }
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF; PRAGMA journal_mode = DELETE")
            for table in Self.tables {
                try db.execute(
                    sql:
                        "CREATE TABLE bare AS SELECT * FROM \(table); DROP TABLE \(table); ALTER TABLE bare RENAME TO \(table)"
                )
            }
        }
        try queue.close()
        whole = try Data(contentsOf: URL(fileURLWithPath: path))
    }

    /// The file is the user's. A verifier is named only where its scores are not there, which nobody
    /// can tell from a verifier that gave none.
    private func isRightly(_ error: StratagemError, mayLackScores: Bool) -> Bool {
        !error.message.isEmpty
            && (error.origin == .user || mayLackScores && error.origin == .verifier && error.code == .noScores)
    }

    /// - Returns: what was refused, of all that was read.
    private func read(after change: (Database) throws -> Void) throws -> (refused: [StratagemError], read: Int) {
        let url = folder.appendingPathComponent("s.db")
        try whole.write(to: url)
        let queue = try DatabaseQueue(path: url.path)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF")
            try change(db)
        }
        try queue.close()
        return try everything(url.path)
    }

    private func everything(_ path: String) throws -> (refused: [StratagemError], read: Int) {
        var (refused, read): ([StratagemError], Int) = ([], 0)
        func attempt(_ body: () throws -> Void) throws {
            do {
                try body()
                read += 1
            } catch let error as StratagemError { refused.append(error) }
        }
        try attempt {
            let store = try EvalStore.reading(path)
            let report = try StoreReport(store)
            _ = (report.cells.text, report.problems.json.pretty, report.failures.text, report.identity.json.pretty)
            for cell in try store.cells() {
                _ = try store.votes(of: cell)
                try store.eachRun(of: cell, withText: true) { _, _ in }
            }
        }
        try attempt {
            let report = try Report(MeasuredStudy(store: path))
            _ = (report.markdown, report.json.pretty, report.text)
        }
        try attempt {
            let reading = PolicyReading(registry: PluginRegistry(folders: []))
            let found = try reading.read([path])
            for kind in Difficulty.Kind.allCases {
                let fit = try PolicyFit(found.study, by: kind, binCount: 2)
                _ = (FitReport(fit: fit).text, PolicyTableText(fit: fit, source: found.source).text)
            }
        }
        try attempt {
            let target = folder.appendingPathComponent("merged.db").path
            defer { try? FileManager.default.removeItem(atPath: target) }
            _ = try StoreMerge.merge([path], into: target, allowMissing: true)
        }
        return (refused, read)
    }

    @Test func aWholeOneIsRead() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let found = try read { _ in }
        #expect(found.refused.isEmpty && found.read == 4, "\(found.refused)")
    }

    @Test(arguments: DamagedStoreTests.tables) func everyValueOfEveryColumn(table: String) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var columns: [String] = []
        _ = try read { columns = try $0.columns(in: table).map(\.name) }
        var refused = 0
        for column in columns {
            for value in stride(from: 0, to: Self.values.count, by: Self.step).map({ Self.values[$0] }) {
                for rows in ["rowid = 1", "rowid = (SELECT max(rowid) FROM \(table))", "1"].suffix(Self.places) {
                    let found = try read {
                        try $0.execute(sql: "UPDATE \(table) SET \(column) = ? WHERE \(rows)", arguments: [value])
                    }
                    refused += found.refused.count
                    let isScore = table == "candidates" && ["score", "node"].contains(column)
                    for error in found.refused {
                        #expect(isRightly(error, mayLackScores: isScore), "\(table).\(column) = \(value): \(error)")
                    }
                }
            }
        }
        #expect(refused > 0)
    }

    @Test(arguments: DamagedStoreTests.tables) func rowsAndColumnsThatAreGone(table: String) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var columns: [String] = []
        _ = try read { columns = try $0.columns(in: table).map(\.name) }
        for change in [
            "DELETE FROM \(table)", "DELETE FROM \(table) WHERE rowid = 1",
            "DELETE FROM \(table) WHERE rowid = (SELECT max(rowid) FROM \(table))",
            "INSERT INTO \(table) SELECT * FROM \(table)", "INSERT INTO \(table) SELECT * FROM \(table) LIMIT 1",
            "DROP TABLE \(table)",
        ]
            + columns.map({ "ALTER TABLE \(table) DROP COLUMN \($0)" })
        {
            let found = try read { try $0.execute(sql: change) }
            for error in found.refused {
                #expect(isRightly(error, mayLackScores: table == "candidates"), "\(change): \(error)")
            }
        }
        #expect(
            try read { try $0.execute(sql: "DROP TABLE \(table)") }.refused.contains {
                $0.message.contains("is damaged: no such table")
            })
    }

    /// The value, its place, and what it must be: enough to correct it.
    @Test func theReasonNamesThePlace() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        for (change, reason) in [
            (
                "UPDATE runs SET tokens = -1 WHERE rowid = 1",
                "in the table runs, tokens is -1, and must be a whole number from 0 to 1099511627776"
            ),
            (
                "UPDATE runs SET problem = 77 WHERE rowid = 1",
                "in the table runs, problem is 77, and must be one of the 6 problems of the study"
            ),
            ("UPDATE runs SET flops = 'nan' WHERE rowid = 1", "flops is the text 'nan', and must be a number from 0"),
            ("DELETE FROM problems WHERE id = 2", "problem 2 is missing"),
            ("UPDATE cells SET seed = NULL", "in the table cells, seed is NULL"),
            ("DELETE FROM texts", "the text that a candidate names"), ("DELETE FROM study", "it has no study in it"),
        ] {
            let found = try read { try $0.execute(sql: change) }
            #expect(
                found.refused.contains { $0.message.contains(reason) }, "\(change): \(found.refused.map(\.message))")
        }
    }

    /// Bytes of the file itself.
    @Test func bytesAnywhere() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let random = SampleRandom(seed: 11)
        let url = folder.appendingPathComponent("s.db")
        for round in 0..<Self.rounds {
            var bytes = whole
            for change in 0..<4 {
                let draw = UInt64(round * 8 + change * 2)
                bytes[Int(random.bits(draw) % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.bits(draw + 1))
            }
            if round % 7 == 0 {
                bytes = bytes.prefix(Int(random.bits(UInt64(round) + 1_000_000) % UInt64(bytes.count)))
            }
            try bytes.write(to: url)
            for error in try everything(url.path).refused {
                #expect(isRightly(error, mayLackScores: true), "round \(round): \(error)")
            }
        }
    }
}
