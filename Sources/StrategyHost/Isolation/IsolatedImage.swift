import Locking
import SearchCore
import Synchronization

/// One plugin file that runs in a worker. There is one process at a time. It is started when it is needed, ended when
/// it is idle, and started again after a crash, but not indefinitely.
public final class IsolatedImage: IsolatedWorker.Owner {
    let hash: String
    /// The private copy that workers open.
    let path: String
    let options: IsolationOptions
    private let copy: PluginCache.Copy
    private let hangs: PluginHangs
    private let state: Locked<State>
    private static let nextID = Atomic<UInt64>(1)

    private struct State {
        /// The name of the file, until the plugin has given its name.
        var name: String
        var worker: IsolatedWorker?
        var description: IsolatedDescription?
        /// The times at which its workers crashed.
        var crashes: [UInt64] = []
        var refusedUntil: UInt64 = 0
        var lastError: StratagemError?
    }

    init(_ bytes: [UInt8], hash: String, name: String, cacheFolder: String?, options: IsolationOptions)
        throws(PluginCache.Problem)
    {
        copy = try PluginCache.copy(bytes, hash: hash, folder: cacheFolder)
        hangs = PluginHangs(folder: cacheFolder)
        self.hash = hash
        path = copy.path
        self.options = options
        state = Locked(State(name: name))
    }

    deinit { copy.discard() }

    var name: String { state.withLock { $0.name } }

    /// A number for a new instance.
    static func newID() -> UInt64 { nextID.wrappingAdd(1, ordering: .relaxed).oldValue }

    /// The plugin's description of itself. Starts a worker if there is none, and waits for it.
    ///
    /// - Throws: the reason why there is none, in words that follow the plugin's path.
    func describe() throws(PluginBlock.Problem) -> IsolatedDescription {
        if let known = state.withLock({ $0.description }) { return known }
        if let reason = hangs.reason(hash, seconds: options.loadSeconds) { throw PluginBlock.Problem(reason: reason) }
        let worker: IsolatedWorker
        do { worker = try self.worker() } catch {
            throw PluginBlock.Problem(reason: "cannot be isolated: \(error.message)")
        }
        switch worker.waitUntilReady() {
        case .running(let description): return description
        case .starting: throw PluginBlock.Problem(reason: "cannot be isolated: its worker did not start")
        case .ended(let death):
            if let known = state.withLock({ $0.description }) { return known }
            if case .timedOut(let seconds) = death.cause { hangs.remember(hash, seconds: seconds) }
            throw PluginBlock.Problem(reason: death.words(call: "its loading", memoryMax: options.memoryBytes).words)
        }
    }

    /// The worker, started if there is none. Never waits for it.
    /// - Throws: while the plugin is refused for its crashes.
    func worker() throws(StratagemError) -> IsolatedWorker {
        try state.withLock { state throws(StratagemError) in
            if let worker = state.worker, !worker.isEnded { return worker }
            let now = ABIClock.now
            if now < state.refusedUntil {
                let seconds = (state.refusedUntil - now) / 1_000_000_000 + 1
                throw StratagemError(
                    .plugin, .keepsCrashing,
                    "plugin '\(state.name)' has crashed \(options.crashesMax) times within \(Int(options.crashWindowSeconds)) s and is refused for another \(seconds) s. The last time: \(state.lastError?.message ?? "unknown")"
                )
            }
            let worker = IsolatedWorker(self)
            guard worker.start(after: Self.backOff(state.crashes.count)) else {
                throw StratagemError(
                    .host, .workerNotStarted,
                    "no thread could be started for the worker of plugin '\(state.name)'; end other programs")
            }
            state.worker = worker
            return worker
        }
    }

    /// In nanoseconds: 0 after the first crash, then 10 ms, 20, 40 … 1 s.
    private static func backOff(_ crashes: Int) -> UInt64 {
        crashes < 2 ? 0 : min(1_000_000_000, 10_000_000 << UInt64(min(crashes - 2, 10)))
    }

    // MARK: - From the worker

    func workerIsReady(_ description: IsolatedDescription) {
        state.withLock {
            if $0.description == nil { $0.description = description }
            $0.name = description.block.name
        }
    }

    func workerEnded(_ worker: IsolatedWorker, _ death: IsolatedDeath, in call: String?) {
        let now = ABIClock.now
        let message = state.withLock { state -> String? in
            if state.worker === worker { state.worker = nil }
            switch death.cause {
            case .idle, .refused, .notStarted: return nil
            default: break
            }
            let window = UInt64(options.crashWindowSeconds * 1e9)
            state.crashes = state.crashes.filter { now - $0 < window } + [now]
            let error = death.error(plugin: state.name, call: call, memoryMax: options.memoryBytes)
            state.lastError = error
            if state.crashes.count >= options.crashesMax {
                state.refusedUntil = now + UInt64(options.refusalSeconds * 1e9)
                state.crashes = []
            }
            return error.message
        }
        if let message { options.log?(2, message) }
    }
}
