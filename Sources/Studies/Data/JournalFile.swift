import Foundation
import Locking
import SearchCore

/// A file of JSON lines that grows, a line a write: whatever ends the process, only
/// the last line can be half-written, and it is cut off at the next start.
public final class JournalFile: Sendable {
    private struct State {
        var handle: FileHandle
        var failure: StratagemError?
    }

    public let path: String
    private let purpose: String
    private let state: Locked<State>
    /// Nil for what is not an ordinary file.
    private let place: FilePlace?

    /// Reads what is there, then opens it to append.
    ///
    /// - Parameter take: gets every complete line; false refuses a line as foreign.
    public init(_ path: String, purpose: String, take: (Data) throws(StratagemError) -> Bool) throws(StratagemError) {
        self.path = path
        self.purpose = purpose
        let handle = try Self.open(path, purpose)
        do {
            // A device has no lines of ours, and may have no end to read to.
            let bytes = Self.isRegular(path) ? try handle.readToEnd() ?? Data() : Data()
            var kept = 0
            var number = 0
            while let end = bytes[(bytes.startIndex + kept)...].firstIndex(of: 0x0A) {
                let line = bytes[(bytes.startIndex + kept)..<end]
                number += 1
                kept = end - bytes.startIndex + 1
                guard try take(Data(line)) else {
                    throw StratagemError(
                        .user, .badData,
                        "\(path):\(number): this line was not written by \(purpose). Name another file, or remove this one"
                    )
                }
            }
            // A file without a single line feed is not ours to cut.
            guard number > 0 || bytes.isEmpty || bytes.first == UInt8(ascii: "{") else {
                throw StratagemError(
                    .user, .badData, "\(path): this file was not written by \(purpose). Name another one")
            }
            if kept < bytes.count { try handle.truncate(atOffset: UInt64(kept)) }
            if kept > 0 { try handle.seek(toOffset: UInt64(kept)) }
        } catch let error as StratagemError {
            throw error
        } catch {
            throw Self.refuse(path, purpose, error)
        }
        state = Locked(State(handle: handle))
        place = FilePlace(path)
    }

    /// Written whole before it returns. After an error nothing more is written.
    public func append(_ line: Data) {
        state.withLock { state in
            guard state.failure == nil else { return }
            do {
                try state.handle.write(contentsOf: line + [0x0A])
            } catch {
                state.failure = StratagemError(
                    .user, .cannotWrite,
                    "\(path), for \(purpose), can no longer be written: \(Self.reason(error)). Its lines are safe; free some space, and the same command continues from there"
                )
            }
            notice(&state)
        }
    }

    /// Why nothing more is written: the disk, or somebody who took the file away.
    public var failure: StratagemError? {
        state.withLock { state in
            notice(&state)
            return state.failure
        }
    }

    /// A file that was removed would take every line and keep none.
    private func notice(_ state: inout State) {
        guard state.failure == nil, let change = place?.change else { return }
        let what = "\(path), for \(purpose), \(change) while it was being written"
        do {
            try state.handle.seek(toOffset: 0)
            let bytes = try state.handle.readToEnd() ?? Data()
            let copy = try Self.save(bytes, of: path)
            state.failure = StratagemError(
                .user, .fileGone,
                "\(what). All its lines are in \(copy): move that file to its place, and the same command continues from there"
            )
        } catch {
            state.failure = StratagemError(
                .user, .fileGone,
                "\(what), and its lines could not be copied: \(Self.reason(error)). They are lost; the same command starts again"
            )
        }
    }

    /// Beside the file's place, or among the temporary files.
    private static func save(_ bytes: Data, of path: String) throws -> String {
        let url = URL(fileURLWithPath: path)
        let name = "\(url.lastPathComponent).\(getpid()).saved"
        let beside = url.deletingLastPathComponent().appendingPathComponent(name)
        if (try? bytes.write(to: beside, options: .atomic)) != nil { return beside.path }
        let temporary = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        try bytes.write(to: temporary, options: .atomic)
        return temporary.path
    }

    private static func open(_ path: String, _ purpose: String) throws(StratagemError) -> FileHandle {
        var isFolder: ObjCBool = false
        let isThere = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard !isFolder.boolValue else {
            throw StratagemError(.user, .cannotWrite, "\(path), for \(purpose), is a folder. Name a file")
        }
        do {
            if !isThere { try Data().write(to: URL(fileURLWithPath: path), options: .withoutOverwriting) }
            return try FileHandle(forUpdating: URL(fileURLWithPath: path))
        } catch {
            throw refuse(path, purpose, error)
        }
    }

    private static func isRegular(_ path: String) -> Bool {
        let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        return type == .typeRegular
    }

    private static func refuse(_ path: String, _ purpose: String, _ error: any Error) -> StratagemError {
        StratagemError(
            .user, .cannotWrite,
            "\(path), for \(purpose), cannot be written: \(reason(error)). Name another file, or correct its permissions"
        )
    }

    /// What the system says, without Foundation's wrapping.
    private static func reason(_ error: any Error) -> String {
        let inner = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
        guard inner.domain == NSPOSIXErrorDomain else { return inner.localizedDescription }
        return unsafe String(cString: strerror(Int32(inner.code))).lowercased()
    }
}
