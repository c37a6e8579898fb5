import Dispatch
import LanguageModels
import SearchCore

protocol Completed {
    var id: UInt64 { get }
    var tokens: Int { get }
}
extension SampleCompletion: Completed {}
extension ScoreCompletion: Completed {}

/// Jobs whose results are known but not told yet: the scripted order of work.
struct CompletionQueue<Completion: Completed> {
    private struct Entry {
        var completion: Completion
        /// Advances that it has been in the batch.
        var age = 0
        /// When its answer is there, at a model that is somewhere else.
        var due = DispatchTime.distantFuture
    }

    private let behavior: ScriptedBehavior
    /// Everything is told at the next advance, in order of submission: the quick way.
    private let isPlain: Bool
    private var ready: [Completion] = []
    private var waiting: [Entry] = []
    private var cancelled: Set<UInt64> = []
    private var advances: UInt64 = 0
    private let wake: @Sendable () -> Void

    init(_ behavior: ScriptedBehavior, wake: @escaping @Sendable () -> Void) {
        self.behavior = behavior
        self.wake = wake
        isPlain =
            behavior.batchMax == nil && behavior.delay == 0 && behavior.tokensPerAdvance == nil
            && behavior.shuffle == nil
            && behavior.latency == nil
    }

    var hasWork: Bool { !ready.isEmpty || !waiting.isEmpty }

    mutating func push(_ completion: Completion) {
        if isPlain { return ready.append(completion) }
        var entry = Entry(completion: completion)
        if let latency = behavior.latency {
            entry.due = .now() + latency
            DispatchQueue.global().asyncAfter(deadline: entry.due, execute: DispatchWorkItem(block: wake))
        }
        waiting.append(entry)
    }

    mutating func cancel(_ id: UInt64) {
        guard ready.contains(where: { $0.id == id }) || waiting.contains(where: { $0.completion.id == id }) else {
            return
        }
        cancelled.insert(id)
    }

    /// - Parameter cut: makes a completion one that was cancelled after so many tokens.
    mutating func advance(into completions: inout [Completion], cut: (inout Completion, Int) -> Void) -> Advance {
        guard hasWork else { return .idle }
        advances += 1
        defer { cancelled.removeAll() }
        if isPlain {
            if !cancelled.isEmpty {
                for index in ready.indices where cancelled.contains(ready[index].id) { cut(&ready[index], 0) }
            }
            completions += ready
            ready.removeAll(keepingCapacity: true)
            return .progressed
        }
        let now = DispatchTime.now()
        var told: [Completion] = []
        var kept: [Entry] = []
        var inBatch = 0
        for var entry in waiting {
            if cancelled.contains(entry.completion.id) {
                cut(&entry.completion, min(tokens(by: entry.age), entry.completion.tokens))
                told.append(entry.completion)
                continue
            }
            if behavior.latency != nil {
                if entry.due <= now { told.append(entry.completion) } else { kept.append(entry) }
                continue
            }
            if inBatch < behavior.batchMax ?? .max {
                inBatch += 1
                entry.age += 1
                if tokens(by: entry.age) >= max(1, entry.completion.tokens) {
                    told.append(entry.completion)
                    continue
                }
            }
            kept.append(entry)
        }
        waiting = kept
        if let seed = behavior.shuffle { Self.shuffle(&told, SampleRandom(seed: seed &+ advances)) }
        completions += told
        return behavior.latency != nil && told.isEmpty ? .waiting : .progressed
    }

    /// How many tokens a job may have after so many advances in the batch.
    private func tokens(by age: Int) -> Int {
        guard age > behavior.delay else { return 0 }
        return behavior.tokensPerAdvance.map { $0 * (age - behavior.delay) } ?? .max
    }

    private static func shuffle(_ told: inout [Completion], _ random: SampleRandom) {
        for index in told.indices.dropFirst() {
            told.swapAt(index, Int(random.bits(UInt64(index)) % UInt64(index + 1)))
        }
    }
}
