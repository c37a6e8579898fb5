import Dispatch
import GRDB
import Locking
import SearchCore

/// Puts runs into a store, many in one transaction, on its own queue: a study
/// does not wait for the disk. Whatever ends the process, at most the runs of the
/// last moments are missing, and none is there by half.
public final class StoreWriter: Sendable {
    private struct State {
        var waiting: [(cell: Int, run: StoredRun)] = []
        var isScheduled = false
        var failure: StratagemError?
        /// To be called once, when it first fails.
        var onFailure: (@Sendable () -> Void)?
        /// The file was taken away. What still comes goes into it anyway, and `finish` copies it.
        var isAdrift = false
    }

    /// Runs in one transaction at most; fewer wait no longer than `delay`.
    private static let batch = 256
    private static let delay = DispatchTimeInterval.milliseconds(500)

    private let store: EvalStore
    private let queue = DispatchQueue(label: "stratagem.store")
    private let state = Locked(State())

    public init(_ store: EvalStore) { self.store = store }

    /// - Parameter cell: its id in the store.
    public func add(_ run: StoredRun, cell: Int) {
        let (isFull, isFirst) = state.withLock { state in
            guard state.failure == nil || state.isAdrift else { return (false, false) }
            state.waiting.append((cell, run))
            defer { state.isScheduled = true }
            return (state.waiting.count == Self.batch, !state.isScheduled)
        }
        if isFull {
            queue.async { self.flush() }
        } else if isFirst {
            queue.asyncAfter(deadline: .now() + Self.delay) { self.flush() }
        }
    }

    /// Everything that was added is in the store when this returns.
    ///
    /// - Throws: what went wrong while it was written. If the file was removed or replaced meanwhile, says where a
    ///   copy of it is.
    public func finish() throws(StratagemError) {
        queue.sync { flush() }
        guard state.withLock({ $0.isAdrift }), let change = store.place?.change else {
            if let failure { throw failure }
            return try store.close()
        }
        let copy = try store.rescue()
        throw StratagemError(
            .user, .storeGone,
            "\(store.path) \(change) while it was being written. All its runs are in \(copy): move that file to its place, and the same command with --resume continues"
        )
    }

    /// Nothing more is written after the first error.
    public var failure: StratagemError? { state.withLock { $0.failure } }

    /// `call` comes on the writer's own queue, at most once, and not for what `finish` throws at the end.
    public func onFailure(_ call: @escaping @Sendable () -> Void) { state.withLock { $0.onFailure = call } }

    private func sayFailure() {
        state.withLock { state in
            defer { state.onFailure = nil }
            return state.onFailure
        }?()
    }

    private func flush() {
        let runs = state.withLock { state in
            defer { (state.waiting, state.isScheduled) = ([], false) }
            return state.waiting
        }
        do {
            if !runs.isEmpty {
                try StoreFile.catching(store.path) {
                    try store.queue.write { db in
                        for (cell, run) in runs { try StoreRows.insert(run, cell: cell, in: db) }
                    }
                }
            }
        } catch {
            state.withLock { ($0.failure, $0.isAdrift) = ($0.isAdrift ? error : $0.failure ?? error, false) }
            return sayFailure()
        }
        guard let change = store.place?.change else { return }
        state.withLock { state in
            guard state.failure == nil else { return }
            state.isAdrift = true
            state.failure = StratagemError(.user, .storeGone, "\(store.path) \(change) while it was being written")
        }
        sayFailure()
    }
}
