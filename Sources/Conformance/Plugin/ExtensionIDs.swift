import CStratagem

/// The ids of extensions that a plugin may know: what looks like one in its file.
enum ExtensionIDs {
    typealias Get = @convention(c) (stg_str) -> UnsafeRawPointer?

    /// What stands behind the id in memory.
    enum Ending: CaseIterable { case nul, otherByte, nothing }

    static func named(_ path: String) -> [String] {
        guard let bytes = readFile(path) else { return [] }
        var found: Set<String> = []
        for slash in bytes.indices where bytes[slash] == UInt8(ascii: "/") {
            var (start, end) = (slash, slash + 1)
            while start > 0, isOfName(bytes[start - 1]), slash - start < 100 { start -= 1 }
            while end < bytes.count, (48...57).contains(bytes[end]), end - slash < 6 { end += 1 }
            guard end > slash + 1, slash - start >= 3, bytes[start..<slash].contains(UInt8(ascii: ".")) else {
                continue
            }
            found.insert(String(decoding: bytes[start..<end], as: UTF8.self))
        }
        return Array(found.sorted().prefix(200))
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || byte == 45 || byte == 46
    }

    /// Those that it has a table for.
    static func known(_ path: String, _ get: Get) -> [String] { named(path).filter { table($0, .nul, get) != nil } }

    static func table(_ id: String, _ ending: Ending, _ get: Get) -> UnsafeRawPointer? {
        let tail: [UInt8] =
            switch ending {
            case .nul: [0]
            case .otherByte: [UInt8(ascii: "0"), 0]
            case .nothing: []
            }
        let bytes = Array(id.utf8) + tail
        let pages = Pages(count: bytes.count, label: "an extension's id", atEnd: true)
        pages.start.copyMemory(from: bytes, byteCount: bytes.count)
        return get(stg_str(data: UnsafePointer(pages.start.assumingMemoryBound(to: CChar.self)), size: id.utf8.count))
    }
}
