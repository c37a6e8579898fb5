import CStratagem
import SearchCore

/// What is wrong with bytes from the other side of a worker's socket. The other side may be a plugin that has taken its
/// worker over, so nothing in them is trusted.
struct WireProblem: Error {
    var reason: String
}

/// Writes a message: fixed-width little-endian numbers, and texts preceded by their length.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func reset() { bytes.removeAll(keepingCapacity: true) }

    mutating func put<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func put(_ number: Double) { put(number.bitPattern) }
    mutating func put(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    mutating func put(_ raw: [UInt8]) {
        put(UInt32(clamping: raw.count))
        bytes.append(contentsOf: raw)
    }

    mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            put(UInt32(clamping: utf8.count))
            bytes.append(contentsOf: utf8)
        }
    }

    /// Writes the number of elements, then each of them.
    mutating func put<Element>(_ elements: [Element], _ each: (inout WireWriter, Element) -> Void) {
        put(UInt32(clamping: elements.count))
        for element in elements { each(&self, element) }
    }

    /// Fills in a header that was left blank at the front.
    mutating func overwrite(at offset: Int, with header: WireHeader) {
        bytes.withUnsafeMutableBytes { header.store(in: $0, at: offset) }
    }
}

/// Reads what a ``WireWriter`` wrote. Every length is checked against the bytes that are there.
struct WireReader {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var left: Int { bytes.count - offset }

    mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws(WireProblem) -> Number {
        let width = MemoryLayout<Number>.size
        guard left >= width else { throw WireProblem(reason: "it ends in the middle of a number") }
        defer { offset += width }
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    mutating func double() throws(WireProblem) -> Double { Double(bitPattern: try number(UInt64.self)) }

    mutating func flag() throws(WireProblem) -> Bool {
        switch try number(UInt8.self) {
        case 0: return false
        case 1: return true
        case let other: throw WireProblem(reason: "it has the truth value \(other)")
        }
    }

    mutating func raw() throws(WireProblem) -> [UInt8] { Array(try slice()) }

    mutating func text() throws(WireProblem) -> String {
        guard let text = String(validating: try slice(), as: UTF8.self) else {
            throw WireProblem(reason: "it has a text that is not UTF-8")
        }
        return text
    }

    /// Elements that take at least `least` bytes each, so that a count never reserves more than the message could
    /// contain.
    mutating func list<Element>(least: Int, _ each: (inout WireReader) throws(WireProblem) -> Element)
        throws(WireProblem) -> [Element]
    {
        let count = Int(try number(UInt32.self))
        guard count <= left / max(1, least) else {
            throw WireProblem(reason: "it says that it has \(count) elements, and ends before them")
        }
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try each(&self)) }
        return elements
    }

    func end() throws(WireProblem) {
        guard left == 0 else { throw WireProblem(reason: "it has \(left) bytes too many") }
    }

    private mutating func slice() throws(WireProblem) -> UnsafeRawBufferPointer {
        let count = Int(try number(UInt32.self))
        guard count <= left else { throw WireProblem(reason: "it ends in the middle of a text of \(count) bytes") }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }
}

/// The kind of a message. The numbers are used only between one build of the host and the worker that came with it, and
/// may change with every build.
enum WireKind: UInt8 {
    // To the worker; each of these is answered once, in order.
    case create = 1, tell, destroy
    // From the worker.
    case hello = 16, refused, reply, log
    /// Written by Sources/CSandbox/crash.c.
    case crash = 20
    case trace
}

/// Precedes every message.
struct WireHeader {
    /// "STGW"
    static let magic: UInt32 = 0x5747_5453
    static let size = 24
    /// The longest message that a worker may send: longer than any batch of asks.
    static let lengthMax = AskDecoder.batchBytesMax + Int(STG_MAX_ASKS) * 128

    var kind: WireKind
    /// The payload is in shared memory, and not here: a u64 offset follows instead.
    var isShared = false
    var length: Int
    /// The number of the call: counted by the host, returned by the worker.
    var sequence: UInt32
    var instance: UInt64

    func store(in bytes: UnsafeMutableRawBufferPointer, at offset: Int) {
        bytes.storeBytes(of: Self.magic.littleEndian, toByteOffset: offset, as: UInt32.self)
        bytes.storeBytes(of: kind.rawValue, toByteOffset: offset + 4, as: UInt8.self)
        bytes.storeBytes(of: isShared ? 1 : 0, toByteOffset: offset + 5, as: UInt8.self)
        bytes.storeBytes(of: 0, toByteOffset: offset + 6, as: UInt16.self)
        bytes.storeBytes(of: UInt32(clamping: length).littleEndian, toByteOffset: offset + 8, as: UInt32.self)
        bytes.storeBytes(of: sequence.littleEndian, toByteOffset: offset + 12, as: UInt32.self)
        bytes.storeBytes(of: instance.littleEndian, toByteOffset: offset + 16, as: UInt64.self)
    }

    var encoded: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.size)
        bytes.withUnsafeMutableBytes { store(in: $0, at: 0) }
        return bytes
    }

    init(kind: WireKind, isShared: Bool = false, length: Int, sequence: UInt32, instance: UInt64) {
        (self.kind, self.isShared, self.length, self.sequence, self.instance) = (
            kind, isShared, length, sequence, instance
        )
    }

    /// Reads a header; `bytes` has at least ``size`` of them.
    init(_ bytes: UnsafeRawBufferPointer) throws(WireProblem) {
        var reader = WireReader(bytes)
        guard try reader.number(UInt32.self) == Self.magic else {
            throw WireProblem(reason: "it does not begin like a message")
        }
        let number = try reader.number(UInt8.self)
        guard let kind = WireKind(rawValue: number) else {
            throw WireProblem(reason: "it is of the unknown kind \(number)")
        }
        self.kind = kind
        isShared = try reader.flag()
        guard try reader.number(UInt16.self) == 0 else { throw WireProblem(reason: "its header is damaged") }
        length = Int(try reader.number(UInt32.self))
        guard length <= Self.lengthMax || isShared else {
            throw WireProblem(reason: "it says that it has \(length) bytes; at most \(Self.lengthMax) are taken")
        }
        sequence = try reader.number()
        instance = try reader.number()
    }
}

extension Array where Element == UInt8 {
    /// Removes what has been processed from the front.
    mutating func dropFront(_ count: Int) {
        if count == self.count { removeAll(keepingCapacity: true) } else if count > 0 { removeSubrange(0..<count) }
    }
}
