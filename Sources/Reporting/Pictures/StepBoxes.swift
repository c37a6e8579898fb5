import SearchCore

/// The steps of a search tree as boxes. Equal steps below the same step are one box, whether each was
/// sampled alone (beam search) or within a whole solution (best-of-n), and whatever came of them. A root is
/// always one of its own: it has no text, and the attempts that a revision shows tell it from the others.
struct StepBoxes: Sendable {
    typealias Step = TreePicture.Step

    private struct Key: Hashable {
        var parent: Int?
        var problem: Int
        var kind: SearchNode.Kind
        var ending: SearchNode.Ending
        var text: ArraySlice<UInt8>
        var root: SearchNode.ID?
    }

    /// Parents come before their children.
    private(set) var steps: [Step] = []
    private var places: [Key: Int] = [:]
    /// Of each node the box of its last step.
    private var last: [SearchNode.ID: Int] = [:]

    /// Adds a node, whose parent must be there already, or takes its new scores.
    mutating func add(_ node: SearchNode, id: SearchNode.ID, fate: TreePicture.Fate = .dropped) {
        if let box = last[id] { return rescore(node, box) }
        var parent = node.parent > 0 ? last[node.parent] : nil
        for part in Self.parts(node) {
            let key = Key(
                parent: parent, problem: node.problem, kind: node.kind, ending: part.ending, text: part.text,
                root: node.kind == .root ? id : nil)
            let answer = part.ending == .open ? nil : node.answer
            if let twin = places[key] {
                steps[twin].count += 1
                if fate < steps[twin].fate {
                    steps[twin].fate = fate
                    steps[twin].node = id
                    (steps[twin].tokens, steps[twin].logProbability) = (node.tokens, node.logProbability)
                    if let score = part.score { steps[twin].score = score }
                }
                steps[twin].score = steps[twin].score ?? part.score
                parent = twin
            } else {
                places[key] = steps.count
                let text = Markup.printable(String(decoding: part.text, as: UTF8.self))
                steps.append(
                    Step(
                        parent: parent, column: parent.map { steps[$0].column + 1 } ?? 0, node: id, kind: node.kind,
                        text: text, score: part.score,
                        fate: fate, ending: part.ending, answer: answer, tokens: node.tokens,
                        logProbability: node.logProbability))
                parent = steps.count - 1
            }
        }
        last[id] = parent
    }

    private mutating func rescore(_ node: SearchNode, _ box: Int) {
        var at: Int? = box
        for part in Self.parts(node).reversed() {
            guard let place = at else { return }
            if let score = part.score { steps[place].score = score }
            if part.ending != .open { steps[place].answer = node.answer }
            at = steps[place].parent
        }
    }

    private struct Part {
        var text: ArraySlice<UInt8>
        var score: Double?
        var ending: SearchNode.Ending
    }

    /// The steps that a node is made of: at least one.
    private static func parts(_ node: SearchNode) -> [Part] {
        var ends = node.stepEnds.isEmpty || node.kind != .sampled ? [node.text.count] : node.stepEnds
        ends[ends.count - 1] = max(ends[ends.count - 1], node.text.count)
        var begin = 0
        return ends.enumerated().map { place, end in
            defer { begin = end }
            let score = place < node.stepScores.count ? node.stepScores[place] : nil
            return Part(
                text: begin <= end && end <= node.text.count ? node.text[begin..<end] : [],
                score: score.flatMap { $0.isNaN ? nil : $0 },
                ending: place == ends.count - 1 ? node.ending : .open)
        }
    }

    /// What each box shows of its text beside its siblings.
    func labels() -> [StepLabel] {
        var labels = [StepLabel](repeating: StepLabel.none, count: steps.count)
        for siblings in Dictionary(grouping: steps.indices, by: { steps[$0].parent }).values {
            for (place, label) in zip(siblings, StepLabel.labels(of: siblings.map { steps[$0].text })) {
                labels[place] = label
            }
        }
        return labels
    }
}
