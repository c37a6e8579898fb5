import Glibc
import SearchCore

/// The plugin's output, split into lines and labelled. It goes to the host's log and never to its standard output.
struct IsolatedPrints {
    /// The largest number of lines that is logged.
    static let linesMax = 1000
    static let lineBytesMax = 4096

    /// Which of the plugin's outputs it is.
    let label: String
    /// The plugin's name, once it is known.
    private let name: @Sendable () -> String
    private let log: (@Sendable (Int32, String) -> Void)?
    private(set) var isOpen = true
    private var line: [UInt8] = []
    private var lines = 0

    init(label: String, name: @escaping @Sendable () -> String, log: (@Sendable (Int32, String) -> Void)?) {
        (self.label, self.name, self.log) = (label, name, log)
    }

    /// Reads what is available. The output is always read, so that the plugin never waits.
    mutating func take(_ descriptor: Int32) {
        guard isOpen else { return }
        let got = withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 1) { buffer -> Int in
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count > 0 { add(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
            return count
        }
        if got == 0 || got < 0 && errno != EAGAIN && errno != EINTR { isOpen = false }
    }

    private mutating func add(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") { end() } else if line.count < Self.lineBytesMax { line.append(byte) }
        }
    }

    private mutating func end() {
        defer { line.removeAll(keepingCapacity: true) }
        lines += 1
        guard lines <= Self.linesMax + 1 else { return }
        guard lines <= Self.linesMax else {
            log?(2, "plugin '\(name())' (\(label)): more than \(Self.linesMax) lines; the rest is dropped")
            return
        }
        log?(1, "plugin '\(name())' (\(label)): \(Plain.line(String(decoding: line, as: UTF8.self)))")
    }

    /// The process is about to end: reads the rest.
    mutating func finish(_ descriptor: Int32) {
        for _ in 0..<64 where isOpen {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 0) > 0 else { break }
            take(descriptor)
        }
        if !line.isEmpty { end() }
    }
}
