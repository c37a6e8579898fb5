/// Figures of the distribution from which the model drew a token, besides the token's own probability. They are of the
/// model's own distribution, at temperature 1, in nats. NaN means not known. stratagem_confidence.h defines them.
public struct TokenDistribution: Sendable, Equatable {
    /// The number of most likely tokens whose mean is `topMean`: `STG_CONFIDENCE_TOP`.
    public static let top = 20
    /// Nothing is known.
    public static let unknown = TokenDistribution(topMean: .nan, selfCertainty: .nan, entropy: .nan)

    /// The mean log-probability of the most likely tokens: ≤ 0.
    public var topMean: Float
    /// KL(uniform ‖ distribution) over the tokens whose probability is not 0: ≥ 0.
    public var selfCertainty: Float
    public var entropy: Float

    public init(topMean: Float, selfCertainty: Float, entropy: Float) {
        self.topMean = topMean
        self.selfCertainty = selfCertainty
        self.entropy = entropy
    }
}

/// One of the figures of a token: `stg_token_figure`.
public enum TokenFigure: Int32, Sendable, CaseIterable {
    case logProbability = 1, topMean, selfCertainty, entropy
}

/// What is known about each of a node's tokens, in their order: the data of the extension `stratagem.confidence/2`.
///
/// A class, so that it takes one word in a node: most runs have none.
public final class TokenFigures: Sendable {
    public let count: Int
    /// One list per figure: `count` numbers, or none if the figure is not known.
    private let lists: [[Float]]

    /// Nil if there are no tokens.
    /// - Parameter distributions: one per token, or none if the model does not report them.
    public init?(logProbabilities: [Float], distributions: [TokenDistribution], tokens: Int) {
        guard tokens > 0, !logProbabilities.isEmpty || !distributions.isEmpty else { return nil }
        count = tokens
        lists = [
            logProbabilities, distributions.map(\.topMean), distributions.map(\.selfCertainty),
            distributions.map(\.entropy),
        ]
        .map { $0.count == tokens && $0.contains { !$0.isNaN } ? $0 : [] }
    }

    /// Restores figures that were written down; a list of another length counts as not known.
    public init(count: Int, lists: [[Float]]) {
        self.count = count
        self.lists = TokenFigure.allCases.indices.map {
            lists.indices.contains($0) && lists[$0].count == count ? lists[$0] : []
        }
    }

    /// `count` numbers; empty if the model does not report them.
    public func list(_ figure: TokenFigure) -> [Float] { lists[Int(figure.rawValue) - 1] }

    /// One figure of one token, NaN if it is not known.
    public func value(_ figure: TokenFigure, of token: Int) -> Double {
        let list = list(figure)
        return list.isEmpty ? .nan : Double(list[token])
    }
}

extension TokenFigures: Equatable {
    /// Compares bits, so NaN is equal to itself.
    public static func == (left: TokenFigures, right: TokenFigures) -> Bool {
        left.count == right.count && left.lists.map { $0.map(\.bitPattern) } == right.lists.map { $0.map(\.bitPattern) }
    }
}

/// In a trace, the known figures by their names; a number that is not finite is written as null.
extension TokenFigures: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case count
        case logProbability = "log_probability"
        case topMean = "top_mean"
        case selfCertainty = "self_certainty"
        case entropy
        static let figures: [CodingKeys] = [.logProbability, .topMean, .selfCertainty, .entropy]
    }

    public convenience init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        let lists = try CodingKeys.figures.map {
            try (box.decodeIfPresent([Float?].self, forKey: $0) ?? []).map { $0 ?? .nan }
        }
        self.init(count: max(0, try box.decode(Int.self, forKey: .count)), lists: lists)
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encode(count, forKey: .count)
        for (key, list) in zip(CodingKeys.figures, lists) where !list.isEmpty {
            try box.encode(list.map { $0.isFinite ? $0 : nil }, forKey: key)
        }
    }
}
