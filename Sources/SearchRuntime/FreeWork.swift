import SearchCore
import StrategyHost

/// What a run has had done that no budget counts: turns in which nothing was sampled or
/// read, nodes and text that APPEND, REVISE and RUN made. Without a bound on these a
/// strategy could continue for ever, and take memory for it, and spend nothing.
///
/// One for a run and all that it nests: each could else begin afresh. What is allowed
/// grows with what was sampled, so that no search meets a limit that uses what it makes.
final class FreeWork {
    private(set) var turns = 0
    private(set) var nodes = 0
    private(set) var bytes = 0
    private var spendingTurns = 0
    private var sampledNodes = 0

    var turnsMax: Int { RunLimits.freeTurns + RunLimits.freeTurnsEarned * spendingTurns }
    var nodesMax: Int { RunLimits.freeNodes + RunLimits.freeNodesEarned * sampledNodes }
    var bytesMax: Int { RunLimits.freeBytes + RunLimits.freeBytesEarned * sampledNodes }

    var isOverdrawn: Bool { nodes > nodesMax || bytes > bytesMax || turns > turnsMax }

    func sampled() { sampledNodes += 1 }

    func add(nodes: Int, bytes: Int = 0) {
        self.nodes += nodes
        self.bytes += bytes
    }

    /// - Parameter size: asks of the turn, and nodes that these name: a large batch takes longer.
    func addTurn(spends: Bool, size: Int) {
        if spends { spendingTurns += 1 } else { turns += 1 + size / Self.sizeOfTurn }
    }

    /// Asks and nodes that are as much work as one turn.
    private static let sizeOfTurn = 10_000
}

extension Run {
    /// The strategy has seen the result of a batch: whether that cost anything.
    func noteTurn() {
        if rounds > 1 { freeWork.addTurn(spends: hasSpent, size: batchSize) }
        everSpent = everSpent || hasSpent
        hasSpent = false
    }

    /// Before anything of the batch is made.
    func refuseEndlessFreeWork(_ batch: [Ask]) throws(StratagemError) {
        batchSize = batch.count
        for ask in batch {
            switch ask.body {
            case .sample: break
            case .score(_, let nodes): batchSize += nodes.count
            case .append(_, _, let text): freeWork.add(nodes: 1, bytes: text.count)
            case .revise(_, _, let attempts): freeWork.add(nodes: 1 + attempts.count)
            // A tree, an instance and its own ledger.
            case .run: freeWork.add(nodes: 16)
            }
        }
        let free = freeWork
        if free.turns > free.turnsMax {
            throw violation(
                .noProgress,
                "it took \(free.turns) turns in which nothing was sampled and no sampled node was scored for the first time; \(RunLimits.freeTurns) are allowed, and \(RunLimits.freeTurnsEarned) more for each turn in which something was"
            )
        }
        if free.nodes > free.nodesMax {
            throw violation(
                .tooManyNodes,
                "it asked for \(free.nodes) nodes by APPEND, REVISE and RUN; \(RunLimits.freeNodes) are allowed, and \(RunLimits.freeNodesEarned) more for each node sampled (a RUN counts as 16, a REVISE as one more for each attempt that it shows)"
            )
        }
        if free.bytes > free.bytesMax {
            throw violation(
                .tooMuchText,
                "it appended \(free.bytes) bytes of text; \(RunLimits.freeBytes >> 20) MiB are allowed, and \(RunLimits.freeBytesEarned >> 10) KiB more for each node sampled"
            )
        }
    }
}
