import CSandbox
import Glibc
import Locking

/// Says which piece of the kit's memory a plugin touched when it may not.
///
/// A fault is answered in the signal's handler, where next to nothing is allowed:
/// so every text is made beforehand and only written there.
enum FaultReport {
    private struct Range {
        var start: UInt
        var end: UInt
        var message: UnsafeMutablePointer<CChar>
        var messageSize: Int
    }

    private static let rangesMax = 8192
    nonisolated(unsafe) private static let ranges = UnsafeMutablePointer<Range>.allocate(capacity: rangesMax)
    nonisolated(unsafe) private static var rangeCount = 0
    nonisolated(unsafe) private static var descriptor: Int32 = -1

    /// The texts made so far. Searches on several threads make them at once.
    private struct Texts {
        var messages: [String: (UnsafeMutablePointer<CChar>, Int)] = [:]
        var calls: [String: UnsafeMutablePointer<CChar>] = [:]
        var subject = ""
    }
    private static let texts = Locked(Texts())

    /// The strategy or function at work, for the report.
    static func begin(_ subject: String) { texts.withLock { $0.subject = subject } }

    static func watch(_ start: UnsafeMutableRawPointer, _ length: Int, _ label: String) {
        guard descriptor >= 0 else { return }
        texts.withLock { texts in
            guard rangeCount < rangesMax else { return }
            let key = texts.subject + "\u{1}" + label
            let (message, size) = texts.messages[key] ?? render(label, texts.subject)
            texts.messages[key] = (message, size)
            ranges[rangeCount] = Range(
                start: UInt(bitPattern: start), end: UInt(bitPattern: start) + UInt(length),
                message: message, messageSize: size)
            rangeCount += 1
        }
    }

    private static func render(_ label: String, _ subject: String) -> (UnsafeMutablePointer<CChar>, Int) {
        let outcome = ChildOutcome(
            status: .failed,
            finding: CheckFinding(
                expected: "\(label) is left alone outside its bounds and its time, and never written to",
                happened: "the plugin touched \(label) where or when it may not (a fault in the kit's guarded memory)",
                subject: subject))
        let text = outcome.encoded
        return (strdup(text), text.utf8.count)
    }

    /// From now on a fault in watched memory is reported to `descriptor`; any other
    /// ends the process by its signal, as it would have. To be called before the process
    /// is confined: afterwards nobody can set a handler for forbidden system calls.
    static func install(descriptor: Int32) {
        self.descriptor = descriptor
        var stack = stack_t()
        let size = 64 << 10
        stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        stack.ss_size = size
        sigaltstack(&stack, nil)
        var action = sigaction()
        action.sa_flags = SA_SIGINFO | Int32(SA_ONSTACK)
        action.__sigaction_handler.sa_sigaction = { signal, info, _ in FaultReport.handle(signal, info) }
        sigaction(SIGSEGV, &action, nil)
        sigaction(SIGBUS, &action, nil)
        action.__sigaction_handler.sa_sigaction = { _, info, context in FaultReport.handleForbiddenCall(info, context) }
        sigaction(SIGSYS, &action, nil)
        stg_sandbox_prepare_reading()
    }

    /// Around the system call's name.
    nonisolated(unsafe) private static let forbidden = (
        strdup(
            "status crashed\nexpected a strategy computes and makes no system call but for memory and threads\nhappened it was ended by SIGSYS: it called "
        ),
        strdup(", which the sandbox does not allow\nend\n")
    )

    private static func handleForbiddenCall(
        _ info: UnsafeMutablePointer<siginfo_t>?, _ context: UnsafeMutableRawPointer?
    ) {
        var call = stg_crash_call()
        if let info, let context { stg_sandbox_read_call(info, context, &call) }
        if let start = forbidden.0, let end = forbidden.1 {
            _ = write(descriptor, start, strlen(start))
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { words in
                guard let text = words.baseAddress else { return }
                let size = stg_sandbox_describe_call(&call, text, words.count)
                // One line of the report: a path may have any bytes.
                for index in 0..<size where text[index] >= 0 && text[index] < 32 {
                    text[index] = CChar(UInt8(ascii: "?"))
                }
                _ = write(descriptor, text, size)
            }
            _ = write(descriptor, end, strlen(end))
        }
        _exit(0)
    }

    /// What a child that dies of a fault writes last: which of the plugin's functions it was in, and whether
    /// the address was that of a null pointer, or a small offset from one.
    nonisolated(unsafe) private static var call: UnsafeMutablePointer<CChar>?
    nonisolated(unsafe) private static let throughNull = strdup(", through a NULL pointer")
    private static let mark = "\nfault "

    /// The plugin's `function` is about to be called.
    static func enter(_ function: String) {
        texts.withLock { texts in
            if texts.calls[function] == nil { texts.calls[function] = strdup("\(mark) in \(function)") }
            call = texts.calls[function]
        }
    }

    /// " in next, through a NULL pointer", of what such a child wrote.
    static func place(in report: String) -> String {
        report.split(separator: "\n").last.flatMap { $0.hasPrefix("fault ") ? String($0.dropFirst(6)) : nil } ?? ""
    }

    private static func handle(_ number: Int32, _ info: UnsafeMutablePointer<siginfo_t>?) {
        let address = UInt(bitPattern: info?.pointee._sifields._sigfault.si_addr)
        var index = rangeCount - 1
        while index >= 0 {
            let range = ranges[index]
            if address >= range.start, address < range.end {
                _ = write(descriptor, range.message, range.messageSize)
                _exit(0)
            }
            index -= 1
        }
        if let call = call { _ = write(descriptor, call, strlen(call)) }
        if address < 65536, let null = throughNull { _ = write(descriptor, null, strlen(null)) }
        var action = sigaction()
        action.__sigaction_handler.sa_handler = SIG_DFL
        sigaction(number, &action, nil)
        // Returning runs the same instruction again, which now ends the process.
    }
}
