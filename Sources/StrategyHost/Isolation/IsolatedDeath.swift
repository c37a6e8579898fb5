import CSandbox
import Glibc
import SearchCore

/// Why a worker process ended, and what to tell the user about it.
struct IsolatedDeath: Sendable {
    enum Cause: Sendable {
        /// It ended by itself: see `status`.
        case ended
        case timedOut(seconds: Double)
        case badMessage(String)
        case tooManyMessages(Int)
        /// It closed its socket and continued.
        case hungUp
        /// The host did not need it any more.
        case idle
        /// It could not be started.
        case notStarted(StratagemError)
        /// The plugin cannot be loaded; the worker gives the reason.
        case refused(String)
    }

    var cause: Cause
    /// The status that `wait` returned.
    var status: Int32 = 0
    var peakBytes = 0
    /// The message that its signal handler wrote.
    var lastWords: stg_crash_message?

    /// - Parameters:
    ///   - plugin: its name.
    ///   - call: the function that was running when it died ("next").
    func error(plugin: String, call: String?, memoryMax: Int) -> StratagemError {
        if case .notStarted(let why) = cause { return why }
        let (code, words) = words(call: call, memoryMax: memoryMax)
        return StratagemError(.plugin, code, "plugin '\(plugin)' \(words)")
    }

    /// A code, and a text that follows the plugin's name or path.
    func words(call: String?, memoryMax: Int) -> (code: ErrorCode, words: String) {
        let place = call.map { "in \($0)" } ?? "between calls"
        switch cause {
        case .notStarted(let why): return (why.code, "cannot be isolated: \(why.message)")
        case .refused(let reason): return (.pluginRefused, reason)
        case .timedOut(let seconds):
            return (
                .timedOut,
                "did not return from \(call ?? "a call") within \(seconds) s, and its process was killed; it must return at once and never wait"
            )
        case .badMessage(let reason):
            return (.badMessage, "sent the host an invalid message, \(place): \(reason). Its process was killed")
        case .tooManyMessages(let count):
            return (.tooManyMessages, "sent the host more than \(count) messages \(place), and its process was killed")
        case .hungUp: return (.crashed, "closed its connection to the host \(place), and its process was killed")
        case .idle: return (.crashed, "was not needed any more, and its process was ended \(place)")
        case .ended: return ended(place, memoryMax)
        }
    }

    private func ended(_ place: String, _ memoryMax: Int) -> (code: ErrorCode, words: String) {
        let signal = status & 0x7F
        guard signal != 0 else {
            return (
                .crashed, "ended its process \(place), by exit(\(status >> 8 & 0xFF)); a plugin returns to its host"
            )
        }
        let name = Self.names[signal] ?? "signal \(signal)"
        if signal == SIGSYS {
            let what = forbiddenCall ?? "which one is not known, because its thread had blocked all signals"
            return (.forbiddenCall, "made a system call that is not allowed in isolation: \(what) (\(name), \(place))")
        }
        if isOutOfMemory(memoryMax) {
            return (.outOfMemory, "used all its memory of \(memoryMax >> 20) MiB and crashed \(place) (\(name))")
        }
        let address =
            signal == SIGSEGV || signal == SIGBUS
            ? lastWords.map { " at address 0x\(String($0.address, radix: 16))" } ?? "" : ""
        return (.crashed, "crashed \(place): \(name)\(address)")
    }

    /// For example `openat (for writing) "/etc/passwd"`; nil if the handler could not tell.
    private var forbiddenCall: String? {
        guard var call = lastWords?.call, call.number >= 0 else { return nil }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
            guard let text = buffer.baseAddress else { return nil }
            let count = stg_sandbox_describe_call(&call, text, buffer.count)
            return String(decoding: UnsafeRawBufferPointer(start: text, count: count), as: UTF8.self)
        }
    }

    /// A process is not told that it died for lack of memory, so this checks whether it was close to its limit.
    private func isOutOfMemory(_ memoryMax: Int) -> Bool {
        if let lastWords { return Int(clamping: lastWords.memory_bytes) > memoryMax / 10 * 9 }
        // The kernel's figure begins with the memory that the host had when it started the worker, so it says nothing
        // if the host itself is as large.
        var own = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &own) == 0, Int(own.ru_maxrss) << 10 < memoryMax / 10 * 9
        else { return false }
        return peakBytes > memoryMax / 10 * 9
    }

    private static let names: [Int32: String] = [
        SIGSEGV: "SIGSEGV, invalid memory access", SIGBUS: "SIGBUS, invalid memory access",
        SIGILL: "SIGILL, illegal instruction (a Swift trap)",
        SIGTRAP: "SIGTRAP, a trap", SIGFPE: "SIGFPE, arithmetic error",
        SIGABRT: "SIGABRT, it called abort (an uncaught exception, a failed assertion, a damaged heap)",
        SIGKILL: "SIGKILL, it was killed (by the system, if memory was short)", SIGSYS: "SIGSYS",
        SIGXFSZ: "SIGXFSZ, it wrote to a file",
        SIGPIPE: "SIGPIPE", SIGTERM: "SIGTERM", SIGXCPU: "SIGXCPU",
    ]
}
