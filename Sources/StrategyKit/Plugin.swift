/// The block that `stg_plugin_entry` returns. It is made once, in a constant of the plugin, and never freed: the host
/// may read it as long as the process lives.
///
///     private let plugin = Plugin(name: "beam-search", version: "1.0.0", strategies: [BeamSearch.self])
///
///     @c @implementation
///     public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
public struct Plugin: Sendable {
    public nonisolated(unsafe) let block: UnsafePointer<stg_plugin>

    public init(name: String, version: String, strategies: [any Strategy.Type] = [], functions: [Function] = []) {
        var plugin = stg_plugin()
        plugin.magic = STG_MAGIC_VALUE
        plugin.struct_size = UInt32(MemoryLayout<stg_plugin>.size)
        plugin.abi_major = UInt16(STG_ABI_MAJOR)
        plugin.abi_minor = UInt16(STG_ABI_MINOR)
        plugin.name = leaked(name)
        plugin.version = leaked(version)
        plugin.strategies = leaked(strategies.map { Optional(Descriptor.make($0)) })
        plugin.strategy_count = strategies.count
        plugin.functions = leaked(functions.map { Optional(leaked([$0.descriptor()])!) })
        plugin.function_count = functions.count
        block = leaked([plugin])!
    }
}

/// `STG_MAGIC`, which the importer cannot read through `UINT64_C`.
let STG_MAGIC_VALUE: UInt64 = 0x3147_4154_5254_530A

/// A strategy's descriptor, directly followed by the object that makes its instances: `create` is told which descriptor
/// it was found in, and C functions have no other context.
enum Descriptor {
    private static let makerOffset = MemoryLayout<stg_strategy>.stride

    static func maker(of strategy: UnsafePointer<stg_strategy>) -> Maker {
        let raw = (UnsafeRawPointer(strategy) + makerOffset).load(as: UnsafeRawPointer.self)
        return Unmanaged<Maker>.fromOpaque(raw).takeUnretainedValue()
    }

    static func make(_ type: any Strategy.Type) -> UnsafePointer<stg_strategy> {
        let info = type.info
        let maker = Maker.of(type)
        var raw = stg_strategy()
        raw.struct_size = UInt32(MemoryLayout<stg_strategy>.size)
        raw.flags = info.takesBatch ? STG_STRATEGY_BATCH : 0
        raw.id = leaked(info.id)
        raw.name = leaked(info.name)
        raw.version = leaked(info.version)
        raw.summary = leaked(info.summary)
        raw.params = leaked(info.parameters.map { $0.row.descriptor() })
        raw.param_count = info.parameters.count
        raw.roles = leaked(info.roles.map { $0.descriptor() })
        raw.role_count = info.roles.count
        raw.create = { createInstance($0, $1, $2) }
        raw.next = { nextInstance($0, $1, $2) }
        raw.destroy = { destroyInstance($0) }
        if maker.canRestore {
            raw.save = { saveInstance($0, $1) }
            raw.restore = { restoreInstance($0, $1, $2, $3) }
        }
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: makerOffset + MemoryLayout<UnsafeRawPointer>.size, alignment: 16)
        memory.initializeMemory(as: stg_strategy.self, to: raw)
        (memory + makerOffset).storeBytes(
            of: UnsafeRawPointer(Unmanaged.passRetained(maker).toOpaque()), as: UnsafeRawPointer.self)
        return UnsafePointer(memory.assumingMemoryBound(to: stg_strategy.self))
    }
}

extension ParameterRow {
    func descriptor() -> stg_param {
        var raw = stg_param()
        raw.struct_size = UInt32(MemoryLayout<stg_param>.size)
        raw.kind = kind
        raw.id = leaked(id)
        raw.help = leaked(help)
        raw.min = min
        raw.max = max
        raw.choices = leaked(choices.map { leaked($0) })
        raw.choice_count = choices.count
        switch fallback {
        case .int(let value): raw.fallback.kind = STG_VALUE_INT; raw.fallback.i = Int64(value)
        case .float(let value): raw.fallback.kind = STG_VALUE_FLOAT; raw.fallback.f = value
        case .bool(let value): raw.fallback.kind = STG_VALUE_BOOL; raw.fallback.i = value ? 1 : 0
        case .text(let value): raw.fallback.kind = STG_VALUE_TEXT; raw.fallback.s = leaked(value)
        case .derived(let how): raw.fallback_text = leaked(how)
        case .required: raw.flags = STG_PARAM_REQUIRED
        }
        return raw
    }
}

/// A copy that lives as long as the process.
func leaked<Element>(_ elements: [Element]) -> UnsafePointer<Element>? {
    guard !elements.isEmpty else { return nil }
    let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
    _ = copy.initialize(from: elements)
    return UnsafePointer(copy.baseAddress)
}

func leaked(_ string: String) -> stg_str {
    stg_str(data: leaked(string.utf8.map { CChar(bitPattern: $0) }), size: string.utf8.count)
}
