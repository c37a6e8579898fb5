import Engine
import Foundation
import Glibc
import SearchCore

/// Results go to standard output, everything else to standard error.
///
/// Written with write(2): FileHandle ends the process on a closed pipe, and print
/// hides a full disk.
enum Output {
    /// A result, with a line feed after it.
    static func line(_ text: String) { text.hasSuffix("\n") ? self.text(text) : self.text(text + "\n") }

    /// A result. A reader that has gone away ends the process as SIGPIPE would.
    static func text(_ text: String) {
        switch write(text, to: STDOUT_FILENO) {
        case 0: return
        case EPIPE: exit(128 + SIGPIPE)
        case let code:
            note("stratagem: standard output cannot be written: \(String(cString: strerror(code)))")
            exit(ExitStatus.failed)
        }
    }

    /// A message. Nobody is told if it cannot be written.
    static func note(_ text: String) { _ = write(text + "\n", to: STDERR_FILENO) }

    static func error(_ error: StratagemError) {
        let style = Style.standardError
        note("stratagem: \(style.red(error.origin.rawValue)): \(error.message) [\(error.code)]")
    }

    static func warning(_ text: String) { note("stratagem: \(text)") }

    /// Where an engine's log goes.
    static func log(_ level: LogLevel, _ text: String) { warning(text) }

    /// - Returns: 0, or errno.
    static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { write(UnsafeRawBufferPointer($0), to: descriptor) }
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Somebody made the pipe non-blocking.
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&wait, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}
