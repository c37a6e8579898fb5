import Foundation

/// Where a store's file is, how long it is and when it was written; the same of its log. Tells whoever reads it again
/// and again that there is something new, or another file.
public struct StoreStamp: Equatable, Sendable {
    private struct File: Equatable {
        var device: dev_t
        var number: ino_t
        var size: off_t
        var seconds: Int
        var nanoseconds: Int

        /// Nil: there is none. An empty log is none: whoever reads makes one.
        init?(_ path: String) {
            var status = stat()
            guard unsafe stat(path, &status) == 0, status.st_size > 0 else { return nil }
            (device, number, size) = (status.st_dev, status.st_ino, status.st_size)
            (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
        }
    }

    private let file: File?
    private let log: File?

    public init(_ path: String) { (file, log) = (File(path), File(path + "-wal")) }

    public var isThere: Bool { file != nil }
    /// One of the same name may be another one.
    public func isSameFile(as other: StoreStamp) -> Bool {
        file?.device == other.file?.device && file?.number == other.file?.number
    }
    /// Whatever was added to the log.
    public func isUnchangedFile(as other: StoreStamp) -> Bool { file == other.file }
}

extension Study {
    /// Whether it is `earlier`, perhaps with more problems behind those that it had.
    public func continues(_ earlier: Study) -> Bool {
        var same = self
        (same.problems, same.dataSHA256, same.dataName) = (earlier.problems, earlier.dataSHA256, earlier.dataName)
        return same == earlier && problems.starts(with: earlier.problems)
    }
}
