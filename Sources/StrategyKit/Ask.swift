/// How tokens are drawn.
public struct Sampling: Sendable, Equatable {
    /// The default of every strategy that samples: varied enough for a vote, and close enough to the model's own
    /// distribution for steps to stay sound.
    public static let standardTemperature = 0.8
    /// The most likely token, every time.
    public static let greedy = Sampling(temperature: 0)

    public var temperature: Double
    /// 0 is off.
    public var topP: Double
    /// 0 is off.
    public var minP: Double
    /// 0: as far as the context reaches.
    public var maxTokens: Int

    public init(temperature: Double = standardTemperature, topP: Double = 0, minP: Double = 0, maxTokens: Int = 0) {
        self.temperature = temperature
        self.topP = topP
        self.minP = minP
        self.maxTokens = maxTokens
    }
}

/// One thing that a strategy asks the host to do. The kit numbers the asks of a batch, so that `tell[i]` is the result
/// of the i-th ask.
public struct Ask: Sendable {
    /// The value of a parameter for the strategy that an ask runs.
    public enum Value: Sendable, Equatable {
        case int(Int)
        case float(Double)
        case bool(Bool)
        case text(String)
    }

    nonisolated(unsafe) var raw = stg_ask()
    var role = ""
    var nodes: [NodeID] = []
    var text = ""
    var parameters: [(name: String, value: Value)] = []

    private init(_ kind: stg_ask_kind) {
        raw.struct_size = UInt32(MemoryLayout<stg_ask>.size)
        raw.kind = kind
    }

    /// Continue `node` `count` times: by `steps` steps, or to the end of the answer if `steps` is nil.
    public static func sample(
        _ node: NodeID, count: Int = 1, steps: Int? = nil, _ sampling: Sampling = Sampling(),
        role: String = ""
    ) -> Ask {
        var ask = Ask(STG_ASK_SAMPLE)
        ask.raw.node = node.raw
        ask.raw.count = UInt32(clamping: count)
        ask.raw.steps = UInt32(clamping: steps ?? 0)
        ask.raw.max_tokens = UInt32(clamping: sampling.maxTokens)
        ask.raw.temperature = sampling.temperature
        ask.raw.top_p = sampling.topP
        ask.raw.min_p = sampling.minP
        ask.role = role
        return ask
    }

    /// Let the verifier score `nodes`. Scoring a node again costs nothing.
    public static func score(_ nodes: [NodeID], role: String = "") -> Ask {
        var ask = Ask(STG_ASK_SCORE)
        ask.nodes = nodes
        ask.role = role
        return ask
    }

    /// Append `text` to `node`, as if the model had written it.
    public static func append(_ text: String, to node: NodeID, role: String = "") -> Ask {
        var ask = Ask(STG_ASK_APPEND)
        ask.raw.node = node.raw
        ask.role = role
        ask.text = text
        return ask
    }

    /// A new root that shows the model a problem and earlier attempts, oldest first.
    public static func revise(_ attempts: [NodeID], problem: Int = 0, role: String = "") -> Ask {
        var ask = Ask(STG_ASK_REVISE)
        ask.raw.problem = UInt32(clamping: problem)
        ask.nodes = attempts
        ask.role = role
        return ask
    }

    /// Run another strategy, by id or short name, on `share` of the remaining budget.
    public static func run(
        _ strategy: String, problem: Int = 0, parameters: [(name: String, value: Value)] = [],
        share: Double = 1, maxGenerations: Int = 0, maxTokens: Int = 0
    ) -> Ask {
        var ask = Ask(STG_ASK_RUN)
        ask.raw.problem = UInt32(clamping: problem)
        ask.raw.share = share
        ask.raw.max_generations = UInt64(clamping: maxGenerations)
        ask.raw.max_tokens_total = UInt64(clamping: maxTokens)
        ask.text = strategy
        ask.parameters = parameters
        return ask
    }
}

/// The outcome of a turn.
public enum Next: Sendable {
    /// A batch of asks. After an empty batch `next` is called again at once, at most a hundred times in a row.
    case asks([Ask])
    /// The answers, best first. May be empty.
    case done([Answer])
}

/// One answer of a ranking.
public struct Answer: Sendable, Equatable {
    /// A finished node.
    public var node: NodeID
    /// What it adds to the vote for its answer: at least 0, finite.
    public var weight: Double

    public init(_ node: NodeID, weight: Double) {
        self.node = node
        self.weight = weight
    }
}
