import Glibc

/// Memory in its own pages: what a plugin is given can be made read-only, be
/// taken away when the call is over, and end where the next page faults.
final class Pages {
    private static let page = 4096
    private let base: UnsafeMutableRawPointer
    private let length: Int
    let start: UnsafeMutableRawPointer
    let count: Int

    /// Room for `count` bytes. `label` is what a fault in it, or in the page behind
    /// it, is called in a report.
    /// - Parameter atEnd: the last byte is the last of its page, and a page without
    ///   access follows. The start is then only as aligned as `count` is.
    init(count: Int, label: String, atEnd: Bool) {
        self.count = count
        let used = max(1, (count + Self.page - 1) / Self.page) * Self.page
        length = used + Self.page
        guard let map = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), map != MAP_FAILED
        else {
            fatalError("the kit is out of memory (\(length) bytes)")
        }
        base = map
        mprotect(map + used, Self.page, PROT_NONE)
        start = atEnd ? map + (used - count) : map
        FaultReport.watch(base, length, label)
    }

    func makeReadOnly() { mprotect(base, length - Self.page, PROT_READ) }
    /// No access from now on; the addresses are never used again.
    func takeAway() { mprotect(base, length - Self.page, PROT_NONE) }
}
