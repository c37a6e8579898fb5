import Foundation
import Locking

/// The runs that are kept to be looked at: a bounded number, for a bounded time, of a bounded
/// size. Each belongs to the key that made it.
final class RunStore: Sendable {
    private let most: Int
    private let time: Duration
    private let bytesMost: Int
    /// The oldest first.
    private let records = Locked<[RunRecord]>([])

    init(_ limits: ServerLimits) { (most, time, bytesMost) = (limits.keptRuns, limits.keptTime, limits.keptBytes) }

    func add(_ record: RunRecord) {
        records.withLock { records in
            records.append(record)
            Self.drop(&records, most: most, time: time, bytesMost: bytesMost)
        }
    }

    /// Forgets the oldest. A run that is at work cannot be found any more then, and goes on.
    private static func drop(_ records: inout [RunRecord], most: Int, time: Duration, bytesMost: Int) {
        let oldest = Date(timeIntervalSinceNow: -Double(time.components.seconds))
        records.removeAll { $0.isOver && $0.created < oldest }
        var bytes = records.reduce(0) { $0 + $1.bytes }
        while records.count > most || bytes > bytesMost, !records.isEmpty {
            bytes -= records.removeFirst().bytes
        }
    }

    /// A run that somebody else made is as good as none.
    func find(_ id: String, owner: String) throws(Refusal) -> RunRecord {
        let found = all(of: owner).first { $0.id == id }
        guard let found else {
            throw .request(
                "run_not_found", "there is no such run: it is another key's, or is no longer kept", status: .notFound)
        }
        return found
    }

    func remove(_ record: RunRecord) { records.withLock { $0.removeAll { $0 === record } } }

    /// The newest last.
    func all(of owner: String) -> [RunRecord] {
        records.withLock { records in
            Self.drop(&records, most: most, time: time, bytesMost: bytesMost)
            return records.filter { $0.owner == owner }
        }
    }
}
