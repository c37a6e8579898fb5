import Foundation
import Glibc
import Testing

/// A terminal that a test looks at: what openpty(3) does; Swift sees neither it nor ptsname(3).
final class PseudoTerminal {
    private let descriptor: Int32
    private let side: FileHandle

    init() throws {
        let (unlockRequest, numberRequest): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
        descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (lock, number): (Int32, Int32) = (0, -1)
        try #require(
            descriptor >= 0 && ioctl(descriptor, unlockRequest, &lock) == 0
                && ioctl(descriptor, numberRequest, &number) == 0)
        side = try #require(FileHandle(forUpdatingAtPath: "/dev/pts/\(number)"))
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit { close(descriptor) }

    /// The program, with this terminal as its own.
    func start(_ arguments: [String], in command: Command) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Command.program)
        process.arguments = arguments
        process.environment = [
            "PATH": "/usr/bin:/bin", "HOME": command.folder.path, "TMPDIR": command.folder.path, "TERM": "xterm",
        ]
        (process.standardOutput, process.standardError, process.standardInput) = (side, side, side)
        try process.run()
        return process
    }

    /// What was written to it since the last time.
    func read() -> String {
        var (shown, chunk) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
        while case let count = Glibc.read(descriptor, &chunk, chunk.count), count > 0 { shown += chunk[..<count] }
        return String(decoding: shown, as: UTF8.self)
    }
}
