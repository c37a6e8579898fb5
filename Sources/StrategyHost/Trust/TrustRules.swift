import Glibc
import SearchCore

/// Where a plugin may be, and in which process it runs.
enum TrustRules {
    enum Place: Sendable, Equatable {
        case inProcess
        /// Its functions may be called in this process if it is trusted.
        case worker(isTrusted: Bool)
        /// The reason, in words that follow the path.
        case refused(String)
    }

    /// - Parameter path: the path with all links resolved.
    static func place(_ path: String, hash: String, _ options: IsolationOptions) -> Place {
        if let reason = PathOwnership.refusal(path) { return .refused(reason) }
        let isTrusted = isBesideProgram(path) || options.trust?.trusts(hash) ?? false
        if options.scope == .untrusted, isTrusted { return .inProcess }
        let missing = Confinement.available.missing
        guard !options.requiresAll || missing.isEmpty else {
            return .refused(
                "cannot be isolated as --require-isolation requires: this system lacks \(missing.joined(separator: ", ")). "
                    + "Trust it (stratagem trust \(path)), or run without --require-isolation")
        }
        return .worker(isTrusted: isTrusted)
    }

    /// Whether it is in the program's folder, or in `plugins` there: whoever can write to these can also replace the
    /// program.
    static func isBesideProgram(_ path: String) -> Bool {
        guard let binary = SystemPaths.binaryFolder, let slash = path.lastIndex(of: "/") else { return false }
        let folder = String(path[..<slash])
        return folder == binary || folder == SystemPaths.realPath(binary + "/plugins") ?? binary
    }
}
