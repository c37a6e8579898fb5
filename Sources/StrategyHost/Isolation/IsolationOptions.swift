import CSandbox
import Glibc
import SearchCore

/// Which plugins run in their own process, and how that process is confined.
public struct IsolationOptions: Sendable {
    public enum Scope: Sendable {
        /// Plugins beside the program, or trusted by their hash, run in this process.
        case untrusted
        /// `--isolate`: every strategy runs in a worker. (Plain functions, such as the answer extractor, run in this
        /// process; those of untrusted plugins do not run at all.)
        case all
    }

    public var scope = Scope.untrusted
    /// `--require-isolation`: if the kernel lacks a feature, an untrusted plugin is refused. Otherwise it runs in a
    /// worker that is confined as far as possible.
    public var requiresAll = false
    /// `--allow-shadowing`: a plugin that is not trusted, but comes before a trusted one, takes its names. Otherwise
    /// the untrusted plugin is not used under these names, and can be named only by its path.
    public var allowsShadowing = false
    /// The hashes that the user trusts; nil: none.
    public var trust: TrustStore?
    /// The path of `stratagem-worker`; by default the one beside the program.
    public var workerPath: String?
    /// A worker is killed if a call takes longer.
    public var callSeconds = 10.0
    /// The same limit for loading the plugin; a file that takes longer is not tried again.
    public var loadSeconds = 10.0
    /// Called on its own thread when loading a trusted plugin, which happens in this process, takes longer: it cannot
    /// be stopped there. Save your results here and end the process. Nil: hangs are not watched for.
    public var whenHanging: (@Sendable (StratagemError) -> Void)?
    /// The address space of a worker.
    public var memoryBytes = 1 << 30
    /// The number of files that a worker may have open.
    public var filesMax = 64
    /// A worker with nothing to do ends after this time.
    public var idleSeconds = 10.0
    /// A plugin that crashes this often within `crashWindowSeconds` is refused for `refusalSeconds`.
    public var crashesMax = 5
    public var crashWindowSeconds = 60.0
    public var refusalSeconds = 60.0
    /// Receives what plugins print, and reports about workers: level as `stg_log_level`, text.
    public var log: (@Sendable (Int32, String) -> Void)?

    public init() {}

    /// The memory that host and worker share for tells.
    static let sharedBytes = 8 << 20
    /// The number of messages besides the reply that a worker may send per call.
    static let messagesMax = 4096

    /// The path of `stratagem-worker`, if the file exists and may be run.
    public var worker: String? {
        let path = workerPath ?? SystemPaths.binaryFolder.map { $0 + "/stratagem-worker" }
        guard let path, access(path, X_OK) == 0 else { return nil }
        return path
    }
}

extension Confinement {
    /// What this kernel can do; nothing is confined by asking.
    public static var available: Confinement {
        Confinement(
            noNewPrivileges: true, landlockABI: Int(stg_sandbox_landlock_abi()),
            systemCallFilter: stg_sandbox_has_seccomp() == 1, limits: true)
    }
}
