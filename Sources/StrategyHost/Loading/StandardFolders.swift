import Glibc

extension PluginRegistry {
    /// The folders in which plugins are looked for, in order of precedence.
    ///
    /// 1. `explicit`: the arguments of `--plugin-path`
    /// 2. `STRATAGEM_PATH`, separated by colons
    /// 3. the user's data folder: `stratagem/plugins` in `XDG_DATA_HOME`, or in `~/.local/share`
    /// 4. beside the binary: `plugins`, then the folder itself (where SwiftPM puts `lib*.so`)
    ///
    /// Folders of 3 and 4 are listed only if they exist. A set-uid process leaves out 2 and 3: its user chooses these
    /// folders, and could gain the process's rights through a plugin.
    public static func standardFolders(explicit: [String], environment: [String: String]) -> [String] {
        var folders = explicit
        var usual: [String] = []
        let isPrivileged = getuid() != geteuid() || getgid() != getegid()
        if !isPrivileged {
            folders += (environment["STRATAGEM_PATH"] ?? "").split(separator: ":").map(String.init)
            usual += userFolders(environment)
        }
        if let binary = SystemPaths.binaryFolder { usual += [binary + "/plugins", binary] }
        return folders + usual.filter(SystemPaths.isFolder)
    }

    /// The folder of the running program.
    public static var binaryFolder: String? { SystemPaths.binaryFolder }

    private static func userFolders(_ environment: [String: String]) -> [String] {
        if let base = environment["XDG_DATA_HOME"], base.hasPrefix("/") { return [base + "/stratagem/plugins"] }
        if let home = environment["HOME"], home.hasPrefix("/") { return [home + "/.local/share/stratagem/plugins"] }
        return []
    }
}
