import CStratagem
import Hashing
import SearchCore

/// One file that may be a plugin, and the outcome of checking it.
struct PluginCandidate: Sendable {
    enum Outcome: Sendable {
        case plugin(PluginBlock)
        /// The origin is the user if the file could not even be read.
        case refused(Origin, String)
        /// A shared object without the entry function: some other library, in a place where these are to be expected.
        case otherLibrary(String)
    }

    var path: String
    var hash: String
    var outcome: Outcome
    /// The image whose worker it runs in; nil if it runs in this process.
    var isolated: IsolatedImage?
    /// The functions that may be called in this process: all of them, or none if the plugin is untrusted.
    private(set) var functions: [PluginBlock.Function] = []
    /// The signature of the file when it was read.
    private var signature: ReloadSignature?
    private var place: TrustRules.Place?
    /// The plugin is still in memory, but its file has changed or is gone.
    var isRetained = false

    /// Whether it may do everything that the program may do: it lies beside the program, or the user trusts it.
    var isTrusted: Bool {
        switch place {
        case nil, .inProcess?: true
        case .worker(let isTrusted)?: isTrusted
        case .refused?: false
        }
    }

    /// Whether it is a part of the program.
    var isBuiltIn: Bool { hash.isEmpty && block != nil }

    var block: PluginBlock? {
        if case .plugin(let block) = outcome { block } else { nil }
    }

    /// A candidate for a block that is part of the host itself.
    init(builtIn: UnsafePointer<stg_plugin>) {
        path = "(built in)"
        hash = ""
        do { outcome = .plugin(try PluginBlock(builtIn)) } catch { outcome = .refused(.host, error.reason) }
        functions = block?.functions ?? []
    }

    /// Checks the file, as far as possible without running any of its code, and loads it.
    init(path: String, cacheFolder: String?, isolation: Isolation? = nil) {
        self.path = path
        hash = ""
        signature = ReloadSignature(path)
        let bytes: [UInt8]
        do { bytes = try FileReading.regularFile(path, bytesMax: PluginImage.bytesMax) } catch {
            outcome = .refused(.user, error.reason)
            return
        }
        hash = SHA256.hex(bytes)
        do {
            guard try ELFFile(bytes).exportsFunction(STG_ENTRY_SYMBOL) else {
                outcome = .otherLibrary(
                    "exports no function \(STG_ENTRY_SYMBOL); define it with STG_EXPORT and C linkage")
                return
            }
        } catch {
            outcome = .refused(.plugin, error.reason)
            return
        }
        outcome = .refused(.host, "was not loaded")
        place = Self.place(path, hash, isolation)
        switch place {
        case nil, .inProcess?:
            outcome = load(bytes, cacheFolder, isolation)
            functions = block?.functions ?? []
        case .refused(let reason)?: outcome = .refused(.user, reason)
        case .worker(let isTrusted)?:
            isolate(bytes, isolation, cacheFolder)
            // Functions cannot be called in a worker, because they are called many times for each answer and each call
            // would be a round trip.
            if isTrusted, !(block?.functions.isEmpty ?? true),
                case .plugin(let here) = load(bytes, cacheFolder, isolation)
            {
                functions = here.functions
            }
        }
    }

    private static func place(_ path: String, _ hash: String, _ isolation: Isolation?) -> TrustRules.Place? {
        isolation.map { TrustRules.place(SystemPaths.realPath(path) ?? path, hash: hash, $0.options) }
    }

    /// Whether checking the file again would have the same outcome.
    func isCurrent(_ isolation: Isolation?) -> Bool {
        if case .refused = outcome { return false }
        guard let signature, signature.isSettled, ReloadSignature(path) == signature else { return false }
        return place == Self.place(path, hash, isolation)
    }

    private mutating func isolate(_ bytes: [UInt8], _ isolation: Isolation?, _ cacheFolder: String?) {
        do throws(PluginBlock.Problem) {
            guard let loaded = try isolation?.load(bytes, hash: hash, name: stem, cacheFolder: cacheFolder) else {
                return
            }
            isolated = loaded.0
            outcome = .plugin(loaded.1)
        } catch {
            outcome = .refused(.plugin, error.reason)
        }
    }

    /// Loads it into this process. A plugin beside the program is a part of the program, so its loading is not watched.
    private func load(_ bytes: [UInt8], _ cacheFolder: String?, _ isolation: Isolation?) -> Outcome {
        let hangs = PluginHangs(folder: cacheFolder)
        var watch: LoadWatch?
        if let options = isolation?.options, !TrustRules.isBesideProgram(SystemPaths.realPath(path) ?? path) {
            if let reason = hangs.reason(hash, seconds: options.loadSeconds) { return .refused(.plugin, reason) }
            watch = options.whenHanging.map { whenHanging in
                LoadWatch(seconds: options.loadSeconds) { [hash, path] in
                    hangs.remember(hash, seconds: options.loadSeconds)
                    whenHanging(
                        StratagemError(
                            .plugin, .hang,
                            "\(path) did not finish loading within \(options.loadSeconds) s. A plugin's constructors and its entry must return at once. It is trusted, so it was loaded into this process, and it will not be tried again until it changes"
                        ))
                }
            }
        }
        defer { watch?.stop() }
        let image: PluginImage
        do { image = try PluginImage.open(bytes, hash: hash, cacheFolder: cacheFolder) } catch {
            return .refused(.plugin, error.reason)
        }
        do { return .plugin(try PluginBlock(image.block)) } catch { return .refused(.plugin, error.reason) }
    }

    /// "libBeamSearch.so" is called "BeamSearch" until the plugin has given its name.
    var stem: String {
        var name = path.split(separator: "/").last.map(String.init) ?? path
        if name.hasSuffix(".so") { name.removeLast(3) }
        if name.hasPrefix("lib") { name.removeFirst(3) }
        return name
    }

    /// The record of this plugin alone, regardless of the other plugins.
    var record: PluginRecord {
        switch outcome {
        case .plugin: record(.loaded, reason: nil)
        case .refused(_, let reason), .otherLibrary(let reason): record(.refused, reason: reason)
        }
    }

    func record(_ status: PluginRecord.Status, reason: String?) -> PluginRecord {
        PluginRecord(
            path: path, name: block?.name ?? stem, version: block?.version ?? "", status: status, reason: reason,
            sha256: hash, strategies: block?.strategies.map(\.info) ?? [],
            functions: block?.functions.map(\.info) ?? [],
            process: isolated == nil ? .host : .worker)
    }
}
