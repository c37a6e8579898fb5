import Foundation
import Glibc
import SearchCore

/// A file that a run writes at its end. Opened before the run, so that a folder
/// that may not be written to is known before any work is done; complete or not
/// there at all, since it is written beside its place and then moved.
final class OutputFile: Sendable {
    let path: String
    private let descriptor: Int32
    /// Nil for what is not an ordinary file (/dev/stdout, a pipe): written in place.
    private let temporary: String?

    /// - Parameter inputs: files that the run reads, and so may not write over.
    init(_ path: String, for purpose: String, notOver inputs: [String] = []) throws(StratagemError) {
        self.path = path
        try Self.check(path, purpose, inputs)
        var status = stat()
        let isThere = stat(path, &status) == 0
        let isFolder = isThere && status.st_mode & S_IFMT == S_IFDIR
        let inPlace = isThere && status.st_mode & S_IFMT != S_IFREG
        temporary = inPlace ? nil : "\(path).\(getpid()).part"
        let flags = temporary == nil ? O_WRONLY | O_CLOEXEC : O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
        let mayWrite = !isThere || access(path, W_OK) == 0
        descriptor = isFolder || !mayWrite ? -1 : open(temporary ?? path, flags, 0o644)
        guard descriptor >= 0 else {
            let why =
                isFolder ? "it is a folder" : mayWrite ? String(cString: strerror(errno)) : "it may not be changed"
            throw StratagemError(
                .user, .cannotWrite,
                "\(path), for \(purpose), cannot be written: \(why). Name another file, or correct its permissions")
        }
        if let temporary { Interrupt.beforeQuitting { unlink(temporary) } }
    }

    /// Results may be made again; what a run reads, and a study of hours, may not.
    private static func check(_ path: String, _ purpose: String, _ inputs: [String]) throws(StratagemError) {
        if let input = inputs.first(where: { isSame($0, path) }) {
            throw StratagemError(
                .user, .wouldOverwrite,
                "\(path), for \(purpose), is \(input == path ? "also what is read" : "the same file as \(input), which is read"). Name another file"
            )
        }
        if isSQLite(path) {
            throw StratagemError(
                .user, .wouldOverwrite,
                "\(path), for \(purpose), is an SQLite file, perhaps an eval store. Name another file, or remove that one first"
            )
        }
    }

    /// What SQLite keeps beside a store that is in use is part of it.
    static func files(ofStores stores: [String]) -> [String] { stores.flatMap { [$0, "\($0)-wal", "\($0)-shm"] } }

    /// Two names of one file are told by what they lead to.
    static func isSame(_ one: String, _ other: String) -> Bool {
        var first = stat(), second = stat()
        guard stat(one, &first) == 0, stat(other, &second) == 0 else { return one == other }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    private static func isSQLite(_ path: String) -> Bool {
        var status = stat()
        // A pipe has no beginning to look at.
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            let file = FileHandle(forReadingAtPath: path)
        else { return false }
        defer { try? file.close() }
        return (try? file.read(upToCount: 16)) == Data("SQLite format 3\0".utf8)
    }

    /// Once: writes all of it and moves it into place.
    func finish(_ text: String) throws(StratagemError) {
        var code = Output.write(text, to: descriptor)
        // What has the name must have its content too, whenever power fails.
        if code == 0, temporary != nil, fsync(descriptor) != 0 { code = errno }
        if close(descriptor) != 0, code == 0 { code = errno }
        if code == 0, let temporary, rename(temporary, path) != 0 { code = errno }
        guard code != 0 else { return }
        if let temporary { unlink(temporary) }
        throw StratagemError(
            .user, .cannotWrite,
            "\(path) could not be written: \(String(cString: strerror(code))). The results are on standard output; free some space and run it again"
        )
    }

    /// Leaves nothing behind.
    func discard() {
        close(descriptor)
        if let temporary { unlink(temporary) }
    }
}
