import StrategyKit

/// Monte Carlo tree search with UCT (Kocsis and Szepesvári 2006) over the steps of answers. A simulation descends from
/// the problem, always to the child with the largest X̄ + c √(ln n / n_j), samples `width` next steps of the leaf where
/// it ends, evaluates each of them, and backs these values up. c is 2 C_p of the paper, whose C_p for values in [0, 1]
/// is 1/√2.
///
/// A step's value is the verifier's, or with `rollouts` the mean of the verifier's values of whole answers that are
/// sampled from the step; these are answers too. Siblings with equal text are one child. The search ends when no leaf
/// can be expanded, because each has ended or N steps were sampled at the depth below it. All answers vote.
///
/// Published code (treequest's StandardMCTS) multiplies the second term by a softmax of the
/// siblings' scores, and counts a new child twice; here the bound is the paper's.
struct MCTS: SequentialStrategy {
    static let exploration = Parameter.float(
        "exploration", "c = 2 C_p in the paper: a higher value explores rarely tried steps more",
        default: 1.4142135623730951, in: 0...1000)
    static let width = Parameter.int(
        "width", "next steps sampled from a leaf", derived: "floor of the square root of N", in: 1...4096)
    static let rollouts = Parameter.int(
        "rollouts",
        "answers sampled from each new step, whose mean value becomes the step's value; 0: the verifier's value of the step",
        default: 0, in: 0...4096)
    static let info = StrategyInfo(
        id: "org.stratagem.mcts", name: "mcts", version: "1.0.0",
        summary: "Tree search with UCT on the verifier's values, N steps at each depth",
        parameters: [Standard.n, width, exploration, rollouts, Standard.selection] + Standard.sampling,
        roles: [.model("policy", "samples the steps"), .verifier("prm", "scores every step")])

    private let width: Int
    private let rollouts: Int
    private var steps: StepSearch
    private var tree: UCTTree
    private var depths: Depths

    init(_ setup: Setup) throws {
        let n = try setup.generations()
        width = min(try setup[Self.width] ?? squareRoot(n), 4096)
        rollouts = try setup[Self.rollouts]
        steps = try StepSearch(setup)
        tree = UCTTree(root: setup.problem.root, exploration: try setup[Self.exploration])
        depths = Depths(n: n, host: setup.host)
    }

    mutating func search(_ ask: Asker) async throws {
        while !steps.isOver, let leaf = tree.select() {
            let node = tree.nodes[leaf]
            let isDeep = node.depth >= StepSearch.roundsMax
            let count = min(width, depths.left(below: node.id, depth: Int(node.depth), toEnd: isDeep))
            guard count > 0 else {
                tree.close(leaf)
                continue
            }
            depths.add(count, below: Int(node.depth), toEnd: isDeep)
            let sampled = try await steps.sample(
                [.sample(node.id, count: count, steps: isDeep ? nil : 1, steps.sampling)], ask)
            let children = distinct(sampled.first ?? [])
            let ends = try await rollOut(children, depth: Int(node.depth) + 1, ask)
            try await steps.score(children + ends.flatMap { $0 }, ask)
            if steps.verifierFailed { return try await complete(children, below: leaf, ask) }
            let values = zip(children, ends).compactMap { child, ends -> (id: NodeID, value: Double, isOpen: Bool)? in
                value(of: ends, or: child).map { (child, $0, steps.host.node(child)?.isOpen == true) }
            }
            tree.expand(leaf, values)
        }
    }

    func answer() -> [Answer] { steps.answer() }

    /// Samples whole answers below each child, as far as the budget has room for them.
    private mutating func rollOut(_ children: [NodeID], depth: Int, _ ask: Asker) async throws -> [[NodeID]] {
        var ends = children.map { _ in [NodeID]() }
        var asked: [(child: Int, ask: Ask)] = []
        for (place, child) in children.enumerated() where rollouts > 0 && steps.host.node(child)?.isOpen == true {
            let count = min(rollouts, depths.left(below: child, depth: depth, toEnd: true))
            if count == 0 { break }
            depths.add(count, below: depth, toEnd: true)
            asked.append((place, .sample(child, count: count, steps.sampling)))
        }
        if asked.isEmpty || steps.isOver { return ends }
        for (one, nodes) in zip(asked, try await steps.sample(asked.map(\.ask), ask)) { ends[one.child] = nodes }
        return ends
    }

    /// The mean value of the roll-outs' ends, or of the step itself; nil if there is none.
    private func value(of ends: [NodeID], or child: NodeID) -> Double? {
        let values = ends.compactMap { steps.host.node($0)?.score }
        return values.isEmpty ? steps.host.node(child)?.score : values.reduce(0, +) / Double(values.count)
    }

    private func distinct(_ siblings: [NodeID]) -> [NodeID] {
        var texts = Set<Text>()
        return siblings.filter { id in steps.host.node(id).map { texts.insert($0.text).inserted } ?? false }
    }

    /// Called when nothing can be scored any more: samples one answer from each place that the budget has room for, the
    /// newest first.
    private mutating func complete(_ children: [NodeID], below leaf: Int, _ ask: Asker) async throws {
        if !children.isEmpty { tree.close(leaf) }
        let open = (children + tree.openLeaves).filter { id in
            guard let node = steps.host.node(id), node.isOpen,
                depths.left(below: id, depth: node.depth, toEnd: true) > 0
            else { return false }
            depths.add(1, below: node.depth, toEnd: true)
            return true
        }
        try await steps.complete(open, count: open.count, ask)
    }
}

/// The number of steps that were sampled at each depth: at most N, as in beam search.
struct Depths {
    private let n: Int
    private let host: Host
    /// For the depths below the problem, which is at depth 0; the last element is for all further depths together.
    private var sampled = Array(repeating: 0, count: StepSearch.roundsMax + 2)

    init(n: Int, host: Host) {
        self.n = n
        self.host = host
    }

    private func range(below depth: Int, toEnd: Bool) -> ClosedRange<Int> {
        let first = min(depth + 1, sampled.count - 1)
        return first...(toEnd ? sampled.count - 1 : first)
    }

    /// The number of samples from a node that N and the rest of the run's budget still allow.
    func left(below node: NodeID, depth: Int, toEnd: Bool) -> Int {
        let most = sampled[range(below: depth, toEnd: toEnd)].max() ?? 0
        return max(0, min(n - most, host.generationsLeft(below: node, steps: toEnd ? 0 : 1) ?? n))
    }

    mutating func add(_ count: Int, below depth: Int, toEnd: Bool) {
        for depth in range(below: depth, toEnd: toEnd) { sampled[depth] += count }
    }
}

private let plugin = Plugin(name: "mcts", version: "1.0.0", strategies: [Sequential<MCTS>.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
