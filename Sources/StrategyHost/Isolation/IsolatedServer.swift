import CSandbox
import CStratagem
import Glibc
import SearchCore

/// The inside of `stratagem-worker`: confines the process, loads one plugin, and answers calls on its instances until
/// the host closes the socket.
///
/// It has one thread, and answers each call before it reads the next. So if the process dies, the host knows in which
/// call.
public final class IsolatedServer {
    /// Descriptors that the worker is started with, besides 0 to 2.
    static let socket: Int32 = 3
    static let sharedMemory: Int32 = 4
    /// The number of lines that a plugin may log per call; further lines are counted and dropped.
    static let logLinesMax = 1000
    static let logBytesMax = 16384

    private struct Entry {
        var instance: StrategyInstance
        var mirror: IsolatedMirror
    }

    private let strategies: [String: LoadedStrategy]
    private let shared: UnsafeRawBufferPointer
    private var instances: [UInt64: Entry] = [:]
    private var writer = WireWriter()
    private var logLines = 0

    /// The program: `stratagem-worker IMAGE MEMORY-BYTES FILES`. Never returns.
    public static func main(_ arguments: [String]) -> Never {
        guard arguments.count == 4, let memory = UInt64(arguments[2]), let files = UInt64(arguments[3]),
            let shared = mapSharedMemory()
        else {
            complain("is started by stratagem, for one plugin; it cannot be used alone", status: 2)
        }
        _ = socketInode
        stg_sandbox_die_with_parent()
        stg_sandbox_report_crashes(socket)
        var limits = stg_sandbox_limits(memory_bytes: memory, files: files)
        var report = stg_sandbox_report()
        stg_sandbox_confine(arguments[1], &limits, &report)
        let confinement = Confinement(
            noNewPrivileges: report.no_new_privileges == 1, landlockABI: Int(report.landlock_abi),
            systemCallFilter: report.seccomp == 1, limits: report.limits == 1)
        var greeting = WireWriter()
        do {
            let block = try load(arguments[1])
            IsolatedDescription.put(block, confinement, &greeting)
            send(.hello, greeting.bytes)
            IsolatedServer(block, shared).serve()
        } catch {
            greeting.put(error.reason)
            send(.refused, greeting.bytes)
            _exit(0)
        }
    }

    private static func complain(_ what: String, status: Int32) -> Never {
        let text = Array("stratagem-worker \(what).\n".utf8)
        _ = Glibc.write(2, text, text.count)
        _exit(status)
    }

    private init(_ block: PluginBlock, _ shared: UnsafeRawBufferPointer) {
        strategies = Dictionary(
            uniqueKeysWithValues: block.strategies.map {
                ($0.info.id, LoadedStrategy(info: $0.info, pluginHash: "", pluginPath: "", descriptor: $0.descriptor))
            })
        self.shared = shared
    }

    /// Read-only, because only the host writes.
    private static func mapSharedMemory() -> UnsafeRawBufferPointer? {
        var status = stat()
        guard fstat(sharedMemory, &status) == 0, status.st_size > 0,
            let start = mmap(nil, Int(status.st_size), PROT_READ, MAP_SHARED, sharedMemory, 0), start != MAP_FAILED
        else { return nil }
        close(sharedMemory)
        return UnsafeRawBufferPointer(start: start, count: Int(status.st_size))
    }

    private static func load(_ path: String) throws(PluginBlock.Problem) -> PluginBlock {
        let block: UnsafePointer<stg_plugin>
        do { block = try PluginImage.block(ofFile: path) } catch { throw PluginBlock.Problem(reason: error.reason) }
        return try PluginBlock(block)
    }

    // MARK: - The loop

    private func serve() -> Never {
        var buffer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 17)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(Self.socket, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { Self.end() }
            buffer.append(contentsOf: chunk[..<count])
            do { buffer.dropFront(try answerAll(buffer)) } catch {
                if Self.isCutOff { Self.end() }
                Self.complain("cannot read a message from the host: \(error.reason)", status: 3)
            }
        }
    }

    /// - Returns: how many bytes of whole messages were processed.
    private func answerAll(_ buffer: [UInt8]) throws(WireProblem) -> Int {
        try buffer.withUnsafeBufferPointer { (buffer) throws(WireProblem) in
            let bytes = UnsafeRawBufferPointer(buffer)
            var done = 0
            while bytes.count - done >= WireHeader.size {
                let header = try WireHeader(UnsafeRawBufferPointer(rebasing: bytes[done...]))
                let start = done + WireHeader.size
                let end = start + (header.isShared ? 8 : header.length)
                guard end <= bytes.count else { break }
                var payload = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                if header.isShared {
                    payload = try sharedPayload(payload.loadUnaligned(as: UInt64.self), header.length)
                }
                var reader = WireReader(payload)
                try answer(header, &reader)
                done = end
            }
            return done
        }
    }

    private func sharedPayload(_ offset: UInt64, _ length: Int) throws(WireProblem) -> UnsafeRawBufferPointer {
        guard let offset = Int(exactly: offset), offset <= shared.count, length <= shared.count - offset else {
            throw WireProblem(reason: "it is not in shared memory")
        }
        return UnsafeRawBufferPointer(rebasing: shared[offset..<offset + length])
    }

    private func answer(_ header: WireHeader, _ reader: inout WireReader) throws(WireProblem) {
        logLines = 0
        let reply: IsolatedReply
        switch header.kind {
        case .create: reply = create(header, try IsolatedMessages.create(&reader))
        case .tell:
            let (budget, nodes) = (try IsolatedMessages.budget(&reader), try IsolatedMessages.nodes(&reader))
            reply = next(header.instance, budget, nodes, try IsolatedMessages.tell(&reader))
        case .destroy:
            instances[header.instance] = nil
            reply = .done
        default: throw WireProblem(reason: "it is not a message to a worker")
        }
        if logLines > Self.logLinesMax {
            sendLog(2, "\(logLines - Self.logLinesMax) more lines of log were dropped", header)
        }
        send(reply, header)
    }

    private func create(_ header: WireHeader, _ create: IsolatedMessages.Create) -> IsolatedReply {
        guard let strategy = strategies[create.strategyID] else {
            return .failed(StratagemError(.host, .noInstance, "the worker has no strategy \(create.strategyID)"))
        }
        let mirror = IsolatedMirror(
            roles: create.roles, promises: create.promises, hasTokenFigures: create.hasTokenFigures,
            budget: create.budget
        ) { [unowned self] level, text in
            logLines += 1
            if logLines <= Self.logLinesMax { sendLog(level, text, header) }
        }
        mirror.take(create.nodes)
        do throws(StratagemError) {
            let instance = try StrategyInstance(
                strategy, environment: mirror, problems: create.problems, params: create.params, seed: create.seed,
                sink: create.isTraced ? IsolatedTraceSink() : nil)
            instances[header.instance] = Entry(instance: instance, mirror: mirror)
            return .done
        } catch {
            return .failed(error)
        }
    }

    private func next(_ id: UInt64, _ budget: BudgetView, _ nodes: [(id: UInt64, node: SearchNode)], _ tell: Tell)
        -> IsolatedReply
    {
        guard let entry = instances[id] else {
            return .failed(StratagemError(.host, .noInstance, "the worker has no instance \(id)"))
        }
        entry.mirror.budget = budget
        entry.mirror.take(nodes)
        do throws(StratagemError) { return .next(try entry.instance.next(tell)) } catch { return .failed(error) }
    }

    // MARK: - Sending

    private func send(_ reply: IsolatedReply, _ header: WireHeader) {
        writer.reset()
        writer.put(UInt64(0))
        writer.put(UInt64(0))
        writer.put(UInt64(0))
        writer.put(instances[header.instance]?.mirror.wishes.rawValue ?? 0)
        reply.put(&writer)
        if writer.bytes.count - WireHeader.size > WireHeader.lengthMax {
            let error = StratagemError(
                .plugin, .tooManyAsks,
                "its asks take \(writer.bytes.count) bytes; at most \(WireHeader.lengthMax) travel from a worker")
            return send(.failed(error), header)
        }
        writer.overwrite(
            at: 0,
            with: WireHeader(
                kind: .reply, length: writer.bytes.count - WireHeader.size,
                sequence: header.sequence, instance: header.instance))
        Self.write(writer.bytes)
    }

    private func sendLog(_ level: Int32, _ text: String, _ header: WireHeader) {
        var line = WireWriter()
        line.put(level)
        line.put(Array(text.utf8.prefix(Self.logBytesMax)))
        Self.send(.log, line.bytes, instance: header.instance)
    }

    fileprivate static func send(_ kind: WireKind, _ payload: [UInt8], instance: UInt64 = 0) {
        write(WireHeader(kind: kind, length: payload.count, sequence: 0, instance: instance).encoded + payload)
    }

    /// Called if the host no longer needs this process or is gone; or if the plugin has closed the socket or put
    /// something else in its place. In the second case this process waits for the host, which sees its own end closed,
    /// to kill it: if this process exited, it would look as if the plugin had called exit.
    private static func end() -> Never {
        while isCutOff { sleep(1) }
        _exit(0)
    }

    private static var isCutOff: Bool {
        var status = stat()
        return fstat(socket, &status) != 0 || status.st_ino != socketInode
    }

    /// The inode of the socket that the host passed.
    private static let socketInode: ino_t = {
        var status = stat()
        return fstat(socket, &status) == 0 ? status.st_ino : 0
    }()

    private static func write(_ bytes: [UInt8]) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(socket, $0.baseAddress.map { $0 + written }, $0.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { end() }
            written += count
        }
    }
}

/// Sends every call across the C boundary to the host, which prints it.
private struct IsolatedTraceSink: ABITraceSink {
    func call(_ function: String, arguments: String, result: String, nanoseconds: UInt64) {
        var line = WireWriter()
        for text in [function, arguments, result] { line.put(Array(text.utf8.prefix(IsolatedServer.logBytesMax))) }
        line.put(nanoseconds)
        IsolatedServer.send(.trace, line.bytes)
    }
}
