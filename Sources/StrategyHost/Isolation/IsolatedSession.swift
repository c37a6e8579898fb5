import Locking
import SearchCore

/// One instance in a worker, and everything that was sent to it.
///
/// If the worker dies in another instance's call, this instance is made again in a new worker by sending everything
/// again: a strategy depends only on its tells, so it reaches the same state. Each repeated answer is compared with the
/// first one.
final class IsolatedSession: IsolatedWorker.Client {
    /// The most that is kept of one instance for this purpose; an instance with more dies with its worker.
    static let historyBytesMax = 64 << 20

    fileprivate struct State {
        var worker: IsolatedWorker?
        /// The payloads of create and of every tell.
        var history: [[UInt8]] = []
        var historyBytes = 0
        /// Digests of the replies to create and to the tells that have been answered.
        var digests: [UInt64] = []
        /// The number of replies that came from the present worker.
        var answered = 0
        var isAwaited = false
        var isDestroyed = false
        var failure: StratagemError?
        var reply: Result<NextStep, StratagemError>?
        var wishes: FigureWishes = []
        var logs: [(Int32, String)] = []
    }

    let id: UInt64
    let image: IsolatedImage
    let strategyName: String
    let sink: (any ABITraceSink)?
    private let onReply: @Sendable () -> Void
    private let state = Locked(State())

    init(
        id: UInt64, image: IsolatedImage, strategyName: String, sink: (any ABITraceSink)?,
        onReply: @escaping @Sendable () -> Void
    ) {
        self.id = id
        self.image = image
        self.strategyName = strategyName
        self.sink = sink
        self.onReply = onReply
    }

    // MARK: - From the run

    func create(_ payload: [UInt8]) throws(StratagemError) {
        try state.withLock { state throws(StratagemError) in
            state.keep(payload)
            try attach(&state)
        }
    }

    func tell(_ payload: [UInt8]) {
        let isOver = state.withLock { state in
            state.isAwaited = true
            if state.failure == nil {
                state.keep(payload)
                // If the worker is gone, whoever ends it also handles this session.
                _ = state.worker?.send(.tell, self, payload)
                return false
            }
            state.giveUp()
            return true
        }
        if isOver { onReply() }
    }

    /// The reply to the last tell, if it has arrived, and what was logged in the meantime.
    func take() -> (reply: Result<NextStep, StratagemError>?, wishes: FigureWishes, logs: [(Int32, String)]) {
        state.withLock { state in
            defer { (state.reply, state.logs) = (nil, []) }
            return (state.reply, state.wishes, state.logs)
        }
    }

    func destroy() {
        state.withLock { state in
            state.isDestroyed = true
            state.history = []
            if let worker = state.worker { _ = worker.send(.destroy, self, []) }
            state.worker = nil
        }
    }

    /// Finds a worker and sends everything that was sent so far.
    private func attach(_ state: inout State) throws(StratagemError) {
        state.answered = 0
        while true {
            let worker = try image.worker()
            state.worker = worker
            var isThere = true
            for (index, payload) in state.history.enumerated() where isThere {
                isThere = worker.send(index == 0 ? .create : .tell, self, payload)
            }
            if isThere { return }
        }
    }

    // MARK: - From the worker's thread

    func log(_ level: Int32, _ text: String) {
        state.withLock { state in
            // What comes again in the repetition was already logged.
            if state.answered >= state.digests.count { state.logs.append((level, text)) }
        }
    }

    func received(
        _ kind: WireKind, _ reply: IsolatedReply, wishes: FigureWishes, digest: UInt64, from worker: IsolatedWorker
    ) {
        guard kind != .destroy else { return }
        let isOver = state.withLock { state -> Bool in
            guard state.worker === worker, state.failure == nil, !state.isDestroyed else { return false }
            defer { state.answered += 1 }
            if state.answered < state.digests.count {
                if state.digests[state.answered] == digest { return false }
                state.failure = StratagemError(
                    .plugin, .notRepeatable,
                    "strategy '\(strategyName)': its process had to be started again, and for the same tells it asked for something else than before; a strategy may depend only on its tells and on stg_host.random"
                )
                return state.giveUp()
            }
            state.digests.append(digest)
            switch reply {
            case .done: return false
            case .failed(let error):
                state.failure = error
                return state.giveUp()
            case .next(let step):
                guard state.isAwaited else { return false }
                state.wishes = wishes
                (state.reply, state.isAwaited) = (.success(step), false)
                return true
            }
        }
        if isOver { onReply() }
    }

    /// The worker is gone. Unless it died in this session's call, the session continues in another one.
    func workerEnded(_ worker: IsolatedWorker, _ error: StratagemError, isCulprit: Bool) {
        let isOver = state.withLock { state -> Bool in
            guard state.worker === worker, !state.isDestroyed, state.failure == nil else { return false }
            state.worker = nil
            if isCulprit || state.history.isEmpty {
                state.failure = error
            } else {
                do throws(StratagemError) { try attach(&state) } catch { state.failure = error }
            }
            return state.failure != nil && state.giveUp()
        }
        if isOver { onReply() }
    }
}

extension IsolatedSession.State {
    fileprivate mutating func keep(_ payload: [UInt8]) {
        guard historyBytes <= IsolatedSession.historyBytesMax else { return }
        historyBytes += payload.count
        if historyBytes <= IsolatedSession.historyBytesMax { history.append(payload) } else { history = [] }
    }

    /// If a tell has no reply yet, the failure becomes its reply.
    @discardableResult
    fileprivate mutating func giveUp() -> Bool {
        guard isAwaited, let failure else { return false }
        (reply, isAwaited) = (.failure(failure), false)
        return true
    }
}
