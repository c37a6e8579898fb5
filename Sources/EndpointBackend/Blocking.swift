import Dispatch
import Locking
import SearchCore

/// Runs all work of endpoints on a thread of its own. Swift has as many threads as there are cores, and a caller that
/// waits (below) may hold one of them: on one core no thread would be left for the work that it waits for.
final class EndpointExecutor: TaskExecutor {
    static let shared = EndpointExecutor()
    private let queue = DispatchQueue(label: "stratagem.endpoints")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Waits on the caller's thread for an asynchronous operation.
enum Blocking {
    static func wait<Answer: Sendable>(
        _ work: @escaping @Sendable () async throws(StratagemError) -> Answer
    ) throws(StratagemError) -> Answer {
        let box = Locked<Result<Answer, StratagemError>?>(nil)
        let ready = DispatchSemaphore(value: 0)
        Task(executorPreference: EndpointExecutor.shared) {
            let result: Result<Answer, StratagemError>
            do throws(StratagemError) { result = .success(try await work()) } catch { result = .failure(error) }
            box.withLock { $0 = result }
            ready.signal()
        }
        ready.wait()
        guard let result = box.withLock({ $0 }) else {
            throw StratagemError(.host, .endpointFailed, "a finished request gave no result")
        }
        return try result.get()
    }
}
