/// A role of the bundle that a strategy uses: a row of its `stg_strategy.roles`.
public struct RoleInfo: Sendable, Equatable, Codable {
    /// The role's name; empty if `parameter` names it.
    public var name: String
    /// The parameter whose value is the role's name.
    public var parameter: String?
    /// While this parameter has this value, the role is not used.
    public var unless: Condition?
    /// True for a role that scores; false for one that continues text.
    public var isVerifier: Bool
    /// The role is used if the bundle has it; otherwise the role is required.
    public var isOptional: Bool
    /// What it is for, in one line.
    public var help: String

    public struct Condition: Sendable, Equatable, Codable {
        public var parameter: String
        /// The value as a user would type it.
        public var value: String
        public init(parameter: String, value: String) {
            self.parameter = parameter
            self.value = value
        }
    }

    public init(
        name: String, parameter: String? = nil, unless: Condition? = nil, isVerifier: Bool, isOptional: Bool = false,
        help: String = ""
    ) {
        self.name = name
        self.parameter = parameter
        self.unless = unless
        self.isVerifier = isVerifier
        self.isOptional = isOptional
        self.help = help
    }

    /// The role's name in a run with these parameters; nil if the strategy finds a role itself, or uses none.
    public func resolved(_ params: [String: ParameterValue]) -> String? {
        if let unless, params[unless.parameter]?.typed == unless.value { return nil }
        guard let parameter else { return name }
        guard case .text(let role) = params[parameter] else { return nil }
        return role
    }
}

extension StrategyInfo {
    /// The roles that a run with these parameters needs.
    public func neededRoles(_ params: [String: ParameterValue]) -> [(role: String, isVerifier: Bool)] {
        roles.filter { !$0.isOptional }.compactMap { row in row.resolved(params).map { ($0, row.isVerifier) } }
    }

    /// The roles that it needs or can use with these parameters.
    public func usedRoles(_ params: [String: ParameterValue]) -> [String] { roles.compactMap { $0.resolved(params) } }

    /// The first required parameter that the user has not given.
    public func missingParameter(_ params: [String: ParameterValue]) -> ParameterInfo? {
        self.params.first { $0.isRequired && params[$0.id, default: .none] == .none }
    }
}

extension ParameterValue {
    /// A text or a truth value as a user would type it; nil for other values.
    fileprivate var typed: String? {
        switch self {
        case .text(let text): text
        case .bool(let flag): flag ? "true" : "false"
        case .none, .int, .float, .bytes: nil
        }
    }
}
