import Foundation

/// Cores that this process may compute with.
public enum Cores {
    /// The cores that the process's affinity allows, or fewer if a control group's quota allows fewer. At least 1.
    public static var available: Int {
        max(1, min(affinity ?? ProcessInfo.processInfo.activeProcessorCount, quota ?? .max))
    }

    /// The number of cores of the machine.
    public static var machine: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// The cores that the process's affinity allows; nil if the system does not say.
    public static var affinity: Int? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
        return cores(status: status)
    }

    /// - Parameter status: the contents of `/proc/self/status`, with a mask in hexadecimal that has a bit for each
    ///   core.
    static func cores(status: String) -> Int? {
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed:") }) else {
            return nil
        }
        let cores = line.dropFirst("Cpus_allowed:".count).reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
        return cores > 0 ? cores : nil
    }

    /// The smallest quota of this process's control group and of all groups above it, in whole cores, rounded up.
    public static var quota: Int? {
        guard
            let line = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8).split(separator: "\n").first(
                where: { $0.hasPrefix("0::") })
        else { return nil }
        var names = line.dropFirst(3).split(separator: "/").filter { $0 != ".." }
        var least: Int?
        while true {
            let file = (["/sys/fs/cgroup"] + names + ["cpu.max"]).joined(separator: "/")
            if let text = try? String(contentsOfFile: file, encoding: .utf8), let cores = cores(quota: text) {
                least = min(least ?? cores, cores)
            }
            guard names.popLast() != nil else { return least }
        }
    }

    /// - Parameter quota: the contents of `cpu.max`: microseconds in each period, "max" for no limit.
    static func cores(quota text: String) -> Int? {
        let numbers = text.split { $0 == " " || $0 == "\n" }.map { Int($0) }
        guard numbers.count == 2, let used = numbers[0], let period = numbers[1], used > 0, period > 0 else {
            return nil
        }
        return max(1, (used + period - 1) / period)
    }
}
