import Foundation

/// As much of an ELF file (64 bit, little-endian) as these tests ask about.
struct ELFFile {
    private let bytes: [UInt8]
    private let sections: [(type: UInt32, offset: Int, size: Int, link: Int)]

    init(path: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes = [UInt8](data)
        guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]) else {
            throw Failure("\(path) is not a 64-bit ELF file")
        }
        let table = Int(bytes.integer(40, as: UInt64.self))
        sections = [UInt8](data).withUnsafeBytes { raw in
            (0..<Int(raw.loadUnaligned(fromByteOffset: 60, as: UInt16.self))).map { index in
                let at = table + 64 * index
                return (
                    raw.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self),
                    Int(raw.loadUnaligned(fromByteOffset: at + 24, as: UInt64.self)),
                    Int(raw.loadUnaligned(fromByteOffset: at + 32, as: UInt64.self)),
                    Int(raw.loadUnaligned(fromByteOffset: at + 40, as: UInt32.self))
                )
            }
        }
    }

    /// Names of the global symbols that it defines.
    func exports() throws -> [String] {
        let symbols = try section(11)  // SHT_DYNSYM
        return stride(from: symbols.offset, to: symbols.offset + symbols.size, by: 24).compactMap { at in
            let isLocal = bytes[at + 4] >> 4 == 0
            let isDefined = bytes.integer(at + 6, as: UInt16.self) != 0
            return isDefined && !isLocal ? text(symbols.link, Int(bytes.integer(at, as: UInt32.self))) : nil
        }
    }

    /// Names of the libraries that it loads.
    func needed() throws -> [String] {
        try dynamic().filter { $0.tag == 1 }.map { text(try section(6).link, Int($0.value)) }
    }

    /// Linked with `-z nodelete`.
    func isNeverUnloaded() throws -> Bool {
        try dynamic().contains { $0.tag == 0x6FFF_FFFB && $0.value & 8 != 0 }
    }

    var hasExecutableStack: Bool {
        let (table, count) = (Int(bytes.integer(32, as: UInt64.self)), Int(bytes.integer(56, as: UInt16.self)))
        let stack = (0..<count).first { bytes.integer(table + 56 * $0, as: UInt32.self) == 0x6474_E551 }
        return stack.map { bytes.integer(table + 56 * $0 + 4, as: UInt32.self) & 1 != 0 } ?? true
    }

    private func dynamic() throws -> [(tag: UInt64, value: UInt64)] {
        let section = try section(6)  // SHT_DYNAMIC
        return stride(from: section.offset, to: section.offset + section.size, by: 16).map {
            (bytes.integer($0, as: UInt64.self), bytes.integer($0 + 8, as: UInt64.self))
        }
    }

    private func section(_ type: UInt32) throws -> (type: UInt32, offset: Int, size: Int, link: Int) {
        guard let found = sections.first(where: { $0.type == type }) else {
            throw Failure("no section of type \(type)")
        }
        return found
    }

    private func text(_ section: Int, _ offset: Int) -> String {
        let start = sections[section].offset + offset
        return String(decoding: bytes[start...].prefix { $0 != 0 }, as: UTF8.self)
    }
}

extension [UInt8] {
    fileprivate func integer<T: FixedWidthInteger>(_ offset: Int, as type: T.Type) -> T {
        withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
    }
}
