import LanguageModels
import SearchCore

/// A text that a server will be asked to continue: its own part, below its parent's. It is immutable, so a request in
/// flight is not affected when the search releases prefixes.
final class EndpointPrefix: Sendable {
    let parent: EndpointPrefix?
    /// Empty if the server does not take ids.
    private let ids: [Int32]
    /// Empty if the server takes ids.
    private let bytes: [UInt8]
    /// The number of tokens from the root to its end.
    let length: Int
    /// The same for all prefixes below one root.
    let root: UInt64
    /// The end of the answer so far; see `StopRules.tail`.
    let tail: [UInt8]

    init(below parent: EndpointPrefix?, ids: [Int32] = [], bytes: [UInt8] = [], tokens: Int, tail: [UInt8] = []) {
        self.parent = parent
        self.ids = ids
        self.bytes = bytes
        self.tail = tail
        length = (parent?.length ?? 0) + tokens
        if let parent {
            root = parent.root
        } else {
            var hash = StableHash()
            for id in ids { hash.combine(UInt64(UInt32(bitPattern: id))) }
            hash.combine(bytes)
            root = hash.value
        }
    }

    /// For the choice of a slot that holds its tokens.
    var origin: RequestOrigin {
        RequestOrigin(
            root: root,
            path: path.map {
                RequestOrigin.Part(id: UInt64(UInt(bitPattern: ObjectIdentifier($0).hashValue)), length: $0.length)
            })
    }

    var allIDs: [Int32] { path.flatMap(\.ids) }
    var allBytes: [UInt8] { path.flatMap(\.bytes) }

    /// The prefixes from the root down to this one.
    private var path: [EndpointPrefix] {
        var path = [self]
        while let above = path.last?.parent { path.append(above) }
        return path.reversed()
    }
}
