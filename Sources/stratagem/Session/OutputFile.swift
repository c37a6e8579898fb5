import Foundation
import Glibc
import SearchCore

/// A file that a run writes at its end. Opened before the run, so that a folder
/// that may not be written to is known before any work is done; complete or not
/// there at all, since it is written beside its place and then moved.
final class OutputFile: Sendable {
    let path: String
    private let descriptor: Int32
    /// Nil for what is no ordinary file (/dev/stdout, a pipe): written in place.
    private let temporary: String?

    init(_ path: String, for purpose: String) throws(StratagemError) {
        self.path = path
        var status = stat()
        let isThere = stat(path, &status) == 0
        let isFolder = isThere && status.st_mode & S_IFMT == S_IFDIR
        let inPlace = isThere && status.st_mode & S_IFMT != S_IFREG
        temporary = inPlace ? nil : "\(path).\(getpid()).part"
        let flags = temporary == nil ? O_WRONLY | O_CLOEXEC : O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
        let mayWrite = !isThere || access(path, W_OK) == 0
        descriptor = isFolder || !mayWrite ? -1 : open(temporary ?? path, flags, 0o644)
        guard descriptor >= 0 else {
            let why = isFolder ? "it is a folder" : mayWrite ? String(cString: strerror(errno)) : "it may not be changed"
            throw StratagemError(.user, "cannot_write", "\(path), for \(purpose), cannot be written: \(why). Name another file, or correct its permissions")
        }
    }

    /// Once: writes all of it and moves it into place.
    func finish(_ text: String) throws(StratagemError) {
        var code = Output.write(text, to: descriptor)
        if close(descriptor) != 0, code == 0 { code = errno }
        if code == 0, let temporary, rename(temporary, path) != 0 { code = errno }
        guard code != 0 else { return }
        if let temporary { unlink(temporary) }
        throw StratagemError(.user, "cannot_write", "\(path) could not be written: \(String(cString: strerror(code))). The results are on standard output; make room and run again")
    }

    /// Leaves nothing behind.
    func discard() {
        close(descriptor)
        if let temporary { unlink(temporary) }
    }
}
