import Foundation
import GRDB
import SearchCore

/// Opens the file behind a store, and says in our words what is wrong with one.
enum StoreFile {
    static func open(_ path: String, readOnly: Bool) throws(StratagemError) -> DatabaseQueue {
        var isFolder: ObjCBool = false
        let isThere = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard !isFolder.boolValue else { throw refuse(path, "is a folder. Name a file") }
        // SQLite would try, and say that the disk is broken.
        if isThere, !isRegular(path) {
            throw refuse(path, "is not an eval store: it is not a regular file. Name another file")
        }
        if readOnly, !isThere { throw refuse(path, "does not exist. `stratagem eval --out \(path)` makes one") }
        var configuration = Configuration()
        configuration.readonly = readOnly
        // A reader waits for a writer's commit, not for a writer's end.
        configuration.busyMode = .timeout(10)
        return try catching(path) {
            if readOnly, let file = try StoreImage.needed(for: path) { return try file.open() }
            return try DatabaseQueue(path: path, configuration: configuration)
        }
    }

    /// The other files that SQLite keeps beside one.
    static func companions(of path: String) -> [String] { ["-wal", "-shm", "-journal"].map { path + $0 } }

    /// The write-ahead log: what is committed survives kill -9, and readers read meanwhile. It changes the file, so it
    /// comes after the check that the file is ours.
    static func beginLog(_ path: String, _ queue: DatabaseQueue) throws(StratagemError) {
        try catching(path) {
            try queue.inDatabase { db in
                try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON")
            }
        }
    }

    private static func isRegular(_ path: String) -> Bool {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let type = try? FileManager.default.attributesOfItem(atPath: target)[.type] as? FileAttributeType
        return type == .typeRegular
    }

    /// Runs `body` and turns what SQLite says into an error of ours.
    static func catching<Result>(_ path: String, _ body: () throws -> Result) throws(StratagemError) -> Result {
        do {
            return try body()
        } catch let error as StratagemError {
            throw error
        } catch let damage as StoreDamage {
            throw Self.damaged(path, damage.what)
        } catch let error as DatabaseError {
            throw translate(path, error)
        } catch {
            throw StratagemError(.host, .storeFailed, "\(path): \(error)")
        }
    }

    private static func translate(_ path: String, _ error: DatabaseError) -> StratagemError {
        switch error.resultCode.primaryResultCode {
        case .SQLITE_FULL:
            StratagemError(
                .user, .diskFull,
                "\(path): the disk is full. Committed runs are safe; free some space, and the same command with --resume continues"
            )
        case .SQLITE_NOTADB:
            refuse(path, "is not an eval store: it is not an SQLite file. Name another file")
        case .SQLITE_CORRUPT:
            StratagemError(
                .user, .badStore,
                "\(path) is damaged (\(error.message ?? "corrupt")). `sqlite3 \(path) .recover` recovers what can be recovered; run the study into a new file"
            )
        // A table or a column that is not there, a schema that cannot be read.
        case .SQLITE_ERROR, .SQLITE_SCHEMA:
            damaged(path, error.message ?? "SQLite error \(error.resultCode.rawValue)")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            StratagemError(
                .user, .storeLocked,
                "\(path) has been locked by another program for more than 10 seconds. Wait for it to end, or name another file"
            )
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY:
            StratagemError(
                .user, .cannotWrite,
                "\(path) cannot be opened (\(error.message ?? "no reason given")). Name another file, or correct its permissions and its folder's: SQLite writes a log beside it"
            )
        case .SQLITE_IOERR:
            StratagemError(
                .user, .cannotWrite,
                "\(path): reading or writing failed (\(error.message ?? "no reason given")). Is the disk full or gone?")
        default:
            StratagemError(
                .host, .storeFailed, "\(path): \(error.message ?? "SQLite error \(error.resultCode.rawValue)")")
        }
    }

    static func damaged(_ path: String, _ what: String) -> StratagemError {
        StratagemError(
            .user, .badStore,
            "\(path) is damaged: \(what). Correct it (docs/store.md has the tables), or run the study into a new file")
    }

    static func refuse(_ path: String, _ why: String) -> StratagemError {
        StratagemError(.user, .badStore, "\(path) \(why)")
    }
}
