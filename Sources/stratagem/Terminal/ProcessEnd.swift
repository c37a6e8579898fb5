import Glibc
import Synchronization

/// Lets nothing happen beside the thread that ends the process. What that thread ends first, a program that draws say,
/// fails for whoever waits for it: nobody is to be told so, and no other status is to come of it.
enum ProcessEnd {
    /// The thread that ends the process; 0 before that.
    private static let thread = Atomic<UInt>(0)

    /// The calling thread ends the process.
    ///
    /// - Returns: false if another one, or the same, has begun with that.
    @discardableResult
    static func begin() -> Bool { thread.exchange(pthread_self(), ordering: .acquiringAndReleasing) == 0 }

    /// Does not return once another thread has begun.
    static func waitIfBegun() {
        let one = thread.load(ordering: .acquiring)
        guard one != 0, one != pthread_self() else { return }
        while true { pause() }
    }
}
