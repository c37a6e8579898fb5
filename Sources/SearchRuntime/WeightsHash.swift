import Hashing
import LanguageModels
import Locking
import SearchCore
import StrategyHost

/// The SHA-256 of a role's weights. It is computed at the first request, since a large file takes seconds, and only
/// once in a process.
public enum WeightsHash {
    private static let known = Locked<[WeightsIdentity: String]>([:])

    /// Nil if the role does not exist or its file can no longer be read.
    public static func of(_ role: String, _ weights: [String: WeightsIdentity]) -> String? {
        guard let identity = weights[role] else { return nil }
        if let hash = known.withLock({ $0[identity] }) { return hash }
        let hash =
            switch identity {
            case .file(let path): SHA256.hex(file: path)
            case .text(let text): SHA256.hex(Array(text.utf8))
            }
        guard let hash else { return nil }
        known.withLock { $0[identity] = hash }
        return hash
    }

    /// The hashes of all roles.
    public static func all(_ weights: [String: WeightsIdentity]) -> [String: String] {
        weights.keys.reduce(into: [:]) { $0[$1] = of($1, weights) }
    }
}
