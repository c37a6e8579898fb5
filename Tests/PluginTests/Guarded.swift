import Glibc

/// Bytes that end exactly where a page ends, with an unreadable page behind them.
final class Guarded {
    private let pages: UnsafeMutableRawPointer
    private let size: Int
    private let count: Int

    init(_ bytes: [UInt8]) {
        let page = Int(getpagesize())
        count = bytes.count
        size = (bytes.count + page - 1) / page * page + page
        pages = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        (pages + (size - page - count)).copyMemory(from: bytes, byteCount: count)
        mprotect(pages + (size - page), page, PROT_NONE)
    }

    deinit { munmap(pages, size) }

    func withBytes<Result>(_ body: (UnsafePointer<CChar>?) throws -> Result) rethrows -> Result {
        let start = pages + (size - Int(getpagesize()) - count)
        return try body(UnsafePointer(start.assumingMemoryBound(to: CChar.self)))
    }
}
