import Foundation

/// Where a file was when it was opened. Who writes to it for hours would write into nothing if it were removed
/// meanwhile: the system keeps a file for who has it open, without a name.
public struct FilePlace: Sendable {
    public let path: String
    private let device: dev_t
    private let number: ino_t
    private let size: off_t

    /// Nil if nothing is there, or not a regular file.
    public init?(_ path: String) {
        guard let status = Self.status(path), status.st_mode & S_IFMT == S_IFREG else { return nil }
        self.path = path
        (device, number, size) = (status.st_dev, status.st_ino, status.st_size)
    }

    /// "was removed", "was replaced by another file", "was truncated": what happened to it; nil if it is where it was.
    /// Only for files that never become shorter.
    public var change: String? {
        guard let now = Self.status(path) else { return "was removed" }
        guard now.st_dev == device, now.st_ino == number else { return "was replaced by another file" }
        return now.st_size < size ? "was truncated" : nil
    }

    private static func status(_ path: String) -> stat? {
        var found = stat()
        return unsafe stat(path, &found) == 0 ? found : nil
    }
}
