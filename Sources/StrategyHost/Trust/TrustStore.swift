import Glibc
import Hashing
import SearchCore

/// The plugins that the user trusts to run inside the host, by the hash of their bytes: a file that has changed is
/// another plugin, and untrusted again.
///
/// A text file that belongs to the user, with one plugin per line: `SHA-256  PATH`.
public struct TrustStore: Sendable {
    /// One trusted plugin.
    public struct Entry: Sendable, Equatable {
        public var sha256: String
        /// Where the plugin was when it was trusted: for people, not for checks.
        public var path: String
    }

    public let file: String
    static let bytesMax = 1 << 20

    public init(file: String) { self.file = file }

    /// `stratagem/trusted-plugins` in `XDG_DATA_HOME`, or in `~/.local/share`. Nil for a set-uid process, whose user
    /// must not choose what it runs.
    public static func standard(environment: [String: String]) -> TrustStore? {
        guard getuid() == geteuid(), getgid() == getegid() else { return nil }
        if let base = environment["XDG_DATA_HOME"], base.hasPrefix("/") {
            return TrustStore(file: base + "/stratagem/trusted-plugins")
        }
        if let home = environment["HOME"], home.hasPrefix("/") {
            return TrustStore(file: home + "/.local/share/stratagem/trusted-plugins")
        }
        return nil
    }

    /// The plugins that are trusted now.
    ///
    /// - Throws: if the file exists and cannot be relied upon.
    public func entries() throws(StratagemError) -> [Entry] {
        var status = stat()
        guard lstat(file, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return [] }
            throw failure("cannot be read: \(String(cString: strerror(errno)))")
        }
        guard status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
            throw failure(
                "can be written by other users (owner \(status.st_uid), mode \(String(status.st_mode & 0o7777, radix: 8))), so it cannot be relied on. Check its contents, then chown it to yourself and chmod 600"
            )
        }
        let bytes: [UInt8]
        do { bytes = try FileReading.regularFile(file, bytesMax: Self.bytesMax) } catch { throw failure(error.reason) }
        var entries: [Entry] = []
        for (index, line) in String(decoding: bytes, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        ).enumerated() {
            if line.isEmpty || line.hasPrefix("#") { continue }
            let (hash, path) = (line.prefix(64), line.dropFirst(64).drop { $0 == " " })
            guard hash.utf8.count == 64, hash.allSatisfy({ $0.isHexDigit && !$0.isUppercase }),
                line.dropFirst(64).first == " "
            else {
                throw failure("has a line \(index + 1) that is not \"SHA-256  PATH\"; remove it")
            }
            entries.append(Entry(sha256: String(hash), path: String(path)))
        }
        return entries
    }

    /// True if exactly these bytes are trusted. If the file cannot be relied upon, nothing is trusted.
    func trusts(_ hash: String) -> Bool {
        ((try? entries()) ?? []).contains { $0.sha256 == hash }
    }

    /// Trusts the plugin at `path` as it is now, after checking that it can be a plugin.
    ///
    /// None of its code is run.
    @discardableResult
    public func trust(_ path: String) throws(StratagemError) -> Entry {
        let path = SystemPaths.realPath(path) ?? path
        guard !path.utf8.contains(UInt8(ascii: "\n")) else {
            throw StratagemError(.user, .pluginUnreadable, "\(path) has a line break in its name; rename it")
        }
        let bytes: [UInt8]
        do { bytes = try FileReading.regularFile(path, bytesMax: PluginImage.bytesMax) } catch {
            throw StratagemError(.user, .pluginUnreadable, "\(path) \(error.reason)")
        }
        if let reason = PathOwnership.refusal(path) { throw StratagemError(.user, .pluginRefused, "\(path) \(reason)") }
        do {
            guard try ELFFile(bytes).exportsFunction("stg_plugin_entry") else {
                throw StratagemError(
                    .user, .pluginRefused, "\(path) exports no function stg_plugin_entry: it is not a plugin")
            }
        } catch let error as ELFFile.Problem {
            throw StratagemError(.user, .pluginRefused, "\(path) \(error.reason)")
        } catch let error as StratagemError {
            throw error
        } catch {
            throw StratagemError(.user, .pluginRefused, "\(path) cannot be checked: \(error)")
        }
        let entry = Entry(sha256: SHA256.hex(bytes), path: path)
        var all = try entries()
        all.removeAll { $0.sha256 == entry.sha256 }
        try write(all + [entry])
        return entry
    }

    /// Stops trusting the plugin that has this hash (or a hash that begins with it, 8 digits at least), or that was
    /// trusted at this path.
    /// - Returns: what was removed; empty if nothing matched.
    public func remove(_ name: String) throws(StratagemError) -> [Entry] {
        let path = SystemPaths.realPath(name) ?? name
        let all = try entries()
        let gone = all.filter {
            $0.path == path || $0.path == name || name.utf8.count >= 8 && $0.sha256.hasPrefix(name.lowercased())
        }
        if !gone.isEmpty { try write(all.filter { !gone.contains($0) }) }
        return gone
    }

    /// The file is written completely or not at all, whoever reads it meanwhile and whenever the power fails.
    private func write(_ entries: [Entry]) throws(StratagemError) {
        let folder = String(file.prefix(upTo: file.lastIndex(of: "/") ?? file.startIndex))
        var made = ""
        for part in folder.split(separator: "/") {
            made += "/" + part
            if mkdir(made, 0o700) != 0, errno != EEXIST {
                throw failure("cannot be written: \(made): \(String(cString: strerror(errno)))")
            }
        }
        let text =
            "# Plugins that stratagem runs in its own process. Made by: stratagem trust PLUGIN\n"
            + entries.map { "\($0.sha256)  \($0.path)\n" }.joined()
        do { try PluginCache.write(Array(text.utf8), to: file, in: folder) } catch {
            throw failure("cannot be written: \(error.reason)")
        }
        chmod(file, 0o600)
    }

    private func failure(_ reason: String) -> StratagemError {
        StratagemError(.user, .trustFile, "the list of trusted plugins, \(file), \(reason)")
    }
}
