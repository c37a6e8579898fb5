import Dispatch
import Locking

/// Calls a plugin's function on a thread other than the lane's, one call after the other.
final class FunctionCalls: ProgramCalls, Sendable {
    private struct State {
        var pending: [ProgramWork] = []
        /// The job that a thread is working on, and when it began.
        var current: (id: UInt64, began: DispatchTime)?
        var answers: [ProgramAnswer] = []
        /// Whether a thread is running, or about to.
        var isRunning = false
        /// Counts threads that did not return: their later results are dropped.
        var generation = 0
        var isWatched = false
    }

    private let name: String
    private let secondsMost: Double
    private let wake: @Sendable () -> Void
    private let call: @Sendable ([UInt8], [UInt8]) -> Double
    private let state = Locked(State())

    init(
        name: String, secondsMost: Double, wake: @escaping @Sendable () -> Void,
        call: @escaping @Sendable ([UInt8], [UInt8]) -> Double
    ) {
        (self.name, self.secondsMost, self.wake, self.call) = (name, secondsMost, wake, call)
    }

    func add(_ work: ProgramWork) {
        let idle = state.withLock { state -> Int? in
            state.pending.append(work)
            guard !state.isRunning else { return nil }
            state.isRunning = true
            return state.generation
        }
        if let idle { start(idle) }
    }

    /// Drops the calls of a job that have not begun.
    func remove(_ id: UInt64) { state.withLock { $0.pending.removeAll { $0.id == id } } }

    func takeAnswers() -> [ProgramAnswer] {
        state.withLock { state in
            defer { state.answers.removeAll(keepingCapacity: true) }
            return state.answers
        }
    }

    private func start(_ generation: Int) {
        DispatchQueue.global().async { self.drain(generation) }
    }

    private func drain(_ generation: Int) {
        while let work = next(generation) {
            var answer = ProgramAnswer(id: work.id)
            let began = DispatchTime.now().uptimeNanoseconds
            for text in work.texts { answer.values.append(call(work.problem, text)) }
            answer.calls = answer.values.count
            answer.seconds = Double(DispatchTime.now().uptimeNanoseconds - began) * 1e-9
            let isLate = state.withLock { state in
                guard state.generation == generation else { return true }
                state.answers.append(answer)
                return false
            }
            if isLate { return }
            wake()
        }
    }

    private func next(_ generation: Int) -> ProgramWork? {
        state.withLock { state in
            guard state.generation == generation else { return nil }
            state.current = nil
            state.isRunning = !state.pending.isEmpty
            guard state.isRunning else { return nil }
            let work = state.pending.removeFirst()
            state.current = (work.id, .now())
            return work
        }
    }

    // MARK: A call that does not return

    /// Checks from time to time, while somebody waits, whether the current call takes too long.
    func watch() {
        let begins = state.withLock { state in
            defer { state.isWatched = true }
            return !state.isWatched
        }
        if begins { look() }
    }

    private func look() {
        DispatchQueue.global().asyncAfter(deadline: .now() + secondsMost / 4) { [weak self] in self?.looked() }
    }

    private func looked() {
        enum Found { case nothing, working, hanging(next: Int) }
        let found = state.withLock { state -> Found in
            guard let current = state.current else {
                state.isWatched = false
                return .nothing
            }
            guard DispatchTime.now() >= current.began + secondsMost else { return .working }
            state.generation += 1
            state.current = nil
            state.answers.append(
                ProgramAnswer(
                    id: current.id, failure: "the function '\(name)' did not return within \(secondsMost) seconds",
                    seconds: secondsMost))
            return .hanging(next: state.generation)
        }
        switch found {
        case .nothing: return
        case .working: look()
        case .hanging(let next):
            start(next)
            wake()
            look()
        }
    }
}
