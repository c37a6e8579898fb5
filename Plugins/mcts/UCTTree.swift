import StrategyKit

/// The tree of UCT as one flat array with 40 bytes per node and with the children of a node side by side, so that each
/// level of a selection reads one contiguous piece of memory.
struct UCTTree {
    struct Node {
        let id: NodeID
        /// The sum of the values that were seen here and below.
        var value: Double
        var visits: UInt32
        let parent: Int32
        var firstChild: Int32 = 0
        var childCount: UInt16 = 0
        let depth: UInt16
        /// For a leaf: 1 if it can be expanded. Otherwise the number of its children that are open.
        var open: UInt32
    }

    private(set) var nodes: ContiguousArray<Node>
    private let exploration: Double

    init(root: NodeID, exploration: Double) {
        nodes = [Node(id: root, value: 0, visits: 0, parent: -1, depth: 0, open: 1)]
        self.exploration = exploration
    }

    /// The open leaf that UCT leads to, or nil if none is left.
    func select() -> Int? {
        if nodes[0].open == 0 { return nil }
        var place = 0
        while nodes[place].childCount > 0 { place = bestChild(of: place) }
        return place
    }

    /// The open child with the largest X̄ + c √(ln n / n_j).
    private func bestChild(of place: Int) -> Int {
        let (first, count) = (Int(nodes[place].firstChild), Int(nodes[place].childCount))
        let logVisits = ln(Double(nodes[place].visits))
        var (best, bestBound) = (first, -Double.infinity)
        for child in first..<first + count where nodes[child].open > 0 {
            let visits = Double(nodes[child].visits)
            let bound = nodes[child].value / visits + exploration * (logVisits / visits).squareRoot()
            if bound > bestBound { (best, bestBound) = (child, bound) }
        }
        return best
    }

    /// Gives a leaf its children, and backs their values up to the root.
    mutating func expand(_ leaf: Int, _ children: [(id: NodeID, value: Double, isOpen: Bool)]) {
        guard !children.isEmpty else { return close(leaf) }
        nodes[leaf].firstChild = Int32(nodes.count)
        nodes[leaf].childCount = UInt16(children.count)
        nodes[leaf].open = 0
        for child in children {
            nodes.append(
                Node(
                    id: child.id, value: child.value, visits: 1, parent: Int32(leaf), depth: nodes[leaf].depth + 1,
                    open: child.isOpen ? 1 : 0))
            nodes[leaf].open += child.isOpen ? 1 : 0
        }
        let sum = children.reduce(0) { $0 + $1.value }
        var place = leaf
        while place >= 0 {
            nodes[place].visits += UInt32(children.count)
            nodes[place].value += sum
            place = Int(nodes[place].parent)
        }
        if nodes[leaf].open == 0 { closeAbove(leaf) }
    }

    /// A leaf that cannot be expanded is not selected again, nor is a node that has only such leaves below it.
    mutating func close(_ leaf: Int) {
        nodes[leaf].open = 0
        closeAbove(leaf)
    }

    private mutating func closeAbove(_ place: Int) {
        var parent = Int(nodes[place].parent)
        while parent >= 0 {
            nodes[parent].open -= 1
            if nodes[parent].open > 0 { return }
            parent = Int(nodes[parent].parent)
        }
    }

    /// The nodes that could be expanded.
    var openLeaves: [NodeID] { nodes.filter { $0.childCount == 0 && $0.open > 0 }.map(\.id) }
}
