import Glibc

/// The properties that change when a file changes, so that a file need not be read to see that it has not changed.
struct ReloadSignature: Sendable, Equatable {
    let path: String
    private let numbers: [Int]
    /// Whether the file was last changed long enough before it was checked that another change would show in its times,
    /// whose clock moves in steps.
    let isSettled: Bool

    /// Nil if there is no such file.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.path = path
        numbers = [
            Int(bitPattern: UInt(status.st_dev)), Int(bitPattern: UInt(status.st_ino)), Int(status.st_size),
            Int(status.st_mode),
            status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
        ]
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        isSettled = now.tv_sec - max(status.st_mtim.tv_sec, status.st_ctim.tv_sec) >= 2
    }

    static func == (a: ReloadSignature, b: ReloadSignature) -> Bool { a.path == b.path && a.numbers == b.numbers }
}
