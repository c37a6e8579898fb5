import Locking
import Glibc
import SearchCore

/// Watches the loading of a trusted plugin into this process. A hang cannot be stopped there: the handler ends the
/// process, and the next process finds the plugin among the ``PluginHangs``.
final class LoadWatch: Sendable {
    private let isOver = Locked(false)
    private static let pause: UInt32 = 20_000

    /// - Parameter whenLate: called on its own thread, at most once.
    init(seconds: Double, whenLate: @escaping @Sendable () -> Void) {
        let end = ABIClock.now + UInt64(max(0, min(seconds, 1e6)) * 1e9)
        _ = IsolatedThread.start { [self] in
            while !isOver.withLock({ $0 }) {
                if ABIClock.now >= end { return whenLate() }
                usleep(Self.pause)
            }
        }
    }

    func stop() { isOver.withLock { $0 = true } }
}
