/// Whose fault an error is. The first question a user asks.
public enum Origin: String, Sendable, Codable, CaseIterable {
    case host, plugin, model, verifier, user
}

/// The one error type that reaches a user: whose fault, a stable code for
/// programs, what was expected and found, and what to do about it.
public struct StratagemError: Error, Sendable, Equatable, Codable, CustomStringConvertible {
    public var origin: Origin
    /// Stable; docs/errors.md has the cause and the remedy of each.
    public var code: ErrorCode
    public var message: String

    public init(_ origin: Origin, _ code: ErrorCode, _ message: String) {
        self.origin = origin
        self.code = code
        self.message = message
    }

    /// An error that was written down as text, perhaps by another version of this program: a code that this one does
    /// not know becomes `unknown_code`, and its text goes into the message.
    public init(_ origin: Origin, stored code: String, _ message: String) {
        if let known = ErrorCode(rawValue: code) {
            self.init(origin, known, message)
        } else {
            self.init(origin, .unknownCode, code.isEmpty ? message : "\(code): \(message)")
        }
    }

    public var description: String { "\(origin.rawValue): \(message) [\(code)]" }
}
