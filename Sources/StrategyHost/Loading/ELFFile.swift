/// The part of an ELF file that tells whether it can be a plugin, read without running any of its code: `dlopen` runs
/// constructors, and with a truncated file it dies of SIGBUS.
///
/// Every offset in the file is untrusted: sums are checked for overflow, and every read is checked against the end of
/// the file.
struct ELFFile {
    /// Why the file cannot be a plugin: what was expected, what was found, and what to do.
    struct Problem: Error, Equatable { var reason: String }

    private let bytes: [UInt8]
    private var sections: [Section] = []

    private struct Section {
        var type: UInt32
        var link: UInt32
        var offset: UInt64
        var size: UInt64
        var entrySize: UInt64
    }

    #if arch(x86_64)
    static let hostMachine: UInt16 = 62
    #elseif arch(arm64)
    static let hostMachine: UInt16 = 183
    #else
    #error("say here which e_machine this architecture has")
    #endif

    private static let machineNames: [UInt16: String] = [
        3: "x86 (32 bits)", 8: "MIPS", 21: "PowerPC 64", 22: "s390x", 40: "ARM (32 bits)", 62: "x86-64",
        183: "AArch64", 243: "RISC-V", 258: "LoongArch",
    ]

    static func machineName(_ machine: UInt16) -> String { machineNames[machine] ?? "machine number \(machine)" }

    /// Checks that `bytes` are a complete shared object for this machine.
    init(_ bytes: [UInt8]) throws(Problem) {
        self.bytes = bytes
        try checkIdentity()
        try checkSegments()
        sections = try readSections()
    }

    // MARK: - Header

    private func checkIdentity() throws(Problem) {
        guard !bytes.isEmpty else {
            throw Problem(reason: "is empty; a plugin is an ELF shared object. Build or copy it again")
        }
        guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
            throw Problem(
                reason: "is not an ELF file (it starts with \(Self.preview(bytes))); "
                    + "a plugin is a shared object, linked with -shared")
        }
        guard bytes.count >= 64 else { throw truncated("its header has 64 bytes") }
        guard bytes[4] == 2 else {
            throw Problem(reason: "is a 32-bit ELF file; this host needs a 64-bit one. Rebuild it")
        }
        guard bytes[5] == 1 else {
            throw Problem(reason: "is a big-endian ELF file; this host is little-endian. Rebuild it")
        }
        guard bytes[6] == 1 else {
            throw Problem(reason: "has ELF version \(bytes[6]); there is only version 1. Rebuild it")
        }
        let machine = try number(18, UInt16.self)
        guard machine == Self.hostMachine else {
            throw Problem(
                reason: "was built for \(Self.machineName(machine)); "
                    + "this host runs on \(Self.machineName(Self.hostMachine)). Rebuild it for this machine")
        }
        let type = try number(16, UInt16.self)
        guard type == 3 else {
            let found = [1: "an object file (.o)", 2: "a program", 4: "a core dump"][type] ?? "of ELF type \(type)"
            throw Problem(reason: "is \(found), not a shared object. Link it with -shared")
        }
    }

    /// Every part that `dlopen` would map must be in the file.
    private func checkSegments() throws(Problem) {
        let offset = try number(32, UInt64.self)
        let entrySize = try number(54, UInt16.self)
        let count = try number(56, UInt16.self)
        guard count > 0, entrySize == 56 else {
            throw Problem(
                reason: "has no usable program headers (\(count) of \(entrySize) bytes). Link it with -shared")
        }
        try requireInside(offset, UInt64(count) * 56, "its program headers")
        var dynamic = false
        for index in 0..<UInt64(count) {
            let at = offset + index * 56
            let type = try number(at, UInt32.self)
            if type == 1 || type == 2 {  // PT_LOAD, PT_DYNAMIC
                try requireInside(number(at + 8, UInt64.self), number(at + 32, UInt64.self), "segment \(index)")
            }
            if type == 2 { dynamic = true }
        }
        guard dynamic else { throw Problem(reason: "has no dynamic section. Link it with -shared") }
    }

    private func readSections() throws(Problem) -> [Section] {
        let offset = try number(40, UInt64.self)
        let entrySize = try number(58, UInt16.self)
        let count = try number(60, UInt16.self)
        guard offset != 0, count > 0, entrySize == 64 else {
            throw Problem(
                reason: "has no section headers, so its exports cannot be read before it is loaded. "
                    + "Use strip, which keeps them")
        }
        try requireInside(offset, UInt64(count) * 64, "its section headers")
        var found: [Section] = []
        for index in 0..<UInt64(count) {
            let at = offset + index * 64
            let section = Section(
                type: try number(at + 4, UInt32.self), link: try number(at + 40, UInt32.self),
                offset: try number(at + 24, UInt64.self), size: try number(at + 32, UInt64.self),
                entrySize: try number(at + 56, UInt64.self))
            // SHT_NULL and SHT_NOBITS (.bss) occupy no space in the file.
            if section.type != 0, section.type != 8 {
                try requireInside(section.offset, section.size, "section \(index)")
            }
            found.append(section)
        }
        return found
    }

    // MARK: - Symbols

    /// True if the file exports a function of this name.
    func exportsFunction(_ name: String) throws(Problem) -> Bool {
        let wanted = Array(name.utf8) + [0]
        for symbols in sections where symbols.type == 11 {  // SHT_DYNSYM
            guard symbols.entrySize == 24, Int(symbols.link) < sections.count else {
                throw Problem(reason: "has a damaged table of dynamic symbols. Build it again")
            }
            let strings = sections[Int(symbols.link)]
            guard strings.type == 3 else {
                throw Problem(reason: "has a damaged table of symbol names. Build it again")
            }
            for index in 0..<(symbols.size / 24) {
                let at = symbols.offset + index * 24
                guard try isExportedFunction(at) else { continue }
                let nameOffset = UInt64(try number(at, UInt32.self))
                guard nameOffset < strings.size, strings.size - nameOffset >= UInt64(wanted.count) else { continue }
                let start = Int(strings.offset + nameOffset)
                if bytes[start..<start + wanted.count].elementsEqual(wanted) { return true }
            }
        }
        return false
    }

    /// Whether the symbol is defined here, is a function, and is global or weak. (The linker has already removed hidden
    /// symbols from the table.)
    private func isExportedFunction(_ at: UInt64) throws(Problem) -> Bool {
        let info = try number(at + 4, UInt8.self)
        let section = try number(at + 6, UInt16.self)
        let binding = info >> 4
        return info & 15 == 2 && (binding == 1 || binding == 2) && section != 0
    }

    // MARK: - Bounds

    private func requireInside(_ offset: UInt64, _ size: UInt64, _ what: String) throws(Problem) {
        let (end, overflow) = offset.addingReportingOverflow(size)
        guard !overflow, end <= UInt64(bytes.count) else {
            throw truncated("\(what) would end at byte \(overflow ? "2⁶⁴ and more" : String(end))")
        }
    }

    private func truncated(_ why: String) -> Problem {
        Problem(reason: "is truncated: it has \(bytes.count) bytes, but \(why). Copy or build it again")
    }

    /// The little-endian number at `offset`.
    private func number<Number: FixedWidthInteger>(_ offset: UInt64, _: Number.Type) throws(Problem) -> Number {
        let width = UInt64(MemoryLayout<Number>.size)
        try requireInside(offset, width, "a field")
        return bytes.withUnsafeBytes {
            Number(littleEndian: $0.loadUnaligned(fromByteOffset: Int(offset), as: Number.self))
        }
    }

    private static func preview(_ bytes: [UInt8]) -> String {
        let first = bytes.prefix(8)
        if first.allSatisfy({ (0x20..<0x7F).contains($0) }) { return "\"\(String(decoding: first, as: UTF8.self))\"" }
        return first.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined(separator: " ")
    }
}
