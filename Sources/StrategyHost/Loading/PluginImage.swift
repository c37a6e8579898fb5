import Locking
import CStratagem
import Glibc
import SearchCore

/// A plugin's code in this process: opened once for the same bytes, never closed.
///
/// It is never closed because unloading Swift code crashes the process later, in unrelated code (the runtime keeps
/// pointers into the image). So everything that a plugin's block points to lives as long as the process, and may be
/// passed around freely.
///
/// Opening runs the plugin's constructors in this process. If one crashes, it ends the process, and no earlier check
/// can detect that. Keep such a file out of the folders; `--plugin-path` of a folder without it shows that the other
/// plugins work.
struct PluginImage: @unchecked Sendable {
    let hash: String
    let block: UnsafePointer<stg_plugin>

    struct Problem: Error { var reason: String }

    /// A file larger than this is certainly not a plugin.
    static let bytesMax = 1 << 30

    /// Images by hash, for the whole process, so that several registries share them.
    private static let opened = Locked<[String: PluginImage]>([:])

    /// Opens the plugin with these bytes, unless it is already open. `bytes` have passed ``ELFFile``; from here on the
    /// plugin's code runs.
    static func open(_ bytes: [UInt8], hash: String, cacheFolder: String?) throws(Problem) -> PluginImage {
        try opened.withLock { images throws(Problem) in
            if let image = images[hash] { return image }
            let image = try load(bytes, hash: hash, cacheFolder: cacheFolder)
            images[hash] = image
            return image
        }
    }

    private static func load(_ bytes: [UInt8], hash: String, cacheFolder: String?) throws(Problem) -> PluginImage {
        let copy: PluginCache.Copy
        do { copy = try PluginCache.copy(bytes, hash: hash, folder: cacheFolder) } catch {
            throw Problem(reason: error.reason)
        }
        defer { copy.discard() }
        return PluginImage(hash: hash, block: try block(ofFile: copy.path))
    }

    /// Opens a file that nobody will write to, and gets its block.
    static func block(ofFile path: String) throws(Problem) -> UnsafePointer<stg_plugin> {
        // NODELETE too, which works even if the plugin closes itself.
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) else {
            throw Problem(
                reason: "cannot be loaded: \(loaderMessage(copyPath: path)). "
                    + "A plugin is one file: link what it needs into it")
        }
        guard let symbol = dlsym(handle, STG_ENTRY_SYMBOL) else {
            throw Problem(reason: "has no \(STG_ENTRY_SYMBOL): \(loaderMessage(copyPath: path))")
        }
        let entry = unsafeBitCast(symbol, to: stg_plugin_entry_fn.self)
        guard let block = entry() else {
            throw Problem(reason: "returned NULL from \(STG_ENTRY_SYMBOL); it must return its constant block")
        }
        guard UInt(bitPattern: block) % UInt(MemoryLayout<stg_plugin>.alignment) == 0 else {
            throw Problem(reason: "returned a misaligned pointer from \(STG_ENTRY_SYMBOL)")
        }
        return block
    }

    /// The message of dlerror without the name of our copy, which means nothing to a user.
    private static func loaderMessage(copyPath: String) -> String {
        guard let message = dlerror() else { return "the dynamic loader gave no reason" }
        let text = String(cString: message)
        return text.hasPrefix(copyPath + ": ") ? String(text.dropFirst(copyPath.count + 2)) : text
    }
}
