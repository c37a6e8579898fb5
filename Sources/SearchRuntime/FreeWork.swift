import SearchCore
import StrategyHost

/// The work of a run that no budget counts: turns in which nothing was sampled or read, and nodes and text that APPEND,
/// REVISE and RUN made. Without a limit on these a strategy could continue forever and use more and more memory without
/// spending anything.
///
/// There is one for a run and all runs nested in it; otherwise each nested run could begin anew. What is allowed grows
/// with what was sampled, so that a search that uses what it samples never meets a limit.
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

    /// - Parameter size: the number of asks in the turn and of nodes that they name: a large batch takes longer.
    func addTurn(spends: Bool, size: Int) {
        if spends { spendingTurns += 1 } else { turns += 1 + size / Self.sizeOfTurn }
    }

    /// The number of asks and nodes that are as much work as one turn.
    private static let sizeOfTurn = 10_000
}

extension Run {
    /// The strategy has seen the results of a batch: notes whether the batch cost anything.
    func noteTurn() {
        if rounds > 1 { freeWork.addTurn(spends: hasSpent, size: batchSize) }
        everSpent = everSpent || hasSpent
        hasSpent = false
    }

    /// Called before anything of the batch is made.
    func refuseEndlessFreeWork(_ batch: [Ask]) throws(StratagemError) {
        batchSize = batch.count
        for ask in batch {
            switch ask.body {
            case .sample: break
            case .score(_, let nodes): batchSize += nodes.count
            case .append(_, _, let text): freeWork.add(nodes: 1, bytes: text.count)
            case .revise(_, _, let attempts): freeWork.add(nodes: 1 + attempts.count)
            // A nested run needs a tree, an instance and a ledger of its own.
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
