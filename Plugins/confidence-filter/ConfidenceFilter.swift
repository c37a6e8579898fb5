import StrategyKit

/// DeepConf, offline (Fu et al. 2025, arXiv 2508.15260): of N whole answers, those of which the model was surest are
/// kept, and vote with its confidence as weight.
struct ConfidenceFilter: Strategy {
    /// Which tokens represent a whole answer. The confidence of a token is the negative mean log-probability of the
    /// most likely tokens; that of a group is the mean over `window` consecutive tokens.
    enum Measure: String, CaseIterable {
        /// The last group.
        case tail
        /// The mean of the lowest tenth of all groups.
        case bottom
        /// The lowest group.
        case lowest
        /// All tokens.
        case mean
    }

    private static let keep = Parameter.float(
        "keep", "eta: the share of the answers that vote, the surest ones; the paper has 0.1 and 0.9", default: 0.1,
        in: 0...1)
    private static let measure = Parameter.choice(
        "measure",
        "an answer's confidence: that of its tail, of its lowest tenth of windows, of its lowest window, or the mean",
        default: Measure.tail)
    private static let window = Parameter.int(
        "window", "tokens of a window; a shorter answer is one window", default: 2048, in: 1...1_000_000)

    static let info = StrategyInfo(
        id: "org.stratagem.confidence-filter", name: "confidence-filter", version: "1.0.0",
        summary:
            "N whole answers; those of which the model was surest vote, weighted by confidence (DeepConf); needs no verifier",
        parameters: [Standard.n, keep, measure, window] + Standard.sampling,
        roles: [.model("policy", "samples the answers")])

    private let host: Host
    private let vote: ConfidenceVote
    private let keep: Double
    private let measure: Measure
    private let window: Int

    init(_ setup: Setup) throws {
        host = setup.host
        vote = try ConfidenceVote(setup)
        keep = try setup[Self.keep]
        measure = try setup[Self.measure]
        window = try setup[Self.window]
    }

    mutating func next(_ tell: Tell) throws -> Next {
        try vote.next(
            tell, by: .topMean, confidence: { host.node($0)?.answer == nil ? nil : confidence($1) }, weights: filtered)
    }

    /// Only nodes with an answer are filtered; the others have no weight, and stay in the ranking.
    private func filtered(_ known: [Double?]) -> [Double] {
        let threshold = threshold(known.compactMap { $0 }) ?? 0
        return known.map { sure in sure.map { $0 >= threshold ? $0 : 0 } ?? 0 }
    }

    /// - Parameter topMeans: the figures of an answer's tokens.
    private func confidence(_ topMeans: [Double]) -> Double? {
        guard !topMeans.isEmpty else { return nil }
        let tokens = topMeans.map { -$0 }
        switch measure {
        case .mean: return mean(tokens[...])
        case .tail: return mean(tokens.suffix(window))
        case .lowest: return groups(tokens).min()
        case .bottom:
            let groups = groups(tokens).sorted()
            return mean(groups.prefix(max(1, groups.count / 10)))
        }
    }

    /// The mean of every window; if there are fewer tokens than a window has, the mean of all tokens.
    private func groups(_ tokens: [Double]) -> [Double] {
        guard tokens.count > window else { return [mean(tokens[...])] }
        var sum = tokens.prefix(window).reduce(0, +)
        return [sum / Double(window)]
            + (window..<tokens.count).map { last in
                sum += tokens[last] - tokens[last - window]
                return sum / Double(window)
            }
    }

    /// The confidence that the share `keep` of the answers reaches: interpolated linearly between the two nearest, as
    /// in the authors' program.
    private func threshold(_ confidences: [Double]) -> Double? {
        guard !confidences.isEmpty else { return nil }
        let ascending = confidences.sorted()
        let place = (1 - keep) * Double(ascending.count - 1)
        let below = Int(place)
        guard below + 1 < ascending.count else { return ascending[below] }
        return ascending[below] + (place - Double(below)) * (ascending[below + 1] - ascending[below])
    }

    private func mean(_ list: ArraySlice<Double>) -> Double { list.reduce(0, +) / Double(list.count) }
}

/// Nothing is kept between its two turns.
extension ConfidenceFilter: ResumableStrategy {
    func save(to state: inout StateWriter) {}
    init(_ setup: Setup, restoring state: inout StateReader) throws { try self.init(setup) }
}

private let plugin = Plugin(name: "confidence-filter", version: "1.0.0", strategies: [ConfidenceFilter.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
