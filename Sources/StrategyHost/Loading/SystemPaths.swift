import Glibc

/// The system's information about files and folders.
enum SystemPaths {
    /// The folder of the running program.
    static var binaryFolder: String? {
        guard let path = realPath("/proc/self/exe"), let slash = path.lastIndex(of: "/") else { return nil }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The path without links and dots, or nil if there is no such file.
    static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a folder, sorted; throws the reason if the folder cannot be read.
    static func list(_ folder: String) throws(FileReading.Problem) -> [String] {
        guard let directory = opendir(folder) else { throw FileReading.Problem(reason: FileReading.explain(errno)) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            names.append(name)
        }
        return names.sorted()
    }
}
