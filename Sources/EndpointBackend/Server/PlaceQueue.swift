import DequeModule

/// The requests that wait for a place at one replica, and whose turn is next.
///
/// A server whose sequences share their prefixes takes them in the order in which they came. llama-server keeps the
/// tokens of its last request in each slot, and reads a prompt anew in every slot that held another one; it puts a
/// request into the free slot whose tokens it continues. So every problem has its share of the places, and a place that
/// one of its requests has left goes to its next one: to one that continues the same prefix, if there is one.
struct PlaceQueue {
    struct Ticket {
        var number: UInt64
        var origin: RequestOrigin
        /// Resumed with whether it got a place; without one, it was forgotten.
        var ready: CheckedContinuation<Bool, Never>
    }

    /// What is waited for and held below one root.
    private struct Problem {
        var waiting: Deque<Ticket> = []
        var atWork = 0
        /// When its last request ended.
        var leftAt: ContinuousClock.Instant?
    }

    /// A problem keeps its share for so long without requests: its search has a round of steps scored.
    private static let pause = Duration.milliseconds(100)

    /// Whether each place keeps one problem's prefix.
    let keepsRoots: Bool
    private var problems: [UInt64: Problem] = [:]

    init(keepsRoots: Bool) { self.keepsRoots = keepsRoots }

    /// Whether a request of this problem may take a place that is free.
    mutating func admits(_ origin: RequestOrigin, places: Int, now: ContinuousClock.Instant = .now) -> Bool {
        forgetAbsent(now)
        let present = problems.count + (problems[key(origin)] == nil ? 1 : 0)
        return hasShare(problems[key(origin)] ?? Problem(), of: places, among: present)
    }

    /// Notes that a request of this problem holds a place, or holds it no longer.
    mutating func began(_ origin: RequestOrigin) { problems[key(origin), default: Problem()].atWork += 1 }

    mutating func ended(_ origin: RequestOrigin, now: ContinuousClock.Instant = .now) {
        problems[key(origin)]?.atWork -= 1
        problems[key(origin)]?.leftAt = now
    }

    mutating func append(_ ticket: Ticket) {
        problems[key(ticket.origin), default: Problem()].waiting.append(ticket)
    }

    mutating func remove(_ number: UInt64, of origin: RequestOrigin) -> Ticket? {
        guard let at = problems[key(origin)]?.waiting.firstIndex(where: { $0.number == number }) else { return nil }
        return problems[key(origin)]?.waiting.remove(at: at)
    }

    /// The request that gets a place which is free; nil if none waits, or each is one of a problem with its full share.
    /// - Parameters:
    ///   - left: the request that has left it; nil if it is new.
    ///   - places: the number of all places.
    mutating func next(after left: RequestOrigin?, places: Int, now: ContinuousClock.Instant = .now) -> Ticket? {
        forgetAbsent(now)
        let ready = problems.filter { !$1.waiting.isEmpty && hasShare($1, of: places, among: problems.count) }
        if let left, ready[key(left)] != nil { return take(from: key(left), after: left) }
        // The problem with the fewest, and of these the one that has waited longest.
        let chosen = ready.min { one, other in
            let (mine, theirs) = (one.value, other.value)
            return mine.atWork != theirs.atWork ? mine.atWork < theirs.atWork : number(mine) < number(theirs)
        }
        return chosen.flatMap { take(from: $0.key, after: nil) }
    }

    /// Where prefixes are shared, there is one share of all places.
    private func hasShare(_ problem: Problem, of places: Int, among present: Int) -> Bool {
        problem.atWork * max(1, present) < places
    }

    private mutating func take(from root: UInt64, after left: RequestOrigin?) -> Ticket? {
        guard keepsRoots, let left,
            let same = problems[root]?.waiting.firstIndex(where: { $0.origin.prefix == left.prefix })
        else { return problems[root]?.waiting.popFirst() }
        return problems[root]?.waiting.remove(at: same)
    }

    private func number(_ problem: Problem) -> UInt64 { problem.waiting.first?.number ?? .max }

    /// Where prefixes are shared, all requests are as those of one problem, and in the order in which they came.
    private func key(_ origin: RequestOrigin) -> UInt64 { keepsRoots ? origin.root : 0 }

    private mutating func forgetAbsent(_ now: ContinuousClock.Instant) {
        problems = problems.filter { _, problem in
            if problem.atWork > 0 || !problem.waiting.isEmpty { return true }
            return problem.leftAt.map { now - $0 < Self.pause } ?? false
        }
    }
}

/// What a request continues.
struct RequestOrigin: Sendable {
    /// The same for all requests of one problem.
    var root: UInt64
    /// The same for all requests that continue one prefix; 0 if there is nothing that they share.
    var prefix: UInt64 = 0
}
