import SearchCore

/// Finds the nodes of a run that are one prefix for a verifier: nodes that have the same text below nodes that are one
/// prefix. A verifier reads this prefix once, for all of them.
///
/// A node is looked up when it is scored, so a run without a verifier has no entries.
struct EqualTexts {
    private struct Key: Hashable {
        /// The first of the nodes that are equal to the parent.
        var parent: SearchNode.ID
        var kind: SearchNode.Kind
        var ending: SearchNode.Ending
        var steps: Int
        var text: [UInt8]
    }

    /// For node n, at index n - 1, the first node with its text; 0: not looked up yet.
    private var firsts: [SearchNode.ID] = []
    private var known: [Key: SearchNode.ID] = [:]

    /// Among all nodes that are one prefix with `id`, the one that was looked up first; often `id` itself.
    mutating func first(of id: SearchNode.ID, in tree: SearchTree) -> SearchNode.ID {
        // Goes down from the nearest node above that is known, because paths may be long.
        var unknown: [SearchNode.ID] = []
        var current = id
        while current > firsts.count || firsts[current - 1] == 0 {
            guard tree[current].kind != .root else {
                note(current, first: current)
                break
            }
            unknown.append(current)
            current = tree[current].parent
        }
        for node in unknown.reversed() {
            let own = tree[node]
            let key = Key(
                parent: firsts[own.parent - 1], kind: own.kind, ending: own.ending, steps: own.stepEnds.count,
                text: own.text)
            let first = known[key] ?? node
            known[key] = first
            note(node, first: first)
        }
        return firsts[id - 1]
    }

    private mutating func note(_ id: SearchNode.ID, first: SearchNode.ID) {
        while firsts.count < id { firsts.append(0) }
        firsts[id - 1] = first
    }

    /// Takes over what is known about a nested run's nodes.
    mutating func graft(_ other: EqualTexts, offset: Int) {
        for (index, first) in other.firsts.enumerated() where first != 0 {
            note(index + 1 + offset, first: first + offset)
        }
        for (key, first) in other.known {
            var moved = key
            moved.parent += offset
            known[moved] = first + offset
        }
    }
}
