import CConformance
import Glibc

/// What a plugin can learn of the machine that it runs on, by its own calls: the addresses that the loader put into its
/// table of imports are replaced, as those of malloc are.
enum PluginSurroundings {
    nonisolated(unsafe) private static var looks = 0

    /// No multiple of anything that a clock is divided by: whole hours would leave its minutes and its odd seconds
    /// as they are.
    private static func hoursLater() -> Int {
        looks += 1
        return looks * 3607
    }

    /// Clocks that are an hour on each time that somebody looks.
    nonisolated(unsafe) static let racingClocks: [String: UnsafeRawPointer] = {
        let time: @convention(c) (UnsafeMutablePointer<time_t>?) -> time_t = { out in
            let now = Glibc.time(nil) + hoursLater()
            out?.pointee = now
            return now
        }
        let clock: @convention(c) () -> clock_t = { Glibc.clock() + hoursLater() * 1_000_003 }
        let gettime: @convention(c) (clockid_t, UnsafeMutablePointer<timespec>?) -> Int32 = { id, out in
            guard let out else { return -1 }
            let status = Glibc.clock_gettime(id, out)
            out.pointee.tv_sec += hoursLater()
            out.pointee.tv_nsec = (out.pointee.tv_nsec + looks * 1_234_567) % 1_000_000_000
            return status
        }
        let gettimeofday: @convention(c) (UnsafeMutablePointer<timeval>?, UnsafeMutableRawPointer?) -> Int32 = {
            out, _ in
            guard let out else { return -1 }
            let status = Glibc.gettimeofday(out, nil)
            out.pointee.tv_sec += hoursLater()
            out.pointee.tv_usec = (out.pointee.tv_usec + looks * 1_235) % 1_000_000
            return status
        }
        return [
            "time": unsafeBitCast(time, to: UnsafeRawPointer.self),
            "clock": unsafeBitCast(clock, to: UnsafeRawPointer.self),
            "clock_gettime": unsafeBitCast(gettime, to: UnsafeRawPointer.self),
            "gettimeofday": unsafeBitCast(gettimeofday, to: UnsafeRawPointer.self),
        ]
    }()

    /// Functions of the C library that let other threads go first.
    nonisolated(unsafe) static let pausingFunctions: [String: UnsafeRawPointer] = {
        var found: [String: UnsafeRawPointer] = [:]
        for name in [
            "qsort", "bsearch", "malloc", "calloc", "realloc", "free", "memcpy", "memset", "memcmp", "strlen", "exp",
            "log",
        ] {
            found[name] = kit_pausing(name).map { UnsafeRawPointer($0) }
        }
        return found
    }()

    nonisolated(unsafe) private static let four = strdup("4")

    /// An environment in which every variable is "4".
    nonisolated(unsafe) static let fullEnvironment: [String: UnsafeRawPointer] = {
        let get: @convention(c) (UnsafePointer<CChar>?) -> UnsafeMutablePointer<CChar>? = { _ in four }
        return [
            "getenv": unsafeBitCast(get, to: UnsafeRawPointer.self),
            "secure_getenv": unsafeBitCast(get, to: UnsafeRawPointer.self),
        ]
    }()
}
