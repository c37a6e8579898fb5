import Dispatch
import GRDB
import Locking
import SearchCore

/// Puts runs into a store, many in one transaction, on a queue of its own: a study
/// does not wait for the disk. Whatever ends the process, at most the runs of the
/// last moments are missing, and none is there by half.
public final class StoreWriter: Sendable {
    private struct State {
        var waiting: [(cell: Int, run: StoredRun)] = []
        var isScheduled = false
        var failure: StratagemError?
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
            guard state.failure == nil else { return (false, false) }
            state.waiting.append((cell, run))
            defer { state.isScheduled = true }
            return (state.waiting.count == Self.batch, !state.isScheduled)
        }
        if isFull { queue.async { self.flush() } } else if isFirst { queue.asyncAfter(deadline: .now() + Self.delay) { self.flush() } }
    }

    /// Everything that was added is in the store when this returns.
    public func finish() throws(StratagemError) {
        queue.sync { flush() }
        if let failure { throw failure }
        try store.close()
    }

    /// Nothing more is written after the first error.
    public var failure: StratagemError? { state.withLock { $0.failure } }

    private func flush() {
        let runs = state.withLock { state in
            defer { (state.waiting, state.isScheduled) = ([], false) }
            return state.waiting
        }
        guard !runs.isEmpty else { return }
        do {
            try StoreFile.catching(store.path) {
                try store.queue.write { db in for (cell, run) in runs { try StoreRows.insert(run, cell: cell, in: db) } }
            }
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
        }
    }
}
