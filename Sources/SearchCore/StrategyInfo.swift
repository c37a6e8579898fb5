/// The value of a strategy's parameter, checked against its table.
public enum ParameterValue: Sendable, Hashable {
    /// Not given; the strategy computes its default itself.
    case none
    case int(Int64)
    case float(Double)
    case bool(Bool)
    case text(String)
    /// The contents of the file that a `file` parameter names.
    case bytes([UInt8])
}

extension ParameterValue: Codable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .none: try container.encodeNil()
        case .int(let value): try container.encode(value)
        case .float(let value): try container.encode(value)
        case .bool(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .bytes(let value): try container.encode("\(value.count) bytes")
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .none
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .int(value)
        } else if let value = try? container.decode(Double.self) {
            self = .float(value)
        } else {
            self = .text(try container.decode(String.self))
        }
    }
}

/// One row of a strategy's parameter table.
public struct ParameterInfo: Sendable, Equatable, Codable {
    public enum Kind: String, Sendable, Codable { case int, float, bool, choice, text, file }
    public var id: String
    public var kind: Kind
    public var help: String
    public var fallback: ParameterValue
    /// How a default that is not a fixed value is computed.
    public var fallbackText: String
    public var min: Double?
    public var max: Double?
    public var choices: [String]
    /// The user has to give it, because it has no default.
    public var isRequired: Bool

    public init(
        id: String, kind: Kind, help: String, fallback: ParameterValue, fallbackText: String,
        min: Double?, max: Double?, choices: [String], isRequired: Bool = false
    ) {
        self.id = id
        self.kind = kind
        self.help = help
        self.fallback = fallback
        self.fallbackText = fallbackText
        self.min = min
        self.max = max
        self.choices = choices
        self.isRequired = isRequired
    }
}

/// A plugin's description of one of its strategies.
public struct StrategyInfo: Sendable, Equatable, Codable {
    /// A reverse-URI name that never changes.
    public var id: String
    /// The name that people type.
    public var name: String
    public var version: String
    public var summary: String
    public var params: [ParameterInfo]
    /// One instance may be given several problems.
    public var takesBatch: Bool
    /// The bundle's roles that the strategy needs or can use; empty if it does not say.
    public var roles: [RoleInfo]

    public init(
        id: String, name: String, version: String, summary: String, params: [ParameterInfo], takesBatch: Bool,
        roles: [RoleInfo] = []
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.summary = summary
        self.params = params
        self.takesBatch = takesBatch
        self.roles = roles
    }
}

/// A plugin function that the host may call by its declared signature.
public struct FunctionInfo: Sendable, Equatable, Codable {
    public var hook: String
    public var name: String
    public var signature: String
    public init(hook: String, name: String, signature: String) {
        self.hook = hook
        self.name = name
        self.signature = signature
    }
}

/// One shared object that was found on the plugin path.
public struct PluginRecord: Sendable, Equatable, Codable {
    public enum Status: String, Sendable, Codable {
        case loaded, refused
        /// An earlier folder has a plugin of the same name.
        case shadowed
    }
    public var path: String
    public var name: String
    public var version: String
    public var status: Status
    /// Why it was refused or shadowed, and what to do.
    public var reason: String?
    /// Of the file's bytes.
    public var sha256: String
    public var strategies: [StrategyInfo]
    public var functions: [FunctionInfo]
    public var process: Process

    public enum Process: String, Sendable, Codable {
        /// Trusted: it runs inside the host.
        case host
        /// Isolated: it runs in its own process.
        case worker
    }

    public init(
        path: String, name: String, version: String, status: Status, reason: String?, sha256: String,
        strategies: [StrategyInfo], functions: [FunctionInfo], process: Process = .host
    ) {
        self.path = path
        self.name = name
        self.version = version
        self.status = status
        self.reason = reason
        self.sha256 = sha256
        self.strategies = strategies
        self.functions = functions
        self.process = process
    }
}
