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
        /// Given-up samples of the same text below the same step are one box.
        public var count = 1
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
        for (index, node) in tree.nodes.enumerated() where node.kind == .root { fates[index] = min(fates[index], .kept) }
        return fates
    }

    private mutating func add(_ tree: SearchTree, _ fates: [Fate], limit: Int) {
        var shown = [Bool](repeating: false, count: tree.nodes.count)
        var room = limit
        for fate in [Fate.won, .kept, .dropped] {
            for (index, node) in tree.nodes.enumerated() where fates[index] == fate {
                let boxes = max(1, node.stepEnds.count)
                // A step below one that is not shown would hang in the air.
                let isHanging = node.parent > 0 && fates[node.parent - 1] == fate && !shown[node.parent - 1]
                if boxes <= room, !isHanging {
                    shown[index] = true
                    room -= boxes
                } else {
                    hidden += boxes
                }
            }
        }
        var isContinued = [Bool](repeating: false, count: tree.nodes.count)
        for node in tree.nodes where node.parent > 0 { isContinued[node.parent - 1] = true }
        var last = [Int?](repeating: nil, count: tree.nodes.count)
        var leaves: [Leaf: Int] = [:]
        for (index, node) in tree.nodes.enumerated() where shown[index] {
            let parent = node.parent > 0 ? last[node.parent - 1] : nil
            let mayShare = fates[index] == .dropped && !isContinued[index] && node.stepEnds.count <= 1
            let leaf = mayShare ? Leaf(parent: parent, text: node.text, ending: node.ending) : nil
            if let leaf, let twin = leaves[leaf] {
                steps[twin].count += 1
                last[index] = twin
                continue
            }
            last[index] = add(node, id: index + 1, fate: fates[index], below: parent)
            if let leaf { leaves[leaf] = last[index] }
        }
    }

    private struct Leaf: Hashable {
        var parent: Int?
        var text: [UInt8]
        var ending: SearchNode.Ending
    }

    /// Adds a node's steps and returns the index of the last one.
    private mutating func add(_ node: SearchNode, id: SearchNode.ID, fate: Fate, below parent: Int?) -> Int {
        var ends = node.stepEnds.isEmpty || node.kind != .sampled ? [node.text.count] : node.stepEnds
        ends[ends.count - 1] = max(ends[ends.count - 1], node.text.count)
        var parent = parent
        var begin = 0
        for (place, end) in ends.enumerated() {
            let isLast = place == ends.count - 1
            let bytes = begin <= end && end <= node.text.count ? node.text[begin..<end] : []
            let score = place < node.stepScores.count ? node.stepScores[place] : nil
            steps.append(Step(
                parent: parent, column: parent.map { steps[$0].column + 1 } ?? 0, node: id, kind: node.kind,
                text: Markup.printable(String(decoding: bytes, as: UTF8.self)),
                score: score.flatMap { $0.isNaN ? nil : $0 }, fate: fate, ending: isLast ? node.ending : .open,
                answer: isLast ? node.answer : nil, tokens: node.tokens, logProbability: node.logProbability))
            parent = steps.count - 1
            begin = end
        }
        return steps.count - 1
    }

    /// "problem" for a root, the text on one line for all others.
    func label(_ step: Step, limit: Int) -> String {
        guard step.kind != .root else { return step.text.isEmpty ? "problem" : Self.shorten("problem: " + step.text, limit) }
        let line = step.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let times = step.count > 1 ? "\(step.count)× " : ""
        return times + (line.isEmpty ? "(end)" : Self.shorten(line, limit))
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
        if step.count > 1 { lines.append("sampled \(step.count) times, not continued") }
        switch step.ending {
        case .open: break
        case .finished: lines.append("answer: \(step.answer ?? "none found")")
        case .truncated: lines.append("cut by a token limit: no answer")
        }
        lines.append("node \(step.node), \(step.tokens) tokens, log-probability \(Readable.fixed(step.logProbability, 2))")
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
