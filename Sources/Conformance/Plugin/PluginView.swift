import CStratagem

/// A plugin's block, read without believing it.
struct PluginView {
    let block: UnsafePointer<stg_plugin>

    /// "\nSTRTAG1", little-endian: STG_MAGIC, which C macros keep from Swift.
    static let magic: UInt64 = 0x3147_4154_5254_530A
    static let entriesMax = 4096

    /// Why no field beyond the version can be believed, or nil.
    var unreadable: String? {
        if block.pointee.magic != Self.magic { return "its block lacks STG_MAGIC (entry-magic)" }
        if Int32(block.pointee.abi_major) != STG_ABI_MAJOR { return "it is of another ABI major (entry-abi-major)" }
        if Int(block.pointee.struct_size) < MemoryLayout<stg_plugin>.size {
            return "its block is too short (entry-size)"
        }
        return nil
    }

    var strategies: [StrategyView] {
        guard let list = block.pointee.strategies, (1...Self.entriesMax).contains(block.pointee.strategy_count) else {
            return []
        }
        return (0..<block.pointee.strategy_count).compactMap { list[$0].map(StrategyView.init) }
    }

    var functions: [UnsafePointer<stg_function>] {
        guard let list = block.pointee.functions, (1...Self.entriesMax).contains(block.pointee.function_count) else {
            return []
        }
        return (0..<block.pointee.function_count).compactMap { list[$0] }
    }
}

/// One strategy's descriptor, read without believing it.
struct StrategyView {
    let raw: UnsafePointer<stg_strategy>

    /// In ABI 1.0, before roles and flags of parameters.
    static let size1_0 = MemoryLayout<stg_strategy>.offset(of: \stg_strategy.roles) ?? 128
    static let paramSize1_0 = MemoryLayout<stg_param>.offset(of: \stg_param.flags) ?? 128

    var name: String { text(raw.pointee.name) ?? "?" }
    var takesBatch: Bool { raw.pointee.flags & STG_STRATEGY_BATCH != 0 }
    var canSave: Bool { raw.pointee.save != nil && raw.pointee.restore != nil }

    /// Whether it can be run at all.
    var isUsable: Bool {
        Int(raw.pointee.struct_size) >= Self.size1_0
            && raw.pointee.create != nil && raw.pointee.next != nil && raw.pointee.destroy != nil
    }

    var paramCount: Int {
        raw.pointee.params == nil || !(0...1024).contains(raw.pointee.param_count) ? 0 : raw.pointee.param_count
    }

    /// Bytes from one parameter to the next: what it says, if that can be.
    var paramStride: Int {
        let stated = raw.pointee.params.map { Int($0.pointee.struct_size) } ?? 0
        return stated >= Self.paramSize1_0 && stated <= 4096 && stated % 8 == 0
            ? stated : MemoryLayout<stg_param>.stride
    }

    var params: [stg_param] {
        guard let first = raw.pointee.params else { return [] }
        return (0..<paramCount).map { index in
            var param = stg_param()
            withUnsafeMutableBytes(of: &param) {
                $0.copyMemory(
                    from: UnsafeRawBufferPointer(
                        start: UnsafeRawPointer(first) + index * paramStride, count: min(paramStride, $0.count)))
            }
            return param
        }
    }

    /// Whether the descriptor is long enough to have roles.
    var saysRoles: Bool { Int(raw.pointee.struct_size) >= MemoryLayout<stg_strategy>.size }

    var roles: [stg_role] {
        guard saysRoles, let first = raw.pointee.roles, (1...256).contains(raw.pointee.role_count) else { return [] }
        let stride = Int(first.pointee.struct_size)
        guard stride >= MemoryLayout<stg_role>.size, stride <= 4096, stride % 8 == 0 else { return [] }
        return (0..<raw.pointee.role_count).map {
            UnsafeRawPointer(first).load(fromByteOffset: $0 * stride, as: stg_role.self)
        }
    }
}

/// The text, or nil if it is not UTF-8 or its pointer and size contradict each other.
func text(_ raw: stg_str) -> String? {
    guard raw.size > 0 else { return "" }
    guard raw.size <= 64 << 20, let data = raw.data else { return nil }
    return String(validating: UnsafeRawBufferPointer(start: data, count: raw.size), as: UTF8.self)
}

/// The bytes, or nil if pointer and size contradict each other.
func bytes(_ raw: stg_str) -> [UInt8]? {
    guard raw.size > 0 else { return [] }
    guard raw.size <= 64 << 20, let data = raw.data else { return nil }
    return Array(UnsafeRawBufferPointer(start: data, count: raw.size))
}

/// In quotes, with what would upset a terminal written out.
func quoted(_ bytes: some Collection<UInt8>) -> String {
    var shown = ""
    for scalar in String(decoding: bytes.prefix(60), as: UTF8.self).unicodeScalars {
        if scalar.properties.generalCategory == .control {
            shown += scalar == "\n" ? "\\n" : "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            shown.unicodeScalars.append(scalar)
        }
    }
    return "\"\(shown)\"" + (bytes.count > 60 ? "… (\(bytes.count) bytes)" : "")
}

func quoted(_ raw: stg_str) -> String {
    bytes(raw).map { quoted($0) }
        ?? "(\(raw.data == nil ? "NULL" : "a pointer") with size \(UInt(bitPattern: raw.size)))"
}

func statusName(_ status: stg_status) -> String {
    switch status {
    case STG_OK: "STG_OK"
    case STG_ERROR: "STG_ERROR"
    case STG_INVALID_ARGUMENT: "STG_INVALID_ARGUMENT"
    case STG_UNSUPPORTED: "STG_UNSUPPORTED"
    case STG_OUT_OF_MEMORY: "STG_OUT_OF_MEMORY"
    case STG_NOT_FOUND: "STG_NOT_FOUND"
    default: "the unknown status \(status)"
    }
}
