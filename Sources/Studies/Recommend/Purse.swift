import Locking
import SearchCore

/// What a call may spend and what it has spent: seconds by the clock, tokens and FLOPs as runs are charged.
public final class Purse: Sendable {
    private struct State {
        var paid = Cost()
        /// The part that may be spent now; the rest is kept for the end.
        var share = 1.0
        var begin = ContinuousClock.now
    }

    public let limits: Limits
    private let state = Locked(State())

    public init(_ limits: Limits) { self.limits = limits }

    /// The clock starts.
    func begin() { state.withLock { $0.begin = .now } }
    func allow(share: Double) { state.withLock { $0.share = share } }
    func pay(_ cost: Cost) { state.withLock { $0.paid.add(cost) } }

    /// `seconds` are those of the clock.
    public var spent: Cost {
        state.withLock { state in
            var cost = state.paid
            cost.seconds = (ContinuousClock.now - state.begin).seconds
            return cost
        }
    }

    /// Seconds of the clock for one unit of ``Cost/weight``; nil before anything was paid.
    public var pace: Double? {
        let spent = spent
        return spent.weight > 0 ? spent.seconds / spent.weight : nil
    }

    /// Of the limit that is nearest to its end, the part that is gone, or would be after `more`.
    ///
    /// - Parameter haste: below 1 where the pace so far is likely too slow to last.
    public func used(after more: Cost = Cost(), haste: Double = 1) -> Double {
        let spent = spent
        var parts = [0.0]
        if let most = limits.tokens { parts.append(Double(spent.tokens + more.tokens) / Double(most)) }
        if let most = limits.flops { parts.append((spent.flops + more.flops) / most) }
        if let most = limits.seconds {
            parts.append((spent.seconds + (more.weight > 0 ? haste * (pace ?? 0) * more.weight : 0)) / most)
        }
        return parts.max() ?? 0
    }

    public var isEmpty: Bool { used() >= state.withLock { $0.share } }
    func affords(_ cost: Cost, part: Double = 1, haste: Double = 1) -> Bool {
        let (share, gone) = (state.withLock { $0.share }, used())
        return used(after: cost, haste: haste) <= gone + part * (share - gone)
    }

    /// Until the clock stops what may be spent now; nil without such a limit.
    var secondsLeft: Double? {
        limits.seconds.map { max(0, $0 * state.withLock { $0.share } - spent.seconds) }
    }
}
