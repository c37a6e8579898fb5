import SearchCore

/// Which of the plugins found is used for which name: the first that offers it.
///
/// A plugin is taken or left whole, for its strategies may count on each other;
/// only plain functions are overridden one by one.
struct PluginCatalog: Sendable {
    private(set) var records: [PluginRecord] = []
    /// The plugins in use.
    private(set) var used: [PluginCandidate] = []
    private var byName: [String: LoadedStrategy] = [:]
    private var byID: [String: LoadedStrategy] = [:]
    private var functions: [FunctionKey: PluginFunction] = [:]

    private struct FunctionKey: Hashable {
        var hook: String
        var name: String
    }

    /// `candidates`: the strongest first.
    init(_ candidates: [PluginCandidate]) {
        for candidate in candidates { add(candidate) }
    }

    private mutating func add(_ candidate: PluginCandidate) {
        switch candidate.outcome {
        case .refused(_, let reason), .otherLibrary(let reason):
            records.append(candidate.record(.refused, reason: reason))
        case .plugin(let block):
            if let reason = whyShadowed(candidate, block) {
                // A file that is no longer there is not news.
                if !candidate.isRetained { records.append(candidate.record(.shadowed, reason: reason)) }
            } else {
                let note = use(candidate, block)
                records.append(candidate.record(.loaded, reason: note))
            }
        }
    }

    private func whyShadowed(_ candidate: PluginCandidate, _ block: PluginBlock) -> String? {
        if let first = used.first(where: { $0.block?.name == block.name }) {
            return first.hash == candidate.hash
                ? "the same plugin is already loaded from \(first.path)"
                : "\(first.path) comes first and has the same plugin name, \"\(block.name)\"; remove one or rename it"
        }
        for strategy in block.strategies {
            if let first = byName[strategy.info.name] ?? byID[strategy.info.id] {
                return "its strategy \"\(strategy.info.name)\" (\(strategy.info.id)) is already offered by \(first.pluginPath) "
                    + "as \"\(first.info.name)\" (\(first.info.id)); rename it, or remove one of the plugins"
            }
        }
        return nil
    }

    /// Returns what to note in the record.
    private mutating func use(_ candidate: PluginCandidate, _ block: PluginBlock) -> String? {
        used.append(candidate)
        for strategy in block.strategies {
            let loaded = Self.loaded(strategy, candidate)
            byName[strategy.info.name] = loaded
            byID[strategy.info.id] = loaded
        }
        var notes: [String] = candidate.isRetained ? ["its file has changed or gone; what was loaded stays in use"] : []
        if candidate.functions.count < block.functions.count {
            notes.append("its functions are not used, since functions run in the host's own process: trust it (stratagem trust \(candidate.path))")
        }
        for function in candidate.functions {
            let key = FunctionKey(hook: function.info.hook, name: function.info.name)
            if functions[key] != nil {
                notes.append("its function \"\(key.name)\" for \(key.hook) is overridden by an earlier plugin")
            } else if let callable = PluginFunction(function) {
                functions[key] = callable
            }
        }
        return notes.isEmpty ? nil : notes.joined(separator: "; ")
    }

    static func loaded(_ strategy: PluginBlock.Strategy, _ candidate: PluginCandidate) -> LoadedStrategy {
        LoadedStrategy(
            info: strategy.info, pluginHash: candidate.hash, pluginPath: candidate.path, descriptor: strategy.descriptor,
            isolated: candidate.isolated)
    }

    // MARK: - Looking up

    func strategy(_ name: String) throws(StratagemError) -> LoadedStrategy {
        if let found = byName[name] ?? byID[name] { return found }
        let names = byName.keys.sorted()
        let near = Nearest.suggestion(name, among: names + byID.keys.sorted())
        let there = names.isEmpty ? "No strategy is loaded" : "Loaded: \(names.joined(separator: ", "))"
        throw StratagemError(
            .user, "unknown_strategy",
            "there is no strategy \"\(name)\"\(near). \(there).\(refusal(of: name)) See `stratagem plugins`")
    }

    /// If a file of that name was refused, that is what the user wants to know.
    private func refusal(of name: String) -> String {
        guard let record = records.first(where: { $0.status == .refused && $0.name == name }) else { return "" }
        return " \(record.path) was refused: it \(record.reason ?? "")."
    }

    func function(_ hook: Hook, _ name: String) throws(StratagemError) -> PluginFunction {
        if let found = functions[FunctionKey(hook: hook.rawValue, name: name)] { return found }
        let names = functions.keys.filter { $0.hook == hook.rawValue }.map(\.name).sorted()
        let there = names.isEmpty ? "No plugin offers one" : "Loaded: \(names.joined(separator: ", "))"
        throw StratagemError(
            .user, "unknown_function",
            "there is no function \"\(name)\" for \(hook.rawValue)\(Nearest.suggestion(name, among: names)). \(there). "
                + "See `stratagem plugins`")
    }
}
