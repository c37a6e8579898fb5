import Foundation
import GRDB
import SearchCore

/// Puts the shards of a study together.
public enum StoreMerge {
    public struct Merged: Sendable, Equatable {
        public var runs: Int
        /// Every cell on every problem.
        public var wanted: Int
    }

    /// - Returns: what is in the new store, and what the whole study would have.
    /// - Throws: if they are not the shards of one study, each once: says which are
    ///   missing, given twice, or unlike the first.
    public static func merge(_ paths: [String], into target: String, allowMissing: Bool = false) throws(StratagemError)
        -> Merged
    {
        guard let first = paths.first else {
            throw StratagemError(.user, .badShard, "no store is named. Name the stores of all shards")
        }
        guard !FileManager.default.fileExists(atPath: target) else {
            throw StratagemError(.user, .storeExists, "\(target) exists already. Name a new file")
        }
        var shards: [(path: String, store: EvalStore)] = []
        for path in paths { shards.append((path, try EvalStore.reading(path))) }
        try check(shards, allowMissing: allowMissing)
        guard var study = shards.first?.store.study else { return Merged(runs: 0, wanted: 0) }
        var cells: [StoredCell] = []
        for (path, store) in shards {
            for cell in try store.cells() {
                if let same = cells.first(where: { $0.isSame(as: cell) }) {
                    guard same.pluginSHA256 == cell.pluginSHA256 else {
                        throw StratagemError(
                            .user, .storeDiffers,
                            "\(path): \(cell.strategy) was measured by another build of its plugin than in \(first). Run both with the same plugin"
                        )
                    }
                } else {
                    cells.append(cell)
                }
            }
        }
        for (path, store) in shards where !allowMissing {
            let own = try store.cells()
            guard let lacking = cells.first(where: { cell in !own.contains { $0.isSame(as: cell) } }) else { continue }
            throw StratagemError(
                .user, .badShard,
                "\(path) has no cell \(lacking.name), and another shard has it: they belong to different grids. Continue it (--resume) with the same grid, or pass --allow-missing"
            )
        }
        study.shard = .whole
        // A writer of the target is somebody else; a second merge as well.
        let lock = try StoreLock(store: target)
        defer { lock.release() }
        // After the lock: what a writer at work has on the disk is not a remainder.
        try EvalStore.refuseRemains(of: target)
        let part = temporary(of: target)
        defer { _ = unsafe unlink(part) }
        let merged = try EvalStore.building(part, study: study, cells: cells)
        let known = try merged.cells()
        for (_, store) in shards { try copy(store, into: merged, known) }
        let count = try merged.runCount()
        try StoreFile.catching(part) { try merged.queue.close() }
        try publish(part, as: target)
        return Merged(runs: count, wanted: cells.count * study.problems.count)
    }

    /// What is being merged, until it is whole. A process that is killed leaves it.
    public static func temporary(of target: String) -> String { "\(target).\(getpid()).part" }

    /// Gives a whole store its name, on the disk too; never over a file that came meanwhile.
    private static func publish(_ part: String, as target: String) throws(StratagemError) {
        var code: Int32 = 0
        let descriptor = unsafe open(part, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 || fsync(descriptor) != 0 { code = errno }
        close(descriptor)
        if code == 0, unsafe link(part, target) != 0 {
            code = errno
            // A file system without hard links.
            if code == EPERM || code == ENOTSUP || code == ENOSYS, unsafe access(target, F_OK) != 0 {
                code = unsafe rename(part, target) == 0 ? 0 : errno
            }
        }
        guard code != EEXIST else {
            throw StratagemError(
                .user, .storeExists, "\(target) was created by another program in the meantime. Name a new file")
        }
        guard code == 0 else {
            throw StratagemError(
                .user, .cannotWrite,
                "\(target) cannot be made: \(unsafe String(cString: strerror(code))). Free some space, or name another file"
            )
        }
    }

    private static func check(_ shards: [(path: String, store: EvalStore)], allowMissing: Bool) throws(StratagemError) {
        guard let first = shards.first else { return }
        var seen: [Int: String] = [:]
        for (path, store) in shards {
            let shard = store.study.shard
            guard shard.count == first.store.study.shard.count else {
                throw StratagemError(
                    .user, .badShard,
                    "\(path) is shard \(shard), and \(first.path) is \(first.store.study.shard): they belong to different divisions"
                )
            }
            if let other = seen.updateValue(path, forKey: shard.index) {
                throw StratagemError(
                    .user, .badShard, "\(other) and \(path) are both shard \(shard). Name each shard once")
            }
            try StoreIdentity.require(store.study, equals: first.store.study, of: path, ignoringShard: true)
        }
        let count = first.store.study.shard.count
        let missing = (1...count).filter { seen[$0] == nil }
        guard missing.isEmpty || allowMissing else {
            let named = missing.prefix(8).map { "\($0)/\(count)" }.joined(separator: ", ")
            throw StratagemError(
                .user, .badShard,
                "of \(count) shards \(missing.count) are missing: \(named)\(missing.count > 8 ? ", …" : ""). Name their stores too, or pass --allow-missing"
            )
        }
    }

    private static func copy(_ store: EvalStore, into merged: EvalStore, _ known: [StoredCell]) throws(StratagemError) {
        for cell in try store.cells() {
            guard let target = known.first(where: { $0.isSame(as: cell) }) else { continue }
            var candidates: [Int: [StoredCandidate]] = [:]
            try store.eachRun(of: cell, withText: true) { candidates[$0] = $1 }
            let votes = try store.votes(of: cell)
            let runs = try store.outcomes(of: cell).map { one in
                StoredRun(
                    problem: one.problem, answer: one.answer, isCorrect: one.isCorrect, error: one.error,
                    cost: one.cost, texts: one.texts,
                    votes: votes[one.problem] ?? [], candidates: candidates[one.problem] ?? [])
            }
            try StoreFile.catching(merged.path) {
                try merged.queue.write { db in for run in runs { try StoreRows.insert(run, cell: target.id, in: db) } }
            }
        }
    }
}
