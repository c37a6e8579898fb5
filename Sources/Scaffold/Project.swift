import Foundation
import Glibc
import SearchCore

/// Writes a new project: all of it, or nothing.
public struct Project: Sendable {
    public let name: ProjectName
    public let language: Language
    /// Absolute.
    public let folder: String
    /// Relative to it, sorted.
    public let files: [String]

    /// - Parameter folder: must be empty or not there yet.
    public static func create(_ name: ProjectName, _ language: Language, in folder: String, from templates: Templates)
        throws(StratagemError) -> Project
    {
        let files = try templates.files(language, name)
        let root = absolute(folder)
        let writer = Writer(root: root)
        do throws(StratagemError) {
            try writer.begin()
            for file in files { try writer.write(file) }
            try writer.finish()
        } catch {
            writer.takeBack()
            throw error
        }
        return Project(name: name, language: language, folder: root, files: files.map(\.path))
    }

    /// Where a project is written until it is whole: what a process that ends meanwhile must remove.
    public static func temporaries(of folder: String) -> [String] {
        [Writer.beside(absolute(folder)), Writer.within(absolute(folder))]
    }

    private static func absolute(_ folder: String) -> String { URL(fileURLWithPath: folder).standardizedFileURL.path }
}

/// Writes beside the project's place and moves it there when it is whole, so that a process that is killed leaves no
/// half of one. Remembers what it made, to take it back if the rest fails.
private final class Writer {
    private let root: String
    /// Where it is written: beside the folder, or in it where it is there already and empty.
    private var part: String
    private var isThere = false
    private var made: [String] = []

    init(root: String) {
        self.root = root
        part = Self.beside(root)
    }

    static func beside(_ root: String) -> String { "\(root).\(getpid()).part" }
    static func within(_ root: String) -> String { "\(root)/.\(getpid()).part" }

    func begin() throws(StratagemError) {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: root, isDirectory: &isFolder) {
            guard isFolder.boolValue else {
                throw Self.refused(.folderExists, "\(root) is a file. Name another folder")
            }
            let names: [String]
            do { names = try FileManager.default.contentsOfDirectory(atPath: root) } catch {
                throw unwritable(root, errno)
            }
            guard names.isEmpty else {
                throw Self.refused(
                    .folderExists,
                    "the folder \(root) is not empty (\(names.sorted().prefix(3).joined(separator: ", "))\(names.count > 3 ? ", …" : "")). Name another one, or empty it"
                )
            }
            isThere = true
            part = Self.within(root)
        }
        try makeFolder(part)
    }

    /// Gives all of it its name.
    func finish() throws(StratagemError) {
        guard isThere else {
            guard Self.move(part, to: root) else { throw unwritable(root, errno) }
            return made = []
        }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: part) } catch { throw unwritable(root, errno) }
        for name in names.sorted() {
            guard Self.move("\(part)/\(name)", to: "\(root)/\(name)") else {
                throw unwritable("\(root)/\(name)", errno)
            }
            made.append("\(root)/\(name)")
        }
        rmdir(part)
        made = []
    }

    /// Never over what came meanwhile.
    private static func move(_ from: String, to path: String) -> Bool {
        guard access(path, F_OK) != 0 else {
            errno = EEXIST
            return false
        }
        return rename(from, path) == 0
    }

    func write(_ file: Templates.File) throws(StratagemError) {
        let path = part + "/" + file.path
        try makeFolder((path as NSString).deletingLastPathComponent)
        // Never over what is there, not even through a link that came meanwhile.
        let descriptor = open(
            path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, file.isExecutable ? 0o777 : 0o666)
        guard descriptor >= 0 else { throw unwritable(path, errno) }
        made.append(path)
        defer { close(descriptor) }
        var rest = Array(file.text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw unwritable(path, errno) }
            rest = rest.dropFirst(count)
        }
    }

    private func makeFolder(_ path: String) throws(StratagemError) {
        guard mkdir(path, 0o777) != 0 else { return made.append(path) }
        switch errno {
        case EEXIST: return
        case ENOENT where path.count > 1:
            try makeFolder((path as NSString).deletingLastPathComponent)
            guard mkdir(path, 0o777) == 0 else { throw unwritable(path, errno) }
            made.append(path)
        case let code: throw unwritable(path, code)
        }
    }

    func takeBack() {
        for path in made.reversed() where unlink(path) != 0 { rmdir(path) }
        made = []
    }

    private func unwritable(_ path: String, _ code: Int32) -> StratagemError {
        let path = path.hasPrefix(part) ? root + path.dropFirst(part.count) : path
        return Self.refused(
            .unwritable,
            "\(path) cannot be made: \(String(cString: strerror(code))). Name a folder that you may write to")
    }

    private static func refused(_ code: ErrorCode, _ message: String) -> StratagemError {
        StratagemError(.user, code, message)
    }
}
