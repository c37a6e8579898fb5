/// The results of a batch of samples, sorted by how they can be used.
public struct Harvest {
    /// Steps that can be continued.
    public var open: [NodeID] = []
    /// Answers: nodes that the model ended.
    public var finished: [NodeID] = []
    /// Nothing more can be sampled.
    public var isOutOfBudget = false
    /// The model failed on a part of the batch, or on all of it.
    public var modelFailed = false
}

extension Host {
    /// Sorts the samples of a tell. Truncated samples are left out: a cut step is neither an answer nor something to
    /// continue from.
    /// - Parameter distinct: siblings with equal text count once. A beam that is kept twice explores nothing more, and
    ///   votes twice for one line of thought.
    public func harvest(_ tell: Tell, distinct: Bool) -> Harvest {
        var harvest = Harvest()
        var seen = Set<Sibling>()
        for told in tell {
            switch told.outcome {
            case .ok, .truncated: break
            case .budgetExhausted, .cancelled, .unknown: harvest.isOutOfBudget = true
            case .modelFailed, .verifierFailed, .runFailed: harvest.modelFailed = true
            }
            for id in told.nodes {
                guard let node = node(id), !node.isTruncated else { continue }
                if distinct,
                    !seen.insert(Sibling(parent: node.parent, text: node.text, isFinished: node.isFinished)).inserted
                {
                    continue
                }
                if node.isFinished { harvest.finished.append(id) } else { harvest.open.append(id) }
            }
        }
        return harvest
    }

    /// The `count` nodes with the best scores, best first, ties in the given order; nodes without a score come last.
    public func best(_ count: Int, of nodes: [NodeID]) -> [NodeID] {
        best(count, of: nodes) { node($0)?.score }
    }

    /// The `count` elements of the best scores, best first.
    @inlinable  // generic: without it, every element would be handled through pointers
    public func best<Element>(_ count: Int, of elements: [Element], score: (Element) -> Double?) -> [Element] {
        let scores = elements.map { score($0) ?? -1 }
        return elements.indices
            .sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
            .prefix(count).map { elements[$0] }
    }
}

private struct Sibling: Hashable {
    let parent: NodeID?
    let text: Text
    let isFinished: Bool
}

/// Divides `total` among `elements` as evenly as possible; the first ones get the remainder. Elements beyond `total`
/// get nothing and are left out.
@inlinable
public func spread<Element>(_ total: Int, over elements: [Element]) -> [(element: Element, count: Int)] {
    guard !elements.isEmpty else { return [] }
    let (each, left) = total.quotientAndRemainder(dividingBy: elements.count)
    return elements.enumerated().compactMap { index, element in
        let count = index < left ? each + 1 : each
        return count > 0 ? (element, count) : nil
    }
}

/// The largest whole number whose square is at most `n`.
public func squareRoot(_ n: Int) -> Int {
    var root = Int(Double(n).squareRoot())
    while root * root > n { root -= 1 }
    while (root + 1) * (root + 1) <= n { root += 1 }
    return root
}
