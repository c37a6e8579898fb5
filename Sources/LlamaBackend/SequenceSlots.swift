import LanguageModels

/// The slots of an engine: their contents, their worth, and which of them are evicted.
extension SequenceEngine {
    /// The slot with the most tokens of `node`'s path, and the number of these tokens.
    func longestResident(_ node: TokenNode, _ sharing: (node: TokenNode, end: Int)? = nil) -> (slot: Int, length: Int)?
    {
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

    /// Whether the whole path to `node` except its last token is in the cache.
    func isResident(_ node: TokenNode) -> Bool {
        residentLength(node) >= max(1, Int(tree[node].end) - 1)
    }

    /// The slot from which a cursor at `node` would start, if that slot's own cursor has just ended.
    func endedSlot(with node: TokenNode, sharing: (node: TokenNode, end: Int)?) -> Int? {
        longestResident(node, sharing).flatMap { $0.slot < cursors.count && cursors[$0.slot] == nil ? $0.slot : nil }
    }

    /// The number of tokens of the path to `node` in the slot that has the most of them.
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

    func worth(of slot: Int) -> CacheWorth {
        var worth = CacheWorth.nothing
        forEachPart(of: slot) { node in
            if tree.isFresh(node) { worth = .fresh } else { worth = max(worth, .stale) }
            return worth < .fresh
        }
        return worth
    }

    /// Calls `body` with every node of a resident's path that somebody may want and that no other slot has, the longest
    /// first, until it returns false.
    private func forEachPart(of slot: Int, _ body: (TokenNode) -> Bool) {
        var node = slots[slot].node
        while node != TokenTree.none {
            if tree[node].isWanted {
                let length = min(slots[slot].length, Int(tree[node].end))
                // A slot that has this node also has the nodes above it.
                guard length > 0, !isHeld(node, elsewhereThan: slot, length) else { return }
                guard body(node) else { return }
            }
            node = tree[node].parent
        }
    }

    private func isHeld(_ node: TokenNode, elsewhereThan slot: Int, _ length: Int) -> Bool {
        let end = Int(tree[node].end)
        return tree[node].slots.contains { $0 != slot && min(slots[$0].length, end) >= length }
    }

    /// Whether nothing needed would be lost if a resident became a part of the path to `node`.
    func isWorthKeepingOnly(_ slot: Int, for node: TokenNode) -> Bool {
        var isSo = true
        forEachPart(of: slot) { part in
            isSo = isAncestor(part, orEqual: node)
            // The nodes above an ancestor are ancestors as well.
            return false
        }
        return isSo
    }

    private func isAncestor(_ ancestor: TokenNode, orEqual node: TokenNode) -> Bool {
        var current = node
        while current != TokenTree.none {
            if current == ancestor { return true }
            current = tree[current].parent
        }
        return false
    }

    /// Makes a slot free in which no cursor works; the needed part of its contents moves elsewhere, if there is room.
    func vacate(_ slot: Int) {
        let worth = worth(of: slot)
        if !rescue(slot) {
            statistics.evictions += 1
            if worth == .fresh { statistics.freshEvictions += 1 }
        }
        clear(slot)
    }

    /// Copies the needed part of a slot elsewhere. Returns false if there was no room for it.
    func rescue(_ slot: Int) -> Bool {
        guard slots[slot].node != TokenTree.none else { return true }
        let worth = worth(of: slot)
        guard worth > .nothing else { return true }
        guard let place = roomForResident(worth: worth, lastUse: slots[slot].lastUse, unless: slot) else {
            return false
        }
        // All of it is copied: what lies after the needed part may be useful to its neighbours.
        context.copy(slot, to: place, length: slots[slot].length)
        assign(place, slots[slot].node, slots[slot].length)
        slots[place].lastUse = slots[slot].lastUse
        return true
    }

    /// A free slot behind the cursors for a resident of this worth: an empty slot, or else the slot of least worth,
    /// among those the least recently used; `nil` if all are worth more.
    func roomForResident(worth: CacheWorth, lastUse: UInt64, unless slot: Int = -1) -> Int? {
        if let place = empty.last, place >= cursors.count { return place }
        var residents: [(place: Int, worth: CacheWorth, lastUse: UInt64)] = []
        for place in cursors.count..<max(cursors.count, slots.count) where place != slot {
            let own = self.worth(of: place)
            if own == .nothing { clear(place) } else { residents.append((place, own, slots[place].lastUse)) }
        }
        if let place = empty.last, place >= cursors.count { return place }
        residents.sort { ($0.worth, $0.lastUse) < ($1.worth, $1.lastUse) }
        // Evicts several residents at once that a search has passed over, because examining all slots takes time.
        for (count, one) in residents.prefix(Self.evictedAtOnce).enumerated()
        where (one.worth, one.lastUse) <= (worth, lastUse) {
            guard count == 0 || one.worth == .stale else { break }
            statistics.evictions += 1
            if one.worth == .fresh { statistics.freshEvictions += 1 }
            clear(one.place)
        }
        return empty.last.flatMap { $0 >= cursors.count ? $0 : nil }
    }

    private static var evictedAtOnce: Int { 8 }

    /// The number of residents that somebody is likely to continue from.
    var freshResidents: Int {
        (cursors.count..<max(cursors.count, slots.count)).count { place in
            let node = slots[place].node
            return node != TokenTree.none && tree[node].isWanted && tree.isFresh(node)
        }
    }

    func touch(_ slot: Int) {
        clock += 1
        slots[slot].lastUse = clock
    }

    func assign(_ slot: Int, _ node: TokenNode, _ length: Int) {
        tree.hold(node)
        tree.addSlot(slot, through: node)
        slots[slot].node = node
        slots[slot].length = length
        empty.remove(slot)
        touch(slot)
    }

    /// Detaches a slot from its node; its cells stay.
    func unassign(_ slot: Int) {
        let node = slots[slot].node
        guard node != TokenTree.none else { return }
        slots[slot].node = TokenTree.none
        slots[slot].length = 0
        empty.insert(slot)
        tree.removeSlot(slot, through: node)
        tree.drop(node)
    }

    func clear(_ slot: Int) {
        unassign(slot)
        context.trim(slot, to: 0)
    }
}

extension SequenceEngine: SharedCache {
    func giveUp(_ worth: CacheWorth, while isNeeded: () -> Bool) {
        defer { context.returnPages() }
        if worth == .nothing {
            for slot in slots.indices {
                let isResident = slots[slot].node != TokenTree.none && !isAtWork(slot)
                if isResident, self.worth(of: slot) == .nothing { clear(slot) }
                // An active sequence continues at its end.
                context.giveBack(
                    slot, from: isAtWork(slot) ? slots[slot].length + LlamaContext.maximumChunk : slots[slot].length)
            }
            return
        }
        let residents = slots.indices.filter {
            slots[$0].node != TokenTree.none && !isAtWork($0) && self.worth(of: $0) == worth
        }
        for slot in residents.sorted(by: { slots[$0].lastUse < slots[$1].lastUse }) {
            guard isNeeded() else { return }
            statistics.evictions += 1
            if worth == .fresh { statistics.freshEvictions += 1 }
            clear(slot)
            context.giveBack(slot, from: 0)
        }
    }

    private func isAtWork(_ slot: Int) -> Bool { slot < cursors.count && cursors[slot] != nil }

    /// Whether there is memory for one more search beside so many sequences.
    func hasMemory(sequences: Int) -> Bool {
        context.options.memory.hasRoom(self, wanting: sequences * typicalLength * context.cellBytes)
    }
}
