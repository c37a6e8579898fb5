import LanguageModels
import SearchCore

/// Runs many sequences through one model at once: the token tree, the cache slots
/// that hold parts of it, and the *cursors*, sequences at work.
///
/// Cursor i works in slot i. So the slots at work are always the first ones, without
/// a gap: llama.cpp computes sequences together only if their numbers are
/// consecutive. The other slots keep *residents*: prefixes that somebody may go on
/// from. A cursor starts as a copy of the longest resident prefix of its node, and
/// where it ends as an unfinished node, the slot becomes a resident; it moves out of
/// the way when a cursor needs the place. Residents are given up least recently
/// used first. What was given up is decoded again: no result depends on residents.
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

    private struct Slot {
        var node = TokenTree.none
        /// Tokens in the cache; of a resident's, at most its node's path.
        var length = 0
        var lastUse: UInt64 = 0
    }

    var tree = TokenTree()
    private(set) var statistics = EngineStatistics()
    let context: LlamaContext
    private var slots: [Slot]
    /// `nil` is a hole: its cursor ended, nobody took the place yet.
    private(set) var cursors: [Cursor?] = []
    private var holes: [Int] = []
    private var clock: UInt64 = 0

    init(context: LlamaContext) {
        self.context = context
        slots = Array(repeating: Slot(), count: context.options.sequences)
    }

    var slotCount: Int { slots.count }
    var cursorCount: Int { cursors.count - holes.count }

    // MARK: Cursors

    /// Starts a sequence: the path to `node`, then `tail`.
    /// - Parameters:
    ///   - outputs: positions whose logits are wanted, at least one.
    ///   - sharing: another node that has the same tokens as this path up to `end`.
    func start(_ node: TokenNode, tail: [Token] = [], outputs: [Int], sharing: (node: TokenNode, end: Int)? = nil, payload: Payload) {
        let most = min(Int(tree[node].end), outputs[0])
        var source = longestResident(node, sharing)
        if let found = source { touch(found.slot) }
        let (place, isInPlace) = choosePlace(for: node, source: source?.slot)
        if !isInPlace {
            vacate(place)
            source = longestResident(node, sharing)
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
        put(Cursor(node: node, length: length, pending: pending[...], outputs: outputs[...], payload: payload), at: place)
    }

    /// Where a new cursor goes: into the first hole, or behind the last cursor. If
    /// what it begins with lies in such a place already, it takes over the cells.
    private func choosePlace(for node: TokenNode, source: Int?) -> (place: Int, isInPlace: Bool) {
        if let source, holes.contains(source) || holes.isEmpty && source == cursors.count {
            let wanted = wantedPart(of: source).node
            if wanted == TokenTree.none || isAncestor(wanted, orEqual: node) {
                holes.removeAll { $0 == source }
                return (source, true)
            }
        }
        return (holes.popLast() ?? cursors.count, false)
    }

    /// A copy of cursor `index` that goes on with `token`.
    func fork(_ index: Int, token: Token, payload: Payload) {
        guard let cursor = cursors[index] else { return }
        let place = holes.popLast() ?? cursors.count
        vacate(place)
        context.copy(index, to: place, length: cursor.length)
        assign(place, cursor.node, cursor.length)
        put(Cursor(node: cursor.node, length: cursor.length, pending: [token], outputs: [cursor.length], payload: payload), at: place)
    }

    /// Cursor `index` goes on with `token`.
    func resume(_ index: Int, token: Token, payload: Payload) {
        cursors[index]!.pending = [token]
        cursors[index]!.outputs = [cursors[index]!.length][...]
        cursors[index]!.payload = payload
    }

    /// Ends a cursor. Its slot stays as a resident of `node`, a descendant of the
    /// cursor's or the same, unless that is `nil`.
    func end(_ index: Int, as node: TokenNode? = nil) {
        guard let cursor = cursors[index] else { return }
        cursors[index] = nil
        holes.append(index)
        let kept = node ?? cursor.node
        tree.hold(kept)
        unassign(index)
        assign(index, kept, min(cursor.length, Int(tree[kept].end)))
        tree.drop(kept)
    }

    /// Keeps what a cursor that goes on has so far as a resident of `node`.
    func keep(_ index: Int, as node: TokenNode) {
        guard let cursor = cursors[index] else { return }
        touch(index)
        guard let place = roomForResident(unless: index) else { return }
        let length = min(cursor.length, Int(tree[node].end))
        context.copy(index, to: place, length: length)
        assign(place, node, length)
    }

    /// Changes a cursor's payload.
    func update(_ index: Int, _ payload: Payload) { cursors[index]?.payload = payload }

    private func put(_ cursor: Cursor, at place: Int) {
        if place == cursors.count { cursors.append(cursor) } else { cursors[place] = cursor }
    }

    /// Closes the holes with the last cursors.
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

    /// One decode call over all cursors: of each as many tokens as fit. Afterwards
    /// `context.outputs` tells whose logits there are; their owner is the cursor.
    /// - Returns: why the call failed, else `nil`.
    func decode() -> String? {
        compact()
        guard !cursors.isEmpty else { return nil }
        let began = ContinuousClock.now
        context.beginBatch()
        var taken = [Int](repeating: 0, count: cursors.count)
        if context.mustNotDecodeALoneToken {
            fillEvenly(&taken)
        } else {
            for index in cursors.indices { taken[index] = fill(index, LlamaContext.maximumChunk) }
        }
        let failure = context.decode()
        statistics.decodeCalls += 1
        statistics.decodeSeconds += seconds(since: began)
        guard failure == nil else { return failure }
        if context.mustNotDecodeALoneToken, cursors.count == 1 { context.trim(1, to: 0) }
        for index in cursors.indices where taken[index] > 0 { note(index, taken[index]) }
        return nil
    }

    /// The same number of tokens of every cursor that takes part, so that llama.cpp
    /// has no rest to compute by itself; and a stranger beside a cursor with one token.
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

    /// Adds a cursor's next tokens, so many at most, to the batch; returns how many.
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
        cursors[index]!.outputs = cursors[index]!.outputs.drop { $0 < end }
        slots[index].length = end
        touch(index)
        let repeated = tree.noteDecoded(cursors[index]!.node, from: start, to: end)
        statistics.decodedTokens += count
        statistics.redecodedTokens += repeated
        statistics.neededTokens += count - repeated
    }

    /// After a failed decode call nothing in the cache is sure: all cursors end.
    func abandonAll() {
        for index in cursors.indices.reversed() where cursors[index] != nil { cursors[index] = nil }
        cursors = []
        holes = []
        for slot in slots.indices where slots[slot].node != TokenTree.none { clear(slot) }
    }

    /// Tokens of a tail that a sequence before had decoded.
    func noteRepeated(_ count: Int) {
        statistics.redecodedTokens += count
        statistics.neededTokens -= count
    }

    func noteSampling(since began: ContinuousClock.Instant) { statistics.samplingSeconds += seconds(since: began) }

    private func seconds(since began: ContinuousClock.Instant) -> Double {
        let span = (ContinuousClock.now - began).components
        return Double(span.seconds) + Double(span.attoseconds) * 1e-18
    }

    // MARK: Slots

    /// The slot with the most tokens of `node`'s path, and how many.
    private func longestResident(_ node: TokenNode, _ sharing: (node: TokenNode, end: Int)? = nil) -> (slot: Int, length: Int)? {
        var best: (slot: Int, length: Int)?
        if let sharing {
            tree[sharing.node].slots.forEach { slot in
                let length = min(slots[slot].length, sharing.end)
                if length > best?.length ?? 0 { best = (slot, length) }
            }
        }
        var current = node
        while current != TokenTree.none {
            let end = Int(tree[current].end)
            if let best, best.length >= end { break }
            tree[current].slots.forEach { slot in
                let length = min(slots[slot].length, end)
                if length > best?.length ?? 0 { best = (slot, length) }
            }
            current = tree[current].parent
        }
        return best
    }

    /// Whether the whole path to `node`, but for its last token, is in the cache.
    func isResident(_ node: TokenNode) -> Bool {
        residentLength(node) >= max(1, Int(tree[node].end) - 1)
    }

    /// The slot that a start at `node` would begin with, if its cursor has just ended.
    func endedSlot(with node: TokenNode, sharing: (node: TokenNode, end: Int)?) -> Int? {
        longestResident(node, sharing).flatMap { $0.slot < cursors.count && cursors[$0.slot] == nil ? $0.slot : nil }
    }

    /// Tokens of the path to `node` in the cache, in the slot that has the most.
    func residentLength(_ node: TokenNode) -> Int { longestResident(node)?.length ?? 0 }

    /// Whether the whole path to `node` is in the cache.
    func isRead(_ node: TokenNode) -> Bool { residentLength(node) >= Int(tree[node].end) }

    /// Whether a cursor is about to bring the whole path to `node` into the cache.
    func isBeingRead(_ node: TokenNode) -> Bool {
        var isRead = false
        tree[node].slots.forEach { slot in
            if slot < cursors.count, let cursor = cursors[slot], cursor.length < Int(tree[node].end) { isRead = true }
        }
        return isRead
    }

    /// The part of a resident that somebody may want and no other slot has;
    /// node `none` if there is no such part.
    private func wantedPart(of slot: Int) -> (node: TokenNode, length: Int) {
        var node = slots[slot].node
        while node != TokenTree.none, !tree[node].isWanted { node = tree[node].parent }
        guard node != TokenTree.none else { return (node, 0) }
        let length = min(slots[slot].length, Int(tree[node].end))
        var isHeldElsewhere = false
        tree[node].slots.forEach { other in
            if other != slot, min(slots[other].length, Int(tree[node].end)) >= length { isHeldElsewhere = true }
        }
        return isHeldElsewhere || length == 0 ? (TokenTree.none, 0) : (node, length)
    }

    private func isAncestor(_ ancestor: TokenNode, orEqual node: TokenNode) -> Bool {
        var current = node
        while current != TokenTree.none {
            if current == ancestor { return true }
            current = tree[current].parent
        }
        return false
    }

    /// Makes a slot that no cursor works in free; what is wanted of it moves elsewhere.
    private func vacate(_ slot: Int) {
        guard slots[slot].node != TokenTree.none else { return }
        if wantedPart(of: slot).node != TokenTree.none, let place = roomForResident(unless: slot) {
            // All of it: what lies behind the wanted part may serve its neighbours.
            context.copy(slot, to: place, length: slots[slot].length)
            assign(place, slots[slot].node, slots[slot].length)
            slots[place].lastUse = slots[slot].lastUse
        }
        clear(slot)
    }

    /// A free slot behind the cursors: an empty one, else one whose resident nobody
    /// wants, else the least recently used one; `nil` if `slot` itself is that.
    private func roomForResident(unless slot: Int) -> Int? {
        var oldest: Int?
        var worthless: Int?
        for place in stride(from: slots.count - 1, through: cursors.count, by: -1) where place != slot {
            if slots[place].node == TokenTree.none { return place }
            if worthless == nil, wantedPart(of: place).node == TokenTree.none { worthless = place }
            if slots[place].lastUse < slots[oldest ?? place].lastUse || oldest == nil { oldest = place }
        }
        if let worthless {
            clear(worthless)
            return worthless
        }
        guard let oldest, slots[oldest].lastUse <= slots[slot].lastUse else { return nil }
        clear(oldest)
        return oldest
    }

    private func touch(_ slot: Int) {
        clock += 1
        slots[slot].lastUse = clock
    }

    private func assign(_ slot: Int, _ node: TokenNode, _ length: Int) {
        tree.hold(node)
        tree.addSlot(slot, through: node)
        slots[slot].node = node
        slots[slot].length = length
        touch(slot)
    }

    /// Takes a slot's node away; its cells stay.
    private func unassign(_ slot: Int) {
        let node = slots[slot].node
        guard node != TokenTree.none else { return }
        slots[slot].node = TokenTree.none
        slots[slot].length = 0
        tree.removeSlot(slot, through: node)
        tree.drop(node)
    }

    private func clear(_ slot: Int) {
        unassign(slot)
        context.trim(slot, to: 0)
    }
}
