import Foundation
import GRDB
import SearchCore

/// One value of a row that somebody's SQL gave.
public enum StoredValue: Sendable, Equatable {
    case null, integer(Int64), real(Double), text(String)
    /// So many bytes.
    case blob(Int)
}

extension EvalStore {
    /// Rows at most: a typing mistake must not fill the memory.
    static let rowsMax = 1_000_000

    /// Runs one statement of the user's own. The store is open to be read only.
    public func rows(sql: String) throws(StratagemError) -> (columns: [String], rows: [[StoredValue]]) {
        if let why = UserSQL.refusal(sql) { throw UserSQL.error(why) }
        do {
            return try queue.read { db in
                let statement = try db.makeStatement(sql: sql)
                // What begins with WITH may yet end with DELETE.
                guard statement.isReadonly else { throw UserSQL.error(UserSQL.changes("it")) }
                var rows: [[StoredValue]] = []
                let cursor = try Row.fetchCursor(statement)
                while rows.count < Self.rowsMax, let row = try cursor.next() {
                    rows.append(
                        row.databaseValues.map { value in
                            switch value.storage {
                            case .null: .null
                            case .int64(let number): .integer(number)
                            case .double(let number): .real(number)
                            case .string(let text): .text(text)
                            case .blob(let data): .blob(data.count)
                            }
                        })
                }
                return (statement.columnNames, rows)
            }
        } catch let error as DatabaseError where error.resultCode.primaryResultCode == .SQLITE_MISUSE {
            throw UserSQL.error("there are several statements, or none")
        } catch let error as DatabaseError where error.resultCode.primaryResultCode == .SQLITE_READONLY {
            throw UserSQL.error(UserSQL.changes("it"))
        } catch let error as DatabaseError where error.resultCode.primaryResultCode == .SQLITE_ERROR {
            throw UserSQL.error(
                "SQLite does not understand '\(sql.prefix(200))': \(error.message ?? "no reason given")")
        } catch {
            return try StoreFile.catching(path) { throw error }
        }
    }
}

/// What may be asked of a store, by the first word of a statement.
enum UserSQL {
    private static let reading = ["SELECT", "WITH", "VALUES", "EXPLAIN"]
    private static let writing = [
        "INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER", "VACUUM", "REINDEX", "ANALYZE",
    ]
    private static let transactions = ["BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"]

    /// Nil: it may be tried.
    static func refusal(_ sql: String) -> String? {
        let word = firstWord(sql)
        switch word.uppercased() {
        case let known where reading.contains(known): return nil
        case "": return "there is no statement"
        case "ATTACH", "DETACH":
            return "\(word) is about another file, and query reads this store alone. Ask each store by itself"
        case "PRAGMA":
            return
                "\(word) is about SQLite and not about the study. The columns of a table: SELECT * FROM pragma_table_info('runs')"
        case let known where writing.contains(known): return changes(word)
        case let known where transactions.contains(known):
            return "\(word) is about a transaction, and there is nothing to change in one"
        default: return "no statement begins with '\(word.prefix(40))'\(Nearest.suggestion(word, among: reading))"
        }
    }

    static func changes(_ what: String) -> String {
        "\(what) would change the store, and query only reads. Change a copy of it with the program sqlite3"
    }

    static func error(_ why: String) -> StratagemError {
        StratagemError(
            .user, .badSql,
            "--sql: \(why). Write one statement that begins with SELECT, WITH or VALUES; docs/store.md lists the tables"
        )
    }

    /// Behind spaces and comments.
    private static func firstWord(_ sql: String) -> String {
        var rest = sql[...]
        while true {
            rest = rest.drop { $0.isWhitespace || $0 == ";" }
            if rest.hasPrefix("--") {
                rest = rest.drop { !$0.isNewline }
            } else if rest.hasPrefix("/*") {
                rest = rest.range(of: "*/").map { rest[$0.upperBound...] } ?? ""
            } else {
                let word = rest.prefix { $0.isLetter || $0 == "_" }
                return String(word.isEmpty ? rest.prefix { !$0.isWhitespace } : word)
            }
        }
    }
}
