import CConformance
import CSandbox
import Glibc

/// What a child may do: read the plugin and the system's libraries, and no more.
enum Sandbox {
    /// What checks look at, opened while that is still allowed.
    nonisolated(unsafe) private(set) static var tasks: OpaquePointer?
    nonisolated(unsafe) private(set) static var descriptors: OpaquePointer?

    /// The plugin's bytes again, in memory.
    nonisolated(unsafe) private(set) static var copies: [Int32] = []

    /// Checks that need other copies of the file, and how many: under another path it is another library.
    private static let copied = ["two-copies": 1, "threads-first": 5]

    static func makeCopies(_ plugin: String, for check: String) {
        guard let count = copied[check], let bytes = readFile(plugin) else { return }
        for _ in 0..<Effort.of(count, briefly: 1) {
            let descriptor = kit_memory_file("copy")
            if descriptor >= 0, write(descriptor, bytes, bytes.count) == bytes.count { copies.append(descriptor) }
        }
    }

    static func openFolders() {
        tasks = opendir("/proc/self/task")
        descriptors = opendir("/proc/self/fd")
    }

    /// Confines this process for good. To be called before the plugin is opened.
    static func confine(_ plugin: String) {
        openFolders()
        var limits = stg_sandbox_limits(memory_bytes: 8 << 30, files: 256)
        var report = stg_sandbox_report()
        plugin.withCString { stg_sandbox_confine($0, &limits, &report) }
        // Not that of the process, which is C: so it shows who takes over what the environment says.
        setenv("LC_ALL", "C.UTF-8", 1)
    }
}
