import Glibc

/// Remembers plugins that did not return while they were being loaded: for each there is a file in the cache folder,
/// named by the hash of the plugin's bytes. So such a plugin costs its time only once, and a file that has changed
/// counts as another plugin.
struct PluginHangs: Sendable {
    /// Nil: nothing is remembered.
    let folder: String?

    /// Why the plugin is not tried again, in words that follow its path; nil if it never hung for so long.
    func reason(_ hash: String, seconds: Double) -> String? {
        guard let folder, let bytes = try? FileReading.regularFile(file(hash, folder), bytesMax: 64),
            let waited = Double(String(decoding: bytes, as: UTF8.self).prefix { $0 != "\n" }), waited >= seconds
        else { return nil }
        return "did not finish loading within \(waited) s when it was tried, and is not tried again until it changes. "
            + "A plugin's constructors and its entry must return at once. (If the machine was merely busy: rm \(file(hash, folder)))"
    }

    func remember(_ hash: String, seconds: Double) {
        guard let folder, PluginCache.makePrivateFolder(folder) else { return }
        // If it cannot be written, that is not an error: the plugin is then waited for once more.
        _ = try? PluginCache.write(Array("\(seconds)\n".utf8), to: file(hash, folder), in: folder)
    }

    private func file(_ hash: String, _ folder: String) -> String { "\(folder)/\(hash).hangs" }
}
