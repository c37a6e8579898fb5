import LanguageModels
import SearchCore

/// Runs many sequences through one model at once: the token tree, the cache slots that hold parts of it, and the
/// *cursors*, which are the active sequences.
///
/// Cursor i works in slot i. So the active slots are always the first ones, without a gap: llama.cpp computes sequences
/// together only if their numbers are consecutive. The other slots keep *residents*: prefixes that somebody may
/// continue from. A cursor starts as a copy of the longest resident prefix of its node. If it ends as an unfinished
/// node, its slot becomes a resident, which is moved when a cursor needs the place. Residents that a search has passed
/// over are evicted first, then the least recently used. Evicted tokens are decoded again if they are needed: no result
/// depends on residents.
final class SequenceEngine<Payload> {
    struct Cursor {
        /// The node whose path the sequence begins with.
        var node: TokenNode
        /// Tokens in the cache.
        var length: Int
        /// Tokens to decode, the first at position `length`.
        var pending: ArraySlice<Token>
        /// Positions whose logits are wanted, ascending.
        var outputs: ArraySlice<Int>
        var payload: Payload
    }

    struct Slot {
        var node = TokenTree.none
        /// The number of tokens in the cache; for a resident, at most the length of its node's path.
        var length = 0
        var lastUse: UInt64 = 0
    }

    var tree = TokenTree()
    var statistics = EngineStatistics()
    let context: LlamaContext
    var slots: [Slot]
    /// The empty slots.
    var empty = SlotSet()
    /// `nil` is a hole: its cursor has ended, and no other cursor has taken the place yet.
    private(set) var cursors: [Cursor?] = []
    private var holes: [Int] = []
    var clock: UInt64 = 0
    /// The usual final length of recent sequences, in tokens.
    private(set) var typicalLength: Int

    init(weights: LlamaWeights, options: LlamaContext.Options) throws(StratagemError) {
        let began = ThreadClock.nanoseconds
        context = try LlamaContext(weights: weights, options: options)
        statistics.startSeconds = ThreadClock.seconds(since: began)
        slots = Array(repeating: Slot(), count: context.options.sequences)
        for slot in slots.indices { empty.insert(slot) }
        typicalLength = options.contextTokens / 8
        options.memory.add(self)
    }

    var slotCount: Int { slots.count }
    var cursorCount: Int { cursors.count - holes.count }

    // MARK: Cursors

    /// Starts a sequence: the path to `node`, then `tail`.
    /// - Parameters:
    ///   - outputs: positions whose logits are wanted, at least one.
    ///   - sharing: another node whose path has the same tokens up to `end`.
    func start(
        _ node: TokenNode, tail: [Token] = [], outputs: [Int], sharing: (node: TokenNode, end: Int)? = nil,
        payload: Payload
    ) {
        let most = min(Int(tree[node].end), outputs[0])
        var source = longestResident(node, sharing)
        if let found = source { touch(found.slot) }
        var (place, isInPlace) = choosePlace(for: node, source: source?.slot)
        if !isInPlace {
            if !rescue(place), source?.slot == place {
                // There is no room to keep the prefix that this sequence begins with. The sequence takes it over, at
                // the expense of whoever wants it later.
                isInPlace = true
                statistics.evictions += 1
            } else {
                clear(place)
                source = longestResident(node, sharing)
            }
        }
        let length = min(most, source?.length ?? 0)
        if length == 0 {
            if isInPlace { clear(place) }
        } else if isInPlace {
            context.trim(place, to: length)
            unassign(place)
        } else if let source {
            context.copy(source.slot, to: place, length: length)
        }
        let pending = tree.tokens(to: node, from: length) + tail
        assign(place, node, length)
        put(
            Cursor(node: node, length: length, pending: pending[...], outputs: outputs[...], payload: payload),
            at: place)
    }

    /// The place for a new cursor: the first hole, or after the last cursor. If the prefix that it begins with is
    /// already in such a place, it takes over the cells.
    private func choosePlace(for node: TokenNode, source: Int?) -> (place: Int, isInPlace: Bool) {
        if let source, holes.contains(source) || holes.isEmpty && source == cursors.count {
            if isWorthKeepingOnly(source, for: node) {
                holes.removeAll { $0 == source }
                return (source, true)
            }
        }
        return (holes.popLast() ?? cursors.count, false)
    }

    /// A copy of cursor `index` that continues with `token`.
    func fork(_ index: Int, token: Token, payload: Payload) {
        guard let cursor = cursors[index] else { return }
        let place = holes.popLast() ?? cursors.count
        vacate(place)
        context.copy(index, to: place, length: cursor.length)
        assign(place, cursor.node, cursor.length)
        put(
            Cursor(
                node: cursor.node, length: cursor.length, pending: [token], outputs: [cursor.length], payload: payload),
            at: place)
    }

    /// Cursor `index` continues with `token`.
    func resume(_ index: Int, token: Token, payload: Payload) {
        cursors[index]!.pending = [token]
        cursors[index]!.outputs = [cursors[index]!.length][...]
        cursors[index]!.payload = payload
    }

    /// Ends a cursor. Its slot stays as a resident of `node`, which is the cursor's node or a descendant of it; not if
    /// `node` is `nil`.
    func end(_ index: Int, as node: TokenNode? = nil) {
        guard let cursor = cursors[index] else { return }
        cursors[index] = nil
        holes.append(index)
        typicalLength = max(1, (typicalLength * 15 + cursor.length + 8) / 16)
        let kept = node ?? cursor.node
        tree.hold(kept)
        unassign(index)
        assign(index, kept, min(cursor.length, Int(tree[kept].end)))
        tree.drop(kept)
    }

    /// Keeps what a continuing cursor has so far as a resident of `node`.
    func keep(_ index: Int, as node: TokenNode) {
        guard let cursor = cursors[index] else { return }
        touch(index)
        guard let place = roomForResident(worth: .fresh, lastUse: slots[index].lastUse) else { return }
        let length = min(cursor.length, Int(tree[node].end))
        context.copy(index, to: place, length: length)
        assign(place, node, length)
    }

    /// Changes a cursor's payload.
    func update(_ index: Int, _ payload: Payload) { cursors[index]?.payload = payload }

    private func put(_ cursor: Cursor, at place: Int) {
        if place == cursors.count { cursors.append(cursor) } else { cursors[place] = cursor }
    }

    /// Moves the last cursors into the holes.
    private func compact() {
        while let last = cursors.last, last == nil { cursors.removeLast() }
        holes = cursors.indices.filter { cursors[$0] == nil }
        while let hole = holes.popLast() {
            guard hole < cursors.count else { continue }
            let from = cursors.count - 1
            let cursor = cursors[from]!
            vacate(hole)
            context.copy(from, to: hole, length: cursor.length)
            assign(hole, cursor.node, cursor.length)
            clear(from)
            cursors[hole] = cursor
            cursors.removeLast()
            while let last = cursors.last, last == nil { cursors.removeLast() }
        }
        holes = []
    }

    // MARK: Decoding

    /// One decode call over all cursors, with as many tokens of each as fit. Afterwards `context.outputs` says which
    /// logits there are; their owner is the cursor.
    /// - Returns: the reason if the call failed, else `nil`.
    func decode() -> String? {
        compact()
        guard !cursors.isEmpty else { return nil }
        let began = ThreadClock.nanoseconds
        context.beginBatch()
        var taken = [Int](repeating: 0, count: cursors.count)
        if context.mustNotDecodeALoneToken {
            fillEvenly(&taken)
        } else {
            for index in cursors.indices { taken[index] = fill(index, LlamaContext.maximumChunk) }
        }
        let failure = context.decode()
        statistics.decodeCalls += 1
        statistics.decodeSeconds += ThreadClock.seconds(since: began)
        guard failure == nil else { return failure }
        if context.mustNotDecodeALoneToken, cursors.count == 1 { context.trim(1, to: 0) }
        for index in cursors.indices where taken[index] > 0 { note(index, taken[index]) }
        context.options.memory.reclaim()
        return nil
    }

    /// Takes the same number of tokens from every cursor that takes part, so that llama.cpp has no remainder to compute
    /// separately, and, if the only cursor has a single token, adds an unrelated token beside it.
    private func fillEvenly(_ taken: inout [Int]) {
        let longer = cursors.indices.filter { cursors[$0]!.pending.count > 1 }
        guard longer.isEmpty else {
            let even = longer.reduce(LlamaContext.maximumChunk) { min($0, cursors[$1]!.pending.count) }
            for index in longer where context.batchRoom >= even { taken[index] = fill(index, even) }
            return
        }
        for index in cursors.indices { taken[index] = fill(index, 1) }
        if cursors.count == 1 {
            vacate(1)
            context.trim(1, to: 0)
            context.add(cursors[0]!.pending.first!, sequence: 1, position: 0, owner: nil)
        }
    }

    /// Adds a cursor's next tokens to the batch, at most this many; returns how many.
    private func fill(_ index: Int, _ most: Int) -> Int {
        let cursor = cursors[index]!
        let room = min(context.batchRoom, most)
        var outputs = cursor.outputs
        var count = 0
        for token in cursor.pending.prefix(room) {
            let position = cursor.length + count
            let isWanted = outputs.first == position
            if isWanted {
                guard context.outputRoom > 0 else { break }
                outputs = outputs.dropFirst()
            }
            context.add(token, sequence: index, position: position, owner: isWanted ? index : nil)
            count += 1
        }
        return count
    }

    private func note(_ index: Int, _ count: Int) {
        let start = cursors[index]!.length
        let end = start + count
        cursors[index]!.length = end
        cursors[index]!.pending = cursors[index]!.pending.dropFirst(count)
        let outputs = cursors[index]!.outputs.count
        cursors[index]!.outputs = cursors[index]!.outputs.drop { $0 < end }
        statistics.flops += context.weights.shape.flops(
            reading: count, from: start, outputs: outputs - cursors[index]!.outputs.count)
        slots[index].length = end
        touch(index)
        let repeated = tree.noteDecoded(cursors[index]!.node, from: start, to: end)
        statistics.decodedTokens += count
        statistics.redecodedTokens += repeated
        statistics.neededTokens += count - repeated
    }

    /// After a failed decode call the contents of the cache are uncertain, so all cursors end.
    func abandonAll() {
        for index in cursors.indices.reversed() where cursors[index] != nil { cursors[index] = nil }
        cursors = []
        holes = []
        for slot in slots.indices where slots[slot].node != TokenTree.none { clear(slot) }
    }

    /// Notes that so many tokens of a tail had been decoded by an earlier sequence.
    func noteRepeated(_ count: Int) {
        statistics.redecodedTokens += count
        statistics.neededTokens -= count
    }

    func noteSampling(since began: UInt64) { statistics.samplingSeconds += ThreadClock.seconds(since: began) }
}
