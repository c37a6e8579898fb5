import LanguageModels
import SearchCore
import StrategyHost

/// One search to run.
public struct RunRequest: Sendable {
    /// One problem, unless the strategy takes batches.
    public var problems: [Problem]
    public var strategy: LoadedStrategy
    /// The parameters as `LoadedStrategy.check` returned them.
    public var params: [String: ParameterValue]
    public var limits: Limits
    public var seed: UInt64
    /// Whether the result contains the whole tree (otherwise the tree is dropped at the run's end).
    public var keepTree: Bool
    public var keepTrace: Bool
    /// Runs of one group go to one lane, where they can share what they sample; nil: any lane.
    public var group: UInt64?
    /// Replaces the bundle's prompt, for a conversation (`ChatPrompts`). Nested runs use it too.
    public var prompt: PromptTemplate?

    public init(
        problems: [Problem], strategy: LoadedStrategy, params: [String: ParameterValue], limits: Limits,
        seed: UInt64 = 0, keepTree: Bool = false, keepTrace: Bool = false, group: UInt64? = nil
    ) {
        self.problems = problems
        self.strategy = strategy
        self.params = params
        self.limits = limits
        self.seed = seed
        self.keepTree = keepTree
        self.keepTrace = keepTrace
        self.group = group
    }
}

/// Names a submitted run.
public struct RunID: Hashable, Sendable {
    let raw: Int
}

/// What a run reports while it works.
public enum RunEvent: Sendable {
    /// Nodes that are new or have new scores, by id.
    case nodes([SearchNode.ID: SearchNode])
    /// A turn of the strategy has ended: the number of turns and the cost so far.
    case round(Int, Cost)
}

public struct RuntimeOptions: Sendable {
    /// Threads that decode in parallel; nil leaves the number to the model source.
    public var lanes: Int?
    /// Draws and scores only once what several runs ask for (see `SharingModel`): useful for many runs of the same
    /// problems with the same seed. No run's result or cost changes.
    public var sharesSamples = false
    /// The bytes that all lanes together may keep of samples that no active run holds.
    public var sharedBytes = 14 << 20
    /// A plugin call that takes longer is reported to `onHang`.
    public var watchdogSeconds: Double = 10
    /// Called on the watchdog's thread when a plugin does not return. In this process a thread cannot be stopped: the
    /// handler saves what is finished and exits.
    public var onHang: (@Sendable (StratagemError) -> Void)?
    /// Reports every call across the C boundary (`--trace-abi`).
    public var abiTraceSink: (any ABITraceSink)?
    /// Lines that plugins log, with the strategy's name: level, text.
    public var log: (@Sendable (Int32, String) -> Void)?
    public init() {}
}

/// Hard limits that no run may pass, whatever its budget.
public enum RunLimits {
    /// The largest number of turns in a row with an empty batch of asks.
    public static let emptyRounds = 100
    /// The largest number of turns of one run.
    public static let rounds = 1_000_000
    /// The largest number of nodes in one run's tree.
    public static let nodes = 20_000_000
    /// How deep RUN may nest.
    public static let nesting = 4
    /// The largest number of samples of one run that are in progress at once; others wait.
    public static let jobs = 1 << 18
    /// Turns that spend nothing: see `FreeWork`. A basic number, and a further number for each turn that does spend.
    public static let freeTurns = 1000
    public static let freeTurnsEarned = 10
    /// Nodes for which nothing was sampled. A basic number, and a further number for each sampled node.
    public static let freeNodes = 100_000
    public static let freeNodesEarned = 16
    /// Bytes of appended text, likewise.
    public static let freeBytes = 64 << 20
    public static let freeBytesEarned = 64 << 10
}
