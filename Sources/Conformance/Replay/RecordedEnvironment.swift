import SearchCore
import StrategyHost

/// What getters answer in a replay: the trace's nodes and costs.
///
/// A trace does not say which roles the bundle had: it had all that were asked of.
final class RecordedEnvironment: InstanceEnvironment {
    private let limits: Limits
    private let hasConfidence: Bool
    private let hasFigures: Bool
    private var nodes: [UInt64: SearchNode] = [:]
    private var spent = Cost()
    private var generations = GenerationCount()

    init(_ trace: Trace) {
        limits = trace.header.limits
        hasConfidence = trace.rounds.contains { $0.nodes.contains { $0.confidence != nil } }
        hasFigures = trace.rounds.contains { $0.nodes.contains { $0.figures != nil } }
    }

    /// What this turn's tell makes known.
    func take(_ round: TraceRound) {
        spent = round.cost
        if let counted = round.generations { generations = counted }
        for node in round.nodes { nodes[UInt64(node.id)] = Self.node(node) }
    }

    private static func node(_ node: TraceNode) -> SearchNode {
        SearchNode(
            kind: node.kind, parent: node.parent, problem: node.problem, depth: node.depth, text: Array(node.text.utf8),
            stepEnds: node.stepEnds, tokens: node.tokens, logProbability: node.logProbability, ending: node.ending,
            stepScores: node.stepScores.map { $0 ?? .nan }, score: node.score, answer: node.answer,
            confidence: node.confidence,
            figures: node.figures)
    }

    func node(_ id: UInt64) -> SearchNode? { nodes[id] }

    func stepScores(through id: UInt64) -> [Double]? {
        guard var node = nodes[id] else { return nil }
        var path = [node]
        while node.parent != 0, let parent = nodes[UInt64(node.parent)] {
            node = parent
            path.append(node)
        }
        return path.reversed().flatMap {
            $0.stepScores.isEmpty ? Array(repeating: .nan, count: $0.stepEnds.count) : $0.stepScores
        }
    }

    var budget: BudgetView { BudgetView(limits: limits, spent: spent, generations: generations) }
    func hasRole(_ role: String) -> Bool { true }
    /// As it was then: a trace of a strategy that uses it has its figures.
    func offersConfidence() -> Bool { hasConfidence }
    func offersTokenFigures() -> Bool { hasFigures }
    func log(level: Int32, _ text: String) {}
}
