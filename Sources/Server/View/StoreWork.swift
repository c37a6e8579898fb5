import Foundation
import Locking
import SearchCore
import Studies

/// A study's store. It may be written to meanwhile, and another file may take its place.
final class StoreWork: FinishedWork {
    /// The store as it was found last.
    private struct Found {
        var store: EvalStore
        var cells: [StoredCell]
        var edition: String
        var stamp: StoreStamp
        var change: Int
        var table: RunTable?
    }

    private let path: String
    private let found: Locked<Found>

    init(_ path: String) throws(StratagemError) {
        self.path = path
        found = Locked(try Self.open(path, instead: nil))
    }

    /// A connection to a file that was removed, or written over, would read the old file with the new one's log, or
    /// old pages beside new ones. So the file is looked at before and after, and opened again if it is another one.
    func now<Result>(_ body: (any FinishedStudy) throws(StratagemError) -> Result) throws(StratagemError) -> Result {
        try found.withLock { found throws(StratagemError) in
            for turn in 1...Self.tries {
                try refresh(&found)
                let study = StoredStudy(found.store, edition: found.edition, table: found.table)
                let result: Swift.Result<Result, StratagemError>
                do throws(StratagemError) { result = .success(try body(study)) } catch { result = .failure(error) }
                let stamp = StoreStamp(path)
                // Whoever writes to a store moves its log into it now and then.
                guard stamp.isUnchangedFile(as: found.stamp) || turn == Self.tries && stamp.isSameFile(as: found.stamp)
                else { continue }
                found.table = study.known
                return try result.get()
            }
            throw gone("is being replaced")
        }
    }

    private static let tries = 3

    private func refresh(_ found: inout Found) throws(StratagemError) {
        let stamp = StoreStamp(path)
        guard stamp.isThere else { throw gone("was removed while it was shown here") }
        if stamp == found.stamp, try found.store.change() == found.change { return }
        found = try Self.open(path, instead: found)
    }

    private static func open(_ path: String, instead old: Found?) throws(StratagemError) -> Found {
        // Before the store is read: what is written meanwhile is seen the next time.
        let stamp = StoreStamp(path)
        let store = try EvalStore.reading(path)
        let cells = try store.cells()
        var edition = UUID().uuidString
        // The numbers of cells and problems mean what they did before.
        if let old, old.stamp.isSameFile(as: stamp), store.study.continues(old.store.study),
            old.cells.allSatisfy({ one in cells.contains { $0.id == one.id && $0.isSame(as: one) } })
        {
            edition = old.edition
        }
        return Found(store: store, cells: cells, edition: edition, stamp: stamp, change: try store.change())
    }

    private func gone(_ what: String) -> StratagemError {
        StratagemError(.user, .storeGone, "\(path) \(what). Put a store there and read again, or end view with Ctrl-C")
    }
}
