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
            sql: "INSERT INTO study VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                study.stratagem, study.bundle, study.dataName, study.dataSHA256, study.shard.index, study.shard.count,
                Date.now.formatted(.iso8601), study.answers?.extract, study.answers?.equal, study.answers?.chosenBy,
            ])
        for model in study.models {
            try db.execute(
                sql: "INSERT INTO models VALUES (?, ?, ?)", arguments: [model.role, model.sha256, model.parameters])
        }
        try insert(study.problems[...], in: db)
    }

    /// Problems that `wanted` has behind those of `found`, if these are its first ones; else none.
    static func added(_ found: Study, _ wanted: Study) -> ArraySlice<Problem> {
        let isBeginning =
            found.problems.count < wanted.problems.count
            && zip(found.problems, wanted.problems).allSatisfy {
                $0.text == $1.text && ($0.answer ?? "") == ($1.answer ?? "")
            }
        return isBeginning ? wanted.problems[found.problems.count...] : []
    }

    /// The study grows: problems behind those that it has, and the name of all of them.
    static func extend(to study: Study, by added: ArraySlice<Problem>, in db: Database) throws {
        try db.execute(
            sql: "UPDATE study SET data_name = ?, data_sha256 = ?", arguments: [study.dataName, study.dataSHA256])
        try insert(added, in: db)
    }

    private static func insert(_ problems: ArraySlice<Problem>, in db: Database) throws {
        let insert = try db.makeStatement(sql: "INSERT INTO problems VALUES (?, ?, ?)")
        for (index, problem) in zip(problems.indices, problems) {
            try insert.execute(arguments: [index, problem.text, problem.answer ?? ""])
        }
    }

    static func read(_ db: Database) throws -> Study {
        let later = StoreRows.later(of: "study", try db.columns(in: "study").map(\.name))
        guard
            let row = try Row.fetchOne(
                db,
                sql: "SELECT stratagem, bundle, data_name, data_sha256, shard_index, shard_count, \(later) FROM study")
        else {
            throw StoreDamage(what: "it has no study in it")
        }
        let models = try Row.fetchAll(db, sql: "SELECT role, sha256, parameters FROM models ORDER BY role").map { row in
            var fields = StoreFields(row, of: "models")
            return Study.Model(
                role: try fields.text(), sha256: try fields.text(),
                parameters: try fields.optionalInteger(in: 0...(1 << 60)))
        }
        guard Set(models.map(\.role)).count == models.count else {
            throw StoreDamage(what: "in the table models, a role occurs twice")
        }
        let problems = try Row.fetchAll(db, sql: "SELECT id, text, answer FROM problems ORDER BY id").enumerated().map {
            place, row in
            var fields = StoreFields(row, of: "problems")
            guard try fields.integer(in: StoreFields.places) == place else {
                throw StoreDamage(what: "problem \(place) is missing, or occurs twice")
            }
            return Problem(text: try fields.text(), answer: try fields.text())
        }
        var fields = StoreFields(row, of: "study")
        return Study(
            stratagem: try fields.text(), bundle: try fields.text(), dataName: try fields.text(),
            dataSHA256: try fields.text(),
            shard: try shard(&fields), models: models, problems: problems, answers: try answers(&fields))
    }

    private static func answers(_ fields: inout StoreFields) throws(StoreDamage) -> StudyAnswers? {
        guard let extract = try fields.optionalText(), let equal = try fields.optionalText() else { return nil }
        return StudyAnswers(extract: extract, equal: equal, chosenBy: try fields.optionalText() ?? "")
    }

    private static func shard(_ fields: inout StoreFields) throws(StoreDamage) -> Shard {
        let (index, count) = (try fields.integer(in: 1...Shard.most), try fields.integer(in: 1...Shard.most))
        guard index <= count else { throw fields.damage("\(count)", "at least shard_index, \(index)") }
        return Shard(storedIndex: index, count: count)
    }

    /// Names the first thing that makes runs of the two incomparable.
    static func require(_ found: Study, equals wanted: Study, of path: String, ignoringShard: Bool = false)
        throws(StratagemError)
    {
        func differ(_ what: String, _ theirs: String, _ ours: String) -> StratagemError {
            StratagemError(
                .user, .storeDiffers,
                "\(path) has \(what) \(theirs), and now it is \(ours). One store cannot hold results of both: use the same, or name another file"
            )
        }
        guard found.dataSHA256 == wanted.dataSHA256 else {
            throw differ(
                "results on other problems:",
                "\(found.dataName), \(found.problems.count) problems, sha256 \(found.dataSHA256.prefix(12))…",
                "\(wanted.dataName), \(wanted.problems.count) problems, \(wanted.dataSHA256.prefix(12))…")
        }
        guard found.problems.count == wanted.problems.count else {
            throw StoreFile.damaged(path, "of \(wanted.problems.count) problems it has \(found.problems.count)")
        }
        guard found.bundle == wanted.bundle else {
            throw differ(
                "results by the bundle", found.bundle,
                "\(wanted.bundle) (its prompts, context, answers or read-outs differ)")
        }
        if let theirs = found.answers, let ours = wanted.answers,
            (theirs.extract, theirs.equal) != (ours.extract, ours.equal)
        {
            throw differ(
                "answers found and compared by", "\(theirs.extract), \(theirs.equal)", "\(ours.extract), \(ours.equal)")
        }
        guard ignoringShard || found.shard == wanted.shard else {
            throw differ("shard", "\(found.shard)", "\(wanted.shard)")
        }
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
