import StrategyKit

/// Diverse verifier tree search (Beeching, Tunstall and Rush, "Scaling test-time compute with open models", 2024): N/M
/// sub-trees that never compete. Each samples M next steps of its best step, the verifier chooses one of them, and so
/// on until the chosen step ends the answer.
///
/// The answers of the published code (search-and-learn) are the M candidates of each sub-tree's last round. Here every
/// step that ended is an answer, in whatever round, because it was paid for and scored. If N is not a multiple of M,
/// the first sub-trees get the remainder.
struct DVTS: SequentialStrategy {
    static let width = Parameter.int(
        "beam_width", "M in the paper: steps sampled from a sub-tree's best step; there are N/M sub-trees",
        default: 4, in: 1...Int(STG_MAX_COUNT))
    static let info = StrategyInfo(
        id: "org.stratagem.dvts", name: "dvts", version: "1.0.0",
        summary: "N/M independent sub-trees, each continued from the best of its M steps",
        parameters: [Standard.n, width, Standard.selection] + Standard.sampling,
        roles: [.model("policy", "samples the steps"), .verifier("prm", "scores every step")])

    /// An open node, and the number of steps that are sampled from it.
    private typealias SubTree = (element: NodeID, count: Int)

    private let root: NodeID
    private let n: Int
    private let width: Int
    private var steps: StepSearch

    init(_ setup: Setup) throws {
        root = setup.problem.root
        n = try setup.attempts()
        width = try setup[Self.width]
        steps = try StepSearch(setup)
    }

    mutating func search(_ ask: Asker) async throws {
        var trees: [SubTree] = spread(n, over: Array(repeating: root, count: max(1, n / width)))
        var round = 0
        while !trees.isEmpty, !steps.isOver {
            round += 1
            let depth = round > StepSearch.roundsMax ? nil : 1
            let children = try await steps.sample(
                trees.map { .sample($0.element, count: $0.count, steps: depth, steps.sampling) }, ask)
            let all = children.flatMap { $0 }
            try await steps.score(all, ask)
            if steps.verifierFailed { return try await steps.complete(all, count: n, ask) }
            trees = zip(trees, children).compactMap { tree, children in
                let best = steps.host.best(1, of: children).first { steps.host.node($0)?.isOpen == true }
                return best.map { ($0, tree.count) }
            }
        }
    }

    func answer() -> [Answer] { steps.answer() }
}

private let plugin = Plugin(name: "dvts", version: "1.0.0", strategies: [Sequential<DVTS>.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
