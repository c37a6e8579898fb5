import Foundation
import GRDB
import SearchCore

/// The results of a study, in one SQLite file: every run with its cost, its vote and
/// its candidates, and what made them. A run is in it whole or not at all.
///
/// May be used from any thread.
public final class EvalStore: Sendable {
    public let path: String
    public let study: Study
    let queue: DatabaseQueue
    /// Held by who writes.
    private let lock: StoreLock?

    private init(path: String, study: Study, queue: DatabaseQueue, lock: StoreLock?) {
        self.path = path
        self.study = study
        self.queue = queue
        self.lock = lock
    }

    /// Makes a store, or with `resume` goes on with the one that is there.
    ///
    /// - Throws: if there is one and `resume` is false; if what is there was made
    ///   from other data, models, shard or by other plugins; says what differs.
    public static func writing(_ path: String, study: Study, cells: [StoredCell], resume: Bool) throws(StratagemError) -> EvalStore {
        let isThere = FileManager.default.fileExists(atPath: path)
        guard !isThere || resume else {
            throw StratagemError(.user, "store_exists", "\(path) is there already. Pass --resume to go on with it, or name another file")
        }
        let lock = try StoreLock(store: path)
        let queue = try StoreFile.open(path, readOnly: false)
        let isEmpty = try StoreFile.catching(path) { try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_schema") == 0 } }
        // A kill right after the file was made leaves an empty one.
        if isEmpty {
            try StoreFile.beginLog(path, queue)
            try StoreFile.catching(path) { try queue.write { try StoreIdentity.create(study, in: $0) } }
        } else {
            try check(path, queue)
            let found = try StoreFile.catching(path) { try queue.read(StoreIdentity.read) }
            try StoreIdentity.require(found, equals: study, of: path)
            try StoreFile.beginLog(path, queue)
        }
        let store = EvalStore(path: path, study: study, queue: queue, lock: lock)
        try store.add(cells: cells)
        return store
    }

    /// Opens a store to read. A run may be writing to it meanwhile.
    public static func reading(_ path: String) throws(StratagemError) -> EvalStore {
        let queue = try StoreFile.open(path, readOnly: true)
        try check(path, queue)
        let study = try StoreFile.catching(path) { try queue.read(StoreIdentity.read) }
        return EvalStore(path: path, study: study, queue: queue, lock: nil)
    }

    /// After the last write: folds the log into the file and leaves no lock.
    func close() throws(StratagemError) {
        try StoreFile.catching(path) { _ = try queue.writeWithoutTransaction { try $0.checkpoint(.truncate) } }
        lock?.release()
    }

    private static func check(_ path: String, _ queue: DatabaseQueue) throws(StratagemError) {
        let (application, version) = try StoreFile.catching(path) {
            try queue.read { db in
                (try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0, try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0)
            }
        }
        guard application == Schema.applicationID else {
            throw StoreFile.refuse(path, "is an SQLite file, but not an eval store. Name another file")
        }
        guard version == Schema.version else {
            throw StoreFile.refuse(path, "is an eval store of version \(version), and this program reads version \(Schema.version). "
                + (version > Schema.version ? "Use a newer stratagem" : "Run the study again into a new file"))
        }
    }

    /// Cells that are not there yet are added; those that are must be by the same plugin.
    private func add(cells: [StoredCell]) throws(StratagemError) {
        let known = try self.cells()
        for cell in cells {
            guard let same = known.first(where: { $0.isSame(as: cell) }) else { continue }
            guard same.pluginSHA256 == cell.pluginSHA256 else {
                throw StratagemError(.user, "store_differs", "\(path): \(cell.strategy) was measured with \(same.plugin) (sha256 \(same.pluginSHA256.prefix(12))…), "
                    + "and is now \(cell.plugin) (\(cell.pluginSHA256.prefix(12))…). Load that plugin, or name another file")
            }
        }
        let new = cells.filter { cell in !known.contains { $0.isSame(as: cell) } }
        try StoreFile.catching(path) { try queue.write { db in for cell in new { try StoreRows.insert(cell, in: db) } } }
    }
}
