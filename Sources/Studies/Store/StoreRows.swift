import Foundation
import GRDB
import SearchCore

/// Rows to values and back.
enum StoreRows {
    static func insert(_ cell: StoredCell, in db: Database) throws {
        try db.execute(
            sql:
                "INSERT INTO cells (strategy, strategy_id, params, defaults, budget, generations, seed, plugin, plugin_sha256) "
                + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                cell.strategy, cell.strategyID, cell.params, cell.defaults, cell.budget, cell.generations,
                Int64(bitPattern: cell.seed),
                cell.plugin, cell.pluginSHA256,
            ])
    }

    /// - Parameter version: of the store.
    static func cellColumns(_ version: Int) -> String {
        "id, strategy, strategy_id, params, \(version > 1 ? "defaults" : "NULL"), budget, generations, seed, plugin, plugin_sha256"
    }

    static func cell(_ row: Row) throws -> StoredCell {
        var fields = StoreFields(row, of: "cells")
        return StoredCell(
            id: try fields.integer(in: 1...Int.max), strategy: try fields.text(), strategyID: try fields.text(),
            params: try fields.text(),
            defaults: try fields.optionalText(), budget: try fields.text(),
            generations: try fields.optionalInteger(in: 1...StoreFields.counts.upperBound),
            seed: UInt64(bitPattern: Int64(try fields.integer(in: Int.min...Int.max))), plugin: try fields.text(),
            pluginSHA256: try fields.text())
    }

    static func insert(_ run: StoredRun, cell: Int, in db: Database) throws {
        let cost = run.cost
        try db.cachedStatement(
            sql:
                "INSERT INTO runs (cell, problem, answer, correct, error_origin, error_code, error_message, generations, tokens, prompt_tokens, verifier_tokens, wasted_tokens, flops, seconds, "
                + "ended, truncated, unscored) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        .execute(arguments: [
            cell, run.problem, run.answer, run.isCorrect ? 1 : 0, run.error?.origin.rawValue, run.error?.code.rawValue,
            run.error?.message,
            cost.generations, cost.tokens, cost.promptTokens, cost.verifierTokens, cost.wastedTokens,
            cost.flops.isNaN ? nil : cost.flops, cost.seconds,
            run.texts?.ended, run.texts?.truncated, run.texts?.unscored,
        ])
        let id = db.lastInsertedRowID
        let vote = try db.cachedStatement(sql: "INSERT INTO votes VALUES (?, ?, ?, ?, ?)")
        for (rank, one) in run.votes.enumerated() {
            // SQLite has no NaN; a weight is finite by contract.
            try vote.execute(arguments: [id, rank, one.answer, one.weight.isFinite ? one.weight : 0, one.count])
        }
        let text = try db.cachedStatement(sql: "INSERT OR IGNORE INTO texts VALUES (?, ?)")
        let candidate = try db.cachedStatement(sql: "INSERT INTO candidates VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        for (rank, one) in run.candidates.enumerated() {
            let textID = one.text.map(key)
            if let body = one.text, let textID { try text.execute(arguments: [textID, body]) }
            try candidate.execute(arguments: [
                id, rank, one.node, one.previous, one.revision, one.answer, one.isCorrect ? 1 : 0, one.score,
                one.stepScores.isEmpty ? nil : data(one.stepScores), one.tokens, textID,
            ])
        }
    }

    /// Those that came later are nothing where an earlier version wrote the store.
    static func outcomeColumns(_ db: Database) throws -> String {
        let known = try db.columns(in: "runs").map(\.name)
        return
            "problem, answer, correct, error_origin, error_code, error_message, generations, tokens, prompt_tokens, verifier_tokens, "
            + "wasted_tokens, flops, seconds, " + later(of: "runs", known)
            + ", error_code IS NULL AND (correct = 1 OR EXISTS (SELECT 1 FROM candidates c WHERE c.run = runs.id AND c.correct = 1)) AS has_right"
    }

    static func later(of table: String, _ known: [String]) -> String {
        Schema.laterColumns[table, default: []].map { known.contains($0.name) ? $0.name : "NULL AS \($0.name)" }.joined(
            separator: ", ")
    }

    /// A store that an earlier version began gets them when this one continues with it.
    static func addLaterColumns(_ db: Database) throws {
        for (table, columns) in Schema.laterColumns {
            let known = try db.columns(in: table).map(\.name)
            for column in columns where !known.contains(column.name) {
                try db.execute(sql: "ALTER TABLE \(table) ADD COLUMN \(column.name) \(column.type)")
            }
        }
    }

    /// - Parameter problems: of the study.
    static func outcome(_ row: Row, problems: Int) throws -> StoredOutcome {
        var fields = StoreFields(row, of: "runs")
        return StoredOutcome(
            problem: try problem(&fields, of: problems), answer: try fields.optionalText(),
            isCorrect: try fields.flag(),
            error: try error(&fields), cost: try cost(&fields), texts: try texts(&fields), hasRight: try fields.flag())
    }

    static func texts(_ fields: inout StoreFields) throws(StoreDamage) -> TextCount? {
        let (ended, truncated, unscored) = (
            try fields.optionalInteger(), try fields.optionalInteger(), try fields.optionalInteger()
        )
        guard let ended, let truncated, let unscored else { return nil }
        guard truncated <= ended else {
            throw fields.damage("\(ended), with \(truncated) truncated", "no less than truncated")
        }
        return TextCount(ended: ended, truncated: truncated, unscored: unscored)
    }

    static func problem(_ fields: inout StoreFields, of problems: Int) throws(StoreDamage) -> Int {
        let problem = try fields.integer(in: StoreFields.places)
        guard problem < problems else {
            throw fields.damage("\(problem)", "one of the \(problems) problems of the study, from 0")
        }
        return problem
    }

    private static func cost(_ fields: inout StoreFields) throws(StoreDamage) -> Cost {
        var cost = Cost(
            generations: try fields.integer(in: StoreFields.generations), tokens: try fields.integer(),
            promptTokens: try fields.integer(),
            verifierTokens: try fields.integer())
        cost.wastedTokens = try fields.integer()
        cost.flops = try fields.optionalReal(in: 0...1e40) ?? .nan
        cost.seconds = try fields.real(in: 0...1e12)
        return cost
    }

    private static func error(_ fields: inout StoreFields) throws(StoreDamage) -> StratagemError? {
        guard let name = try fields.optionalText() else {
            _ = (try fields.optionalText(), try fields.optionalText())
            return nil
        }
        guard let origin = Origin(rawValue: name) else {
            throw fields.damage("the text '\(name.prefix(40))'", "whose fault it was: host, plugin, model …")
        }
        return StratagemError(origin, stored: try fields.optionalText() ?? "", try fields.optionalText() ?? "")
    }

    private static func key(_ text: String) -> Int64 {
        var hash = StableHash()
        hash.combine(text.utf8)
        return Int64(bitPattern: hash.value)
    }

    static func data(_ values: [Float]) -> Data {
        var data = Data(capacity: values.count * 4)
        for value in values {
            let bits = value.bitPattern
            for shift in stride(from: 0, to: 32, by: 8) {
                data.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift)))
            }
        }
        return data
    }

    /// - Parameter data: of whole floats.
    static func floats(_ data: Data) -> [Float] {
        let bytes = [UInt8](data)
        return stride(from: 0, to: bytes.count - bytes.count % 4, by: 4).map { at in
            let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) }
            return Float(bitPattern: bits)
        }
    }
}
