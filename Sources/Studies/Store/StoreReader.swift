import Foundation
import GRDB
import SearchCore

/// What came of one run, without its vote and candidates.
public struct StoredOutcome: Sendable, Equatable {
    public var problem: Int
    public var answer: String?
    public var isCorrect: Bool
    public var error: StratagemError?
    public var cost: Cost
}

/// What is read out of a store.
extension EvalStore {
    /// In order of their ids.
    public func cells() throws(StratagemError) -> [StoredCell] {
        try fetch { try Row.fetchAll($0, sql: "SELECT * FROM cells ORDER BY id").map(StoreRows.cell) }
    }

    /// Of one cell, in order of problem.
    public func outcomes(of cell: StoredCell) throws(StratagemError) -> [StoredOutcome] {
        try fetch { db in
            var outcomes: [StoredOutcome] = []
            let rows = try Row.fetchCursor(db, sql: "SELECT * FROM runs WHERE cell = ? ORDER BY problem", arguments: [cell.id])
            while let row = try rows.next() {
                outcomes.append(StoredOutcome(problem: row["problem"], answer: row["answer"], isCorrect: row["correct"] == 1,
                                              error: StoreRows.error(row), cost: StoreRows.cost(row)))
            }
            return outcomes
        }
    }

    /// The candidates of every run of one cell that has any, in order of problem; each
    /// run's in the strategy's ranking. One problem is in memory at a time.
    ///
    /// - Parameter withText: texts are read only where they are needed; else nil.
    public func eachRun(of cell: StoredCell, withText: Bool = false,
                        _ body: (_ problem: Int, [StoredCandidate]) throws -> Void) throws(StratagemError) {
        try fetch { db in
            let sql = "SELECT r.problem, c.*" + (withText ? ", t.text AS body" : "") + " FROM runs r JOIN candidates c ON c.run = r.id"
                + (withText ? " LEFT JOIN texts t ON t.id = c.text" : "") + " WHERE r.cell = ? ORDER BY r.problem, c.rank"
            let rows = try Row.fetchCursor(db, sql: sql, arguments: [cell.id])
            var current: (problem: Int, candidates: [StoredCandidate])?
            while let row = try rows.next() {
                let problem: Int = row["problem"]
                if let last = current, last.problem != problem {
                    try body(last.problem, last.candidates)
                    current = nil
                }
                let one = StoredCandidate(
                    node: row["node"], previous: row["previous"], revision: row["revision"], answer: row["answer"], isCorrect: row["correct"] == 1,
                    score: row["score"], stepScores: StoreRows.floats(row["steps"]), tokens: row["tokens"], text: withText ? row["body"] : nil)
                if current == nil { current = (problem, [one]) } else { current?.candidates.append(one) }
            }
            if let current { try body(current.problem, current.candidates) }
        }
    }

    /// The verifier's value of the answer that each run of a cell ranked first; nil if it has none.
    public func chosenScores(of cell: StoredCell) throws(StratagemError) -> [(problem: Int, score: Double?)] {
        try fetch { db in
            let sql = "SELECT r.problem, c.score FROM runs r JOIN candidates c ON c.run = r.id AND c.rank = 0 WHERE r.cell = ? ORDER BY r.problem"
            return try Row.fetchAll(db, sql: sql, arguments: [cell.id]).map { ($0[0], $0[1]) }
        }
    }

    /// Runs that are in the store, over all cells.
    public func runCount() throws(StratagemError) -> Int {
        try fetch { try Int.fetchOne($0, sql: "SELECT count(*) FROM runs") ?? 0 }
    }

    /// The votes of one cell's runs, heaviest first, by problem.
    public func votes(of cell: StoredCell) throws(StratagemError) -> [Int: [Vote]] {
        try fetch { db in
            var votes: [Int: [Vote]] = [:]
            let rows = try Row.fetchCursor(db, sql: "SELECT r.problem, v.* FROM runs r JOIN votes v ON v.run = r.id WHERE r.cell = ? ORDER BY r.problem, v.rank", arguments: [cell.id])
            while let row = try rows.next() {
                votes[row["problem"], default: []].append(Vote(answer: row["answer"], weight: row["weight"], count: row["count"]))
            }
            return votes
        }
    }

    func fetch<Result>(_ body: (Database) throws -> Result) throws(StratagemError) -> Result {
        try StoreFile.catching(path) { try queue.read(body) }
    }
}
