import CStratagem
import SearchCore

/// What the user says of the searches that a plugin is put through: `check --param`, `--bundle`.
public struct SearchSettings: Sendable, Equatable {
    /// As typed, by a parameter's id; for every strategy that has such a parameter.
    public var params: [String: String] = [:]
    /// What the kit gives parameters that have no default and that the user says nothing of. Of a FILE: what it holds.
    var guessed: [String: String] = [:]
    /// Roles of the bundle's; nil: all that a strategy speaks of, and the usual ones.
    public var models: Set<String>?
    public var verifiers: Set<String>?
    /// What the files hold that values name: read before the sandbox shuts.
    private(set) var files: [String: [UInt8]] = [:]

    public init() {}

    // MARK: To the child

    /// Behind a request's arguments: a word that says what, and what it is.
    var arguments: [String] {
        params.sorted { $0.key < $1.key }.flatMap { ["param", "\($0.key)=\($0.value)"] }
            + guessed.sorted { $0.key < $1.key }.flatMap { ["guess", "\($0.key)=\($0.value)"] }
            + (models ?? []).sorted().flatMap { ["model", $0] }
            + (verifiers ?? []).sorted().flatMap { ["verifier", $0] }
    }

    init?(arguments: [String]) {
        guard arguments.count.isMultiple(of: 2) else { return nil }
        for index in stride(from: 0, to: arguments.count, by: 2) {
            let value = arguments[index + 1]
            switch arguments[index] {
            case "param":
                guard let mark = value.firstIndex(of: "=") else { return nil }
                params[String(value[..<mark])] = String(value[value.index(after: mark)...])
            case "guess":
                guard let mark = value.firstIndex(of: "=") else { return nil }
                guessed[String(value[..<mark])] = String(value[value.index(after: mark)...])
            // A bundle always has a model: so one that has no verifier is told from none.
            case "model": (models, verifiers) = ((models ?? []).union([value]), verifiers ?? [])
            case "verifier": verifiers = (verifiers ?? []).union([value])
            default: return nil
            }
        }
    }

    mutating func readFiles() {
        for path in Set(params.values) { files[path] = readFile(path) }
    }

    // MARK: In the child

    /// The value that the user gave for a parameter; nil: none, or one that its kind cannot have.
    func value(_ param: stg_param) -> ParameterValue? {
        guard let id = text(param.id), let typed = params[id] ?? guessed[id] else { return nil }
        switch param.kind {
        case STG_PARAM_INT: return Int64(typed).map { .int($0) }
        case STG_PARAM_FLOAT: return Double(typed).map { .float($0) }
        case STG_PARAM_BOOL: return ["true": true, "false": false][typed].map { .bool($0) }
        case STG_PARAM_CHOICE, STG_PARAM_TEXT: return .text(typed)
        case STG_PARAM_FILE: return (params[id] == nil ? Array(typed.utf8) : files[typed]).map { .bytes($0) }
        default: return nil
        }
    }

    /// Why a strategy cannot be put through searches, or nil.
    func refusal(_ strategy: StrategyView) -> String? {
        for param in strategy.params where param.flags & STG_PARAM_REQUIRED != 0 && value(param) == nil {
            let id = text(param.id) ?? "?"
            return "\(strategy.name) needs a value for its parameter \(id): give it with --param \(id)=…"
        }
        guard let models, let verifiers else { return nil }
        for role in strategy.roles where isNeeded(role, strategy, Scenario().with { $0.settings = self }) {
            guard let name = roleName(role, strategy), !name.isEmpty else { continue }
            let isVerifier = role.flags & STG_ROLE_VERIFIER != 0
            if !(isVerifier ? verifiers : models).contains(name) {
                return
                    "\(strategy.name) needs a \(isVerifier ? "verifier" : "model") of role '\(name)', and the bundle has none"
            }
        }
        return nil
    }

    /// Roles without which the host refuses a search with these parameters.
    func needed(_ strategy: StrategyView, _ scenario: Scenario) -> Set<String> {
        Set(strategy.roles.compactMap { isNeeded($0, strategy, scenario) ? roleName($0, strategy, scenario) : nil })
    }

    private func isNeeded(_ role: stg_role, _ strategy: StrategyView, _ scenario: Scenario) -> Bool {
        guard role.flags & STG_ROLE_OPTIONAL == 0 else { return false }
        guard role.unless_param.size > 0, let unused = text(role.unless_value),
            let param = strategy.params.first(where: { text($0.id) == text(role.unless_param) })
        else { return true }
        return scenario.typed(param) != unused
    }

    /// Roles of the world that strategies are put through searches in.
    func roles(_ strategies: [StrategyView]) -> Set<String> {
        if let models, let verifiers { return models.union(verifiers) }
        return World.roles.union(
            strategies.flatMap { strategy in strategy.roles.compactMap { roleName($0, strategy) } })
    }

    /// All that a strategy says it uses, or only its verifiers, or its models; nil: it does not say, or finds a role
    /// itself.
    func declared(_ strategy: StrategyView, asVerifiers wanted: Bool? = nil) -> Set<String>? {
        var names: Set<String> = []
        for role in strategy.roles {
            guard let name = roleName(role, strategy) else { return nil }
            let isVerifier = role.flags & STG_ROLE_VERIFIER != 0
            // An ask without a role is for the usual one.
            if isVerifier == wanted ?? isVerifier { names.insert(name.isEmpty ? isVerifier ? "prm" : "policy" : name) }
        }
        return strategy.roles.isEmpty ? nil : names
    }

    /// Nil if a parameter names it that has no value.
    private func roleName(_ role: stg_role, _ strategy: StrategyView, _ scenario: Scenario? = nil) -> String? {
        guard role.param.size > 0 else { return text(role.name) }
        guard let param = strategy.params.first(where: { text($0.id) == text(role.param) }) else { return nil }
        if case .text(let given) = scenario?.value(param) ?? value(param) { return given }
        return param.fallback.kind == STG_VALUE_TEXT ? text(param.fallback.s) : nil
    }
}
