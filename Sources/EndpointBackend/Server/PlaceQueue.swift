import DequeModule

/// The requests to one replica that hold a place or wait for one, and whose turn is next: in the order in which they
/// came or, on a server with slots, where the tokens that they continue are (`SlotBoard`).
struct PlaceQueue {
    struct Ticket {
        var number: UInt64
        var origin: RequestOrigin
        var ready: CheckedContinuation<Grant, Never>
    }

    /// What becomes of a request that waits.
    enum Grant: Sendable {
        /// It has a place; on a server with slots, in this one.
        case place(slot: Int?)
        case forgotten
    }

    private struct Problem {
        var waiting: Deque<Ticket> = []
        var atWork = 0
        /// When its last request ended.
        var leftAt: ContinuousClock.Instant?
    }

    /// A problem is there for so long without requests: its search has a round of steps scored.
    static let pause = Duration.milliseconds(100)

    private var board: SlotBoard?
    private var problems: [UInt64: Problem] = [:]

    /// - Parameter slots: how many the server has, if each keeps its own tokens; nil if they share them.
    init(slots: Int? = nil, requests: Int = 1) { board = slots.map { SlotBoard(slots: $0, requests: requests) } }

    /// A place for this request, if it need not wait.
    mutating func admit(_ origin: RequestOrigin, now: ContinuousClock.Instant = .now) -> Grant? {
        forgetAbsent(now)
        var slot: Int?
        if board != nil {
            slot = board?.admit(origin, among: Set(problems.keys).union([origin.root]))
            if slot == nil { return nil }
        }
        problems[key(origin), default: Problem()].atWork += 1
        return .place(slot: slot)
    }

    /// Notes that a request holds a place no longer.
    mutating func ended(_ origin: RequestOrigin, slot: Int?, now: ContinuousClock.Instant = .now) {
        problems[key(origin)]?.atWork -= 1
        problems[key(origin)]?.leftAt = now
        if let slot { board?.leave(slot) }
    }

    mutating func append(_ ticket: Ticket) {
        problems[key(ticket.origin), default: Problem()].waiting.append(ticket)
    }

    mutating func remove(_ number: UInt64, of origin: RequestOrigin) -> Ticket? {
        guard let at = problems[key(origin)]?.waiting.firstIndex(where: { $0.number == number }) else { return nil }
        return problems[key(origin)]?.waiting.remove(at: at)
    }

    /// The request that gets a place; nil if none waits, or none may have one now.
    /// - Parameter left: the slot that a request has just left: the next one of the same problem goes there, unless the
    ///   problem has more than its share.
    mutating func next(after left: Int? = nil, now: ContinuousClock.Instant = .now) -> (ticket: Ticket, grant: Grant)? {
        forgetAbsent(now)
        guard board != nil else { return takeShared() }
        if let left, let root = heir(of: left), let ticket = take(from: root, for: left) {
            board?.give(left, to: ticket.origin)
            problems[root]?.atWork += 1
            return (ticket, .place(slot: left))
        }
        let waiting = problems.filter { !$0.value.waiting.isEmpty }.sorted { number($0.value) < number($1.value) }
        for (root, problem) in waiting {
            guard let first = problem.waiting.first, let grant = admit(first.origin, now: now) else { continue }
            _ = problems[root]?.waiting.popFirst()
            return (first, grant)
        }
        return nil
    }

    private mutating func takeShared() -> (ticket: Ticket, grant: Grant)? {
        guard let ticket = problems[0]?.waiting.popFirst() else { return nil }
        problems[0]?.atWork += 1
        return (ticket, .place(slot: nil))
    }

    /// The problem whose turn it is at this slot.
    private func heir(of slot: Int) -> UInt64? {
        guard let board else { return nil }
        let owner = board.serves(slot).flatMap { problems[$0]?.waiting.isEmpty == false ? $0 : nil }
        // With this slot, which it has already, it has no more than its share.
        if let owner, (board.owned(by: owner) - 1) * problems.count < board.count { return owner }
        let poor = problems.filter { root, problem in
            !problem.waiting.isEmpty && board.owned(by: root) * problems.count < board.count
        }
        let poorest = poor.min { one, other in
            let (mine, theirs) = (board.owned(by: one.key), board.owned(by: other.key))
            return mine != theirs ? mine < theirs : number(one.value) < number(other.value)
        }
        return poorest?.key ?? owner
    }

    /// The next one of a problem: one that continues what the slot's last one did, if there is one.
    private mutating func take(from root: UInt64, for slot: Int) -> Ticket? {
        let prefix = board?.prefix(of: slot)
        let same = problems[root]?.waiting.firstIndex { prefix != nil && $0.origin.path.last?.id == prefix }
        guard let same else { return problems[root]?.waiting.popFirst() }
        return problems[root]?.waiting.remove(at: same)
    }

    private func number(_ problem: Problem) -> UInt64 { problem.waiting.first?.number ?? .max }

    /// Where prefixes are shared, all requests are as those of one problem.
    private func key(_ origin: RequestOrigin) -> UInt64 { board == nil ? 0 : origin.root }

    private mutating func forgetAbsent(_ now: ContinuousClock.Instant) {
        problems = problems.filter { _, problem in
            if problem.atWork > 0 || !problem.waiting.isEmpty { return true }
            return problem.leftAt.map { now - $0 < Self.pause } ?? false
        }
    }
}
