#if canImport(Glibc)
import Glibc
#endif
import SearchCore

/// A server's key. It is only ever sent, and never prints itself.
struct EndpointKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let secret: String

    init(_ secret: String) { self.secret = secret }

    /// - Parameter variable: the environment variable that holds it.
    /// - Throws: origin user, if the variable is not set or its value cannot be put into a header.
    init(variable: String) throws(StratagemError) {
        guard let value = unsafe getenv(variable).map({ unsafe String(cString: $0) }), !value.isEmpty else {
            throw StratagemError(
                .user, .noKey,
                "key_env names the environment variable \(variable), which is not set. Set it to the server's key: export \(variable)=…"
            )
        }
        guard value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw StratagemError(
                .user, .noKey,
                "the environment variable \(variable) holds a space, a line break or another character that is not allowed in a key. Set it again"
            )
        }
        secret = value
    }

    var header: String { "Bearer \(secret)" }

    /// `text` without the key, in case a server repeated it.
    func hidden(in text: String) -> String {
        secret.isEmpty ? text : text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "…")
    }

    var description: String { "(a key)" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
