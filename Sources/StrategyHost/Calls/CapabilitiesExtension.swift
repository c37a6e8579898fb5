import CStratagem
import SearchCore

/// The host's side of `stratagem.capabilities/1` (stratagem_capabilities.h).
enum CapabilitiesExtension {
    static let id = STG_CAPABILITIES_1

    /// One table for all instances: the run is found through the host pointer.
    nonisolated(unsafe) static let table: UnsafeRawPointer = {
        let table = UnsafeMutablePointer<stg_capabilities_1>.allocate(capacity: 1)
        table.initialize(
            to: stg_capabilities_1(
                struct_size: UInt32(MemoryLayout<stg_capabilities_1>.size), reserved: 0, of_role: ofRole))
        return UnsafeRawPointer(table)
    }()

    private typealias OfRole =
        @convention(c) (UnsafePointer<stg_host>?, stg_str, UnsafeMutablePointer<UInt64>?) -> stg_status

    private static let ofRole: OfRole = { host, role, kept in
        guard let host = HostTable.of(host), let kept, let role = try? AskDecoder.string(role, "role") else {
            return STG_INVALID_ARGUMENT
        }
        guard let found = host.environment.capabilities(of: role) else { return STG_NOT_FOUND }
        kept.pointee = found.bits
        return STG_OK
    }
}

extension Capabilities {
    private static let bits: [(bit: UInt64, path: WritableKeyPath<Capabilities, Bool> & Sendable)] = [
        (STG_KEEPS_REPEATABILITY, \.repeatsSamples), (STG_KEEPS_TOKENS, \.keepsTokens),
        (STG_COUNTS_TOKENS, \.countsTokens),
        (STG_COUNTS_FLOPS, \.countsFLOPs), (STG_TELLS_PROBABILITIES, \.knowsLogProbabilities),
        (STG_TELLS_TOP, \.knowsTopProbabilities), (STG_TELLS_DISTRIBUTIONS, \.knowsDistributions),
    ]

    /// The bits that `of_role` returns.
    public var bits: UInt64 { Self.bits.reduce(0) { self[keyPath: $1.path] ? $0 | $1.bit : $0 } }

    public init(bits: UInt64) {
        self.init()
        for (bit, path) in Self.bits { self[keyPath: path] = bits & bit != 0 }
    }
}
