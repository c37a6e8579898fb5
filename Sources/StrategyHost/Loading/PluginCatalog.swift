import Glibc
import SearchCore

/// Decides which of the found plugins is used for which name: the first one that offers it.
///
/// A plugin is used as a whole or not at all, because its strategies may depend on each other; only plain functions are
/// overridden one by one.
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

    /// What is not used because a plugin with precedence has its name; one sentence each.
    private(set) var shadowings: [String] = []

    /// - Parameters:
    ///   - candidates: in order of precedence.
    ///   - weaker: these get the names that the candidates leave.
    ///   - trustedFirst: a candidate that is not trusted never takes the name of a trusted one, wherever they lie.
    init(_ candidates: [PluginCandidate], weaker: [PluginCandidate] = [], trustedFirst: Bool = false) {
        let all = Array(candidates.enumerated())
        let order = trustedFirst ? all.filter { $1.isTrusted } + all.filter { !$1.isTrusted } : all
        var found: [(Int, PluginRecord)] = []
        for (place, candidate) in order {
            if let record = add(candidate) { found.append((place, record)) }
        }
        records = found.sorted { $0.0 < $1.0 }.map(\.1)
        for candidate in weaker { if let record = add(candidate) { records.append(record) } }
    }

    private mutating func add(_ candidate: PluginCandidate) -> PluginRecord? {
        switch candidate.outcome {
        case .refused(_, let reason), .otherLibrary(let reason):
            return candidate.record(.refused, reason: reason)
        case .plugin(let block):
            guard let reason = whyShadowed(candidate, block) else {
                return candidate.record(.loaded, reason: use(candidate, block))
            }
            // A file that is gone is nothing new, nor is a second copy of a plugin.
            if candidate.isRetained { return nil }
            if !used.contains(where: { $0.hash == candidate.hash }) {
                shadowings.append("the plugin \(Plain.line(candidate.path, max: 500)) is shadowed: \(reason)")
            }
            return candidate.record(.shadowed, reason: reason)
        }
    }

    private func whyShadowed(_ candidate: PluginCandidate, _ block: PluginBlock) -> String? {
        if let first = used.first(where: { $0.block?.name == block.name }) {
            return first.hash == candidate.hash
                ? "the same plugin is already loaded from \(first.path)"
                : "\(first.path) \(order(first, candidate)), and has the same plugin name, \"\(block.name)\"; \(remedy(first, candidate))"
        }
        for strategy in block.strategies {
            if let taken = byName[strategy.info.name] ?? byID[strategy.info.id] {
                let first = used.first { $0.path == taken.pluginPath } ?? candidate
                return
                    "its strategy \"\(strategy.info.name)\" (\(strategy.info.id)) is already offered by \(taken.pluginPath) "
                    + "as \"\(taken.info.name)\" (\(taken.info.id)), which \(order(first, candidate)); \(remedy(first, candidate))"
            }
        }
        return nil
    }

    private func isOverTrust(_ first: PluginCandidate, _ candidate: PluginCandidate) -> Bool {
        first.isTrusted && !candidate.isTrusted
    }

    private func order(_ first: PluginCandidate, _ candidate: PluginCandidate) -> String {
        isOverTrust(first, candidate) ? "is trusted, and this one is not" : "comes first"
    }

    private func remedy(_ first: PluginCandidate, _ candidate: PluginCandidate) -> String {
        isOverTrust(first, candidate)
            ? "name it by its path, rename it, trust it (stratagem trust \(candidate.path)), or pass --allow-shadowing"
            : "remove one or rename it"
    }

    /// Returns what to note in the record.
    private mutating func use(_ candidate: PluginCandidate, _ block: PluginBlock) -> String? {
        used.append(candidate)
        for strategy in block.strategies {
            let loaded = Self.loaded(strategy, candidate)
            byName[strategy.info.name] = loaded
            byID[strategy.info.id] = loaded
        }
        var notes: [String] =
            candidate.isRetained ? ["its file has changed or was removed; the loaded version stays in use"] : []
        if candidate.functions.count < block.functions.count {
            notes.append(
                "its functions are not used, since functions run in the host's own process: trust it (stratagem trust \(candidate.path))"
            )
        }
        for function in candidate.functions {
            let key = FunctionKey(hook: function.info.hook, name: function.info.name)
            if functions[key] != nil {
                notes.append("its function \"\(key.name)\" for \(key.hook) is overridden by an earlier plugin")
                if !candidate.isBuiltIn {
                    shadowings.append(
                        "the function \"\(key.name)\" (\(key.hook)) of \(Plain.line(candidate.path, max: 500)) is overridden by an earlier plugin"
                    )
                }
            } else if let callable = PluginFunction(function) {
                functions[key] = callable
            }
        }
        return notes.isEmpty ? nil : notes.joined(separator: "; ")
    }

    static func loaded(_ strategy: PluginBlock.Strategy, _ candidate: PluginCandidate) -> LoadedStrategy {
        LoadedStrategy(
            info: strategy.info, pluginHash: candidate.hash, pluginPath: candidate.path,
            descriptor: strategy.descriptor,
            isolated: candidate.isolated)
    }

    // MARK: - Looking up

    func strategy(_ name: String) throws(StratagemError) -> LoadedStrategy {
        if let found = byName[name] ?? byID[name] { return found }
        let names = byName.keys.sorted()
        let near = Self.file(name) ?? Nearest.suggestion(name, among: names + byID.keys.sorted())
        let there = names.isEmpty ? "No strategy is loaded" : "Loaded: \(names.joined(separator: ", "))"
        throw StratagemError(
            .user, .unknownStrategy,
            "there is no strategy \"\(name)\"\(near). \(there).\(refusal(of: name)) See `stratagem plugins`")
    }

    /// A suggestion if a file of that name exists here: a word counts as a path only if it contains a slash.
    private static func file(_ name: String) -> String? {
        let file = name.split(separator: "#", maxSplits: 1).first.map(String.init) ?? ""
        return !file.isEmpty && access(file, F_OK) == 0
            ? " (did you mean the file here? Then write \"./\(name)\")" : nil
    }

    /// If a file of that name was refused, the reason is what the user needs.
    private func refusal(of name: String) -> String {
        guard let record = records.first(where: { $0.status == .refused && $0.name == name }) else { return "" }
        return " \(record.path) was refused: it \(record.reason ?? "")."
    }

    func function(_ hook: Hook, _ name: String) throws(StratagemError) -> PluginFunction {
        if let found = functions[FunctionKey(hook: hook.rawValue, name: name)] { return found }
        if let untrusted = records.first(where: { record in
            record.status == .loaded && record.functions.contains { $0.hook == hook.rawValue && $0.name == name }
        }) {
            throw StratagemError(
                .user, .untrustedFunction,
                "the function \"\(name)\" for \(hook.rawValue) is offered by \(untrusted.path), which is not trusted, and functions run in the "
                    + "host's own process. If you trust it: stratagem trust \(untrusted.path)")
        }
        let names = functions.keys.filter { $0.hook == hook.rawValue }.map(\.name).sorted()
        let there = names.isEmpty ? "No plugin offers one" : "Loaded: \(names.joined(separator: ", "))"
        throw StratagemError(
            .user, .unknownFunction,
            "there is no function \"\(name)\" for \(hook.rawValue)\(Nearest.suggestion(name, among: names)). \(there). "
                + "See `stratagem plugins`")
    }
}
