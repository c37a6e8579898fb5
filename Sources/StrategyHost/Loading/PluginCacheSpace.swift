import Glibc
import Locking

/// Limits the size of the cache of private copies: the least recently used copies are removed first.
///
/// Hosts that share a cache coordinate only through the kernel: a host that uses a copy has a shared lock on it
/// (``PluginCacheHold``), and a host that wants to remove a copy must first lock it exclusively. On a file system
/// without locks nothing is removed.
enum PluginCacheSpace {
    /// The most bytes that the files of the cache may occupy together.
    static let bytesMax = 256 << 20
    /// The beginning of the name of a file that is being written.
    static let unfinishedPrefix = ".new-"
    /// Each file counts with at least this size, so that the number of files is limited too.
    private static let fileBytesMin = 4096
    /// After this many seconds a file that is only half written was left by a host that was killed.
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

    /// Only our own files, and none that somebody else has put there.
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

    /// - Returns: whether it is gone, removed by us or earlier by another host.
    private static func remove(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return errno == ENOENT }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return false }
        // There may be a different file with this name by now, which must not be removed.
        guard PluginCacheHold.isNamed(path, descriptor) else { return true }
        return unlink(path) == 0
    }
}

/// A shared lock on a copy in the cache, held as long as this object lives. Taking the lock counts as using the copy.
final class PluginCacheHold: Sendable {
    private let descriptor: Int32

    /// Nil if there is no such file. On a file system without locks it holds nothing, and nothing is removed there.
    init?(_ path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        while flock(descriptor, LOCK_SH) != 0, errno == EINTR {}
        futimens(descriptor, nil)
    }

    deinit { close(descriptor) }

    /// False if the copy was removed or replaced before the lock was taken.
    func isStillNamed(_ path: String) -> Bool { Self.isNamed(path, descriptor) }

    static func isNamed(_ path: String, _ descriptor: Int32) -> Bool {
        var (open, named) = (stat(), stat())
        return fstat(descriptor, &open) == 0 && lstat(path, &named) == 0 && open.st_dev == named.st_dev
            && open.st_ino == named.st_ino
    }
}

/// Temporary folders of copies that are not in the cache. A worker may need its copy again as long as the host lives;
/// after that the folders are removed.
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

    /// For a caller that ends the process without `exit`.
    public static func removeAll() {
        for folder in folders.withLock({ $0 }) { remove(folder) }
    }
}
