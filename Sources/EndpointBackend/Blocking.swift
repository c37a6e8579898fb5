import Dispatch
import Locking
import NIOCore
import NIOPosix
import SearchCore

/// Runs all work of endpoints on a thread of its own. Swift has as many threads as there are cores, and a caller that
/// waits (below) may hold one of them: on one core no thread would be left for the work that it waits for.
///
/// It is the thread that reads the sockets, so an event of a stream is taken where it arrives: waking another thread
/// for it costs several times as much as reading it.
final class EndpointExecutor: TaskExecutor {
    static let shared = EndpointExecutor()
    /// For the clients' connections.
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let loop: any EventLoop

    private init() { loop = loops.next() }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
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
