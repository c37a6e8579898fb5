/// The slots of a llama-server, and which problem each one serves.
///
/// A slot keeps the tokens of its last request and reads only what differs, so a prompt is read anew in every slot that
/// held another one. Every problem has its share of the slots, each slot serves one problem at a time, and a request
/// names its slot (`id_slot`). One more request than it works on waits at each slot, so that it is never idle for as
/// long as an answer takes to get here and back.
struct SlotBoard {
    private struct Slot {
        var root: UInt64?
        var path: [RequestOrigin.Part] = []
        /// At work, or waiting at the server.
        var requests = 0
    }

    private var slots: [Slot]
    /// The number of requests that a slot may have.
    private let depth: Int

    init(slots: Int, requests: Int) {
        self.slots = Array(repeating: Slot(), count: slots)
        depth = max(1, (requests + slots - 1) / slots)
    }

    /// The slot for this request, or nil if it has to wait. It is then the problem's slot.
    /// - Parameter present: the problems that share the slots.
    mutating func admit(_ origin: RequestOrigin, among present: Set<UInt64>) -> Int? {
        let own = slots.indices.filter { slots[$0].root == origin.root }
        var choice = nearest(own.filter { slots[$0].requests == 0 }, to: origin)
        if choice == nil, own.count * present.count < slots.count {
            choice = nearest(slots.indices.filter { isFree($0, among: present) }, to: origin)
        }
        if choice == nil { choice = nearest(own.filter { slots[$0].requests < depth }, to: origin) }
        if let choice { give(choice, to: origin) }
        return choice
    }

    /// Notes that a request of this slot is over.
    mutating func leave(_ slot: Int) { slots[slot].requests -= 1 }

    mutating func give(_ slot: Int, to origin: RequestOrigin) {
        slots[slot].root = origin.root
        slots[slot].path = origin.path
        slots[slot].requests += 1
    }

    /// Which problem's request should get the room at this slot.
    func serves(_ slot: Int) -> UInt64? { slots[slot].root }
    func prefix(of slot: Int) -> UInt64? { slots[slot].path.last?.id }
    func owned(by root: UInt64) -> Int { slots.count(where: { $0.root == root }) }
    var count: Int { slots.count }

    private func isFree(_ slot: Int, among present: Set<UInt64>) -> Bool {
        guard slots[slot].requests == 0 else { return false }
        guard let root = slots[slot].root, present.contains(root) else { return true }
        return owned(by: root) * present.count > slots.count + present.count - 1
    }

    /// The one whose tokens have most in common with what is continued; of several, the one with the fewest requests.
    private func nearest(_ candidates: [Int], to origin: RequestOrigin) -> Int? {
        candidates.max { one, other in
            let (a, b) = (origin.common(with: slots[one].path), origin.common(with: slots[other].path))
            return a != b ? a < b : slots[one].requests > slots[other].requests
        }
    }
}

/// What a request continues.
struct RequestOrigin: Sendable {
    struct Part: Sendable, Equatable {
        var id: UInt64
        /// Tokens from the root to its end.
        var length: Int
    }

    /// The same for all requests of one problem.
    var root: UInt64
    /// The prefixes from the root down to the one that it continues; empty if nothing is known.
    var path: [Part] = []

    /// The number of tokens that two paths have in common.
    func common(with other: [Part]) -> Int {
        zip(path, other).prefix { $0.0.id == $0.1.id }.last?.0.length ?? 0
    }
}
