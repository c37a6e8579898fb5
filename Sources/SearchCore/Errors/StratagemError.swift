/// Whose fault an error is: the first question that a user asks.
public enum Origin: String, Sendable, Codable, CaseIterable {
    case host, plugin, model, verifier, user
}

/// The one error type that reaches a user. It says whose fault the error is, has a stable code for programs, and says
/// what was expected, what was found and what to do about it.
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

    /// Restores an error that was written down as text, perhaps by another version of this program. A code that this
    /// version does not know becomes `unknown_code`, and the text of the code goes into the message.
    public init(_ origin: Origin, stored code: String, _ message: String) {
        if let known = ErrorCode(rawValue: code) {
            self.init(origin, known, message)
        } else {
            self.init(origin, .unknownCode, code.isEmpty ? message : "\(code): \(message)")
        }
    }

    public var description: String { "\(origin.rawValue): \(message) [\(code)]" }
}
