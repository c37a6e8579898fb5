/// Whose fault an error is. The first question a user asks.
public enum Origin: String, Sendable, Codable, CaseIterable {
    case host, plugin, model, verifier, user
}

/// The one error type that reaches a user: whose fault, a stable code for
/// programs, what was expected and found, and what to do about it.
public struct StratagemError: Error, Sendable, Equatable, Codable, CustomStringConvertible {
    public var origin: Origin
    /// Stable, lower_snake_case; documented in docs/json.md.
    public var code: String
    public var message: String

    public init(_ origin: Origin, _ code: String, _ message: String) {
        self.origin = origin
        self.code = code
        self.message = message
    }

    public var description: String { "\(origin.rawValue): \(message) [\(code)]" }
}
