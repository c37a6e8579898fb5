import Foundation
import GRDB
import SearchCore

/// The result of one run, without its vote and candidates.
public struct StoredOutcome: Sendable, Equatable {
    public var problem: Int
    public var answer: String?
    public var isCorrect: Bool
    public var error: StratagemError?
    public var cost: Cost
    /// Nil: an earlier version wrote it.
    public var texts: TextCount?
    /// One of its candidates is right, and it did not fail.
    public var hasRight: Bool
}

/// What is read out of a store. Every value is checked here (`StoreFields`); nobody behind has to.
extension EvalStore {
    /// In order of their ids, each another measurement.
    public func cells() throws(StratagemError) -> [StoredCell] {
        try fetch { db in
            let cells = try Row.fetchAll(db, sql: "SELECT \(StoreRows.cellColumns(version)) FROM cells ORDER BY id")
                .map(StoreRows.cell)
            var ids: Set<Int> = [], measured: Set<[String]> = []
            for cell in cells {
                guard ids.insert(cell.id).inserted,
                    measured.insert([cell.strategyID, cell.params, cell.budget, "\(cell.seed)"]).inserted
                else {
                    throw StoreDamage(what: "in the table cells, \(cell.name) occurs twice")
                }
            }
            return cells
        }
    }

    /// Of one cell, in order of problem.
    ///
    /// - Parameter only: one problem's, if it is there.
    public func outcomes(of cell: StoredCell, only problem: Int? = nil) throws(StratagemError) -> [StoredOutcome] {
        try fetch { db in
            var outcomes: [StoredOutcome] = []
            let sql =
                "SELECT \(try StoreRows.outcomeColumns(db)) FROM runs WHERE cell = ?\(Self.of(problem, "problem")) ORDER BY problem"
            let rows = try Row.fetchCursor(db, sql: sql, arguments: [cell.id])
            while let row = try rows.next() {
                let one = try StoreRows.outcome(row, problems: study.problems.count)
                guard outcomes.last.map({ $0.problem < one.problem }) ?? true else {
                    throw Self.twice("runs", one.problem, cell)
                }
                outcomes.append(one)
            }
            return outcomes
        }
    }

    /// The candidates of every run of one cell that has any, in order of problem; each
    /// run's in the strategy's ranking. One problem is in memory at a time.
    ///
    /// - Parameters:
    ///   - only: one problem's.
    ///   - withText: texts are read only where they are needed; else nil.
    public func eachRun(
        of cell: StoredCell, only problem: Int? = nil, withText: Bool = false,
        _ body: (_ problem: Int, [StoredCandidate]) throws -> Void
    ) throws(StratagemError) {
        try fetch { db in
            let sql =
                "SELECT r.problem, c.rank, c.node, c.previous, c.revision, c.answer, c.correct, c.score, c.steps, c.tokens"
                + (withText ? ", c.text, t.text" : "") + " FROM runs r JOIN candidates c ON c.run = r.id"
                + (withText ? " LEFT JOIN texts t ON t.id = c.text" : "")
                + " WHERE r.cell = ?\(Self.of(problem, "r.problem")) ORDER BY r.problem, c.rank"
            let rows = try Row.fetchCursor(db, sql: sql, arguments: [cell.id])
            var current: (problem: Int, rank: Int, candidates: [StoredCandidate])?
            while let row = try rows.next() {
                var fields = StoreFields(row, of: "candidates")
                let problem = try StoreRows.problem(&fields, of: study.problems.count)
                let rank = try fields.integer(in: StoreFields.places)
                let one = try Self.candidate(&fields, withText: withText)
                if let last = current, last.problem != problem {
                    try body(last.problem, last.candidates)
                    current = nil
                }
                guard let last = current else {
                    current = (problem, rank, [one])
                    continue
                }
                guard last.rank < rank else { throw Self.twice("candidates", problem, cell) }
                current?.rank = rank
                current?.candidates.append(one)
            }
            if let current { try body(current.problem, current.candidates) }
        }
    }

    private static func candidate(_ fields: inout StoreFields, withText: Bool) throws(StoreDamage) -> StoredCandidate {
        var one = StoredCandidate(
            node: try fields.integer(in: StoreFields.places),
            previous: try fields.optionalInteger(in: StoreFields.places),
            revision: try fields.integer(in: StoreFields.places), answer: try fields.optionalText(),
            isCorrect: try fields.flag(),
            score: try fields.optionalReal(), stepScores: try fields.floats(), tokens: try fields.integer(), text: nil)
        guard withText else { return one }
        let key = try fields.optionalInteger(in: Int.min...Int.max)
        one.text = try fields.optionalText()
        guard key == nil || one.text != nil else { throw fields.damage("gone", "the text that a candidate names") }
        return one
    }

    /// The verifier's value of the answer that each run of a cell ranked first; nil if it has none.
    public func chosenScores(of cell: StoredCell) throws(StratagemError) -> [(problem: Int, score: Double?)] {
        try fetch { db in
            let sql =
                "SELECT r.problem, c.score FROM runs r JOIN candidates c ON c.run = r.id AND c.rank = 0 WHERE r.cell = ? ORDER BY r.problem"
            return try Row.fetchAll(db, sql: sql, arguments: [cell.id]).map { row in
                var fields = StoreFields(row, of: "candidates")
                return (try StoreRows.problem(&fields, of: study.problems.count), try fields.optionalReal())
            }
        }
    }

    /// What became of a cell's texts; nil if an earlier version wrote the store.
    public func texts(of cell: StoredCell) throws(StratagemError) -> TextCount? {
        try fetch { db in
            let known = try db.columns(in: "runs").map(\.name)
            guard Schema.laterColumns["runs", default: []].allSatisfy({ known.contains($0.name) }) else { return nil }
            let sql =
                "SELECT sum(ended) AS ended, sum(truncated) AS truncated, sum(unscored) AS unscored FROM runs WHERE cell = ?"
            return try Row.fetchOne(db, sql: sql, arguments: [cell.id]).flatMap { row in
                var fields = StoreFields(row, of: "runs")
                return try StoreRows.texts(&fields)
            }
        }
    }

    /// Another number each time that somebody else has written to the file.
    public func change() throws(StratagemError) -> Int {
        try fetch { try Int.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
    }

    /// False: the candidates' texts were left out.
    public func hasTexts() throws(StratagemError) -> Bool {
        try fetch { try Bool.fetchOne($0, sql: "SELECT EXISTS (SELECT 1 FROM texts)") ?? false }
    }

    /// A condition on a column, or none.
    private static func of(_ problem: Int?, _ column: String) -> String {
        problem.map { " AND \(column) = \($0)" } ?? ""
    }

    /// Runs that are in the store, over all cells.
    public func runCount() throws(StratagemError) -> Int {
        try fetch { try Int.fetchOne($0, sql: "SELECT count(*) FROM runs") ?? 0 }
    }

    /// The votes of one cell's runs, heaviest first, by problem.
    ///
    /// - Parameter only: one problem's.
    public func votes(of cell: StoredCell, only problem: Int? = nil) throws(StratagemError) -> [Int: [Vote]] {
        try fetch { db in
            var votes: [Int: [Vote]] = [:]
            var last = (problem: -1, rank: -1)
            let sql =
                "SELECT r.problem, v.rank, v.answer, v.weight, v.count FROM runs r JOIN votes v ON v.run = r.id WHERE r.cell = ?\(Self.of(problem, "r.problem")) ORDER BY r.problem, v.rank"
            let rows = try Row.fetchCursor(db, sql: sql, arguments: [cell.id])
            while let row = try rows.next() {
                var fields = StoreFields(row, of: "votes")
                let place = (
                    problem: try StoreRows.problem(&fields, of: study.problems.count),
                    rank: try fields.integer(in: StoreFields.places)
                )
                guard last < place else { throw Self.twice("votes", place.problem, cell) }
                last = place
                votes[place.problem, default: []].append(
                    Vote(
                        answer: try fields.text(), weight: try fields.real(in: -1e300...1e300),
                        count: try fields.integer()))
            }
            return votes
        }
    }

    private static func twice(_ table: String, _ problem: Int, _ cell: StoredCell) -> StoreDamage {
        StoreDamage(what: "in the table \(table), problem \(problem) has two rows for \(cell.name)")
    }

    func fetch<Result>(_ body: (Database) throws -> Result) throws(StratagemError) -> Result {
        try StoreFile.catching(path) { try queue.read(body) }
    }
}
