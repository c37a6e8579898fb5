import Foundation
import GRDB
import SearchCore

/// The `study`, `models` and `problems` tables.
enum StoreIdentity {
    static func create(_ study: Study, in db: Database) throws {
        try db.execute(sql: Schema.sql)
        try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
        try db.execute(sql: "PRAGMA user_version = \(Schema.version)")
        try db.execute(
            sql: "INSERT INTO study VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [study.stratagem, study.bundle, study.dataName, study.dataSHA256, study.shard.index, study.shard.count,
                        Date.now.formatted(.iso8601)])
        for model in study.models {
            try db.execute(sql: "INSERT INTO models VALUES (?, ?, ?)", arguments: [model.role, model.sha256, model.parameters])
        }
        let insert = try db.makeStatement(sql: "INSERT INTO problems VALUES (?, ?, ?)")
        for (index, problem) in study.problems.enumerated() {
            try insert.execute(arguments: [index, problem.text, problem.answer ?? ""])
        }
    }

    static func read(_ db: Database) throws -> Study {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM study") else {
            throw StratagemError(.user, "bad_store", "the store has no study in it: it is damaged. Run the study again into a new file")
        }
        let models = try Row.fetchAll(db, sql: "SELECT * FROM models ORDER BY role").map {
            Study.Model(role: $0["role"], sha256: $0["sha256"], parameters: $0["parameters"])
        }
        let problems = try Row.fetchAll(db, sql: "SELECT text, answer FROM problems ORDER BY id").map {
            Problem(text: $0["text"], answer: $0["answer"])
        }
        return Study(stratagem: row["stratagem"], bundle: row["bundle"], dataName: row["data_name"], dataSHA256: row["data_sha256"],
                     shard: Shard(storedIndex: row["shard_index"], count: row["shard_count"]), models: models, problems: problems)
    }

    /// Names the first thing that makes runs of the two incomparable.
    static func require(_ found: Study, equals wanted: Study, of path: String, ignoringShard: Bool = false) throws(StratagemError) {
        func differ(_ what: String, _ theirs: String, _ ours: String) -> StratagemError {
            StratagemError(.user, "store_differs", "\(path) has \(what) \(theirs), and now it is \(ours). Results of both cannot stand in one store: use the same, or name another file")
        }
        guard found.dataSHA256 == wanted.dataSHA256 else {
            throw differ("results on other problems:", "\(found.dataName), \(found.problems.count) problems, sha256 \(found.dataSHA256.prefix(12))…",
                         "\(wanted.dataName), \(wanted.problems.count) problems, \(wanted.dataSHA256.prefix(12))…")
        }
        guard found.bundle == wanted.bundle else { throw differ("results by the bundle", found.bundle, "\(wanted.bundle) (its prompts, context, answers or read-outs differ)") }
        guard ignoringShard || found.shard == wanted.shard else { throw differ("shard", "\(found.shard)", "\(wanted.shard)") }
        for role in Set(found.models.map(\.role) + wanted.models.map(\.role)).sorted() {
            let theirs = found.models.first { $0.role == role }?.sha256
            let ours = wanted.models.first { $0.role == role }?.sha256
            guard theirs == ours else {
                let shown = { (hash: String?) in hash.map { "sha256 \($0.prefix(12))…" } ?? "none" }
                throw differ("the \(role) model", shown(theirs), shown(ours))
            }
        }
    }
}
