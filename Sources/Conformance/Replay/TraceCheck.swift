import SearchCore

/// Whether the rounds of a trace fit together: what a run writes always does, and
/// what was edited by hand seldom.
struct TraceCheck {
    private let header: TraceHeader
    private let rounds: [TraceRound]
    private var nodes: [Int: TraceNode] = [:]

    init(header: TraceHeader, rounds: [TraceRound]) {
        self.header = header
        self.rounds = rounds
    }

    func run(_ refuse: (String) -> StratagemError) throws(StratagemError) {
        var copy = self
        for index in rounds.indices {
            // The header is line 1, round 0 is line 2.
            if let problem = copy.problem(index) {
                throw refuse("line \(index + 2) does not fit: \(problem). The trace was changed after it was made")
            }
        }
    }

    private mutating func problem(_ index: Int) -> String? {
        let round = rounds[index]
        if index == 0, round.event == 2 { return "the first turn has results of asks that were never made" }
        if index > 0, round.event == 1 { return "a turn after the first has START" }
        if index < rounds.count - 1, round.answers != nil {
            return "it is done, and \(rounds.count - 1 - index) more turns follow"
        }
        return problemOfNodes(round) ?? problemOfTold(round, index) ?? problemOfCost(round, index)
            ?? problemOfAsks(round)
    }

    private mutating func problemOfNodes(_ round: TraceRound) -> String? {
        for node in round.nodes {
            if let before = nodes[node.id] {
                // A root's tokens are counted when a model first reads it.
                let isRecounted = before.tokens != node.tokens && !(node.kind == .root && before.tokens == 0)
                if before.text != node.text || before.parent != node.parent || isRecounted {
                    return "node \(node.id) is not what it was before"
                }
            } else if node.kind == .root {
                if node.parent != 0 { return "node \(node.id) is a root with the parent \(node.parent)" }
            } else {
                guard let parent = nodes[node.parent] else {
                    return "node \(node.id) has the parent \(node.parent), which was never made"
                }
                let steps = node.kind == .appended ? 1 : node.stepEnds.count
                if node.depth != parent.depth + steps {
                    return "node \(node.id) is at depth \(node.depth), \(steps) steps below depth \(parent.depth)"
                }
                if node.problem != parent.problem {
                    return "node \(node.id) is of problem \(node.problem), its parent of \(parent.problem)"
                }
            }
            let size = node.text.utf8.count
            if !node.text.unicodeScalars.contains("\u{FFFD}"), node.stepEnds.last ?? 0 != size {
                return "node \(node.id)'s steps end at byte \(node.stepEnds.last ?? 0) of \(size)"
            }
            if !node.stepScores.isEmpty, node.stepScores.count != node.stepEnds.count {
                return "node \(node.id) has \(node.stepScores.count) scores for \(node.stepEnds.count) steps"
            }
            nodes[node.id] = node
        }
        return nil
    }

    private func problemOfTold(_ round: TraceRound, _ index: Int) -> String? {
        let asks = index == 0 ? [] : rounds[index - 1].asks.sorted { $0.tag < $1.tag }
        if asks.map(\.tag) != round.told.map(\.tag) {
            return
                "it answers the tags \(round.told.map { "\($0.tag)" }.joined(separator: ", ")), and \(asks.map { "\($0.tag)" }.joined(separator: ", ")) were asked for"
        }
        for (ask, told) in zip(asks, round.told) {
            for id in told.nodes {
                guard let node = nodes[id] else { return "a tell names node \(id), which was never made" }
                if ask.kind == 1 || ask.kind == 3, node.parent != Int(clamping: ask.node) {
                    return "node \(id) answers ask \(told.tag) about node \(ask.node), and its parent is \(node.parent)"
                }
            }
            if ask.kind == 1, told.nodes.count > Int(ask.count) {
                return "ask \(told.tag) wanted \(ask.count) samples and got \(told.nodes.count)"
            }
        }
        return nil
    }

    private func problemOfCost(_ round: TraceRound, _ index: Int) -> String? {
        let sampled = nodes.values.reduce(0) { $0 + ($1.kind == .sampled ? $1.tokens : 0) }
        if round.cost.tokens < sampled { return "\(round.cost.tokens) tokens were spent on nodes that hold \(sampled)" }
        guard index > 0 else { return nil }
        let before = rounds[index - 1].cost
        return round.cost.tokens < before.tokens || round.cost.generations < before.generations
            ? "less was spent than by the turn before" : nil
    }

    private func problemOfAsks(_ round: TraceRound) -> String? {
        for ask in round.asks where (1...3).contains(ask.kind) {
            let named = ask.kind == 2 ? ask.nodes : [ask.node]
            if let unknown = named.first(where: { nodes[Int(clamping: $0)] == nil }) {
                return "ask \(ask.tag) names node \(unknown), which was never made"
            }
        }
        for answer in round.answers ?? [] where nodes[Int(clamping: answer.node)]?.ending != .finished {
            return "it answers with node \(answer.node), which is not a finished one"
        }
        return nil
    }
}
