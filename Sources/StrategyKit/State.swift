/// Writes a strategy's state as bytes: little-endian, the same on every machine.
public struct StateWriter {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public mutating func write(_ value: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift))) }
    }
    public mutating func write(_ value: Int) { write(UInt64(bitPattern: Int64(value))) }
    public mutating func write(_ value: Double) { write(value.bitPattern) }
    public mutating func write(_ node: NodeID) { write(node.raw) }
    public mutating func write(_ nodes: [NodeID]) {
        write(nodes.count)
        for node in nodes { write(node) }
    }
}

/// Reads what a `StateWriter` wrote. The bytes may come from anybody, so every read checks them.
public struct StateReader {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The error to throw when bytes can be read but make no sense.
    public static var damaged: StrategyError {
        StrategyError("the saved state is damaged", status: STG_INVALID_ARGUMENT)
    }

    public mutating func readUInt64() throws -> UInt64 {
        guard bytes.count - position >= 8 else { throw Self.damaged }
        defer { position += 8 }
        return (0..<8).reduce(0) { $0 | UInt64(bytes[position + $1]) << UInt64(8 * $1) }
    }

    /// A whole number in `range`.
    public mutating func readInt(in range: ClosedRange<Int>) throws -> Int {
        let value = Int(Int64(bitPattern: try readUInt64()))
        guard range.contains(value) else { throw Self.damaged }
        return value
    }

    public mutating func readDouble() throws -> Double { Double(bitPattern: try readUInt64()) }
    public mutating func readNode() throws -> NodeID { NodeID(try readUInt64()) }

    public mutating func readNodes() throws -> [NodeID] {
        // Limited by the bytes that are there, before anything is allocated.
        let count = try readInt(in: 0...(bytes.count - position) / 8)
        var nodes: [NodeID] = []
        nodes.reserveCapacity(count)
        for _ in 0..<count { nodes.append(try readNode()) }
        return nodes
    }

    /// Throws if any bytes are left.
    func finish() throws {
        guard position == bytes.count else { throw Self.damaged }
    }
}
