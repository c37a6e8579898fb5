import SearchCore
import StrategyHost

/// Runs a strategy against recorded tells, with no model, and compares what it
/// asks for with what was asked then.
public struct Replayer {
    private let trace: Trace
    private let strategy: LoadedStrategy

    /// Where the asks first differ.
    public struct Difference: Sendable, Equatable {
        public var round: Int
        /// Place of the ask or answer in its batch; nil: the batch as a whole.
        public var place: Int?
        public var field: String
        public var recorded: String
        public var now: String
    }

    public enum Result: Sendable, Equatable {
        case same(rounds: Int)
        case differs(Difference)
        /// The plugin failed where it did not then.
        case failed(round: Int, StratagemError)
    }

    public init(_ trace: Trace, _ strategy: LoadedStrategy) {
        self.trace = trace
        self.strategy = strategy
    }

    /// Why this plugin is not the one that was recorded, or nil.
    public var mismatch: String? {
        let header = trace.header
        if header.strategyID != strategy.info.id {
            return "the trace is of strategy '\(header.strategyID)', the plugin offers '\(strategy.info.id)'"
        }
        if header.pluginHash != strategy.pluginHash {
            return
                "the trace was made by a plugin with the hash \(header.pluginHash.prefix(16))…, this one has \(strategy.pluginHash.prefix(16))…"
        }
        return nil
    }

    public func run() throws(StratagemError) -> Result {
        let header = trace.header
        let environment = RecordedEnvironment(trace)
        // A search that ended in create has no turn: any roots will do.
        let start = trace.rounds.first ?? Self.start(header)
        let first = start.nodes
        let roots = first.filter { $0.kind == .root }.prefix(header.problems.count)
        guard roots.count == header.problems.count else {
            throw StratagemError(
                .user, .badTrace,
                "the trace has \(header.problems.count) problems and \(roots.count) roots in its first turn")
        }
        let params = try strategy.check(values: try values(header))
        // create sees the roots, and nothing spent.
        environment.take(start)
        let instance: StrategyInstance
        do {
            instance = try StrategyInstance(
                strategy, environment: environment, problems: zip(header.problems, roots).map { ($0, UInt64($1.id)) },
                params: params,
                seed: StableHash(header.seed).combining(3).value)
        } catch { return .failed(round: 0, error) }
        for (index, round) in trace.rounds.enumerated() {
            environment.take(round)
            guard let event = TellEvent(rawValue: round.event) else {
                throw StratagemError(
                    .user, .badTrace, "turn \(index) has event \(round.event), which this build does not know")
            }
            let told = try round.told.map { entry throws(StratagemError) in
                guard let outcome = Outcome(rawValue: entry.outcome) else {
                    throw StratagemError(
                        .user, .badTrace, "turn \(index) has outcome \(entry.outcome), which this build does not know")
                }
                return Told(tag: entry.tag, outcome: outcome, nodes: entry.nodes.map { UInt64($0) })
            }
            let next: NextStep
            do { next = try instance.next(Tell(event: event, told: told)) } catch {
                return .failed(round: index, error)
            }
            if let difference = difference(index, round, next) { return .differs(difference) }
        }
        return .same(rounds: trace.rounds.count)
    }

    private static func start(_ header: TraceHeader) -> TraceRound {
        let roots = header.problems.indices.map { index in
            TraceNode(
                id: index + 1,
                node: SearchNode(kind: .root, parent: 0, problem: index, depth: 0, text: [], stepEnds: [], tokens: 1))
        }
        return TraceRound(event: TellEvent.start.rawValue, told: [], nodes: roots, cost: Cost())
    }

    /// JSON does not tell 1 from 1.0, and holds no bytes of a file.
    private func values(_ header: TraceHeader) throws(StratagemError) -> [String: ParameterValue] {
        var values = header.params
        for info in strategy.info.params {
            switch (info.kind, values[info.id]) {
            case (.float, .int(let number)?): values[info.id] = .float(Double(number))
            case (.file, .text?):
                throw StratagemError(
                    .user, .traceWithoutFile,
                    "the trace does not hold the file that parameter '\(info.id)' named, so it cannot be replayed")
            case (.text, .none?), (.choice, .none?): values[info.id] = info.fallback
            default: break
            }
        }
        return values
    }
}
