/// Every ask and tell of a run: enough to replay the strategy without the model. Written as JSON lines: a
/// `TraceHeader`, then one `TraceRound` for each call of `next`.
public struct Trace: Sendable, Equatable, Codable {
    public var header: TraceHeader
    public var rounds: [TraceRound]
    public init(header: TraceHeader, rounds: [TraceRound] = []) {
        self.header = header
        self.rounds = rounds
    }
}

public struct TraceHeader: Sendable, Equatable, Codable {
    /// The version of this format.
    public var version: Int
    public var strategy: String
    public var strategyID: String
    public var pluginHash: String
    public var bundle: String
    public var problems: [String]
    public var params: [String: ParameterValue]
    public var limits: Limits
    public var seed: UInt64
    public init(
        strategy: String, strategyID: String, pluginHash: String, bundle: String, problems: [String],
        params: [String: ParameterValue], limits: Limits, seed: UInt64
    ) {
        version = 1
        self.strategy = strategy
        self.strategyID = strategyID
        self.pluginHash = pluginHash
        self.bundle = bundle
        self.problems = problems
        self.params = params
        self.limits = limits
        self.seed = seed
    }
}

/// One turn: what was told, the nodes that this tell made or scored, and what was asked.
public struct TraceRound: Sendable, Equatable, Codable {
    public struct Told: Sendable, Equatable, Codable {
        public var tag: UInt64
        public var outcome: Int32
        public var nodes: [SearchNode.ID]
        public init(tag: UInt64, outcome: Int32, nodes: [SearchNode.ID]) {
            self.tag = tag
            self.outcome = outcome
            self.nodes = nodes
        }
    }
    public var event: Int32
    public var told: [Told]
    /// Nodes that are new or have new scores since the last round, by id.
    public var nodes: [TraceNode]
    public var cost: Cost
    /// What was sampled at each depth, in a run with a limit of generations.
    public var generations: GenerationCount?
    public var asks: [TraceAsk]
    /// Set in the last round: the ranked answers.
    public var answers: [TraceAnswer]?
    public init(
        event: Int32, told: [Told], nodes: [TraceNode], cost: Cost, generations: GenerationCount? = nil,
        asks: [TraceAsk] = [],
        answers: [TraceAnswer]? = nil
    ) {
        self.event = event
        self.told = told
        self.nodes = nodes
        self.cost = cost
        self.generations = generations
        self.asks = asks
        self.answers = answers
    }
}

public struct TraceNode: Sendable, Equatable, Codable {
    public var id: SearchNode.ID
    public var kind: SearchNode.Kind
    public var parent: SearchNode.ID
    public var problem: Int
    public var depth: Int
    /// Lossless for UTF-8; other bytes are replaced in this text (and nowhere else).
    public var text: String
    public var stepEnds: [Int]
    public var tokens: Int
    public var logProbability: Double
    public var ending: SearchNode.Ending
    public var stepScores: [Double?]
    public var score: Double?
    public var answer: String?
    public var confidence: TokenConfidence?
    public var figures: TokenFigures?

    public init(id: SearchNode.ID, node: SearchNode) {
        self.id = id
        kind = node.kind
        parent = node.parent
        problem = node.problem
        depth = node.depth
        text = String(decoding: node.text, as: UTF8.self)
        stepEnds = node.stepEnds
        tokens = node.tokens
        logProbability = node.logProbability
        ending = node.ending
        stepScores = node.stepScores.map { $0.isNaN ? nil : $0 }
        score = node.score
        answer = node.answer
        confidence = node.confidence
        figures = node.figures
    }
}

public struct TraceAsk: Sendable, Equatable, Codable {
    public var kind: Int32
    public var tag: UInt64
    public var role: String
    public var node: UInt64
    public var count: UInt32
    public var steps: UInt32
    public var maxTokens: UInt32
    public var problem: UInt32
    public var temperature: Double
    public var topP: Double
    public var minP: Double
    public var nodes: [UInt64]
    public var text: String
    public var share: Double
    public init(
        kind: Int32, tag: UInt64, role: String, node: UInt64, count: UInt32, steps: UInt32, maxTokens: UInt32,
        problem: UInt32, temperature: Double, topP: Double, minP: Double, nodes: [UInt64], text: String, share: Double
    ) {
        self.kind = kind
        self.tag = tag
        self.role = role
        self.node = node
        self.count = count
        self.steps = steps
        self.maxTokens = maxTokens
        self.problem = problem
        self.temperature = temperature
        self.topP = topP
        self.minP = minP
        self.nodes = nodes
        self.text = text
        self.share = share
    }
}

public struct TraceAnswer: Sendable, Equatable, Codable {
    public var node: UInt64
    public var weight: Double
    public init(node: UInt64, weight: Double) {
        self.node = node
        self.weight = weight
    }
}
