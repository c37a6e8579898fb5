import CStratagem

/// Why a file or block cannot be used as a plugin, in words that follow its path.
struct PluginProblem: Error, Equatable { var reason: String }

/// Structs that have grown since 1.0: their size in 1.0, and how to read one that may be shorter than today's. A
/// missing field is 0, which means the behaviour before the field existed.
enum StructSizes {
    /// A struct may be longer than ours (in a later minor version), but never shorter than in 1.0.
    static func check(_ size: UInt32, is needed: Int, of type: String, in place: String) throws(PluginProblem) {
        guard Int(size) >= needed, size <= 65536 else {
            throw PluginProblem(
                reason: "\(place)says that its \(type) has \(size) bytes; in ABI 1.0 it has \(needed). "
                    + "Set struct_size to sizeof(\(type))")
        }
    }

    static let strategy1_0 = MemoryLayout<stg_strategy>.offset(of: \stg_strategy.roles) ?? 128
    static let param1_0 = MemoryLayout<stg_param>.offset(of: \stg_param.flags) ?? 128

    /// The struct at `place`, which says that it has `size` bytes.
    static func read<Value: BitwiseCopyable>(_ place: UnsafeRawPointer, size: Int, into empty: Value) -> Value {
        var value = empty
        withUnsafeMutableBytes(of: &value) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: place, count: min(size, $0.count)))
        }
        return value
    }
}
