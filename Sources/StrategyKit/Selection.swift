/// How the final answer is chosen among finished ones.
public enum Selection: String, CaseIterable, Sendable {
    /// The answer with the largest sum of scores (best-of-N weighted).
    case weighted
    /// The answer with the single best score.
    case naive
    /// The answer that was given most often.
    case majority
}

extension Host {
    /// The ranking of finished nodes by their answers. Answers are in the order of the vote; in a tie the answer seen
    /// first comes first. Within an answer the node with the best score comes first. Nodes without a score follow those
    /// with one, and nodes without an answer come last, with no weight. If no node has a score, the count decides.
    public func rank(_ nodes: [NodeID], by selection: Selection) -> [Answer] {
        let finished = nodes.compactMap { node($0) }.filter(\.isFinished)
        let anyScore = finished.contains { $0.answer != nil && $0.score != nil }
        var ballot = Ballot(by: anyScore ? selection : .majority)
        for node in finished { ballot.add(node) }
        return ballot.ranking()
    }
}

/// Votes by answer. It exists only during one call, because its keys are the host's bytes.
private struct Ballot {
    private struct Group {
        var nodes: [(id: NodeID, score: Double?)] = []
        var sum = 0.0
        var best: Double?
    }

    private let selection: Selection
    private var groups: [Group] = []
    private var places: [Text: Int] = [:]
    private var unanswered: [NodeID] = []

    init(by selection: Selection) { self.selection = selection }

    mutating func add(_ node: Node) {
        guard let answer = node.answer else { return unanswered.append(node.id) }
        let place = places[answer] ?? groups.count
        if place == groups.count {
            places[answer] = place
            groups.append(Group())
        }
        groups[place].nodes.append((node.id, node.score))
        if let score = node.score {
            groups[place].sum += score
            groups[place].best = max(score, groups[place].best ?? score)
        }
    }

    func ranking() -> [Answer] {
        let order = groups.indices.sorted { left, right in
            let (a, b) = (value(groups[left]), value(groups[right]))
            // Swift's sort does not promise to keep equal elements in order, so the index decides ties.
            return a == b ? left < right : a > b
        }
        return order.flatMap { answers(of: groups[$0]) } + unanswered.map { Answer($0, weight: 0) }
    }

    /// What groups are compared by: first the vote, then, for groups without any score, the count.
    private func value(_ group: Group) -> (Double, Double) {
        let count = Double(group.nodes.count)
        guard selection != .majority else { return (count, 0) }
        guard let best = group.best else { return (-1, count) }
        return (selection == .weighted ? group.sum : best, 0)
    }

    private func answers(of group: Group) -> [Answer] {
        let order = group.nodes.indices.sorted { left, right in
            let (a, b) = (group.nodes[left].score ?? -1, group.nodes[right].score ?? -1)
            return a == b ? left < right : a > b
        }
        return order.enumerated().map { place, index in
            let (id, score) = group.nodes[index]
            return switch selection {
            case .majority: Answer(id, weight: 1)
            case .weighted: Answer(id, weight: score ?? 0)
            case .naive: Answer(id, weight: place == 0 ? score ?? 0 : 0)
            }
        }
    }
}
