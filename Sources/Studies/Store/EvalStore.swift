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
    /// Of its tables: `Schema.version`, or an older one that is only read.
    let version: Int
    let queue: DatabaseQueue
    /// Held by who writes.
    private let lock: StoreLock?
    /// Where the file was when it was opened.
    let place: FilePlace?

    private init(path: String, study: Study, version: Int = Schema.version, queue: DatabaseQueue, lock: StoreLock?) {
        self.path = path
        self.study = study
        self.version = version
        self.queue = queue
        self.lock = lock
        place = FilePlace(path)
    }

    /// Makes a store, or with `resume` continues with the one that is there. If its problems are the first ones of
    /// `study`, the others are added: a run of a problem does not depend on the problems after it.
    ///
    /// - Throws: if there is one and `resume` is false; if what is there was made
    ///   from other data, models, shard or by other plugins; says what differs.
    public static func writing(_ path: String, study: Study, cells: [StoredCell], resume: Bool) throws(StratagemError)
        -> EvalStore
    {
        let isThere = FileManager.default.fileExists(atPath: path)
        guard !isThere || resume else {
            throw StratagemError(
                .user, .storeExists, "\(path) exists already. Pass --resume to continue it, or name another file")
        }
        let lock = try StoreLock(store: path)
        if !isThere { try refuseRemains(of: path) }
        let queue = try StoreFile.open(path, readOnly: false)
        let isEmpty = try StoreFile.catching(path) {
            try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_schema") == 0 }
        }
        // A kill right after the file was made leaves an empty one.
        if isEmpty {
            try StoreFile.beginLog(path, queue)
            try StoreFile.catching(path) { try queue.write { try StoreIdentity.create(study, in: $0) } }
        } else {
            let version = try check(path, queue)
            let found = try StoreFile.catching(path) { try queue.read(StoreIdentity.read) }
            let added = StoreIdentity.added(found, study)
            var same = study
            if !added.isEmpty { (same.problems, same.dataSHA256) = (found.problems, found.dataSHA256) }
            try StoreIdentity.require(found, equals: same, of: path)
            try StoreFile.beginLog(path, queue)
            try StoreFile.catching(path) { try queue.write(StoreRows.addLaterColumns) }
            if version < Schema.version { try StoreUpgrade.run(path, queue) }
            if !added.isEmpty { try extend(path, queue, to: study, by: added, cells) }
        }
        let store = EvalStore(path: path, study: study, queue: queue, lock: lock)
        try store.add(cells: cells)
        return store
    }

    /// A strategy that is given the whole data set at once would have done something else with more of it.
    private static func extend(
        _ path: String, _ queue: DatabaseQueue, to study: Study, by added: ArraySlice<Problem>, _ cells: [StoredCell]
    ) throws(StratagemError) {
        let begun = try EvalStore(path: path, study: study, queue: queue, lock: nil).cells()
        if let whole = cells.first(where: { cell in cell.takesBatch && begun.contains { $0.isSame(as: cell) } }) {
            throw StratagemError(
                .user, .storeDiffers,
                "\(path) has results of \(whole.strategy) on \(added.startIndex) problems, and now there are \(study.problems.count): "
                    + "\(whole.strategy) takes all problems at once, so more of them would change those results. Name another file, or pass --limit \(added.startIndex)"
            )
        }
        try StoreFile.catching(path) { try queue.write { try StoreIdentity.extend(to: study, by: added, in: $0) } }
    }

    /// Makes a store that nobody sees until `StoreMerge` gives it its name: without a log, since half of it is of no
    /// use.
    static func building(_ path: String, study: Study, cells: [StoredCell]) throws(StratagemError) -> EvalStore {
        for file in [path] + StoreFile.companions(of: path) { _ = unsafe unlink(file) }
        let queue = try StoreFile.open(path, readOnly: false)
        try StoreFile.catching(path) {
            try queue.inDatabase {
                try $0.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON")
            }
            try queue.write { try StoreIdentity.create(study, in: $0) }
        }
        let store = EvalStore(path: path, study: study, queue: queue, lock: nil)
        try store.add(cells: cells)
        return store
    }

    /// SQLite would take the log of a store that was removed for a new one's.
    static func refuseRemains(of path: String) throws(StratagemError) {
        guard let remains = StoreFile.companions(of: path).first(where: FileManager.default.fileExists) else { return }
        throw StratagemError(
            .user, .storeExists,
            "\(remains) exists, and \(path) does not: a removed store left it. Remove it too, or name another file")
    }

    /// Opens a store to read. A run may be writing to it meanwhile.
    public static func reading(_ path: String) throws(StratagemError) -> EvalStore {
        let queue = try StoreFile.open(path, readOnly: true)
        let version = try check(path, queue)
        let study = try StoreFile.catching(path) { try queue.read(StoreIdentity.read) }
        return EvalStore(path: path, study: study, version: version, queue: queue, lock: nil)
    }

    /// After the last write: folds the log into the file and leaves no lock.
    func close() throws(StratagemError) {
        try StoreFile.catching(path) { _ = try queue.writeWithoutTransaction { try $0.checkpoint(.truncate) } }
        // Without a log the file can be read where nothing can be written beside it. Not while somebody else has it
        // open, whom nobody waits for.
        _ = try? queue.inDatabase { try $0.execute(sql: "PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE") }
        lock?.release()
    }

    /// After the last write to a file that is no longer in its place: copies it to where it can be found.
    ///
    /// - Returns: the copy's path.
    func rescue() throws(StratagemError) -> String {
        lock?.release()
        let name = "\(path.split(separator: "/").last ?? "study.db").\(getpid()).saved"
        let folder = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) : "."
        for target in ["\(folder)/\(name)", "\(FileManager.default.temporaryDirectory.path)/\(name)"] {
            do {
                try queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [target]) }
                return target
            } catch { _ = unsafe unlink(target) }
        }
        throw StratagemError(
            .user, .storeGone,
            "\(path) \(place?.change ?? "was removed") while it was being written, and its contents could not be copied to \(folder) or the folder for temporary files. The runs are lost; the results are on standard output"
        )
    }

    /// - Returns: the version of its tables.
    private static func check(_ path: String, _ queue: DatabaseQueue) throws(StratagemError) -> Int {
        let (application, version) = try StoreFile.catching(path) {
            try queue.read { db in
                (
                    try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0,
                    try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
                )
            }
        }
        guard application == Schema.applicationID else {
            throw StoreFile.refuse(path, "is an SQLite file, but not an eval store. Name another file")
        }
        guard Schema.readable.contains(version) else {
            throw StoreFile.refuse(
                path,
                "is an eval store of version \(version), and this program reads versions \(Schema.readable.lowerBound) to \(Schema.version). "
                    + (version > Schema.version ? "Use a newer stratagem" : "Run the study again into a new file"))
        }
        return version
    }

    /// Cells that are not there yet are added; those that are must be by the same plugin.
    private func add(cells: [StoredCell]) throws(StratagemError) {
        let known = try self.cells()
        for cell in cells {
            guard let same = known.first(where: { $0.isSame(as: cell) }) else { continue }
            guard same.pluginSHA256 == cell.pluginSHA256 else {
                throw StratagemError(
                    .user, .storeDiffers,
                    "\(path): \(cell.strategy) was measured with \(same.plugin) (sha256 \(same.pluginSHA256.prefix(12))…), "
                        + "and is now \(cell.plugin) (\(cell.pluginSHA256.prefix(12))…). Load that plugin, or name another file"
                )
            }
        }
        // A cell of an older store, measured by this very plugin: what it takes by default is known now.
        let told = cells.compactMap { cell in
            known.first { $0.isSame(as: cell) && $0.defaults == nil }.flatMap { same in
                cell.defaults.map { (same.id, $0) }
            }
        }
        try StoreFile.catching(path) {
            try queue.write { db in
                for (id, defaults) in told {
                    try db.execute(sql: "UPDATE cells SET defaults = ? WHERE id = ?", arguments: [defaults, id])
                }
            }
        }
        let new = cells.filter { cell in !known.contains { $0.isSame(as: cell) } }
        try StoreFile.catching(path) {
            try queue.write { db in for cell in new { try StoreRows.insert(cell, in: db) } }
        }
    }
}
