import Glibc

/// Who could have put a file at its place.
enum PathOwnership {
    /// Why the file at this path should not be run: someone else could have put it there. Nil if nobody else could.
    static func refusal(_ path: String) -> String? {
        guard path.hasPrefix("/"), path != "/" else { return nil }
        let mine = owners()
        var current = path
        while true {
            if let reason = refusal(of: current, isFile: current == path, mine) { return reason }
            guard let slash = current.lastIndex(of: "/"), current != "/" else { return nil }
            current = slash == current.startIndex ? "/" : String(current[..<slash])
        }
    }

    /// Root, the user, and the owner of the program, who could change the program instead.
    private static func owners() -> Set<uid_t> {
        var status = stat()
        var owners: Set<uid_t> = [0, geteuid()]
        if stat("/proc/self/exe", &status) == 0 { owners.insert(status.st_uid) }
        return owners
    }

    private static func refusal(of path: String, isFile: Bool, _ mine: Set<uid_t>) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let what = isFile ? "" : "lies in \(path), which "
        guard mine.contains(status.st_uid) else {
            return
                "\(what)belongs to user \(status.st_uid), not to you or root; copy it to your own folder if you want to run it"
        }
        // In a sticky folder such as /tmp nobody can replace another's file.
        let isOpen = status.st_mode & S_IWOTH != 0
        let isSticky = !isFile && status.st_mode & S_ISVTX != 0
        guard !isOpen || isSticky else {
            return
                "\(what)can be written by everyone (mode \(String(status.st_mode & 0o7777, radix: 8))); run chmod o-w \(path) if its contents are yours"
        }
        return nil
    }
}
