import Locking
import CStratagem
import SearchCore

/// Finds plugins, checks and loads them, and says which strategy a name refers to.
///
/// Safe to use from every thread. A strategy that was handed out stays valid for the life of the process, and its name
/// keeps a meaning: ``discover()`` may find more or newer plugins, but never takes one away.
public final class PluginRegistry: Sendable {
    /// The folders in which it looks, in order of precedence.
    public let folders: [String]
    private let cacheFolder: String?
    private let isolation: Isolation?
    private let state = Locked(State())
    /// Held while the folders are searched. It is separate from the other lock because a search may take as long as
    /// loading a plugin, and a look-up of a name should not wait for that.
    private let looking = Locked(())

    private struct State {
        /// Plugins that the user named one by one: they take precedence over every folder.
        var explicit: [PluginCandidate] = []
        var discovered: [PluginCandidate] = []
        /// Plugins that are part of the host itself: every folder takes precedence over them.
        var builtIn: [PluginCandidate] = []
        var catalog = PluginCatalog([])
        var hasLooked = false
        /// See ``IsolationOptions/allowsShadowing``.
        var trustedFirst = false

        /// Adds a plugin that was named by its path.
        mutating func replace(_ candidate: PluginCandidate) {
            explicit.removeAll { $0.path == candidate.path }
            explicit.append(candidate)
            discovered.removeAll { $0.path == candidate.path }
            rebuild()
        }

        /// Determines again who has which name. A plugin that was in use before and is in no list any more keeps the
        /// names that no other plugin takes.
        mutating func rebuild() {
            let current = explicit + discovered
            var retained: [PluginCandidate] = []
            for old in catalog.used where !old.hash.isEmpty && !current.contains(where: { $0.hash == old.hash }) {
                var old = old
                old.isRetained = true
                retained.append(old)
            }
            catalog = PluginCatalog(current, weaker: retained + builtIn, trustedFirst: trustedFirst)
        }
    }

    /// - Parameters:
    ///   - folders: see ``standardFolders(explicit:environment:)``
    ///   - cacheFolder: for private copies; without one, each copy is made in a
    ///     temporary folder and removed once it is open
    ///   - isolation: which plugins run in their own process; nil trusts them all
    public init(folders: [String], cacheFolder: String? = nil, isolation: IsolationOptions? = nil) {
        self.folders = folders
        self.isolation = isolation.map { Isolation($0) }
        self.cacheFolder = cacheFolder ?? PluginCache.standardFolder(environment: processEnvironment())
        state.withLock { $0.trustedFirst = isolation?.allowsShadowing == false }
    }

    /// Searches the folders, and returns everything that was found, in order of precedence.
    ///
    /// Call it again to pick up files that were added or changed since.
    @discardableResult
    public func discover() -> [PluginRecord] {
        look(unlessDone: false)
        return records
    }

    /// Searches the folders again, and checks the plugins that were named by a path.
    ///
    /// - Returns: all plugins that there are now, and the files that were refused. What such a file contained before
    ///   stays in use.
    func reload() -> [PluginRecord] {
        var refused: [PluginRecord] = []
        for old in state.withLock({ $0.explicit }) {
            let new = PluginCandidate(path: old.path, cacheFolder: cacheFolder, isolation: isolation)
            if new.hash == old.hash { continue }
            if case .plugin = new.outcome { state.withLock { $0.replace(new) } } else { refused.append(new.record) }
        }
        return discover() + refused
    }

    /// The plugins that the user named by their paths.
    var explicitPaths: [String] { state.withLock { $0.explicit.map(\.path) } }

    /// Everything that was found so far, including refused and shadowed plugins.
    public var records: [PluginRecord] { state.withLock { $0.catalog.records } }

    /// What is not used because a plugin with precedence has its name; one sentence each, for people.
    public var shadowings: [String] { state.withLock { $0.catalog.shadowings } }

    /// The same strategy in the latest version that was read of the file that the user named by its path. Nil if the
    /// strategy was named in another way.
    public func latest(_ old: LoadedStrategy) -> LoadedStrategy? {
        state.withLock { state in
            guard let candidate = state.explicit.first(where: { $0.path == old.pluginPath }),
                let strategy = candidate.block?.strategies.first(where: { $0.info.id == old.info.id })
            else { return nil }
            return PluginCatalog.loaded(strategy, candidate)
        }
    }

    /// Loads the plugin that a user names by its path. It takes precedence over plugins in folders, but does not take a
    /// trusted plugin's names.
    @discardableResult
    public func load(path: String) throws(StratagemError) -> PluginRecord {
        try state.withLock { state throws(StratagemError) in
            let candidate = try loadExplicit(path, &state)
            return state.catalog.records.first { $0.path == candidate.path } ?? candidate.record(.loaded, reason: nil)
        }
    }

    /// Refuses a typed value that a strategy's parameter cannot have.
    public static func check(_ parameter: String, _ typed: String, _ strategy: StrategyInfo) throws(StratagemError) {
        try ParameterCheck.typed(parameter, typed, strategy)
    }

    /// Adds a plugin that is part of the program: any loaded plugin can override its functions. `block` must live as
    /// long as the process.
    public func register(builtIn block: UnsafePointer<stg_plugin>) throws(StratagemError) {
        let candidate = PluginCandidate(builtIn: block)
        if case .refused(let origin, let reason) = candidate.outcome {
            throw StratagemError(origin, .pluginRefused, "the built-in plugin \(reason)")
        }
        state.withLock { state in
            state.builtIn.append(candidate)
            state.rebuild()
        }
    }

    /// The strategy with that short name or id, or in the file with that path.
    ///
    /// A name that contains "/" is a path; for a plugin with several strategies, `PATH#NAME` names one of them.
    /// Searches the folders first if that was not done yet.
    public func strategy(named name: String) throws(StratagemError) -> LoadedStrategy {
        if !name.contains("/") { look(unlessDone: true) }
        return try state.withLock { state throws(StratagemError) in
            if name.contains("/") { return try strategy(inFile: name, &state) }
            return try state.catalog.strategy(name)
        }
    }

    /// The function of that name that a plugin offers for a hook.
    public func function(_ hook: Hook, named name: String) throws(StratagemError) -> PluginFunction {
        look(unlessDone: true)
        return try state.withLock { state throws(StratagemError) in try state.catalog.function(hook, name) }
    }

    /// The same, for a hook by its text: "stratagem.verify/1".
    public func functions(hook: String, name: String) throws(StratagemError) -> PluginFunction {
        guard let known = Hook(rawValue: hook) else {
            let all = Hook.allCases.map(\.rawValue)
            throw StratagemError(
                .user, .unknownHook,
                "there is no hook \"\(hook)\"\(Nearest.suggestion(hook, among: all)). Known: \(all.joined(separator: ", "))"
            )
        }
        return try function(known, named: name)
    }

    // MARK: - Under the lock

    private func loadExplicit(_ path: String, _ state: inout State) throws(StratagemError) -> PluginCandidate {
        let path = SystemPaths.realPath(path) ?? path
        let candidate = PluginCandidate(path: path, cacheFolder: cacheFolder, isolation: isolation)
        switch candidate.outcome {
        case .refused(let origin, let reason):
            throw StratagemError(origin, origin == .user ? .pluginUnreadable : .pluginRefused, "\(path) \(reason)")
        case .otherLibrary(let reason):
            throw StratagemError(.plugin, .pluginRefused, "\(path) \(reason)")
        case .plugin:
            state.replace(candidate)
            return candidate
        }
    }

    private func strategy(inFile name: String, _ state: inout State) throws(StratagemError) -> LoadedStrategy {
        var (path, wanted) = (name, String?.none)
        if let mark = name.lastIndex(of: "#"), !name[mark...].contains("/") {
            (path, wanted) = (String(name[..<mark]), String(name[name.index(after: mark)...]))
        }
        let candidate = try loadExplicit(path, &state)
        let strategies = candidate.block?.strategies ?? []
        // If there are several, the one with the plugin's own name is the default.
        let asked = wanted ?? (strategies.count > 1 ? candidate.block?.name : nil)
        let fitting = strategies.filter { asked == nil || $0.info.name == asked || $0.info.id == asked }
        if fitting.count == 1, let only = fitting.first { return PluginCatalog.loaded(only, candidate) }
        let names = strategies.map(\.info.name)
        guard !names.isEmpty else {
            throw StratagemError(.user, .unknownStrategy, "\(path) offers functions, but no strategy")
        }
        let near = wanted.map { Nearest.suggestion($0, among: names) } ?? ""
        throw StratagemError(
            .user, .unknownStrategy,
            wanted.map { "\(path) has no strategy \"\($0)\"\(near); it has \(names.joined(separator: ", "))" }
                ?? "\(path) has several strategies: write \(path)#NAME, where NAME is one of \(names.joined(separator: ", "))"
        )
    }

    private func look(unlessDone: Bool) {
        if unlessDone, state.withLock({ $0.hasLooked }) { return }
        looking.withLock { _ in
            // If this call had to wait for the lock, the work is already done.
            if unlessDone, state.withLock({ $0.hasLooked }) { return }
            var seen = Set(explicitPaths)
            var found: [PluginCandidate] = []
            let known = state.withLock { state in
                Dictionary(state.discovered.map { ($0.path, $0) }) { first, _ in first }
            }
            for folder in folders { found += candidates(in: folder, known, &seen) }
            state.withLock { state in
                let explicit = Set(state.explicit.map(\.path))
                state.discovered = found.filter { !explicit.contains($0.path) }
                state.hasLooked = true
                state.rebuild()
            }
        }
    }

    /// The files of one folder. A file that is reached twice, through a link or because a folder was given twice,
    /// counts once.
    private func candidates(in folder: String, _ known: [String: PluginCandidate], _ seen: inout Set<String>)
        -> [PluginCandidate]
    {
        let names: [String]
        do { names = try SystemPaths.list(folder) } catch {
            // A file in place of a folder is accepted; so a mistyped path also gets a message.
            return seen.insert(SystemPaths.realPath(folder) ?? folder).inserted
                ? [PluginCandidate(path: folder, cacheFolder: cacheFolder, isolation: isolation)] : []
        }
        let isProducts = SystemPaths.realPath(folder) == SystemPaths.binaryFolder
        var found: [PluginCandidate] = []
        for name in names where name.hasSuffix(".so") && !name.hasPrefix(".") {
            // The program's own libraries are beside the binary too.
            if isProducts, !name.hasPrefix("lib") { continue }
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            guard seen.insert(SystemPaths.realPath(path) ?? path).inserted else { continue }
            if let same = known[path], same.isCurrent(isolation) {
                found.append(same)
                continue
            }
            let candidate = PluginCandidate(path: path, cacheFolder: cacheFolder, isolation: isolation)
            if isProducts, case .otherLibrary = candidate.outcome { continue }
            found.append(candidate)
        }
        return found
    }
}
