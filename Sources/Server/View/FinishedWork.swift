import Reporting
import SearchCore

/// What `view` was given: a study's store, or traces.
protocol FinishedWork: Sendable {
    /// Gives `body` what is there now, all of it from the same study. `body` may be called again.
    func now<Result>(_ body: (any FinishedStudy) throws(StratagemError) -> Result) throws(StratagemError) -> Result
}

/// Runs that are over, and that `view` shows.
protocol FinishedStudy {
    /// Changes when numbers of cells and problems no longer mean what they did: another study has taken the place.
    var edition: String { get }
    /// "study" or "traces".
    var kind: String { get }
    /// The file, or the files.
    var name: String { get }
    /// What is known of where it comes from, in words: data, bundle.
    var origin: String { get }
    /// Every run.
    func table() throws(StratagemError) -> RunTable
    /// One run as events: the same that a search at work sends. Nil: there is no such run.
    func events(cell: Int, problem: Int) throws(StratagemError) -> [JSON]?
    /// What is not there, and how to keep it.
    func missing(from table: RunTable) throws(StratagemError) -> [String]
}

/// Runs as a table.
struct RunTable: Sendable {
    /// A strategy with its parameters at a budget, with a seed.
    struct Cell: Sendable {
        var id: Int
        /// As one would type it: "beam-search:beam_width=4@16".
        var name: String
        var seed: UInt64
    }

    struct Run: Sendable {
        var cell: Int
        /// Place in `problems`.
        var problem: Int
        var answer: String?
        /// Nil: there is no reference answer.
        var isCorrect: Bool?
        var error: StratagemError?
        /// Heaviest first.
        var votes: [Vote]
        /// Nil: not known.
        var texts: TextCount?
        var tokens: Int

        var id: String { "\(cell)-\(problem)" }

        /// The second answer has at least half of the first one's weight.
        var isSplit: Bool { votes.count > 1 && votes[1].weight * 2 >= votes[0].weight }
        /// A limit cut at least one of its texts.
        var isTruncated: Bool { (texts?.truncated ?? 0) > 0 }
        var isWrong: Bool { isCorrect == false }

        /// Another answer was given, and not one that the reference knows as the same.
        func disagrees(with other: Run) -> Bool {
            answer != other.answer && !(isCorrect == true && other.isCorrect == true)
        }
    }

    var cells: [Cell] = []
    var problems: [Problem] = []
    /// In order of cell and problem.
    var runs: [Run] = []
    /// Runs that a whole study would have; nil: not known.
    var wanted: Int?

    var hasReferences: Bool { runs.contains { $0.isCorrect != nil } }
    /// False: nobody counted the texts that a limit cut.
    var hasTextCounts: Bool { runs.contains { $0.texts != nil } }
}

extension RunTable {
    /// The cell's names, with the seed where cells differ in nothing else.
    private var names: [String] {
        let counts = Dictionary(cells.map { ($0.name, 1) }, uniquingKeysWith: +)
        return cells.map { counts[$0.name, default: 1] > 1 ? "\($0.name) seed \($0.seed)" : $0.name }
    }

    func json(of work: any FinishedStudy) throws(StratagemError) -> JSON {
        let cells: [JSON] = zip(cells, names).map { cell, name in ["id": .int(cell.id), "name": .string(name)] }
        return [
            "id": .string(work.edition), "kind": .string(work.kind), "name": .string(work.name),
            "origin": .string(work.origin),
            "problems": .int(problems.count), "runs": .int(runs.count),
            "wanted": wanted.map(JSON.int) ?? .null, "cells": .array(cells),
            "knows": ["reference": .bool(hasReferences), "truncated": .bool(hasTextCounts)],
            "missing": .array(try work.missing(from: self).map(JSON.string)),
        ]
    }

    /// The rows that a filter lets through, a page of them.
    func json(_ filter: RunFilter) throws(Refusal) -> JSON {
        for cell in [filter.cell, filter.beside].compactMap(\.self) where !cells.contains(where: { $0.id == cell }) {
            throw .request(
                "cell_not_found", "there is no strategy \(cell) here: /v1/study lists them", param: "cell",
                status: .notFound)
        }
        let rows = rows(filter)
        let shown = rows.dropFirst(filter.from).prefix(RunFilter.page)
        return [
            "total": .int(rows.count), "from": .int(filter.from),
            "rows": .array(
                shown.map { row in
                    let problem = problems[row[0].problem]
                    return [
                        "problem": .int(row[0].problem), "text": .string(problem.text),
                        "expected": JSON(problem.answer), "runs": .array(row.map(Self.spelt)),
                    ]
                }),
        ]
    }

    /// One run a row, or two of the same problem.
    func rows(_ filter: RunFilter) -> [[Run]] {
        let firsts = runs.filter { filter.cell == nil || $0.cell == filter.cell }
        var rows = firsts.map { [$0] }
        if let beside = filter.beside {
            let seconds = Dictionary(runs.filter { $0.cell == beside }.map { ($0.problem, $0) }) { first, _ in first }
            rows = firsts.compactMap { first in seconds[first.problem].map { [first, $0] } }
        }
        return rows.filter { row in
            (!filter.wrong || row.contains(where: \.isWrong))
                && (!filter.truncated || row.contains(where: \.isTruncated))
                && (!filter.split || row.contains(where: \.isSplit))
                && (!filter.disagree || row.count == 2 && row[0].disagrees(with: row[1]))
        }
    }

    private static func spelt(_ run: Run) -> JSON {
        [
            "run": .string(run.id), "cell": .int(run.cell), "answer": JSON(run.answer),
            "correct": run.isCorrect.map(JSON.bool) ?? .null,
            "error": JSON(run.error?.code.rawValue), "split": .bool(run.isSplit), "answers": .int(run.votes.count),
            "votes": .array(run.votes.prefix(3).map(SolveReport.vote)),
            "truncated": run.texts.map { .int($0.truncated) } ?? .null,
            "ended": run.texts.map { .int($0.ended) } ?? .null, "tokens": .int(run.tokens),
        ]
    }
}
