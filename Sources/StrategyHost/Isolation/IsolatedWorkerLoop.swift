import CSandbox
import Glibc
import SearchCore

/// A worker's thread in the host. It starts the process, moves bytes between the process and the host, watches the
/// time, and ends the process. It must outlive the process, since the kernel ends a worker when the thread that started
/// it ends.
final class IsolatedWorkerLoop {
    private let worker: IsolatedWorker
    private let options: IsolationOptions
    private var process = stg_worker()
    private var incoming: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: 1 << 17)
    private var prints: [IsolatedPrints]
    private var lastWords: stg_crash_message?

    init(_ worker: IsolatedWorker) {
        self.worker = worker
        options = worker.owner.options
        let owner = worker.owner
        prints = ["standard output", "standard error"].map {
            IsolatedPrints(label: $0, name: { owner.name }, log: owner.options.log)
        }
    }

    func run(after delay: UInt64) {
        if delay > 0 { usleep(UInt32(clamping: delay / 1000)) }
        if let error = start() { return worker.end(IsolatedDeath(cause: .notStarted(error))) }
        var cause: IsolatedDeath.Cause?
        let began = ABIClock.now
        while cause == nil {
            cause = turn(since: began)
        }
        finish(cause ?? .ended)
    }

    private func start() -> StratagemError? {
        guard let path = options.worker else {
            return StratagemError(
                .host, .workerMissing,
                "stratagem-worker, which runs untrusted plugins, is not beside the program. Install it there, or trust the plugin (stratagem trust PLUGIN)"
            )
        }
        let texts = [path, worker.owner.path, String(options.memoryBytes), String(options.filesMax)]
        var arguments: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        let error = stg_worker_start(path, arguments, UInt64(IsolationOptions.sharedBytes), &process)
        guard error == 0 else {
            return StratagemError(
                .host, .workerNotStarted, "\(path) could not be started: \(String(cString: strerror(error)))")
        }
        let started = process
        worker.state.withLock {
            $0.process = started
            if let shared = started.shared { $0.ring = IsolatedRing(start: shared, size: Int(started.shared_bytes)) }
        }
        return nil
    }

    // MARK: - One turn

    private func turn(since start: UInt64) -> IsolatedDeath.Cause? {
        let (isSending, isIdle) = worker.state.withLock { (!$0.outgoing.isEmpty, $0.sessions.isEmpty) }
        var polled = [
            pollfd(fd: process.socket, events: Int16(POLLIN) | (isSending ? Int16(POLLOUT) : 0), revents: 0),
            pollfd(fd: worker.wakeup, events: Int16(POLLIN), revents: 0),
            pollfd(fd: prints[0].isOpen ? process.output : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: prints[1].isOpen ? process.errors : -1, events: Int16(POLLIN), revents: 0),
        ]
        // A call that is sent meanwhile has its own limit, so the loop looks twice within that time.
        let seconds = min(options.callSeconds / 2, options.loadSeconds / 2, isIdle ? options.idleSeconds : 1)
        let milliseconds = max(1, min(1000, seconds * 1000))
        guard poll(&polled, nfds_t(polled.count), Int32(milliseconds)) >= 0 || errno == EINTR else { return .hungUp }
        if polled[1].revents != 0 {
            var count: UInt64 = 0
            _ = read(worker.wakeup, &count, 8)
        }
        if polled[2].revents != 0 { prints[0].take(process.output) }
        if polled[3].revents != 0 { prints[1].take(process.errors) }
        if isSending { flush() }
        if polled[0].revents & Int16(POLLIN | POLLHUP | POLLERR) != 0, let cause = receive() { return cause }
        return overdue(since: start)
    }

    private func flush() {
        let socket = process.socket
        worker.state.withLock { state in
            let sent = state.outgoing.withUnsafeBytes {
                send(socket, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
            }
            if sent > 0 { state.outgoing.dropFront(sent) }
        }
    }

    private func overdue(since start: UInt64) -> IsolatedDeath.Cause? {
        let now = ABIClock.now
        func isOver(_ since: UInt64, _ seconds: Double) -> Bool { now > since && Double(now - since) > seconds * 1e9 }
        return worker.state.withLock { state in
            if case .starting = state.phase {
                return isOver(start, options.loadSeconds) ? .timedOut(seconds: options.loadSeconds) : nil
            }
            if let call = state.calls.first {
                return isOver(call.began, options.callSeconds) ? .timedOut(seconds: options.callSeconds) : nil
            }
            guard state.sessions.isEmpty, isOver(state.idleSince, options.idleSeconds) else { return nil }
            // From here on nothing can be sent to it.
            state.phase = .ended(IsolatedDeath(cause: .idle))
            return .idle
        }
    }

    // MARK: - Receiving

    private func receive() -> IsolatedDeath.Cause? {
        let count = chunk.withUnsafeMutableBytes { recv(process.socket, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT)) }
        if count < 0 { return errno == EAGAIN || errno == EINTR ? nil : .ended }
        guard count > 0 else { return .ended }
        incoming.append(contentsOf: chunk[..<count])
        do throws(WireProblem) {
            let (done, cause) = try takeAll()
            incoming.dropFront(done)
            return cause
        } catch {
            return .badMessage(error.reason)
        }
    }

    /// - Returns: how many bytes of whole messages were processed, and the cause if the worker ended.
    private func takeAll() throws(WireProblem) -> (Int, IsolatedDeath.Cause?) {
        try incoming.withUnsafeBufferPointer { (buffer) throws(WireProblem) in
            let bytes = UnsafeRawBufferPointer(buffer)
            var done = 0
            while bytes.count - done >= WireHeader.size {
                let header = try WireHeader(UnsafeRawBufferPointer(rebasing: bytes[done...]))
                let start = done + WireHeader.size
                guard header.length <= bytes.count - start else { break }
                done = start + header.length
                if let cause = try take(header, UnsafeRawBufferPointer(rebasing: bytes[start..<done])) {
                    return (done, cause)
                }
            }
            return (done, nil)
        }
    }

    private func take(_ header: WireHeader, _ payload: UnsafeRawBufferPointer) throws(WireProblem) -> IsolatedDeath
        .Cause?
    {
        guard !header.isShared else { throw WireProblem(reason: "only the host writes to shared memory") }
        var reader = WireReader(payload)
        switch header.kind {
        case .hello: try greet(&reader)
        case .refused: return .refused(try reader.text())
        case .crash: lastWords = Self.lastWords(payload)
        case .reply: try answer(header, payload, &reader)
        case .log:
            guard let (session, count) = worker.countMessage() else {
                throw WireProblem(reason: "it logs outside of calls")
            }
            guard count <= IsolationOptions.messagesMax else { return .tooManyMessages(IsolationOptions.messagesMax) }
            let level: Int32 = try reader.number()
            session.log(level, String(decoding: try reader.raw(), as: UTF8.self))
        case .trace:
            guard let (session, _) = worker.countMessage() else {
                throw WireProblem(reason: "it traces outside of calls")
            }
            try trace(&reader, session)
        default: throw WireProblem(reason: "it is a message that only the host sends")
        }
        return nil
    }

    private func greet(_ reader: inout WireReader) throws(WireProblem) {
        let isStarting = worker.state.withLock { if case .starting = $0.phase { true } else { false } }
        guard isStarting else { throw WireProblem(reason: "it introduces itself a second time") }
        worker.becomeReady(try IsolatedDescription(&reader))
    }

    private func answer(_ header: WireHeader, _ payload: UnsafeRawBufferPointer, _ reader: inout WireReader)
        throws(WireProblem)
    {
        let wishes = FigureWishes(rawValue: try reader.number())
        let reply = try IsolatedReply(&reader)
        guard let call = worker.take(header) else { throw WireProblem(reason: "it answers a call that was not made") }
        switch (call.kind, reply) {
        case (.tell, .next), (_, .failed), (.create, .done), (.destroy, .done): break
        default: throw WireProblem(reason: "its answer to \(call.name) is not an answer to that call")
        }
        var digest = StableHash(0)
        digest.combine(payload)
        call.session.received(call.kind, reply, wishes: wishes, digest: digest.value, from: worker)
    }

    private func trace(_ reader: inout WireReader, _ session: any IsolatedWorker.Client) throws(WireProblem) {
        func line(_ reader: inout WireReader) throws(WireProblem) -> String {
            String(decoding: try reader.raw(), as: UTF8.self)
        }
        let (function, arguments, result) = (try line(&reader), try line(&reader), try line(&reader))
        guard let sink = session.sink else { throw WireProblem(reason: "it sends a trace that was not asked for") }
        sink.call(function, arguments: arguments, result: result, nanoseconds: try reader.number())
    }

    /// Written by our own handler, but in a process that the plugin may have taken over, so the bytes may be anything.
    private static func lastWords(_ payload: UnsafeRawBufferPointer) -> stg_crash_message? {
        var words = stg_crash_message()
        guard payload.count == MemoryLayout<stg_crash_message>.size - WireHeader.size else { return nil }
        withUnsafeMutableBytes(of: &words) {
            UnsafeMutableRawBufferPointer(rebasing: $0[WireHeader.size...]).copyMemory(from: payload)
        }
        return words
    }

    // MARK: - The end

    private func finish(_ cause: IsolatedDeath.Cause) {
        var death = IsolatedDeath(cause: cause)
        var peak: UInt64 = 0
        // A process that closes its socket either dies at once, or does not intend to.
        var patience: Int32 = 0
        if case .ended = cause { patience = 500 }
        for (index, descriptor) in [process.output, process.errors].enumerated() { prints[index].finish(descriptor) }
        worker.state.withLock { $0.process = nil }
        var endedItself: Int32 = 0
        stg_worker_end(&process, patience, &death.status, &endedItself, &peak)
        death.peakBytes = Int(clamping: peak)
        death.lastWords = lastWords
        if case .ended = cause, endedItself == 0 { death.cause = .hungUp }
        worker.end(death)
    }
}

extension IsolatedWorker {
    /// Starts the process after `delay` nanoseconds. Returns false if there is no thread for it.
    func start(after delay: UInt64) -> Bool {
        IsolatedThread.start { IsolatedWorkerLoop(self).run(after: delay) }
    }
}
