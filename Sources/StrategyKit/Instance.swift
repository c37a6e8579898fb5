/// The object behind an `stg_instance`. C functions cannot be generic, so they
/// reach the strategy through this class's methods.
class AnyInstance {
    let host: Host
    init(host: Host) { self.host = host }
    func next(_ tell: Tell, _ out: UnsafeMutablePointer<stg_next>) throws { fatalError("abstract") }
    func save() -> stg_str { fatalError("abstract") }

    /// The instance's object, still owned by the host.
    static func from(_ raw: OpaquePointer) -> AnyInstance {
        Unmanaged<AnyInstance>.fromOpaque(UnsafeRawPointer(raw)).takeUnretainedValue()
    }
}

final class Instance<S: Strategy>: AnyInstance {
    private var strategy: S
    private let outbox = Outbox()

    init(_ strategy: S, host: Host) {
        self.strategy = strategy
        super.init(host: host)
    }

    override func next(_ tell: Tell, _ out: UnsafeMutablePointer<stg_next>) throws {
        switch try strategy.next(tell) {
        case .asks(let asks):
            out.pointee.kind = STG_NEXT_ASKS
            out.pointee.asks = outbox.fill(asks)
            out.pointee.ask_count = asks.count
        case .done(let answers):
            out.pointee.kind = STG_NEXT_DONE
            out.pointee.answers = outbox.fill(answers)
            out.pointee.answer_count = answers.count
        }
    }

    override func save() -> stg_str {
        var writer = StateWriter()
        (strategy as? any ResumableStrategy)?.save(to: &writer)
        return outbox.fill(writer.bytes)
    }
}

/// Runs the strategy's code: whatever it throws becomes a status and a message, and
/// nothing crosses the boundary.
private func guarded(_ host: Host, _ body: () throws -> Void) -> stg_status {
    do {
        try body()
        return STG_OK
    } catch {
        let status = (error as? StrategyError)?.status ?? STG_ERROR
        host.setError(status, "\(error)")
        return status
    }
}

/// The arguments of `create` and `restore`, or nil if they break the contract.
private func setup(_ host: UnsafePointer<stg_host>?, _ info: UnsafePointer<stg_create_info>?, _ rows: [any AnyParameter]) -> Setup? {
    guard let host, host.pointee.struct_size >= MemoryLayout<stg_host>.size, host.pointee.abi_major == STG_ABI_MAJOR,
          let info, info.pointee.struct_size >= MemoryLayout<stg_create_info>.size,
          info.pointee.problem_count >= 1, info.pointee.problems != nil else { return nil }
    return Setup(host: Host(raw: host), raw: info, rows: rows)
}

extension Strategy {
    /// `stg_strategy.create` for this type: what `Offer` takes, inside a closure.
    public static func create(_ host: UnsafePointer<stg_host>?, _ info: UnsafePointer<stg_create_info>?,
                              _ out: UnsafeMutablePointer<OpaquePointer?>?) -> stg_status {
        guard let out, let setup = setup(host, info, Self.info.parameters) else { return STG_INVALID_ARGUMENT }
        return guarded(setup.host) {
            let instance: AnyInstance = Instance(try Self(setup), host: setup.host)
            out.pointee = OpaquePointer(Unmanaged.passRetained(instance).toOpaque())
        }
    }
}

extension ResumableStrategy {
    /// `stg_strategy.restore` for this type.
    public static func restore(_ host: UnsafePointer<stg_host>?, _ info: UnsafePointer<stg_create_info>?, _ state: stg_str,
                               _ out: UnsafeMutablePointer<OpaquePointer?>?) -> stg_status {
        guard let out, let setup = setup(host, info, Self.info.parameters) else { return STG_INVALID_ARGUMENT }
        return guarded(setup.host) {
            var reader = StateReader(Text(state).bytes)
            let strategy = try Self(setup, restoring: &reader)
            try reader.finish()
            let instance: AnyInstance = Instance(strategy, host: setup.host)
            out.pointee = OpaquePointer(Unmanaged.passRetained(instance).toOpaque())
        }
    }
}

func nextInstance(_ raw: OpaquePointer?, _ tell: UnsafePointer<stg_tell>?, _ out: UnsafeMutablePointer<stg_next>?) -> stg_status {
    guard let raw, let tell, let out, tell.pointee.struct_size >= MemoryLayout<stg_tell>.size,
          out.pointee.struct_size >= MemoryLayout<stg_next>.size else { return STG_INVALID_ARGUMENT }
    let instance = AnyInstance.from(raw)
    return guarded(instance.host) { try instance.next(Tell(tell), out) }
}

func saveInstance(_ raw: OpaquePointer?, _ out: UnsafeMutablePointer<stg_str>?) -> stg_status {
    guard let raw, let out else { return STG_INVALID_ARGUMENT }
    out.pointee = AnyInstance.from(raw).save()
    return STG_OK
}

func destroyInstance(_ raw: OpaquePointer?) {
    guard let raw else { return }
    Unmanaged<AnyInstance>.fromOpaque(UnsafeRawPointer(raw)).release()
}
