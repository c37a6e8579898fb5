import Foundation
import SearchCore

/// The memory that this process may use.
public enum MachineMemory {
    /// The machine's memory, or the limit of a control group if that is less; nil if the system does not say.
    public static var limit: Int? {
        [total, groupLimit].compactMap { $0 }.min()
    }

    /// The memory that is free now; nil if the system does not say.
    public static var available: Int? {
        guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }),
            let kibibytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        return kibibytes << 10
    }

    /// - Throws: if weights of this size cannot be held in memory, before minutes are spent on reading them from disk.
    static func check(bytes: Int, of path: String, limit: Int? = limit) throws(StratagemError) {
        guard let limit, bytes > limit else { return }
        throw StratagemError(
            .user, .modelTooLarge,
            "\(path): its weights take \(shown(bytes)), and this process may use \(shown(limit)) of memory. Use a smaller model or a smaller quantisation of it, or a machine with more memory"
        )
    }

    private static func shown(_ bytes: Int) -> String {
        let gibibytes = Double(bytes) / Double(1 << 30)
        return gibibytes >= 0.1 ? String(format: "%.1f GiB", gibibytes) : "\(bytes) bytes"
    }

    private static var total: Int? {
        let pages = sysconf(Int32(_SC_PHYS_PAGES)), size = sysconf(Int32(_SC_PAGESIZE))
        return pages > 0 && size > 0 ? pages * size : nil
    }

    /// The limit of this process's control group or of a group above it.
    private static var groupLimit: Int? {
        guard
            let line = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8).split(separator: "\n").first(
                where: { $0.hasPrefix("0::") })
        else { return nil }
        var names = line.dropFirst(3).split(separator: "/").filter { $0 != ".." }
        var least: Int?
        while true {
            let file = (["/sys/fs/cgroup"] + names + ["memory.max"]).joined(separator: "/")
            if let text = try? String(contentsOfFile: file, encoding: .utf8),
                let bytes = Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
            {
                least = min(least ?? bytes, bytes)
            }
            guard names.popLast() != nil else { return least }
        }
    }
}
