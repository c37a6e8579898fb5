/// Memory that a worker can read, handed out in the order in which it is given back.
///
/// The host writes a large tell here instead of pushing it through the socket, and
/// takes the room back when the worker has answered. It never reads here, so it does
/// not matter what a worker could do to it.
struct IsolatedRing {
    /// Payloads that are larger travel here.
    static let payloadMin = 64 << 10

    private let start: UnsafeMutableRawPointer
    private let size: Int
    /// Taken: from `tail` up to `head`, around the end.
    private var head = 0
    private var tail = 0
    private var taken = 0

    init(start: UnsafeMutableRawPointer, size: Int) {
        (self.start, self.size) = (start, size)
    }

    /// What `put` took; to be given back in the same order.
    struct Piece {
        var offset: Int
        fileprivate var end: Int
    }

    /// Copies the payload in, unless there is no room in one piece.
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
