import CStratagem
import Glibc

/// The plugin's shared object, opened in this process as leniently as possible: what
/// is wrong with it is for the checks to say, one thing at a time.
struct OpenedLibrary {
    let handle: UnsafeMutableRawPointer
    /// What `dlopen` with RTLD_NOW said, if only RTLD_LAZY would open it.
    let bindingProblem: String?
    /// Wall-clock, until `dlopen` returned.
    let openSeconds: Double

    enum Problem: Error { case unloadable(String) }

    static func open(_ path: String) throws(Problem) -> OpenedLibrary {
        let start = monotonicSeconds()
        if let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) {
            return OpenedLibrary(handle: handle, bindingProblem: nil, openSeconds: monotonicSeconds() - start)
        }
        let why = loaderMessage(path)
        guard let handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE) else { throw .unloadable(why) }
        return OpenedLibrary(handle: handle, bindingProblem: why, openSeconds: monotonicSeconds() - start)
    }

    private static func loaderMessage(_ path: String) -> String {
        guard let message = dlerror() else { return "the dynamic loader gave no reason" }
        let text = String(cString: message)
        return text.hasPrefix(path + ": ") ? String(text.dropFirst(path.utf8.count + 2)) : text
    }

    var entry: stg_plugin_entry_fn? {
        dlsym(handle, STG_ENTRY_SYMBOL).map { unsafeBitCast($0, to: stg_plugin_entry_fn.self) }
    }
}

func monotonicSeconds() -> Double { seconds(of: CLOCK_MONOTONIC) }
/// What this thread has had of the processor.
func threadSeconds() -> Double { seconds(of: CLOCK_THREAD_CPUTIME_ID) }

private func seconds(of clock: clockid_t) -> Double {
    var now = timespec()
    clock_gettime(clock, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
}
