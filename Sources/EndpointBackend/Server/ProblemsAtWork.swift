import Locking

/// The problems whose samples a server with slots is asked for, by all lanes together.
///
/// A slot that serves one problem after another reads each prompt anew; one that stays with a problem for 32 of its
/// samples reads it once for these. So more problems are begun than keep all slots busy: as many as give each slot 32
/// samples, but no more problems than slots.
final class ProblemsAtWork: Sendable {
    private struct Problem {
        var samples = 0
        /// The most that it asked for at once.
        var most = 0
        var leftAt: ContinuousClock.Instant?
    }

    private static let samplesForASlot = 32
    private let slots: Int
    private let problems = Locked<[UInt64: Problem]>([:])

    init(slots: Int) { self.slots = slots }

    func began(_ root: UInt64) {
        problems.withLock {
            var problem = $0[root] ?? Problem()
            problem.samples += 1
            problem.most = max(problem.most, problem.samples)
            $0[root] = problem
        }
    }

    func ended(_ root: UInt64, now: ContinuousClock.Instant = .now) {
        problems.withLock {
            $0[root]?.samples -= 1
            $0[root]?.leftAt = now
        }
    }

    func leavesRoom(now: ContinuousClock.Instant = .now) -> Bool {
        problems.withLock {
            $0 = $0.filter { $1.samples > 0 || $1.leftAt.map { now - $0 < PlaceQueue.pause } == true }
            let samples = $0.values.reduce(0) { $0 + ($1.samples > 0 ? $1.samples : $1.most) }
            return $0.count < slots && samples < Self.samplesForASlot * slots
        }
    }
}
