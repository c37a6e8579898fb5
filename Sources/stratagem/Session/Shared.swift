import Foundation

/// A value that only one thread at a time can reach, held by several closures.
///
/// By a lock that the thread sanitizer knows: it takes every value behind a
/// `Synchronization.Mutex` for a race (Swift 6.3.1, Linux).
final class Shared<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: sending Value) { self.value = value }

    func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
