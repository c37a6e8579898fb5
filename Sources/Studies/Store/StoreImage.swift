import Foundation
import GRDB
import GRDBSQLite

/// A store whose writer left it with a log, in a folder where nothing can be made: SQLite refuses to read it, since
/// it would keep files beside it. If the log is empty, the file alone says all: it is mapped, and read as memory.
final class StoreImage: Sendable {
    private let start: UInt
    private let size: Int

    deinit { unsafe munmap(UnsafeMutableRawPointer(bitPattern: start), size) }

    /// Nil if SQLite can read it where it is, or will say better why not.
    static func needed(for path: String) throws -> StoreImage? {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        return unsafe access(folder, W_OK) != 0 ? StoreImage(path) : nil
    }

    /// Nil if it was not written with a log, or if there is something in that.
    init?(_ path: String) {
        var log = stat()
        if unsafe stat(path + "-wal", &log) == 0, log.st_size > 0 { return nil }
        let descriptor = unsafe Foundation.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_size >= 100 else { return nil }
        size = Int(status.st_size)
        // Private: what is changed below is changed in our memory.
        let map = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, 0)
        guard unsafe map != MAP_FAILED, let bytes = unsafe map?.assumingMemoryBound(to: UInt8.self) else { return nil }
        // Bytes 18 and 19 say how it is written: 2 with a log, 1 without.
        guard unsafe bytes[18] == 2, unsafe bytes[19] == 2 else {
            unsafe munmap(map, size)
            return nil
        }
        unsafe bytes[18] = 1
        unsafe bytes[19] = 1
        start = UInt(bitPattern: map)
    }

    func open() throws -> DatabaseQueue {
        var configuration = Configuration()
        // Keeps the memory as long as somebody reads it.
        configuration.prepareDatabase { [self] db in
            let bytes = unsafe UnsafeMutablePointer<UInt8>(bitPattern: start)
            let code = unsafe sqlite3_deserialize(
                db.sqliteConnection, "main", bytes, Int64(size), Int64(size), UInt32(SQLITE_DESERIALIZE_READONLY))
            guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
        }
        return try DatabaseQueue(configuration: configuration)
    }
}
