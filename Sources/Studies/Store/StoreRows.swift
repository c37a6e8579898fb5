import Foundation
import GRDB
import SearchCore

/// Rows to values and back.
enum StoreRows {
    static func insert(_ cell: StoredCell, in db: Database) throws {
        try db.execute(
            sql: "INSERT INTO cells (strategy, strategy_id, params, budget, generations, seed, plugin, plugin_sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [cell.strategy, cell.strategyID, cell.params, cell.budget, cell.generations, Int64(bitPattern: cell.seed),
                        cell.plugin, cell.pluginSHA256])
    }

    static func cell(_ row: Row) -> StoredCell {
        StoredCell(id: row["id"], strategy: row["strategy"], strategyID: row["strategy_id"], params: row["params"], budget: row["budget"],
                   generations: row["generations"], seed: UInt64(bitPattern: row["seed"] as Int64), plugin: row["plugin"],
                   pluginSHA256: row["plugin_sha256"])
    }

    static func insert(_ run: StoredRun, cell: Int, in db: Database) throws {
        let cost = run.cost
        try db.cachedStatement(sql: "INSERT INTO runs (cell, problem, answer, correct, error_origin, error_code, error_message, generations, tokens, prompt_tokens, verifier_tokens, wasted_tokens, flops, seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            .execute(arguments: [
                cell, run.problem, run.answer, run.isCorrect ? 1 : 0, run.error?.origin.rawValue, run.error?.code, run.error?.message,
                cost.generations, cost.tokens, cost.promptTokens, cost.verifierTokens, cost.wastedTokens, cost.flops, cost.seconds,
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

    static func cost(_ row: Row) -> Cost {
        Cost(generations: row["generations"], tokens: row["tokens"], promptTokens: row["prompt_tokens"], verifierTokens: row["verifier_tokens"],
             flops: row["flops"], seconds: row["seconds"], wastedTokens: row["wasted_tokens"])
    }

    static func error(_ row: Row) -> StratagemError? {
        guard let name: String = row["error_origin"], let origin = Origin(rawValue: name) else { return nil }
        return StratagemError(origin, row["error_code"] ?? "", row["error_message"] ?? "")
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
            for shift in stride(from: 0, to: 32, by: 8) { data.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift))) }
        }
        return data
    }

    static func floats(_ data: Data?) -> [Float] {
        guard let data, data.count % 4 == 0 else { return [] }
        let bytes = [UInt8](data)
        return stride(from: 0, to: bytes.count, by: 4).map { at in
            let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) }
            return Float(bitPattern: bits)
        }
    }
}
