import Glibc

/// Each request in flight has a connection, and each connection is an open file, of which a process may have 1024
/// unless it asks for more.
enum OpenFiles {
    /// Allows so many connections, beside what else is open, as far as the system lets us.
    static func allow(connections: Int) {
        var limit = rlimit()
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(kind, &limit) == 0 else { return }
        // Twice: one that ends is not closed yet when the next begins.
        let wanted = rlim_t(512 + 2 * connections)
        guard limit.rlim_cur < wanted, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = min(wanted, limit.rlim_max)
        setrlimit(kind, &limit)
    }
}
