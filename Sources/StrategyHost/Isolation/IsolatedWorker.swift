import Locking
import CSandbox
import Glibc
import SearchCore

/// The host's side of a worker process: calls are sent from any thread and answered in order, on the worker's own
/// thread.
///
/// Nothing here waits for the process but ``waitUntilReady()``.
///
///     starting ── hello ──▶ running ──┐
///        └── refused, died, timed out ┴──▶ ended
final class IsolatedWorker: Sendable {
    /// The owner of the plugin that the worker runs; it is told how the process is doing. Called on the worker's
    /// thread.
    protocol Owner: AnyObject, Sendable {
        /// The plugin's name.
        var name: String { get }
        /// The private copy of the plugin that the process opens.
        var path: String { get }
        var options: IsolationOptions { get }
        func workerIsReady(_ description: IsolatedDescription)
        func workerEnded(_ worker: IsolatedWorker, _ death: IsolatedDeath, in call: String?)
    }

    /// An instance in the process. Called on the worker's thread.
    protocol Client: AnyObject, Sendable {
        var id: UInt64 { get }
        /// Receives the calls across the C boundary, if they are traced.
        var sink: (any ABITraceSink)? { get }
        func log(_ level: Int32, _ text: String)
        func received(
            _ kind: WireKind, _ reply: IsolatedReply, wishes: FigureWishes, digest: UInt64, from worker: IsolatedWorker)
        func workerEnded(_ worker: IsolatedWorker, _ error: StratagemError, isCulprit: Bool)
    }

    enum Phase: Sendable {
        case starting
        case running(IsolatedDescription)
        case ended(IsolatedDeath)
    }

    /// A call that has not been answered.
    struct Call: Sendable {
        var kind: WireKind
        var sequence: UInt32
        var session: any Client
        /// Its payload in shared memory.
        var piece: IsolatedRing.Piece?
        /// When the worker could begin with the call; 0 until the calls before it are answered.
        var began: UInt64 = 0
        /// The number of messages that have arrived besides the reply.
        var messages = 0

        var name: String {
            switch kind {
            case .create: "create"
            case .destroy: "destroy"
            default: "next"
            }
        }
    }

    struct State: @unchecked Sendable {
        var phase = Phase.starting
        var process: stg_worker?
        /// What the socket has not accepted yet.
        var outgoing: [UInt8] = []
        var ring: IsolatedRing?
        var calls: [Call] = []
        var sequence: UInt32 = 0
        /// Instances that live in this process.
        var sessions: [UInt64: any Client] = [:]
        /// When it became idle.
        var idleSince = ABIClock.now
    }

    let owner: any Owner
    let state = Locked(State())
    /// Wakes the loop when there is something to send.
    let wakeup = stg_wakeup()
    private let ready = IsolatedGate()

    init(_ owner: any Owner) { self.owner = owner }

    deinit { close(wakeup) }

    var isEnded: Bool {
        state.withLock { if case .ended = $0.phase { true } else { false } }
    }

    /// Blocks until the plugin is loaded or the worker is gone.
    func waitUntilReady() -> Phase {
        ready.wait()
        return state.withLock { $0.phase }
    }

    // MARK: - Calls

    /// Queues a call. Never blocks.
    /// - Returns: false if the process is gone: the owner of the session will be told.
    func send(_ kind: WireKind, _ session: any Client, _ payload: [UInt8]) -> Bool {
        let (isSent, mustWake) = state.withLock { state -> (Bool, Bool) in
            if case .ended = state.phase { return (false, false) }
            state.sequence &+= 1
            state.sessions[session.id] = session
            var call = Call(kind: kind, sequence: state.sequence, session: session)
            if state.calls.isEmpty { call.began = ABIClock.now }
            var header = WireHeader(kind: kind, length: payload.count, sequence: state.sequence, instance: session.id)
            var message: [UInt8]
            if payload.count > IsolatedRing.payloadMin, let piece = state.ring?.put(payload) {
                call.piece = piece
                header.isShared = true
                message = header.encoded
                withUnsafeBytes(of: UInt64(piece.offset).littleEndian) { message.append(contentsOf: $0) }
            } else {
                message = header.encoded
                message += payload
            }
            state.calls.append(call)
            return (true, Self.push(message, &state))
        }
        if mustWake { wake() }
        return isSent
    }

    /// Gives the socket what it accepts at once; the loop sends the rest.
    /// - Returns: whether the loop must be woken for that.
    private static func push(_ message: [UInt8], _ state: inout State) -> Bool {
        guard state.outgoing.isEmpty, let process = state.process else {
            state.outgoing += message
            return false
        }
        let sent = message.withUnsafeBytes {
            Glibc.send(process.socket, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        }
        guard sent < message.count else { return false }
        state.outgoing += message[max(0, sent)...]
        return true
    }

    func wake() {
        var one: UInt64 = 1
        _ = write(wakeup, &one, 8)
    }

    // MARK: - For the loop

    func becomeReady(_ description: IsolatedDescription) {
        state.withLock {
            $0.phase = .running(description)
            // The time for loading does not count for the first call.
            if !$0.calls.isEmpty { $0.calls[0].began = ABIClock.now }
        }
        owner.workerIsReady(description)
        ready.open()
    }

    /// The oldest call has been answered.
    func take(_ header: WireHeader) -> Call? {
        state.withLock { state in
            guard let call = state.calls.first, call.sequence == header.sequence, call.session.id == header.instance
            else { return nil }
            state.calls.removeFirst()
            if let piece = call.piece { state.ring?.giveBack(piece) }
            if call.kind == .destroy { state.sessions[call.session.id] = nil }
            let now = ABIClock.now
            if state.calls.isEmpty { state.idleSince = now } else { state.calls[0].began = now }
            return call
        }
    }

    /// A message other than the reply has arrived.
    /// - Returns: the call during which it arrived, and how many there were; nil outside of calls.
    func countMessage() -> (session: any Client, count: Int)? {
        state.withLock { state in
            guard !state.calls.isEmpty else { return nil }
            state.calls[0].messages += 1
            return (state.calls[0].session, state.calls[0].messages)
        }
    }

    /// The process is gone. Its instances are told: the one that was being called fails, and the others may continue
    /// elsewhere.
    func end(_ death: IsolatedDeath) {
        let (calls, sessions) = state.withLock { state -> ([Call], [any Client]) in
            state.phase = .ended(death)
            defer { (state.calls, state.sessions, state.process, state.ring) = ([], [:], nil, nil) }
            return (state.calls, state.sessions.values.sorted { $0.id < $1.id })
        }
        let culprit = calls.first
        owner.workerEnded(self, death, in: culprit?.name)
        ready.open()
        let error = death.error(plugin: owner.name, call: culprit?.name, memoryMax: owner.options.memoryBytes)
        for session in sessions {
            session.workerEnded(self, error, isCulprit: culprit == nil || culprit?.session.id == session.id)
        }
    }
}

/// A gate that one thread opens once; others wait until it is open.
final class IsolatedGate: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func open() { sem_post(semaphore) }

    func wait() {
        while sem_wait(semaphore) != 0, errno == EINTR {}
        // Wakes the next thread that waits.
        sem_post(semaphore)
    }
}
