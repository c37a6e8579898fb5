import GRDB
import SearchCore

/// Makes a store of an older version one of today's, in place: who continues with a study loses none of it.
enum StoreUpgrade {
    /// From 1: what it has is kept, and of what it does not have nothing is known. All of it or nothing.
    static func run(_ path: String, _ queue: DatabaseQueue) throws(StratagemError) {
        try StoreFile.catching(path) {
            try queue.inDatabase { db in
                // Votes and candidates refer to the runs, which get a table of their own again.
                try db.execute(sql: "PRAGMA foreign_keys = OFF")
                defer { try? db.execute(sql: "PRAGMA foreign_keys = ON") }
                try db.inTransaction {
                    try db.execute(sql: "ALTER TABLE cells ADD COLUMN defaults TEXT")
                    try db.execute(sql: Schema.runs.replacing("CREATE TABLE runs", with: "CREATE TABLE runs_2"))
                    try db.execute(
                        sql: "INSERT INTO runs_2 SELECT * FROM runs; DROP TABLE runs; ALTER TABLE runs_2 RENAME TO runs"
                    )
                    try db.execute(sql: "PRAGMA user_version = \(Schema.version)")
                    return .commit
                }
            }
        }
    }
}
