/// A node of the search tree: an immutable prefix. Its id is its position in the tree's list, counted from 1; 0 is no
/// node.
public struct SearchNode: Sendable, Equatable {
    public typealias ID = Int

    public enum Kind: String, Sendable, Codable {
        /// A prompt: a problem, or a problem with earlier attempts.
        case root
        case sampled
        /// Literal text from the strategy.
        case appended
    }

    public enum Ending: String, Sendable, Codable {
        /// Can be continued.
        case open
        case finished
        /// Cut by a token limit: never treated as finished.
        case truncated
    }

    public var kind: Kind
    /// 0 for a root.
    public var parent: ID
    /// Index into the run's problems.
    public var problem: Int
    /// Steps below its root, its own included.
    public var depth: Int
    /// The text of this node alone.
    public var text: [UInt8]
    /// Offsets in `text` just past each of its steps; a truncated last step counts as one.
    public var stepEnds: [Int]
    /// The number of tokens of this node alone.
    public var tokens: Int
    public var logProbability: Double
    public var ending: Ending
    /// One value per step in [0, 1] if the node was scored, else empty. NaN inside: unscored.
    public var stepScores: [Double]
    /// The value of its last step; of a finished node, what the bundle's aggregator
    /// makes of the values of all its steps.
    public var score: Double?
    /// Canonical final answer: equal answers have equal text.
    public var answer: String?
    /// Summary figures of the node's tokens, in runs whose strategy asked for them (`stratagem.confidence/1`).
    public var confidence: TokenConfidence?
    /// Figures of each of the node's tokens, in runs whose strategy asked for them (`stratagem.confidence/2`).
    public var figures: TokenFigures?

    public init(
        kind: Kind, parent: ID, problem: Int, depth: Int, text: [UInt8], stepEnds: [Int], tokens: Int,
        logProbability: Double = 0, ending: Ending = .open, stepScores: [Double] = [], score: Double? = nil,
        answer: String? = nil, confidence: TokenConfidence? = nil, figures: TokenFigures? = nil
    ) {
        self.kind = kind
        self.parent = parent
        self.problem = problem
        self.depth = depth
        self.text = text
        self.stepEnds = stepEnds
        self.tokens = tokens
        self.logProbability = logProbability
        self.ending = ending
        self.stepScores = stepScores
        self.score = score
        self.answer = answer
        self.confidence = confidence
        self.figures = figures
    }
}

/// All nodes of one run, as a value that the user can inspect.
public struct SearchTree: Sendable {
    /// Node n is at index n - 1.
    public private(set) var nodes: [SearchNode] = []

    public init() {}

    public var count: Int { nodes.count }

    @discardableResult
    public mutating func append(_ node: SearchNode) -> SearchNode.ID {
        nodes.append(node)
        return nodes.count
    }

    public subscript(id: SearchNode.ID) -> SearchNode {
        get { nodes[id - 1] }
        set { nodes[id - 1] = newValue }
        _modify { yield &nodes[id - 1] }
    }

    public func contains(_ id: SearchNode.ID) -> Bool { id >= 1 && id <= nodes.count }

    /// The path from the root's child (or the root) down to `id`.
    public func path(to id: SearchNode.ID) -> [SearchNode.ID] {
        var path: [SearchNode.ID] = []
        var current = id
        while current != 0 {
            path.append(current)
            current = self[current].parent
        }
        return path.reversed()
    }

    /// The text below the root, through `id`.
    public func text(through id: SearchNode.ID) -> [UInt8] {
        path(to: id).reduce(into: []) { bytes, node in
            if self[node].kind != .root { bytes += self[node].text }
        }
    }
}
