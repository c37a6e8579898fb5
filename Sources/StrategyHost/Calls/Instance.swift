import CStratagem
import SearchCore

/// A strategy instance: owns the plugin's `stg_instance` and destroys it.
///
/// Single-threaded like the C side: the run that owns it calls it.
public final class StrategyInstance: StrategyDriver {
    private let strategy: UnsafePointer<stg_strategy>
    private let name: String
    private let host: HostTable
    private let hostPointer: UnsafePointer<stg_host>
    private var instance: OpaquePointer?
    /// Keeps an interposer's closures alive as long as the plugin may call them.
    private let interposer: HostTableInterposer?
    private let tracer: InstanceTracer
    // Reused from call to call, so that a turn allocates nothing for its tell.
    private var told: [stg_told] = []
    private var toldNodes: [UInt64] = []

    /// Calls `create`.
    /// - Parameters:
    ///   - problems: texts and root nodes; one problem unless the strategy takes batches.
    ///   - params: in the strategy's order, as `LoadedStrategy.check` returned them.
    ///   - seed: the seed of `stg_host.random`.
    public init(
        _ loaded: LoadedStrategy, environment: any InstanceEnvironment, problems: [(text: String, root: UInt64)],
        params: [String: ParameterValue], seed: UInt64, sink: (any ABITraceSink)? = nil,
        contract: (any ABIContractSink)? = nil
    ) throws(StratagemError) {
        strategy = loaded.descriptor
        name = loaded.info.name
        host = HostTable(environment: environment, seed: seed)
        interposer =
            sink == nil && contract == nil ? nil : try HostTableInterposer(host.table, sink: sink, contract: contract)
        hostPointer = interposer?.table ?? UnsafePointer(host.table)
        tracer = InstanceTracer(trace: sink, interposer: interposer)
        try create(problems, loaded.info.params.map { params[$0.id] ?? .none })
    }

    deinit {
        guard let instance else { return }
        tracer.destroy { strategy.pointee.destroy(instance) }
    }

    private func create(_ problems: [(text: String, root: UInt64)], _ params: [ParameterValue]) throws(StratagemError) {
        // All arguments live in one arena until create returns.
        let arena = CallArena()
        func str(_ text: String) -> stg_str {
            var text = text
            return text.withUTF8 { arena.copy(UnsafeRawBufferPointer($0)) }
        }
        let values = params.map { value -> stg_value in
            var raw = stg_value()
            switch value {
            case .none: raw.kind = STG_VALUE_NONE
            case .int(let number): (raw.kind, raw.i) = (STG_VALUE_INT, number)
            case .float(let number): (raw.kind, raw.f) = (STG_VALUE_FLOAT, number)
            case .bool(let flag): (raw.kind, raw.i) = (STG_VALUE_BOOL, flag ? 1 : 0)
            case .text(let text): (raw.kind, raw.s) = (STG_VALUE_TEXT, str(text))
            case .bytes(let bytes): (raw.kind, raw.s) = (STG_VALUE_BYTES, bytes.withUnsafeBytes { arena.copy($0) })
            }
            return raw
        }
        let entries = problems.map {
            stg_problem(
                struct_size: UInt32(MemoryLayout<stg_problem>.size), reserved: 0, text: str($0.text), root: $0.root)
        }
        var made: OpaquePointer?
        let status = entries.withUnsafeBufferPointer { entries in
            values.withUnsafeBufferPointer { values in
                var info = stg_create_info(
                    struct_size: UInt32(MemoryLayout<stg_create_info>.size), problem_count: UInt32(entries.count),
                    problems: entries.baseAddress, params: values.baseAddress, param_count: values.count,
                    strategy: strategy)
                return withUnsafePointer(to: &info) { info in
                    tracer.create(info) { host.during { strategy.pointee.create(hostPointer, info, &made) } }
                }
            }
        }
        guard status == STG_OK else { throw failure("create", status) }
        guard let made else {
            throw StratagemError(.plugin, .noInstance, "strategy '\(name)': create returned STG_OK without an instance")
        }
        instance = made
    }

    public func next(_ tell: Tell) throws(StratagemError) -> NextStep {
        guard let instance else { throw StratagemError(.host, .noInstance, "strategy '\(name)' has no instance") }
        var out = stg_next()
        out.struct_size = UInt32(MemoryLayout<stg_next>.size)
        let status = withTell(tell) { raw in
            withUnsafeMutablePointer(to: &out) { out in
                tracer.next(raw, out) { host.during { strategy.pointee.next(instance, raw, out) } }
            }
        }
        guard status == STG_OK else { throw failure("next", status) }
        do {
            return try AskDecoder.decode(out)
        } catch {
            throw StratagemError(error.origin, error.code, "strategy '\(name)': \(error.message)")
        }
    }

    private func withTell(_ tell: Tell, _ body: (UnsafePointer<stg_tell>) -> stg_status) -> stg_status {
        told.removeAll(keepingCapacity: true)
        toldNodes.removeAll(keepingCapacity: true)
        for entry in tell.told { toldNodes += entry.nodes }
        return toldNodes.withUnsafeBufferPointer { nodes in
            var offset = 0
            for entry in tell.told {
                told.append(
                    stg_told(
                        struct_size: UInt32(MemoryLayout<stg_told>.size), outcome: entry.outcome.rawValue,
                        tag: entry.tag,
                        nodes: entry.nodes.isEmpty ? nil : nodes.baseAddress.map { $0 + offset },
                        node_count: entry.nodes.count))
                offset += entry.nodes.count
            }
            return told.withUnsafeBufferPointer { told in
                var raw = stg_tell(
                    struct_size: UInt32(MemoryLayout<stg_tell>.size), event: tell.event.rawValue,
                    told: told.isEmpty ? nil : told.baseAddress, told_count: told.count)
                return body(&raw)
            }
        }
    }

    private func failure(_ call: String, _ status: stg_status) -> StratagemError {
        let names: [Int32: String] = [
            STG_ERROR: "STG_ERROR", STG_INVALID_ARGUMENT: "STG_INVALID_ARGUMENT", STG_UNSUPPORTED: "STG_UNSUPPORTED",
            STG_OUT_OF_MEMORY: "STG_OUT_OF_MEMORY", STG_NOT_FOUND: "STG_NOT_FOUND",
        ]
        let code = names[status] ?? "the unknown status \(status)"
        let reason = host.takeError() ?? "it gave no reason (see stg_host.set_error)"
        return StratagemError(.plugin, .strategyFailed, "strategy '\(name)': \(call) returned \(code): \(reason)")
    }
}
