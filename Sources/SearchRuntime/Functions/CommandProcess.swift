import CSandbox
import Foundation
import LanguageModels

/// Wakes a thread that polls.
final class CommandWakeup: Sendable {
    let descriptor: Int32

    init() { descriptor = stg_wakeup() }
    deinit { close(descriptor) }

    func wake() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    func drain() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }

    /// - Parameter end: nil: as long as it takes.
    func wait(until end: ContinuousClock.Instant?) {
        var one = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&one, 1, Self.milliseconds(until: end))
        drain()
    }

    static func milliseconds(until end: ContinuousClock.Instant?) -> Int32 {
        guard let end else { return -1 }
        return Int32(max(0, min(3_600_000, ((end - .now) / .milliseconds(1)).rounded(.up))))
    }
}

/// A running command, used by one thread.
final class CommandProcess {
    struct Problem: Error { var what: String }

    /// A line is one answer: values for the steps of one solution.
    static let lineMax = 1 << 20
    private static let wordsMax = 2048

    private var program = stg_program()
    /// Also before it has begun: if it cannot be started, this object is released at once.
    private var isOver = true
    /// What is still to be written.
    private var outgoing: [UInt8] = []
    private var incoming: [UInt8] = []
    private var errors: [UInt8] = []

    init(_ command: LanguageModels.Bundle.Command) throws(Problem) {
        let words = command.arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        let error = stg_program_start(words, command.folder, &program)
        guard error == 0 else { throw Problem(what: String(cString: strerror(error)).lowercased()) }
        isOver = false
    }

    deinit { _ = end(patience: 0) }

    static func blockPipeSignal() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    func write(_ bytes: [UInt8]) { outgoing += bytes }

    /// Waits until the program can be written to or has written, or somebody wakes this thread, and moves bytes.
    /// - Returns: false once the program has closed its output.
    func exchange(wakeup: CommandWakeup, until end: ContinuousClock.Instant?) -> Bool {
        var polled = [
            pollfd(fd: wakeup.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: program.output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: program.errors, events: Int16(POLLIN), revents: 0),
            pollfd(fd: outgoing.isEmpty ? -1 : program.input, events: Int16(POLLOUT), revents: 0),
        ]
        // A program that has closed its errors would wake this thread without end.
        if hasClosedErrors { polled[2].fd = -1 }
        _ = poll(&polled, UInt(polled.count), CommandWakeup.milliseconds(until: end))
        if polled[0].revents != 0 { wakeup.drain() }
        if polled[2].revents != 0 { hasClosedErrors = !Self.read(program.errors, into: &errors) }
        errors.removeFirst(max(0, errors.count - Self.wordsMax))
        if polled[3].revents != 0 { flush() }
        return polled[1].revents == 0 || Self.read(program.output, into: &incoming)
    }

    private var hasClosedErrors = false

    private func flush() {
        let count = outgoing.withUnsafeBytes { Glibc.write(program.input, $0.baseAddress, min($0.count, 1 << 16)) }
        if count > 0 { outgoing.removeFirst(count) }
        // It does not read any more: its output will end, or its time.
        if count < 0, errno != EAGAIN, errno != EINTR { outgoing = [] }
    }

    /// Returns false at the end.
    private static func read(_ descriptor: Int32, into bytes: inout [UInt8]) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count > 0 { bytes += buffer.prefix(count) }
        return count > 0 || count < 0 && (errno == EAGAIN || errno == EINTR)
    }

    /// Whole lines that it wrote since the last call; empty ones are left out.
    func takeLines() -> [[UInt8]] {
        guard let last = incoming.lastIndex(of: 10) else { return [] }
        let lines = incoming[..<last].split(separator: 10).map { Array($0) }
        incoming.removeFirst(last + 1)
        return lines.filter { !$0.allSatisfy { $0 == 32 || $0 == 13 || $0 == 9 } }
    }

    var hasTooLongLine: Bool { incoming.count > Self.lineMax }

    /// The end of what it wrote to its standard error, on one line.
    var lastWords: String {
        let lines = String(decoding: errors, as: UTF8.self).split(separator: "\n").filter { !$0.isEmpty }
        return lines.suffix(1).joined().trimmingCharacters(in: .whitespaces).prefix(400).description
    }

    /// Ends it and says how it ended.
    func end(patience: Int32) -> String {
        guard !isOver else { return "ended" }
        isOver = true
        // What it wrote last says why it ends.
        while Self.readMore(program.errors, into: &errors) {}
        var status: Int32 = 0
        stg_program_end(&program, patience, &status)
        let signal = status & 0x7F
        return signal == 0 ? "ended with status \(status >> 8 & 0xFF)" : "was ended by signal \(signal)"
    }

    private static func readMore(_ descriptor: Int32, into bytes: inout [UInt8]) -> Bool {
        let before = bytes.count
        return read(descriptor, into: &bytes) && bytes.count > before && bytes.count < wordsMax * 4
    }
}
