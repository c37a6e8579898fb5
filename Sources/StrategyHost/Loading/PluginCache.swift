import Glibc
import SearchCore

/// Private copies of plugins, each named by the hash of its bytes.
///
/// The dynamic loader identifies a file by its path: after a rename over an open file it returns the old code, and a
/// mapped file that is truncated kills the process with SIGBUS. A copy that nobody else writes, with a name that no
/// other bytes can have, avoids both problems: a rebuilt plugin has a new path, and old runs continue with the old
/// image.
enum PluginCache {
    struct Problem: Error { var reason: String }

    /// A copy that is ready to be opened.
    struct Copy {
        var path: String
        /// Set if the copy is in a folder of its own that must be removed once the copy is open.
        var throwaway: String?
        /// Keeps another host from removing the copy from the cache.
        var hold: PluginCacheHold?

        /// Removes what is needed only for opening. An open image needs no name.
        func discard() {
            guard let throwaway else { return }
            PluginCacheThrowaways.remove(throwaway)
        }
    }

    /// `$XDG_CACHE_HOME/stratagem/plugins`, or the same under `~/.cache`.
    static func standardFolder(environment: [String: String]) -> String? {
        if let base = environment["XDG_CACHE_HOME"], base.hasPrefix("/") { return base + "/stratagem/plugins" }
        if let home = environment["HOME"], home.hasPrefix("/") { return home + "/.cache/stratagem/plugins" }
        return nil
    }

    /// A copy of `bytes` whose content has been read back and compared.
    ///
    /// It is in the cache if the cache is writable and only ours, else in a new temporary folder.
    static func copy(_ bytes: [UInt8], hash: String, folder: String?, folderBytesMax: Int = PluginCacheSpace.bytesMax)
        throws(Problem) -> Copy
    {
        if let folder, makePrivateFolder(folder) {
            let path = "\(folder)/\(hash).so"
            if let hold = hold(path, bytes) { return Copy(path: path, hold: hold) }
            if let hold = try? write(bytes, to: path, in: folder), holds(path, bytes), hold.isStillNamed(path) {
                PluginCacheSpace.makeRoom(in: folder, bytesMax: folderBytesMax)
                return Copy(path: path, hold: hold)
            }
            // Another host has put the same copy there meanwhile.
            if let hold = hold(path, bytes) { return Copy(path: path, hold: hold) }
        }
        let fresh = try temporaryFolder()
        let path = "\(fresh)/\(hash).so"
        do { try write(bytes, to: path, in: fresh) } catch {
            PluginCacheThrowaways.remove(fresh)
            throw error
        }
        guard holds(path, bytes) else {
            PluginCacheThrowaways.remove(fresh)
            throw Problem(
                reason: "its private copy in \(fresh) differs from the bytes that were written: check that disk")
        }
        return Copy(path: path, throwaway: fresh)
    }

    /// A hold on the copy at `path`, if it exists and has these bytes.
    private static func hold(_ path: String, _ bytes: [UInt8]) -> PluginCacheHold? {
        guard let hold = PluginCacheHold(path), holds(path, bytes), hold.isStillNamed(path) else { return nil }
        return hold
    }

    /// Makes the folder with mode 0700. Returns false if that is not possible, or if others could write there: the file
    /// that we then open might not be the one that we checked.
    static func makePrivateFolder(_ folder: String) -> Bool {
        guard folder.hasPrefix("/") else { return false }
        var made = ""
        for part in folder.split(separator: "/") {
            made += "/" + part
            if mkdir(made, 0o700) != 0, errno != EEXIST { return false }
        }
        var status = stat()
        guard lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return false }
        return status.st_uid == geteuid() && status.st_mode & 0o022 == 0
    }

    private static func temporaryFolder() throws(Problem) -> String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/stratagem-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw Problem(
                reason: "cannot be copied: neither the cache folder nor \(base) can be written "
                    + "(\(String(cString: strerror(errno)))). Set XDG_CACHE_HOME to a folder that can")
        }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        PluginCacheThrowaways.add(folder)
        return folder
    }

    /// Compares the bytes instead of hashing them again, which is as strict and faster.
    private static func holds(_ path: String, _ bytes: [UInt8]) -> Bool {
        (try? FileReading.regularFile(path, bytesMax: bytes.count)) == bytes
    }

    /// The copy is written under another name, forced to disk, then renamed. So a reader sees all of it or nothing,
    /// whoever else is writing the same plugin and whenever the power fails.
    /// - Returns: a hold on the copy, taken before anybody could see it.
    @discardableResult
    static func write(_ bytes: [UInt8], to path: String, in folder: String) throws(Problem) -> PluginCacheHold? {
        let temporary =
            "\(folder)/\(PluginCacheSpace.unfinishedPrefix)\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure(folder) }
        var isDone = false
        defer { if !isDone { unlink(temporary) } }
        do {
            defer { close(descriptor) }
            try writeAll(descriptor, bytes, folder)
            guard fchmod(descriptor, 0o500) == 0, fsync(descriptor) == 0 else { throw failure(folder) }
        }
        let hold = PluginCacheHold(temporary)
        guard rename(temporary, path) == 0 else { throw failure(folder) }
        isDone = true
        return hold
    }

    private static func writeAll(_ descriptor: Int32, _ bytes: [UInt8], _ folder: String) throws(Problem) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(folder) }
            written += count
        }
    }

    private static func failure(_ folder: String) -> Problem {
        Problem(reason: "cannot be copied to \(folder): \(String(cString: strerror(errno)))")
    }
}
