import LanguageModels

/// A set of cache slots, of which there are at most 256.
struct SlotSet: Equatable {
    static let capacity = 256
    private var words = SIMD4<UInt64>.zero

    var isEmpty: Bool { words == .zero }
    func contains(_ slot: Int) -> Bool { words[slot >> 6] >> UInt64(slot & 63) & 1 == 1 }
    mutating func insert(_ slot: Int) { words[slot >> 6] |= 1 << UInt64(slot & 63) }
    mutating func remove(_ slot: Int) { words[slot >> 6] &= ~(1 << UInt64(slot & 63)) }

    /// The highest slot of the set.
    var last: Int? {
        for index in (0..<4).reversed() where words[index] != 0 {
            return index << 6 | (63 - words[index].leadingZeroBitCount)
        }
        return nil
    }

    func contains(where isWanted: (Int) -> Bool) -> Bool {
        for index in 0..<4 {
            var word = words[index]
            while word != 0 {
                if isWanted(index << 6 | word.trailingZeroBitCount) { return true }
                word &= word - 1
            }
        }
        return false
    }

    func forEach(_ body: (Int) -> Void) {
        for index in 0..<4 {
            var word = words[index]
            while word != 0 {
                body(index << 6 | word.trailingZeroBitCount)
                word &= word - 1
            }
        }
    }
}

extension PrefixHandle {
    /// The child of a failed job.
    static let none = PrefixHandle(raw: .max)
}

/// A node of the token tree, by its index.
typealias TokenNode = Int32

/// Every prefix that an engine knows, as a tree of tokens. A node lives as long as
/// somebody holds it: an issued handle, a child, a job, or a cache slot.
struct TokenTree {
    static let none: TokenNode = -1

    struct Entry {
        var parent: TokenNode
        /// Its own tokens; a node's path is the tokens of all nodes from the root to it.
        var tokens: [Token]
        /// The number of tokens before its own.
        var start: Int32
        var holds: Int32 = 1
        /// The part of `holds` that belongs to the caller.
        var handles: Int32 = 1
        /// Distinguishes a stale handle from a handle of a new node at the same index.
        var generation: UInt32
        /// The number of tokens of its path that have been through the model at any time.
        var everDecoded: Int32
        /// Nobody is expected to continue from here, so it is not worth a cache slot.
        var isClosed = false
        /// The node at the top of its path.
        var root: TokenNode
        /// For a root: the number of rounds so far, see `beginJob`. For another node: the round that last made it or
        /// continued from it.
        var round: UInt32
        /// The number of active or waiting jobs that continue from here; for a root, from anywhere below it.
        var jobs: Int32 = 0
        var rootJobs: Int32 = 0
        /// Whether a job has continued from here.
        var wasContinued = false
        /// The slots whose sequences go through this node.
        var slots = SlotSet()
        /// The end of the answer so far; see `StopRules.tail`.
        var tail: [UInt8] = []
        /// A verifier's value of this node's step.
        var score = Score.none

        var end: Int32 { start + Int32(tokens.count) }
        var isWanted: Bool { handles > 0 && !isClosed }
    }

    enum Score: Equatable {
        case none
        case underway
        case value(Double)

        var isMissing: Bool {
            if case .value = self { false } else { true }
        }
    }

    private var entries: [Entry] = []
    private var free: [TokenNode] = []
    /// The nodes that were removed since `takeRemoved`, if somebody wants to know.
    private var removed: [ChildKey] = []
    var reportsRemovals = false

    /// Identifies a node by its parent and its own tokens.
    struct ChildKey: Hashable {
        var parent: TokenNode
        var tokens: [Token]
    }

    subscript(node: TokenNode) -> Entry {
        _read { yield entries[Int(node)] }
        _modify { yield &entries[Int(node)] }
    }

    /// The number of nodes that are held.
    var count: Int { entries.count - free.count }

    /// A new node, held once by the caller.
    mutating func add(parent: TokenNode, tokens: [Token]) -> TokenNode {
        let start = parent == Self.none ? 0 : self[parent].end
        if parent != Self.none { self[parent].holds += 1 }
        let node = free.popLast() ?? TokenNode(entries.count)
        let root = parent == Self.none ? node : self[parent].root
        let round = parent == Self.none ? 0 : self[root].round
        var entry = Entry(
            parent: parent, tokens: tokens, start: start, generation: 0, everDecoded: start, root: root, round: round)
        if Int(node) == entries.count {
            entries.append(entry)
        } else {
            entry.generation = self[node].generation &+ 1
            entries[Int(node)] = entry
        }
        return node
    }

    // MARK: Rounds

    /// A job continues from `node`. Jobs come in rounds, which are a strategy's batches: a job begins a round if no
    /// other job is active below its root.
    mutating func beginJob(at node: TokenNode) {
        let root = self[node].root
        if self[root].rootJobs == 0 { self[root].round &+= 1 }
        self[root].rootJobs += 1
        self[node].jobs += 1
        self[node].round = self[root].round
        self[node].wasContinued = true
    }

    mutating func endJob(at node: TokenNode) {
        self[node].jobs -= 1
        self[self[node].root].rootJobs -= 1
    }

    /// Marks a node as made by the current round.
    mutating func renew(_ node: TokenNode) { self[node].round = self[self[node].root].round }

    /// Whether somebody is likely to continue from here soon: a job is doing so, or the last round made the node.
    /// Searches rarely return to nodes that a round passed over.
    func isFresh(_ node: TokenNode) -> Bool {
        self[node].jobs > 0 || !self[node].wasContinued && self[node].round == self[self[node].root].round
    }

    mutating func hold(_ node: TokenNode) { self[node].holds += 1 }

    /// Releases one hold. A node without holds is removed, and its parent may follow.
    mutating func drop(_ node: TokenNode) {
        var current = node
        while current != Self.none {
            self[current].holds -= 1
            guard self[current].holds == 0 else { return }
            let parent = self[current].parent
            if reportsRemovals { removed.append(ChildKey(parent: parent, tokens: self[current].tokens)) }
            self[current].tokens = []
            free.append(current)
            current = parent
        }
    }

    mutating func takeRemoved() -> [ChildKey] {
        defer { removed.removeAll(keepingCapacity: true) }
        return removed
    }

    // MARK: Handles

    func handle(of node: TokenNode) -> PrefixHandle {
        PrefixHandle(raw: UInt64(self[node].generation) << 32 | UInt64(UInt32(bitPattern: node)))
    }

    /// The node of a handle; a stale handle is a bug of the caller.
    func node(of handle: PrefixHandle) -> TokenNode {
        let node = TokenNode(truncatingIfNeeded: handle.raw)
        precondition(
            node >= 0 && Int(node) < entries.count && UInt64(self[node].generation) == handle.raw >> 32
                && self[node].handles > 0,
            "a released prefix was used")
        return node
    }

    // MARK: Paths

    /// Tokens of the path to `node`, from position `from` on.
    func tokens(to node: TokenNode, from: Int) -> [Token] {
        var pieces: [TokenNode] = []
        var current = node
        while current != Self.none, self[current].end > from {
            pieces.append(current)
            current = self[current].parent
        }
        var tokens: [Token] = []
        tokens.reserveCapacity(Int(self[node].end) - from)
        for piece in pieces.reversed() {
            let skip = max(0, from - Int(self[piece].start))
            tokens += self[piece].tokens[skip...]
        }
        return tokens
    }

    /// Marks the path to `node` as decoded up to `end`. Returns how many of the tokens from `start` on had been decoded
    /// before.
    mutating func noteDecoded(_ node: TokenNode, from start: Int, to end: Int) -> Int {
        var repeated = 0
        var current = node
        while current != Self.none, self[current].end > start {
            let low = max(start, Int(self[current].start))
            let high = min(end, Int(self[current].end))
            if high > low {
                let known = Int(self[current].everDecoded)
                repeated += max(0, min(high, known) - low)
                self[current].everDecoded = Int32(max(known, high))
            }
            current = self[current].parent
        }
        return repeated
    }

    mutating func addSlot(_ slot: Int, through node: TokenNode) {
        var current = node
        while current != Self.none {
            self[current].slots.insert(slot)
            current = self[current].parent
        }
    }

    mutating func removeSlot(_ slot: Int, through node: TokenNode) {
        var current = node
        while current != Self.none {
            self[current].slots.remove(slot)
            current = self[current].parent
        }
    }
}
