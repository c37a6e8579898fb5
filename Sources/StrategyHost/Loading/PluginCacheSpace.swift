import Glibc
import Locking

/// Keeps the cache of private copies within bounds: what was used longest ago goes first.
///
/// Hosts that share a cache need no agreement but the kernel's: whoever uses a copy has
/// a shared lock on it (``PluginCacheHold``), and whoever would remove one must get it
/// alone first. On a file system without locks nothing is removed.
enum PluginCacheSpace {
    /// What the files of the cache may take together, in bytes.
    static let bytesMax = 256 << 20
    /// Of the name of a file that is being written.
    static let unfinishedPrefix = ".new-"
    /// Each is counted with this at least, so that their number has a bound too.
    private static let fileBytesMin = 4096
    /// What a host that was killed has left half-written, after so many seconds.
    private static let unfinishedSeconds = 3600

    private struct File {
        var path: String
        var bytes: Int
        var used: timespec
    }

    /// Removes copies until the rest fits. Never fails: what cannot be removed stays.
    static func makeRoom(in folder: String, bytesMax: Int) {
        var files = list(folder)
        var total = files.reduce(0) { $0 + $1.bytes }
        guard total > bytesMax else { return }
        files.sort { ($0.used.tv_sec, $0.used.tv_nsec, $0.path) < ($1.used.tv_sec, $1.used.tv_nsec, $1.path) }
        for file in files {
            guard total > bytesMax else { return }
            if remove(file.path) { total -= file.bytes }
        }
    }

    /// Our own files, and nothing that somebody else has put there.
    private static func list(_ folder: String) -> [File] {
        var files: [File] = []
        for name in (try? SystemPaths.list(folder)) ?? [] {
            let path = "\(folder)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            if name.hasPrefix(unfinishedPrefix) {
                if time(nil) - status.st_mtim.tv_sec > unfinishedSeconds { unlink(path) }
            } else if isOurs(name) {
                files.append(File(path: path, bytes: max(fileBytesMin, Int(status.st_size)), used: status.st_mtim))
            }
        }
        return files
    }

    /// `HASH.so`, `HASH.hangs`.
    private static func isOurs(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0].utf8.count == 64 && parts[0].allSatisfy(\.isHexDigit)
            && ["so", "hangs"].contains(parts[1])
    }

    /// - Returns: whether it is gone: by us, or because another host was quicker.
    private static func remove(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return errno == ENOENT }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return false }
        // Another may be there by now under that name: it is not ours to remove.
        guard PluginCacheHold.isNamed(path, descriptor) else { return true }
        return unlink(path) == 0
    }
}

/// A shared lock on a copy in the cache, for as long as this object lives. Taking it is
/// what counts as using the copy.
final class PluginCacheHold: Sendable {
    private let descriptor: Int32

    /// Nil if nothing is there. Without locks on that file system it holds nothing, and
    /// nothing is removed there.
    init?(_ path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        while flock(descriptor, LOCK_SH) != 0, errno == EINTR {}
        futimens(descriptor, nil)
    }

    deinit { close(descriptor) }

    /// False if it was removed, or replaced, before the lock was there.
    func isStillNamed(_ path: String) -> Bool { Self.isNamed(path, descriptor) }

    static func isNamed(_ path: String, _ descriptor: Int32) -> Bool {
        var (open, named) = (stat(), stat())
        return fstat(descriptor, &open) == 0 && lstat(path, &named) == 0 && open.st_dev == named.st_dev
            && open.st_ino == named.st_ino
    }
}

/// Temporary folders of copies that are not in the cache. A worker may need its copy
/// again as long as the host lives; then they go.
public enum PluginCacheThrowaways {
    private static let folders = Locked<Set<String>>([])
    private static let atExit: Void = { _ = atexit { PluginCacheThrowaways.removeAll() } }()

    static func add(_ folder: String) {
        _ = atExit
        folders.withLock { _ = $0.insert(folder) }
    }

    static func remove(_ folder: String) {
        guard folders.withLock({ $0.remove(folder) }) != nil else { return }
        for name in (try? SystemPaths.list(folder)) ?? [] where name != "." && name != ".." {
            unlink("\(folder)/\(name)")
        }
        rmdir(folder)
    }

    /// For who ends the process without `exit`.
    public static func removeAll() {
        for folder in folders.withLock({ $0 }) { remove(folder) }
    }
}
