import Engine
import Foundation
import Glibc
import SearchCore
import Server
import Studies
import Synchronization

/// Results go to standard output, everything else to standard error. Nothing else in the
/// program writes to either: here, and only here, what a terminal would act upon is made
/// plain (``Plain``, ``Emphasis``). Names and messages come from files, models, servers
/// and plugins, and nobody can say of a text whether one is in it.
///
/// Written with write(2): FileHandle ends the process on a closed pipe, and print
/// hides a full disk.
enum Output {
    /// A result, with a line feed after it.
    static func line(_ text: String) { text.hasSuffix("\n") ? self.text(text) : self.text(text + "\n") }

    /// A result.
    static func text(_ text: String) { result(Emphasis.plain(text, colours: Style.standardOutput.isOn)) }

    /// A result for programs: exactly this JSON, with a line feed after it. What a terminal
    /// would act upon is escaped as JSON escapes it.
    static func json(_ json: String) { result(Plain.json(json.hasSuffix("\n") ? json : json + "\n")) }

    /// A reader that has gone away ends the process as SIGPIPE would.
    private static func result(_ text: String) {
        takeBackDrawn()
        switch write(text, to: STDOUT_FILENO) {
        case 0: return
        case EPIPE: exit(128 + SIGPIPE)
        case let code:
            note("stratagem: standard output cannot be written: \(String(cString: strerror(code)))")
            exit(ExitStatus.failed)
        }
    }

    /// A message. Nobody is told if it cannot be written.
    static func note(_ text: String) {
        let text = Emphasis.plain(text, colours: Style.standardError.isOn) + "\n"
        if waitsForNobody.load(ordering: .acquiring) { return queue.add(text) }
        takeBackDrawn()
        _ = write(text, to: STDERR_FILENO)
    }

    /// From now on nobody who has a message waits until it is read: for a program that serves others.
    static func waitForNobody() { waitsForNobody.store(true, ordering: .releasing) }

    /// Before the process ends: what waits is written, if somebody reads it.
    static func flush(seconds: Double) {
        if waitsForNobody.load(ordering: .acquiring) { queue.flush(seconds: seconds) }
    }

    private static let waitsForNobody = Atomic<Bool>(false)
    private static let queue = NoteQueue {
        _ = write($0, to: STDERR_FILENO)
    } gap: {
        "stratagem: \(Readable.count($0, "message")) had to be dropped here, because nobody read standard error\n"
    }

    static func error(_ error: StratagemError) {
        warning("\(Style.standardError.red(error.origin.rawValue)): \(error.message) [\(error.code)]")
    }

    /// A message of this program's, in its name.
    static func warning(_ text: String) { note("stratagem: \(within(text))") }

    /// Further lines are set in, so that no text can pose as a message or a result of its
    /// own; and what is endless is cut.
    private static func within(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let shown = lines.prefix(linesMax).map {
            $0.unicodeScalars.count > Plain.lineMax ? String($0.unicodeScalars.prefix(Plain.lineMax)) + "…" : String($0)
        }
        return shown.joined(separator: "\n    ")
            + (lines.count > linesMax ? "\n    … (\(lines.count - linesMax) more lines)" : "")
    }

    private static let linesMax = 40

    /// Draws over what was drawn last on a terminal's standard error: goes up `lines` lines,
    /// clears from there on, and writes `text`.
    static func draw(_ text: String, over lines: Int = 0) {
        isDrawn.store(lines == 0 && !text.isEmpty, ordering: .relaxed)
        let back = lines > 0 ? "\u{1B}[\(lines)A" : ""
        _ = write("\r\(back)\u{1B}[J" + Emphasis.plain(text, colours: Style.standardError.isOn), to: STDERR_FILENO)
    }

    /// A line of progress is on the terminal, without a line feed.
    private static let isDrawn = Atomic<Bool>(false)

    /// What is written next stands in its own line.
    private static func takeBackDrawn() {
        if isDrawn.exchange(false, ordering: .relaxed) { _ = write("\r\u{1B}[J", to: STDERR_FILENO) }
    }

    /// Where an engine's log goes.
    static func log(_ level: LogLevel, _ text: String) { warning(text) }

    /// - Returns: 0, or errno.
    static func write(_ text: String, to descriptor: Int32) -> Int32 {
        ProcessEnd.waitIfBegun()
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
