import LanguageModels
import Locking

/// The jobs of a role on a server. Every job is a task of its own; its result waits in a mailbox until the lane asks
/// for it, and wakes the lane.
///
/// Confined to its lane's thread; only the mailbox is shared with the tasks.
final class EndpointJobs<Note, Outcome: Sendable> {
    /// A job that is over.
    struct Done {
        var id: UInt64
        /// What its owner noted when it began.
        var note: Note
        var isCancelled: Bool
        var outcome: Outcome
    }

    private struct Job {
        var note: Note
        var task: Task<Void, Never>?
        var isCancelled = false
    }

    private let wake: @Sendable () -> Void
    private let mailbox = Locked<[(id: UInt64, outcome: Outcome)]>([])
    private var jobs: [UInt64: Job] = [:]

    init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    deinit { for job in jobs.values { job.task?.cancel() } }

    var isEmpty: Bool { jobs.isEmpty }
    var count: Int { jobs.count }

    func start(_ id: UInt64, _ note: Note, _ work: @escaping @Sendable () async -> Outcome) {
        precondition(jobs[id] == nil, "a job's id is in use")
        let (mailbox, wake) = (mailbox, wake)
        jobs[id] = Job(
            note: note,
            task: Task(executorPreference: EndpointExecutor.shared) {
                let outcome = await work()
                mailbox.withLock { $0.append((id, outcome)) }
                wake()
            })
    }

    /// For a job whose outcome is known without a request.
    func finish(_ id: UInt64, _ note: Note, _ outcome: Outcome) {
        precondition(jobs[id] == nil, "a job's id is in use")
        jobs[id] = Job(note: note)
        mailbox.withLock { $0.append((id, outcome)) }
        wake()
    }

    func cancel(_ id: UInt64) {
        guard jobs[id]?.isCancelled == false else { return }
        jobs[id]?.isCancelled = true
        jobs[id]?.task?.cancel()
    }

    /// Those that are over, each once.
    func takeDone() -> [Done] {
        let outcomes = mailbox.withLock { box in
            defer { box.removeAll(keepingCapacity: true) }
            return box
        }
        return outcomes.compactMap { id, outcome in
            jobs.removeValue(forKey: id).map {
                Done(id: id, note: $0.note, isCancelled: $0.isCancelled, outcome: outcome)
            }
        }
    }
}

/// What stands behind the handles of prefixes.
struct PrefixTable<Prefix> {
    private var prefixes: [UInt64: Prefix] = [:]
    private var issued: UInt64 = 0

    mutating func keep(_ prefix: Prefix) -> PrefixHandle {
        issued += 1
        prefixes[issued] = prefix
        return PrefixHandle(raw: issued)
    }

    mutating func release(_ handle: PrefixHandle) { prefixes[handle.raw] = nil }
    subscript(handle: PrefixHandle) -> Prefix? { prefixes[handle.raw] }
}
