import SearchCore
import Studies

/// A search tree as a picture shows it: a box for every step, whether the step
/// was sampled alone (beam search) or within a whole answer (best-of-n).
public struct TreePicture: Sendable, Equatable {
    public enum Fate: Int, Sendable, Comparable {
        /// Leads to the first answer of the ranking.
        case won
        /// Leads to an answer in the ranking.
        case kept
        /// Sampled, and given up.
        case dropped

        public static func < (a: Fate, b: Fate) -> Bool { a.rawValue < b.rawValue }
    }

    public struct Step: Sendable, Equatable {
        /// Index in `steps`; nil for a root.
        public var parent: Int?
        /// Steps to the left of it.
        public var column: Int
        public var node: SearchNode.ID
        public var kind: SearchNode.Kind
        public var text: String
        public var score: Double?
        public var fate: Fate
        /// Of its node, if this is the node's last step; else open.
        public var ending: SearchNode.Ending
        public var answer: String?
        public var tokens: Int
        public var logProbability: Double
        /// Equal steps below the same step are one box: how often it was sampled.
        public var count = 1
        /// What tells it from its siblings.
        var label = StepLabel.none
    }

    /// Parents come before their children.
    public private(set) var steps: [Step] = []
    /// Steps of the tree that are not shown because there are too many.
    public private(set) var hidden = 0
    public var title: String
    public var problem: String
    public var answer: String?
    public var votes: [Vote]
    public var cost: Cost

    /// - Parameter limit: steps shown at most. Those that lead to answers come first.
    public init(result: RunResult, strategy: String, limit: Int = 4000) {
        title = "\(strategy), budget \(result.limits)"
        problem = result.problem.text
        answer = result.answer
        votes = result.votes
        cost = result.cost
        let fates = Self.fates(in: result.tree, of: result.candidates.map(\.node))
        add(result.tree, fates, limit: limit)
    }

    private static func fates(in tree: SearchTree, of answers: [SearchNode.ID]) -> [Fate] {
        var fates = [Fate](repeating: .dropped, count: tree.nodes.count)
        for (rank, node) in answers.enumerated() where tree.contains(node) {
            let fate: Fate = rank == 0 ? .won : .kept
            for one in tree.path(to: node) { fates[one - 1] = min(fates[one - 1], fate) }
        }
        for (index, node) in tree.nodes.enumerated() where node.kind == .root {
            fates[index] = min(fates[index], .kept)
        }
        return fates
    }

    private mutating func add(_ tree: SearchTree, _ fates: [Fate], limit: Int) {
        var boxes = StepBoxes()
        for (index, node) in tree.nodes.enumerated() { boxes.add(node, id: index + 1, fate: fates[index]) }
        var all = boxes.steps
        for (index, label) in boxes.labels().enumerated() { all[index].label = label }
        // No step has a worse fate, or comes later, than those below it: none of them hangs in the air.
        let first = all.indices.sorted { (all[$0].fate, $0) < (all[$1].fate, $1) }.prefix(max(1, limit)).sorted()
        hidden = all.count - first.count
        var places = [Int?](repeating: nil, count: all.count)
        for (place, index) in first.enumerated() {
            var step = all[index]
            step.parent = step.parent.flatMap { places[$0] }
            places[index] = place
            steps.append(step)
        }
    }

    /// "problem" for a root; for all others on one line what tells them from their siblings.
    func label(_ step: Step, limit: Int) -> String {
        let times = step.count > 1 ? "\(step.count)× " : ""
        guard step.kind != .root else {
            return times + (step.text.isEmpty ? "problem" : Self.shorten("problem: " + step.text, limit))
        }
        let text = step.label.text(limit)
        return times + (text.isEmpty ? "(end)" : text)
    }

    /// What stands beside a step that ends: its answer, or why there is none.
    func verdict(_ step: Step) -> String? {
        switch step.ending {
        case .open: nil
        case .finished: step.answer.map { "= " + Self.shorten($0, 14) } ?? "no answer"
        case .truncated: "cut off"
        }
    }

    static func shorten(_ text: String, _ limit: Int) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count <= limit ? line : line.prefix(max(1, limit - 1)) + "…"
    }

    /// What a tooltip says.
    func detail(_ step: Step) -> String {
        var lines = [step.text.trimmingTrailingNewlines]
        if let score = step.score { lines.append("score \(Readable.fixed(score, 3))") }
        if step.count > 1 {
            lines.append("sampled \(step.count) times\(step.fate == .dropped ? ", not continued" : "")")
        }
        switch step.ending {
        case .open: break
        case .finished: lines.append("answer: \(step.answer ?? "none found")")
        case .truncated: lines.append("cut by a token limit: no answer")
        }
        lines.append(
            "node \(step.node), \(step.tokens) tokens, log-probability \(Readable.fixed(step.logProbability, 2))")
        return lines.joined(separator: "\n")
    }
}

extension String {
    var trimmingTrailingNewlines: String {
        var text = Substring(self)
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}
