import Foundation

/// The processor time of the calling thread: the time that a piece of work took, whatever else the machine was doing
/// meanwhile.
public enum ThreadClock {
    public static var nanoseconds: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    public static func seconds(since began: UInt64) -> Double { Double(nanoseconds - began) * 1e-9 }
}
