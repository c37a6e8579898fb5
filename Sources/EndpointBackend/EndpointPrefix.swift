import LanguageModels
import SearchCore

/// A text that a server will be asked to continue from: its own part, below its parent's. Immutable, so that a
/// request that is under way does not care what the search lets go of.
final class EndpointPrefix: Sendable {
    let parent: EndpointPrefix?
    /// Empty if the server takes no ids.
    private let ids: [Int32]
    /// Empty if it does.
    private let bytes: [UInt8]
    /// Tokens from the root to its end.
    let length: Int
    /// The same for all below one root.
    let root: UInt64
    /// The end of the answer so far, see `StopRules.tail`.
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

    var allIDs: [Int32] { path.flatMap(\.ids) }
    var allBytes: [UInt8] { path.flatMap(\.bytes) }

    /// From the root down.
    private var path: [EndpointPrefix] {
        var path = [self]
        while let above = path.last?.parent { path.append(above) }
        return path.reversed()
    }
}
