import CConformance
import CSandbox
import Glibc

/// What a child may do: read the plugin and the system's libraries, and no more.
enum Sandbox {
    /// What checks look at, opened while that is still allowed.
    nonisolated(unsafe) private(set) static var tasks: OpaquePointer?
    nonisolated(unsafe) private(set) static var descriptors: OpaquePointer?

    /// The plugin's bytes again, in memory.
    nonisolated(unsafe) private(set) static var copy: Int32 = -1

    /// For the one check that needs a second copy of the file: under another path
    /// it is another library.
    static func makeCopy(_ plugin: String) {
        guard let bytes = readFile(plugin) else { return }
        let descriptor = kit_memory_file("copy")
        if descriptor >= 0, write(descriptor, bytes, bytes.count) == bytes.count { copy = descriptor }
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
    }
}
