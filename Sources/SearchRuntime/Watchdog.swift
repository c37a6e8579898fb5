import Foundation
import SearchCore
import Locking
import Synchronization

/// Where a lane notes that it is inside a plugin's call, so that the watchdog can see it.
final class HangWatch: Sendable {
    /// When the call began, in nanoseconds; 0 outside of calls.
    private let entered = Atomic<UInt64>(0)
    private let name = Locked("")

    func enter(at time: UInt64, name strategy: String) {
        name.withLock { if $0 != strategy { $0 = strategy } }
        entered.store(time, ordering: .releasing)
    }

    func leave() { entered.store(0, ordering: .releasing) }

    /// The strategy whose call has lasted longer than `limit`.
    func hanging(at now: UInt64, limit: UInt64) -> String? {
        let start = entered.load(ordering: .acquiring)
        guard start != 0, now > start, now - start > limit else { return nil }
        return name.withLock { $0 }
    }
}

/// Checks every lane a few times a second. A plugin in this process cannot be stopped, only named: the handler decides
/// what happens to the process.
final class Watchdog: Sendable {
    private let isStopped = Atomic<Bool>(false)

    init(watches: [HangWatch], seconds: Double, onHang: @escaping @Sendable (StratagemError) -> Void) {
        let limit = UInt64(max(0.01, min(seconds, 1e6)) * 1e9)
        let pause = min(0.25, max(0.01, seconds / 4))
        let thread = Thread { [weak self] in
            var reported = false
            while let self, !self.isStopped.load(ordering: .acquiring), !reported {
                let now = DispatchTime.now().uptimeNanoseconds
                if let name = watches.lazy.compactMap({ $0.hanging(at: now, limit: limit) }).first {
                    reported = true
                    onHang(
                        StratagemError(
                            .plugin, .hang,
                            "strategy '\(name)' has not returned from a call for more than \(seconds) s; next() must return at once and never wait"
                        ))
                }
                Thread.sleep(forTimeInterval: pause)
            }
        }
        thread.name = "stratagem-watchdog"
        thread.start()
    }

    func stop() { isStopped.store(true, ordering: .releasing) }
}
