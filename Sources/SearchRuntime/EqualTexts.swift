import SearchCore

/// Which nodes of a run are one prefix for a verifier: those whose text is the same below
/// nodes that are one prefix. A verifier reads it once, for all of them.
///
/// Looked up when a node is scored: a run without a verifier has none.
struct EqualTexts {
    private struct Key: Hashable {
        /// The first of its equals.
        var parent: SearchNode.ID
        var kind: SearchNode.Kind
        var ending: SearchNode.Ending
        var steps: Int
        var text: [UInt8]
    }

    /// Of node n at index n - 1, the first with its text; 0: nobody has asked.
    private var firsts: [SearchNode.ID] = []
    private var known: [Key: SearchNode.ID] = [:]

    /// The node that was asked about first of all that are one prefix with `id`; often itself.
    mutating func first(of id: SearchNode.ID, in tree: SearchTree) -> SearchNode.ID {
        // Down from the nearest node above that is known: paths may be long.
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

    /// Takes over what is known of a nested run's nodes.
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
