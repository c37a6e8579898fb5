import CSandbox
import Glibc
import SearchCore

/// Which plugins run in their own process, and how it is held.
public struct IsolationOptions: Sendable {
    public enum Scope: Sendable {
        /// What lies beside the program, or is trusted by its hash, runs in process.
        case untrusted
        /// `--isolate`: every strategy runs in a worker. (Plain functions, such as the
        /// answer extractor, run in process or, of untrusted plugins, not at all.)
        case all
    }

    public var scope = Scope.untrusted
    /// `--require-isolation`: where the kernel lacks a piece, an untrusted plugin is
    /// refused. Otherwise it runs in a worker that is confined as far as possible.
    public var requiresAll = false
    /// `--allow-shadowing`: a plugin that is not trusted, but comes before one that is, takes
    /// its names. Otherwise it is left aside, and can be named by its path only.
    public var allowsShadowing = false
    /// The hashes that the user trusts; nil trusts none.
    public var trust: TrustStore?
    /// `stratagem-worker`; by default the one beside the program.
    public var workerPath: String?
    /// A worker whose call takes longer is killed.
    public var callSeconds = 10.0
    /// So is loading the plugin, once: a file that takes longer is not tried again.
    public var loadSeconds = 10.0
    /// Called on its own thread when a trusted plugin, which is loaded into this process, takes longer: it cannot
    /// be stopped there. Who has results saves them and ends the process. Nil: nobody watches.
    public var whenHanging: (@Sendable (StratagemError) -> Void)?
    /// Address space of a worker.
    public var memoryBytes = 1 << 30
    /// Files that a worker may have open.
    public var filesMax = 64
    /// A worker with nothing to do ends after so long.
    public var idleSeconds = 10.0
    /// As many crashes within so many seconds, and a plugin is refused for so long.
    public var crashesMax = 5
    public var crashWindowSeconds = 60.0
    public var refusalSeconds = 60.0
    /// What plugins print, and what becomes of workers: level as `stg_log_level`, text.
    public var log: (@Sendable (Int32, String) -> Void)?

    public init() {}

    /// Memory that host and worker share for tells.
    static let sharedBytes = 8 << 20
    /// Messages besides the reply that a worker may send a call.
    static let messagesMax = 4096

    /// `stratagem-worker`, if it is there and may be run.
    public var worker: String? {
        let path = workerPath ?? SystemPaths.binaryFolder.map { $0 + "/stratagem-worker" }
        guard let path, access(path, X_OK) == 0 else { return nil }
        return path
    }
}

extension Confinement {
    /// What this kernel can do, asked without confining anything.
    public static var available: Confinement {
        Confinement(
            noNewPrivileges: true, landlockABI: Int(stg_sandbox_landlock_abi()),
            systemCallFilter: stg_sandbox_has_seccomp() == 1, limits: true)
    }
}
