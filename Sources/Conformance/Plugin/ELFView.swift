import Glibc

/// What the linker left in the file: exports, needs, and whether the stack would be
/// made executable. Read from the bytes, nothing of it runs.
struct ELFView {
    private let bytes: [UInt8]
    private(set) var exports: [String] = []
    private(set) var needs: [String] = []
    private(set) var stackIsExecutable = false

    /// Nil if it is not a 64-bit little-endian ELF file whose tables can be read.
    init?(path: String) {
        guard let bytes = readFile(path), bytes.count >= 64, bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]) else {
            return nil
        }
        self.bytes = bytes
        readSegments()
        guard readSections() else { return nil }
    }

    private func number<Number: FixedWidthInteger>(_ offset: Int, _: Number.Type) -> Int? {
        guard offset >= 0, offset <= bytes.count - MemoryLayout<Number>.size else { return nil }
        return bytes.withUnsafeBytes {
            Int(truncatingIfNeeded: Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)))
        }
    }

    private mutating func readSegments() {
        guard let start = number(32, UInt64.self), let count = number(56, UInt16.self) else { return }
        for index in 0..<count {
            let at = start + index * 56
            // PT_GNU_STACK with PF_X.
            if number(at, UInt32.self) == 0x6474_E551, let flags = number(at + 4, UInt32.self), flags & 1 != 0 {
                stackIsExecutable = true
            }
        }
    }

    private mutating func readSections() -> Bool {
        guard let start = number(40, UInt64.self), let count = number(60, UInt16.self), start > 0 else { return false }
        for index in 0..<count {
            let at = start + index * 64
            guard let type = number(at + 4, UInt32.self), let offset = number(at + 24, UInt64.self),
                let size = number(at + 32, UInt64.self),
                let link = number(at + 40, UInt32.self), link < count,
                let strings = number(start + link * 64 + 24, UInt64.self)
            else { return false }
            if type == 11 { readSymbols(offset, size, strings) }
            if type == 6 { readDynamic(offset, size, strings) }
        }
        return true
    }

    private mutating func readSymbols(_ offset: Int, _ size: Int, _ strings: Int) {
        for at in stride(from: offset, to: offset + size, by: 24) {
            guard let name = number(at, UInt32.self), let info = number(at + 4, UInt8.self),
                let other = number(at + 5, UInt8.self),
                let section = number(at + 6, UInt16.self)
            else { return }
            let isVisible = (other & 3 == 0 || other & 3 == 3) && section != 0 && info >> 4 != 0
            // Linkers' own marks are not exports.
            if isVisible, let text = string(strings + name),
                !["_init", "_fini", "_edata", "_end", "__bss_start"].contains(text)
            {
                exports.append(text)
            }
        }
    }

    private mutating func readDynamic(_ offset: Int, _ size: Int, _ strings: Int) {
        for at in stride(from: offset, to: offset + size, by: 16) {
            guard let tag = number(at, UInt64.self), let value = number(at + 8, UInt64.self) else { return }
            if tag == 1, let text = string(strings + value) { needs.append(text) }
        }
    }

    private func string(_ offset: Int) -> String? {
        guard offset >= 0, offset < bytes.count, let end = bytes[offset...].firstIndex(of: 0) else { return nil }
        return String(decoding: bytes[offset..<end], as: UTF8.self)
    }
}

/// The whole of a regular file of at most a gigabyte.
func readFile(_ path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= 1 << 30 else {
        return nil
    }
    let size = Int(status.st_size)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
        filled = 0
        while filled < size {
            let count = read(descriptor, buffer.baseAddress.map { $0 + filled }, size - filled)
            if count <= 0 { break }
            filled += count
        }
    }
}
