import Foundation
import SearchCore

/// One process writes to a store. The lock is the system's: it goes with the
/// process, however that ends. A file of its own carries it, since SQLite loses its
/// locks when somebody else closes the database file.
final class StoreLock: Sendable {
    private let descriptor: Int32
    private let path: String

    init(store: String) throws(StratagemError) {
        path = store + ".lock"
        while true {
            let descriptor = unsafe Foundation.open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else {
                let why = unsafe String(cString: strerror(errno)).lowercased()
                throw StratagemError(
                    .user, .cannotWrite,
                    "\(path) cannot be made: \(why). Name a store in a folder that you may write to")
            }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                throw StratagemError(
                    .user, .storeLocked,
                    "\(store) is being written to by another run. Wait for it to end, or name another file")
            }
            // The one before us may have removed the file between our two calls.
            var status = stat()
            if unsafe fstat(descriptor, &status) == 0, status.st_nlink > 0 {
                self.descriptor = descriptor
                return
            }
            close(descriptor)
        }
    }

    /// Leaves no file behind; a process that just ends leaves an empty one, unlocked. If somebody
    /// removed ours, what is there now is another writer's.
    func release() {
        var (ours, found) = (stat(), stat())
        guard unsafe fstat(descriptor, &ours) == 0, unsafe stat(path, &found) == 0, ours.st_dev == found.st_dev,
            ours.st_ino == found.st_ino
        else { return }
        _ = unsafe unlink(path)
    }

    deinit {
        release()
        close(descriptor)
    }
}
