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
        do {
            return try queue.read { db in
                let statement = try db.makeStatement(sql: sql)
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
        } catch let error as DatabaseError
            where [.SQLITE_ERROR, .SQLITE_READONLY, .SQLITE_MISUSE].contains(error.resultCode.primaryResultCode)
        {
            throw StratagemError(
                .user, .badSql,
                "\(error.message ?? "SQL error") in '\(sql.prefix(200))'. Write one statement that only reads; docs/store.md lists the tables"
            )
        } catch {
            return try StoreFile.catching(path) { throw error }
        }
    }
}
