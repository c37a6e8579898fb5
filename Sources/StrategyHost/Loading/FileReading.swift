import Glibc
import SearchCore

/// Reads a whole regular file, or says why it cannot. Used for every file that a user names: a plugin, and the file of
/// a `file` parameter.
///
/// Opening never blocks (as a FIFO without a writer would) and never follows a loop of links. The kind of file is
/// determined from the open descriptor, so the file cannot be swapped between the check and the read.
enum FileReading {
    /// Why a file was not read, in words that finish "… `path` ".
    struct Problem: Error { var reason: String }

    static func regularFile(_ path: String, bytesMax: Int) throws(Problem) -> [UInt8] {
        guard !path.utf8.contains(0) else { throw Problem(reason: "has a NUL byte in its name") }
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw Problem(reason: explain(errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Problem(reason: explain(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Problem(reason: "is \(kind(status.st_mode)), not a regular file")
        }
        guard status.st_size <= bytesMax else {
            throw Problem(reason: "has \(status.st_size) bytes; at most \(bytesMax) are read")
        }
        return try readAll(descriptor, expected: Int(status.st_size), bytesMax: bytesMax)
    }

    /// Reads to the end of the file: a file in /proc reports the size 0, and a file may grow meanwhile.
    private static func readAll(_ descriptor: Int32, expected: Int, bytesMax: Int) throws(Problem) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: expected + 1)
        var filled = 0
        while true {
            if filled == bytes.count {
                guard filled <= bytesMax else { throw Problem(reason: "grew past \(bytesMax) bytes while it was read") }
                bytes.append(contentsOf: repeatElement(0, count: max(4096, filled)))
            }
            let got = bytes.withUnsafeMutableBytes { buffer in
                read(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
            }
            if got == 0 { break }
            if got < 0 {
                if errno == EINTR { continue }
                throw Problem(reason: explain(errno))
            }
            filled += got
        }
        guard filled <= bytesMax else { throw Problem(reason: "grew past \(bytesMax) bytes while it was read") }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }

    static func explain(_ code: Int32) -> String {
        switch code {
        case ENOENT: "does not exist"
        case ELOOP: "is a symbolic link that leads back to itself"
        case EACCES, EPERM: "may not be read (check its permissions)"
        case ENXIO: "is a socket or a device, not a regular file"
        default: "cannot be read: \(String(cString: strerror(code)))"
        }
    }

    private static func kind(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "a directory"
        case S_IFIFO: "a named pipe"
        case S_IFCHR, S_IFBLK: "a device"
        case S_IFSOCK: "a socket"
        default: "something special"
        }
    }
}
