/// The C functions of every strategy. Whatever a strategy throws becomes a status and a message here; no error crosses
/// the boundary.

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

typealias CreateInfo = UnsafePointer<stg_create_info>

/// Checks the arguments of `create` and `restore`, and makes an instance.
private func instantiate(
    _ host: UnsafePointer<stg_host>?, _ info: CreateInfo?, _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ make: (Maker, Setup) throws -> AnyInstance
) -> stg_status {
    guard let out, let host, host.pointee.struct_size >= Host.size1_0, host.pointee.abi_major == STG_ABI_MAJOR,
        let info, info.pointee.struct_size >= MemoryLayout<stg_create_info>.size, let strategy = info.pointee.strategy,
        info.pointee.problem_count >= 1, info.pointee.problems != nil
    else { return STG_INVALID_ARGUMENT }
    let maker = Descriptor.maker(of: strategy)
    let setup = Setup(host: Host(raw: host), raw: info, rows: maker.parameters)
    return guarded(setup.host) {
        let instance = try make(maker, setup)
        out.pointee = OpaquePointer(Unmanaged.passRetained(instance).toOpaque())
    }
}

func createInstance(_ host: UnsafePointer<stg_host>?, _ info: CreateInfo?, _ out: UnsafeMutablePointer<OpaquePointer?>?)
    -> stg_status
{
    instantiate(host, info, out) { try $0.make($1) }
}

func restoreInstance(
    _ host: UnsafePointer<stg_host>?, _ info: CreateInfo?, _ state: stg_str,
    _ out: UnsafeMutablePointer<OpaquePointer?>?
) -> stg_status {
    instantiate(host, info, out) { maker, setup in
        var reader = StateReader(Text(state).bytes)
        let instance = try maker.restore(setup, &reader)
        try reader.finish()
        return instance
    }
}

func nextInstance(_ raw: OpaquePointer?, _ tell: UnsafePointer<stg_tell>?, _ out: UnsafeMutablePointer<stg_next>?)
    -> stg_status
{
    guard let raw, let tell, let out, tell.pointee.struct_size >= MemoryLayout<stg_tell>.size,
        out.pointee.struct_size >= MemoryLayout<stg_next>.size
    else { return STG_INVALID_ARGUMENT }
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
