import SearchCore

/// One ask, decoded and copied: nothing in it points into the plugin.
public struct Ask: Sendable, Equatable {
    public enum Body: Sendable, Equatable {
        case sample(SampleAsk)
        case score(role: String, nodes: [UInt64])
        case append(role: String, node: UInt64, text: [UInt8])
        case revise(role: String, problem: Int, attempts: [UInt64])
        case run(RunAsk)
    }
    public var tag: UInt64
    public var body: Body
    public init(tag: UInt64, body: Body) {
        self.tag = tag
        self.body = body
    }
}

public struct SampleAsk: Sendable, Equatable {
    public var role: String
    public var node: UInt64
    public var count: Int
    /// 0: to the end of the answer.
    public var steps: Int
    /// 0: as far as the context reaches.
    public var maxTokens: Int
    public var temperature: Double
    /// In (0, 1]; 1 is off.
    public var topP: Double
    /// In [0, 1]; 0 is off.
    public var minP: Double

    public init(
        role: String = "policy", node: UInt64, count: Int, steps: Int = 0, maxTokens: Int = 0,
        temperature: Double, topP: Double = 1, minP: Double = 0
    ) {
        self.role = role
        self.node = node
        self.count = count
        self.steps = steps
        self.maxTokens = maxTokens
        self.temperature = temperature
        self.topP = topP
        self.minP = minP
    }
}

public struct RunAsk: Sendable, Equatable {
    public var strategy: String
    public var problem: Int
    public var params: [String: ParameterValue]
    public var share: Double
    public var maxGenerations: Int?
    public var maxTokens: Int?
}

/// The values of `stg_outcome`.
public enum Outcome: Int32, Sendable {
    case ok = 0, truncated, modelFailed, verifierFailed, budgetExhausted, cancelled, runFailed
}

/// The values of `stg_event`.
public enum TellEvent: Int32, Sendable {
    case start = 1, results, cancelled, budgetOver
    /// After these events only DONE is accepted.
    public var isStop: Bool { self == .cancelled || self == .budgetOver }
}

public struct Told: Sendable {
    public var tag: UInt64
    public var outcome: Outcome
    public var nodes: [UInt64]
    public init(tag: UInt64, outcome: Outcome, nodes: [UInt64]) {
        self.tag = tag
        self.outcome = outcome
        self.nodes = nodes
    }
}

public struct Tell: Sendable {
    public var event: TellEvent
    /// In order of tag.
    public var told: [Told]
    public init(event: TellEvent, told: [Told]) {
        self.event = event
        self.told = told
    }
}

public struct RankedAnswer: Sendable, Equatable {
    public var node: UInt64
    public var weight: Double
    public init(node: UInt64, weight: Double) {
        self.node = node
        self.weight = weight
    }
}

public enum NextStep: Sendable {
    case asks([Ask])
    case done([RankedAnswer])
}

/// What drives a run: a plugin's instance, or a driver built into the host (labels).
public protocol StrategyDriver: AnyObject {
    /// One turn. Never blocks.
    func next(_ tell: Tell) throws(StratagemError) -> NextStep
}

/// The limits and what was spent, for the getter.
public struct BudgetView: Sendable {
    public var limits: Limits
    public var spent: Cost
    /// What was sampled at each depth.
    public var generations: GenerationCount
    public init(limits: Limits, spent: Cost, generations: GenerationCount = GenerationCount()) {
        self.limits = limits
        self.spent = spent
        self.generations = generations
    }

    /// How many more samples of so many steps (0: to the end) may be drawn from a node of that depth; nil if no limit
    /// applies.
    public func generationsLeft(from depth: Int, steps: Int) -> Int? {
        limits.generations.map { max(0, $0 - generations.occupancy(from: depth, steps: steps)) }
    }
}

/// The run behind an instance, from which the host functions get their results. It is called only inside a call into
/// the plugin, on that call's thread.
public protocol InstanceEnvironment: AnyObject {
    /// The node, if it was issued to this instance.
    func node(_ id: UInt64) -> SearchNode?
    /// Values of all steps from the root through the node, NaN if unscored.
    func stepScores(through id: UInt64) -> [Double]?
    var budget: BudgetView { get }
    func hasRole(_ role: String) -> Bool
    /// The plugin asks for `stratagem.confidence/1`. Returns whether it is available. Nodes that are sampled from now
    /// on have a ``SearchNode/confidence``.
    func offersConfidence() -> Bool
    /// The plugin asks for `stratagem.confidence/2`. Returns whether it is available. Nodes that are sampled from now
    /// on have ``SearchNode/figures``.
    func offersTokenFigures() -> Bool
    /// What the model or verifier of a role guarantees; nil if there is no such role.
    func capabilities(of role: String) -> Capabilities?
    func log(level: Int32, _ text: String)
}

/// Defaults for environments without models.
extension InstanceEnvironment {
    public func offersTokenFigures() -> Bool { false }
    public func capabilities(of role: String) -> Capabilities? { hasRole(role) ? Capabilities() : nil }
}
