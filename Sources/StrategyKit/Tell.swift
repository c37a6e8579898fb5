/// The results of the last batch. Valid only inside the `next` that it was passed to.
public struct Tell {
    public enum Event: Sendable {
        /// The first turn: nothing was asked yet.
        case start
        /// Every ask of the last batch is answered.
        case results
        /// The user, a deadline or the budget ends the run: the only right reply is `.done` with the best answers so
        /// far. Events of later versions are reported as this one too.
        case stop
    }

    let raw: UnsafePointer<stg_tell>
    public let event: Event

    init(_ raw: UnsafePointer<stg_tell>) {
        self.raw = raw
        event =
            switch raw.pointee.event {
            case STG_EVENT_START: .start
            case STG_EVENT_RESULTS: .results
            default: .stop
            }
    }
}

extension Tell: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { raw.pointee.told == nil ? 0 : raw.pointee.told_count }

    /// The result of ask number `index` of the last batch.
    public subscript(index: Int) -> Told {
        Told(strided(raw.pointee.told, index, by: Int(raw.pointee.told.pointee.struct_size)).pointee)
    }

    /// Whether any ask had this outcome.
    public func contains(_ outcome: Outcome) -> Bool { contains { $0.outcome == outcome } }

    /// All nodes told, in the order of their asks.
    public var nodes: [NodeID] { flatMap(\.nodes) }
}

/// The result of one ask.
public struct Told {
    public let outcome: Outcome
    let raw: stg_told

    init(_ raw: stg_told) {
        self.raw = raw
        outcome = Outcome(raw.outcome)
    }

    public var nodes: Nodes { Nodes(base: raw.nodes, count: raw.nodes == nil ? 0 : raw.node_count) }
}

/// How far an ask was carried out. Nodes are told with every outcome.
public enum Outcome: Sendable, Equatable {
    case ok
    /// A node met a token limit.
    case truncated
    case modelFailed
    case verifierFailed
    case budgetExhausted
    case cancelled
    case runFailed
    /// An outcome of a later version of the ABI: use the nodes, and expect no more.
    case unknown

    init(_ raw: stg_outcome) {
        self =
            switch raw {
            case STG_OUTCOME_OK: .ok
            case STG_OUTCOME_TRUNCATED: .truncated
            case STG_OUTCOME_MODEL_FAILED: .modelFailed
            case STG_OUTCOME_VERIFIER_FAILED: .verifierFailed
            case STG_OUTCOME_BUDGET_EXHAUSTED: .budgetExhausted
            case STG_OUTCOME_CANCELLED: .cancelled
            case STG_OUTCOME_RUN_FAILED: .runFailed
            default: .unknown
            }
    }
}

/// The nodes in the result of an ask.
public struct Nodes: RandomAccessCollection {
    let base: UnsafePointer<stg_node>?
    public let count: Int
    public var startIndex: Int { 0 }
    public var endIndex: Int { count }
    public subscript(index: Int) -> NodeID {
        precondition(index >= 0 && index < count)
        return NodeID(base.unsafelyUnwrapped[index])
    }
}
