import Locking
import Foundation
import Glibc
import Synchronization

/// Ctrl-C, SIGTERM and SIGHUP: the first asks everything to come to an end, so that what
/// is finished can be printed; the second ends the process where it stands.
enum Interrupt {
    private static let count = Atomic<Int>(0)
    private static let handlers = Locked<[@Sendable () -> Void]>([])
    private static let leavings = Locked<[@Sendable () -> Void]>([])
    /// The signal handler may do next to nothing: it wakes a thread through a pipe.
    private static let pipe = Atomic<Int32>(-1)
    /// What SIGALRM ends the process with.
    private static let lateStatus = Atomic<Int32>(ExitStatus.interrupted)

    static var isRequested: Bool { count.load(ordering: .acquiring) > 0 }

    /// Called once, on its own thread; at once if it has happened already.
    static func onRequest(_ handler: @escaping @Sendable () -> Void) {
        handlers.withLock { $0.append(handler) }
        if isRequested { handler() }
    }

    /// Called if the process ends where it stands: what must not be left behind.
    static func beforeQuitting(_ handler: @escaping @Sendable () -> Void) { leavings.withLock { $0.append(handler) } }

    /// Ends the process where it stands, whatever its other threads are at. `exit` would run what
    /// libraries and plugins do at the end, beside a thread that does not return.
    static func quit(_ status: Int32) -> Never {
        ProcessEnd.begin()
        for leaving in leavings.withLock({ $0 }) { leaving() }
        Output.flush(seconds: 0.5)
        _exit(status)
    }

    /// The same, unless the process has ended by then.
    static func quit(_ status: Int32, after seconds: UInt32) {
        lateStatus.store(status, ordering: .releasing)
        alarm(seconds)
    }

    static func install() {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        pipe.store(ends[1], ordering: .releasing)
        let reader = ends[0]
        // Two: the second signal must find one that waits, whatever the first has led to.
        for _ in 0..<2 {
            let thread = Thread { wait(for: reader) }
            thread.name = "stratagem-interrupt"
            thread.start()
        }
        signal(SIGALRM) { _ in _exit(Interrupt.lateStatus.load(ordering: .acquiring)) }
        for one in [SIGINT, SIGTERM] { signal(one) { _ in Interrupt.handle() } }
        // Under nohup a terminal that goes away ends nothing.
        var before = sigaction()
        sigaction(SIGHUP, nil, &before)
        if unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self) {
            signal(SIGHUP) { _ in Interrupt.handle() }
        }
    }

    private static func wait(for reader: Int32) {
        var number: UInt8 = 0
        while read(reader, &number, 1) != 1 {}
        let handlers = handlers.withLock { $0 }
        // Nobody has anything to finish yet, and what is waited for may never come.
        if number > 1 || handlers.isEmpty {
            let isFirst = ProcessEnd.begin()
            // Standard error may be a pipe that nobody reads.
            quit(ExitStatus.interrupted, after: 3)
            if isFirst { Output.warning("interrupted") }
            quit(ExitStatus.interrupted)
        }
        if Terminal.isTerminal(STDERR_FILENO) {
            Output.note("\nstratagem: stopping with the finished results; press again to quit at once")
        }
        for handler in handlers { handler() }
    }

    private static func handle() {
        var number = UInt8(clamping: 1 + count.wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue)
        if number > 2 { _exit(ExitStatus.interrupted) }
        // A plugin may hold what every thread needs, a lock of malloc's say.
        if number == 2 { alarm(1) }
        _ = write(pipe.load(ordering: .acquiring), &number, 1)
    }
}
