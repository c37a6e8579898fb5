/// Figures of a model's distribution when it drew a token, besides the token's own probability: of its own
/// distribution, at temperature 1, in nats. NaN is not known. Defined in stratagem_confidence.h.
public struct TokenDistribution: Sendable, Equatable {
    /// Of how many of the most likely tokens `topMean` is: `STG_CONFIDENCE_TOP`.
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

/// What is known of each of a node's tokens, in their order: what the extension `stratagem.confidence/2` shows.
///
/// A class, so that it takes one word in a node: most runs have none.
public final class TokenFigures: Sendable {
    public let count: Int
    /// One list per figure, of `count` numbers or of none if it is not known.
    private let lists: [[Float]]

    /// Nil if there are no tokens.
    /// - Parameter distributions: one per token, or none where the model tells none.
    public init?(logProbabilities: [Float], distributions: [TokenDistribution], tokens: Int) {
        guard tokens > 0, !logProbabilities.isEmpty || !distributions.isEmpty else { return nil }
        count = tokens
        lists = [
            logProbabilities, distributions.map(\.topMean), distributions.map(\.selfCertainty),
            distributions.map(\.entropy),
        ]
        .map { $0.count == tokens && $0.contains { !$0.isNaN } ? $0 : [] }
    }

    /// As it was written down: a list of another length counts as not known.
    public init(count: Int, lists: [[Float]]) {
        self.count = count
        self.lists = TokenFigure.allCases.indices.map {
            lists.indices.contains($0) && lists[$0].count == count ? lists[$0] : []
        }
    }

    /// `count` numbers; empty if the model does not tell them.
    public func list(_ figure: TokenFigure) -> [Float] { lists[Int(figure.rawValue) - 1] }

    /// One number of each token in turn, NaN if it is not known.
    public func value(_ figure: TokenFigure, of token: Int) -> Double {
        let list = list(figure)
        return list.isEmpty ? .nan : Double(list[token])
    }
}

extension TokenFigures: Equatable {
    /// By bits: NaN is equal to itself.
    public static func == (left: TokenFigures, right: TokenFigures) -> Bool {
        left.count == right.count && left.lists.map { $0.map(\.bitPattern) } == right.lists.map { $0.map(\.bitPattern) }
    }
}

/// In a trace: by the figure's name, what is known of it; a number that is not finite is null.
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
