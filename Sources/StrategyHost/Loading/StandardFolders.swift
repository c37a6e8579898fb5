import Glibc

extension PluginRegistry {
    /// The folders to look for plugins in, the strongest first.
    ///
    /// 1. `explicit`: what `--plugin-path` gave
    /// 2. `STRATAGEM_PATH`, separated by colons
    /// 3. the user's data folder: `stratagem/plugins` in `XDG_DATA_HOME`, or in `~/.local/share`
    /// 4. beside the binary: `plugins`, then the folder itself (where SwiftPM puts `lib*.so`)
    ///
    /// Those of 3 and 4 are listed only if they exist. A set-uid process leaves out 2
    /// and 3: its user chose them, and could borrow its rights through a plugin.
    public static func standardFolders(explicit: [String], environment: [String: String]) -> [String] {
        var folders = explicit
        var usual: [String] = []
        let isPrivileged = getuid() != geteuid() || getgid() != getegid()
        if !isPrivileged {
            folders += (environment["STRATAGEM_PATH"] ?? "").split(separator: ":").map(String.init)
            usual += userFolders(environment)
        }
        if let binary = binaryFolder { usual += [binary + "/plugins", binary] }
        return folders + usual.filter(isFolder)
    }

    private static func userFolders(_ environment: [String: String]) -> [String] {
        if let base = environment["XDG_DATA_HOME"], base.hasPrefix("/") { return [base + "/stratagem/plugins"] }
        if let home = environment["HOME"], home.hasPrefix("/") { return [home + "/.local/share/stratagem/plugins"] }
        return []
    }

    /// Where the running program lies.
    public static var binaryFolder: String? {
        guard let path = realPath("/proc/self/exe"), let slash = path.lastIndex(of: "/") else { return nil }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The path without links and dots, or nil if nothing is there.
    static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a folder, sorted, or why it cannot be read.
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
