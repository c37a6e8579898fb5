import Foundation

/// Processor time of the calling thread: what a piece of work took, whatever else the
/// machine was busy with meanwhile.
public enum ThreadClock {
    public static var nanoseconds: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    public static func seconds(since began: UInt64) -> Double { Double(nanoseconds - began) * 1e-9 }
}
