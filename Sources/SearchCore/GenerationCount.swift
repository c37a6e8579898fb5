/// Counts generations as the paper does: the largest number of steps sampled at
/// any one depth, over all roots. A full sample occupies every depth below its
/// node, so best-of-N and beam search cost N and lookahead N·(k+1).
public struct GenerationCount: Sendable, Equatable {
    /// Bounded steps sampled at each depth.
    private(set) var steps: [Int] = []
    /// Full samples started at a node of each depth.
    private(set) var full: [Int] = []
    /// The largest occupancy of any depth.
    public private(set) var peak = 0

    public init() {}

    /// How many of `count` samples keep every depth within `limit`.
    /// - Parameters:
    ///   - depth: of the node they start from.
    ///   - steps: 0 for a full sample.
    public func fitting(_ count: Int, from depth: Int, steps: Int, limit: Int?) -> Int {
        guard let limit else { return count }
        return max(0, min(count, limit - occupancy(from: depth, steps: steps)))
    }

    /// The largest number of samples that already occupy any of the depths which a sample of so many steps (0: a full
    /// one) from a node of this depth would occupy.
    public func occupancy(from depth: Int, steps count: Int) -> Int {
        var standing = 0
        for start in 0..<min(depth, full.count) { standing += full[start] }
        var largest = 0
        let deepest = max(steps.count, full.count + 1)
        let last = count == 0 ? max(deepest, depth + 1) : depth + count
        for level in (depth + 1)...last {
            if level - 1 < full.count { standing += full[level - 1] }
            largest = max(largest, standing + (level < steps.count ? steps[level] : 0))
            if level > deepest { break }
        }
        return largest
    }

    public mutating func add(_ count: Int, from depth: Int, steps number: Int) {
        guard count > 0 else { return }
        if number == 0 {
            while full.count <= depth { full.append(0) }
            full[depth] += count
        } else {
            while steps.count <= depth + number { steps.append(0) }
            for level in (depth + 1)...(depth + number) { steps[level] += count }
        }
        peak = max(peak, occupancy(from: depth, steps: number))
    }

    /// Adds what another run sampled.
    public mutating func add(_ other: GenerationCount) {
        for (depth, count) in other.full.enumerated() { add(count, from: depth, steps: 0) }
        for (depth, count) in other.steps.enumerated() where count > 0 { add(count, from: depth - 1, steps: 1) }
    }
}

extension GenerationCount: Codable {
    enum CodingKeys: String, CodingKey { case steps, full }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            steps: try container.decode([Int].self, forKey: .steps),
            full: try container.decode([Int].self, forKey: .full))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(steps, forKey: .steps)
        try container.encode(full, forKey: .full)
    }

    /// Restores a count that was written down: bounded steps by depth, full samples by the depth of their node.
    public init(steps: [Int], full: [Int]) {
        self.init()
        (self.steps, self.full) = (steps, full)
        peak = occupancy(from: 0, steps: 0)
    }

    /// The arguments that `init(steps:full:)` takes.
    public var parts: (steps: [Int], full: [Int]) { (steps, full) }
}
