/// Names a node of the search tree. Never reused within a run.
public struct NodeID: Hashable, Sendable {
    public let raw: stg_node
    public init(_ raw: stg_node) { self.raw = raw }
}

/// What is known about a node. Its texts are valid until the current `next` returns.
public struct Node {
    public let id: NodeID
    let info: stg_node_info

    /// The model ended it.
    public var isFinished: Bool { info.flags & STG_NODE_FINISHED != 0 }
    /// It was cut by a token limit: neither an answer nor a complete step.
    public var isTruncated: Bool { info.flags & STG_NODE_TRUNCATED != 0 }
    /// It can be continued.
    public var isOpen: Bool { info.flags & (STG_NODE_FINISHED | STG_NODE_TRUNCATED) == 0 }

    /// The verifier's value for its last step, in 0…1. If the verifier returned something else, the node has no score.
    public var score: Double? {
        info.flags & STG_NODE_SCORED != 0 && info.score >= 0 && info.score <= 1 ? info.score : nil
    }

    /// The answer in canonical form: equal answers are equal bytes. nil if the node is not finished, or if no answer
    /// was found in its text.
    public var answer: Text? { info.flags & STG_NODE_ANSWERED != 0 ? Text(info.answer) : nil }

    /// nil for a root.
    public var parent: NodeID? { info.parent == 0 ? nil : NodeID(info.parent) }
    public var problem: Int { Int(info.problem) }
    /// Steps below its root.
    public var depth: Int { Int(info.depth) }
    /// The text of this node alone, without its prefix.
    public var text: Text { Text(info.text) }
    public var steps: Int { Int(info.steps) }
    public var tokens: Int { Int(info.tokens) }
    /// The log-probability of its own tokens, at temperature 1.
    public var logProbability: Double { info.log_probability }
}

/// Bytes that belong to the host: UTF-8 where the header says so. Compared as bytes.
public struct Text: Hashable, CustomStringConvertible {
    public let bytes: UnsafeRawBufferPointer

    init(_ raw: stg_str) {
        bytes = UnsafeRawBufferPointer(start: raw.data, count: raw.data == nil ? 0 : raw.size)
    }

    public static func == (left: Text, right: Text) -> Bool {
        left.bytes.count == right.bytes.count && left.bytes.elementsEqual(right.bytes)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(bytes: bytes) }

    /// A copy that can be kept; invalid UTF-8 is replaced.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension String {
    public init(_ text: Text) { self = text.description }
}
