import CStratagem

/// One function of the host table: its arguments and its result.
///
/// This table is all that the interposer knows. A row determines the libffi signature, the closure, how a call is
/// traced and what is checked.
struct InterposedFunction: Sendable {
    /// The meaning of a value, which determines how it crosses the boundary.
    enum Value {
        case host, node, capacity, steps, level, status, text
        /// Memory that the host writes: a stg_node_info, a stg_budget, counts, values.
        case nodeInfo, budget, count, left, scores
        /// Used only as results.
        case nothing, bits, truth, address

        var kind: FFISignature.Kind {
            switch self {
            case .nothing: .void
            case .level, .status, .truth, .steps: .i32
            case .node, .capacity, .bits: .u64
            case .host, .nodeInfo, .budget, .count, .left, .scores, .address: .ptr
            case .text: .str
            }
        }
    }

    struct Argument {
        var name: String
        var value: Value
    }

    var name: String
    /// The offset of the function's pointer in stg_host.
    var offset: Int
    var result: Value
    /// The arguments after the host, which is always the first.
    var arguments: [Argument]

    /// The signature in the form that ``FFISignature`` reads.
    var signature: String {
        let kinds = [FFISignature.Kind.ptr] + arguments.map(\.value.kind)
        return "\(result.kind.rawValue)(\(kinds.map(\.rawValue).joined(separator: ",")))"
    }

    private init(
        _ name: String, _ field: PartialKeyPath<stg_host>, _ result: Value, _ arguments: KeyValuePairs<String, Value>
    ) {
        guard let offset = MemoryLayout<stg_host>.offset(of: field) else {
            preconditionFailure("\(name) is a field of stg_host")
        }
        self.name = name
        self.offset = offset
        self.result = result
        self.arguments = arguments.map { Argument(name: $0.key, value: $0.value) }
    }

    /// All functions, in the order of stratagem.h.
    static let all: [InterposedFunction] = [
        .init("get_node", \.get_node, .status, ["node": .node, "out": .nodeInfo]),
        .init(
            "step_scores", \.step_scores, .status,
            ["node": .node, "out": .scores, "capacity": .capacity, "count": .count]),
        .init("get_budget", \.get_budget, .status, ["out": .budget]),
        .init("random", \.random, .bits, [:]),
        .init("has_role", \.has_role, .truth, ["role": .text]),
        .init("log", \.log, .nothing, ["level": .level, "text": .text]),
        .init("set_error", \.set_error, .nothing, ["code": .status, "text": .text]),
        .init("get_extension", \.get_extension, .address, ["id": .text]),
        .init("generations_left", \.generations_left, .status, ["node": .node, "steps": .steps, "count": .left]),
    ]
}
