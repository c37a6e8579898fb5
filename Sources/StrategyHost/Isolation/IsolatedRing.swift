/// Memory that a worker can read. It is handed out in the same order in which it is returned.
///
/// The host writes a large tell here instead of sending it through the socket, and takes the space back when the worker
/// has replied. The host never reads this memory, so it does not matter what a worker could do to it.
struct IsolatedRing {
    /// Payloads of at least this size are sent through this memory.
    static let payloadMin = 64 << 10

    private let start: UnsafeMutableRawPointer
    private let size: Int
    /// The used part is from `tail` up to `head`, and may wrap around the end.
    private var head = 0
    private var tail = 0
    private var taken = 0

    init(start: UnsafeMutableRawPointer, size: Int) {
        (self.start, self.size) = (start, size)
    }

    /// The space that `put` took. Pieces must be returned in the same order.
    struct Piece {
        var offset: Int
        fileprivate var end: Int
    }

    /// Copies the payload into the ring, unless there is no free space in one piece.
    mutating func put(_ payload: [UInt8]) -> Piece? {
        let count = (payload.count + 63) & ~63
        if taken == 0 { (head, tail) = (0, 0) }
        var offset = head
        if head >= tail, !(taken > 0 && head == tail) {
            if count > size - head { offset = 0 }
            if offset == 0, head > 0, count > tail { return nil }
            if count > size { return nil }
        } else if count > tail - head {
            return nil
        }
        payload.withUnsafeBytes { bytes in
            if let source = bytes.baseAddress { (start + offset).copyMemory(from: source, byteCount: bytes.count) }
        }
        head = offset + count
        taken += 1
        return Piece(offset: offset, end: head)
    }

    mutating func giveBack(_ piece: Piece) {
        tail = piece.end
        taken -= 1
    }
}
