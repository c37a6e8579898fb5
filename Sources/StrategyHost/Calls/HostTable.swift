import CStratagem
import SearchCore

/// The memory that a getter's pointers point into. It is handed out piece by piece, and all of it is taken back when
/// the call into the plugin returns. Pieces never move.
final class CallArena {
    private var blocks: [UnsafeMutableRawBufferPointer] = []
    private var block = 0
    private var used = 0

    deinit { for block in blocks { block.deallocate() } }

    func reset() {
        block = 0
        used = 0
    }

    func copy(_ bytes: UnsafeRawBufferPointer) -> stg_str {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return stg_str(data: nil, size: 0) }
        while block < blocks.count, blocks[block].count - used < bytes.count {
            block += 1
            used = 0
        }
        if block == blocks.count {
            blocks.append(.allocate(byteCount: max(4096, bytes.count), alignment: 16))
            used = 0
        }
        guard let start = blocks[block].baseAddress else { return stg_str(data: nil, size: 0) }
        let target = start + used
        target.copyMemory(from: source, byteCount: bytes.count)
        used += bytes.count
        return stg_str(data: target.assumingMemoryBound(to: CChar.self), size: bytes.count)
    }
}

/// The host function table of one instance, and what its functions need.
///
/// The functions answer only inside a call into the plugin (the header's [call]). At any other time getters return
/// `STG_INVALID_ARGUMENT`, and `log` and `set_error` do nothing.
final class HostTable {
    let table: UnsafeMutablePointer<stg_host>
    /// The run from which the functions get their results.
    unowned let environment: any InstanceEnvironment
    private let arena = CallArena()
    private let random: SampleRandom
    private var randomCalls: UInt64 = 0
    private(set) var isInCall = false
    private var lastError: String?

    init(environment: any InstanceEnvironment, seed: UInt64) {
        self.environment = environment
        random = SampleRandom(seed: seed)
        table = .allocate(capacity: 1)
        table.initialize(
            to: stg_host(
                struct_size: UInt32(MemoryLayout<stg_host>.size), abi_major: UInt16(STG_ABI_MAJOR),
                abi_minor: UInt16(STG_ABI_MINOR),
                host_data: nil, get_node: Self.getNode, step_scores: Self.stepScores, get_budget: Self.getBudget,
                random: Self.nextRandom, has_role: Self.hasRole, log: Self.log, set_error: Self.setError,
                get_extension: Self.getExtension, generations_left: Self.generationsLeft))
        table.pointee.host_data = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit {
        table.deinitialize(count: 1)
        table.deallocate()
    }

    /// Runs one call into the plugin.
    func during<Result>(_ body: () -> Result) -> Result {
        isInCall = true
        lastError = nil
        defer {
            isInCall = false
            arena.reset()
        }
        return body()
    }

    /// The plugin's message for the error that it returned from the last call.
    func takeError() -> String? {
        defer { lastError = nil }
        return lastError
    }

    /// The table behind a pointer that the plugin passed; nil outside a call.
    static func of(_ host: UnsafePointer<stg_host>?) -> HostTable? {
        guard let data = host?.pointee.host_data else { return nil }
        let table = Unmanaged<HostTable>.fromOpaque(data).takeUnretainedValue()
        return table.isInCall ? table : nil
    }

    /// Copies what fits into the caller's struct; the struct of an older plugin is shorter.
    static func fill<Value>(_ out: UnsafeMutablePointer<Value>, _ value: Value, size: UInt32) {
        let count = min(Int(size), MemoryLayout<Value>.size)
        guard count > 4 else { return }
        withUnsafePointer(to: value) { filled in
            // struct_size, the first four bytes, is not overwritten.
            UnsafeMutableRawPointer(out).advanced(by: 4)
                .copyMemory(from: UnsafeRawPointer(filled).advanced(by: 4), byteCount: count - 4)
        }
    }

    private func str(_ text: String) -> stg_str {
        var text = text
        return text.withUTF8 { arena.copy(UnsafeRawBufferPointer($0)) }
    }

    private static let getNode:
        @convention(c) (UnsafePointer<stg_host>?, stg_node, UnsafeMutablePointer<stg_node_info>?) -> stg_status = {
            host, id, out in
            guard let self = HostTable.of(host), let out, out.pointee.struct_size >= 8 else {
                return STG_INVALID_ARGUMENT
            }
            guard let node = self.environment.node(id) else { return STG_NOT_FOUND }
            var flags: UInt32 = 0
            switch node.ending {
            case .finished: flags |= STG_NODE_FINISHED
            case .truncated: flags |= STG_NODE_TRUNCATED
            case .open: break
            }
            if node.score != nil { flags |= STG_NODE_SCORED }
            if node.answer != nil { flags |= STG_NODE_ANSWERED }
            let info = stg_node_info(
                struct_size: 0, flags: flags, parent: stg_node(node.parent), problem: UInt32(node.problem),
                depth: UInt32(node.depth),
                steps: UInt32(node.stepEnds.count), tokens: UInt32(node.tokens), log_probability: node.logProbability,
                score: node.score ?? 0, text: node.text.withUnsafeBytes { self.arena.copy($0) },
                answer: node.answer.map { self.str($0) } ?? stg_str(data: nil, size: 0))
            HostTable.fill(out, info, size: out.pointee.struct_size)
            return STG_OK
        }

    private static let stepScores:
        @convention(c) (
            UnsafePointer<stg_host>?, stg_node, UnsafeMutablePointer<Double>?, Int, UnsafeMutablePointer<Int>?
        ) -> stg_status = { host, id, out, capacity, count in
            guard let self = HostTable.of(host), let count, out != nil || capacity == 0 else {
                return STG_INVALID_ARGUMENT
            }
            guard let scores = self.environment.stepScores(through: id) else { return STG_NOT_FOUND }
            for index in 0..<min(capacity, scores.count) { out?[index] = scores[index] }
            count.pointee = scores.count
            return STG_OK
        }

    private static let getBudget:
        @convention(c) (UnsafePointer<stg_host>?, UnsafeMutablePointer<stg_budget>?) -> stg_status = { host, out in
            guard let self = HostTable.of(host), let out, out.pointee.struct_size >= 8 else {
                return STG_INVALID_ARGUMENT
            }
            let view = self.environment.budget
            let budget = stg_budget(
                struct_size: 0, reserved: 0,
                generations: view.limits.generations.map(UInt64.init) ?? UInt64.max,
                tokens: view.limits.tokens.map(UInt64.init) ?? UInt64.max,
                flops: view.limits.flops ?? .infinity, seconds: view.limits.seconds ?? .infinity,
                generations_spent: UInt64(view.spent.generations), tokens_spent: UInt64(view.spent.tokens),
                flops_spent: view.spent.flops, seconds_spent: view.spent.seconds)
            HostTable.fill(out, budget, size: out.pointee.struct_size)
            return STG_OK
        }

    private static let generationsLeft:
        @convention(c) (UnsafePointer<stg_host>?, stg_node, UInt32, UnsafeMutablePointer<UInt64>?) -> stg_status = {
            host, id, steps, count in
            guard let self = HostTable.of(host), let count, steps <= STG_MAX_STEPS else { return STG_INVALID_ARGUMENT }
            guard let node = self.environment.node(id) else { return STG_NOT_FOUND }
            count.pointee =
                self.environment.budget.generationsLeft(from: node.depth, steps: Int(steps)).map(UInt64.init) ?? .max
            return STG_OK
        }

    private static let nextRandom: @convention(c) (UnsafePointer<stg_host>?) -> UInt64 = { host in
        guard let self = HostTable.of(host) else { return 0 }
        defer { self.randomCalls += 1 }
        return self.random.bits(self.randomCalls)
    }

    private static let hasRole: @convention(c) (UnsafePointer<stg_host>?, stg_str) -> Int32 = { host, role in
        guard let self = HostTable.of(host), let name = try? AskDecoder.string(role, "role") else { return 0 }
        return self.environment.hasRole(name) ? 1 : 0
    }

    private static let log: @convention(c) (UnsafePointer<stg_host>?, stg_log_level, stg_str) -> Void = {
        host, level, text in
        guard let self = HostTable.of(host), let bytes = try? AskDecoder.bytes(text, "log") else { return }
        self.environment.log(level: level, String(decoding: bytes, as: UTF8.self))
    }

    private static let setError: @convention(c) (UnsafePointer<stg_host>?, stg_status, stg_str) -> Void = {
        host, _, text in
        guard let self = HostTable.of(host), let bytes = try? AskDecoder.bytes(text, "error") else { return }
        self.lastError = String(decoding: bytes.prefix(4096), as: UTF8.self)
    }

    private static let getExtension: @convention(c) (UnsafePointer<stg_host>?, stg_str) -> UnsafeRawPointer? = {
        host, id in
        guard let self = HostTable.of(host), let name = try? AskDecoder.string(id, "extension") else { return nil }
        switch name {
        case ConfidenceExtension.id: return self.environment.offersConfidence() ? ConfidenceExtension.table : nil
        case ConfidenceExtension.id2: return self.environment.offersTokenFigures() ? ConfidenceExtension.table2 : nil
        case CapabilitiesExtension.id: return CapabilitiesExtension.table
        default: return nil
        }
    }
}
