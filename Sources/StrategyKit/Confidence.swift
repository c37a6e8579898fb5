/// How sure the model was of its own words: the host's extension `stratagem.confidence/1`.
///
/// Ask for it in `init` (`host.confidence()`), and provide another method in case it is not available.
public struct Confidence {
    private let host: Host
    private let table: UnsafePointer<stg_confidence_1>

    fileprivate init?(_ host: Host) {
        guard let raw = host.getExtension(STG_CONFIDENCE_1) else { return nil }
        self.host = host
        table = raw.assumingMemoryBound(to: stg_confidence_1.self)
    }

    /// Summary figures of the log-probabilities of one node's own tokens, at temperature 1: all are at most 0.
    public struct Summary {
        let raw: stg_confidence

        public var tokens: Int { Int(raw.tokens) }
        public var mean: Double { raw.mean }
        public var minimum: Double { raw.minimum }
        /// A tenth of the tokens have at most this value.
        public var tenth: Double { raw.tenth }
        public var median: Double { raw.median }
        /// The lowest mean of any 16 consecutive tokens.
        public var lowestWindow: Double { raw.lowest_window }
        /// The mean of the last 16 tokens.
        public var lastWindow: Double { raw.last_window }
    }

    /// Nil if nothing is known about the node's tokens: a root, appended text, or a model that does not report
    /// probabilities.
    public func summary(_ id: NodeID) -> Summary? {
        var raw = stg_confidence()
        raw.struct_size = UInt32(MemoryLayout<stg_confidence>.size)
        guard table.pointee.summary?(host.raw, id.raw, &raw) == STG_OK else { return nil }
        return Summary(raw: raw)
    }
}

/// One figure of each token: the host's extension `stratagem.confidence/2`.
public enum TokenFigure: Int32, Sendable {
    /// The log-probability of the token itself: at most 0.
    case logProbability = 1
    /// The mean log-probability of the 20 most likely tokens: its negative is DeepConf's token confidence.
    case topMean
    /// How far the model's distribution is from the uniform one, in nats: at least 0.
    case selfCertainty
    /// The entropy of that distribution, in nats: at least 0.
    case entropy
}

/// What is known about every token: the host's extension `stratagem.confidence/2`.
///
/// Ask for it in `init` (`host.tokenFigures()`), and provide another method in case it is not available.
public struct TokenFigures {
    private let host: Host
    private let table: UnsafePointer<stg_confidence_2>

    fileprivate init?(_ host: Host) {
        guard let raw = host.getExtension(STG_CONFIDENCE_2) else { return nil }
        self.host = host
        table = raw.assumingMemoryBound(to: stg_confidence_2.self)
    }

    /// A figure of each of the node's own tokens, in their order; empty if nothing is known about them, or if the model
    /// does not report this figure.
    public func list(_ figure: TokenFigure, of node: NodeID) -> [Double] {
        guard let function = table.pointee.token_figures else { return [] }
        var count = 0
        guard function(host.raw, node.raw, figure.rawValue, nil, 0, &count) == STG_OK, count > 0 else { return [] }
        let list = [Double](unsafeUninitializedCapacity: count) { buffer, filled in
            var found = 0
            let status = function(host.raw, node.raw, figure.rawValue, buffer.baseAddress, count, &found)
            filled = status == STG_OK ? min(count, found) : 0
        }
        return list.contains { $0.isNaN } ? [] : list
    }

    /// The same for all tokens that were sampled on the way from the root to a node; empty if it is not known for all
    /// of them.
    public func path(_ figure: TokenFigure, to node: NodeID) -> [Double] {
        var parts: [[Double]] = []
        var current = host.node(node)
        while let here = current {
            if here.tokens > 0, here.parent != nil {
                let own = list(figure, of: here.id)
                // Appended text was not sampled, so it has no figures.
                if own.isEmpty, !here.logProbability.isZero { return [] }
                parts.append(own)
            }
            current = here.parent.flatMap { host.node($0) }
        }
        return parts.reversed().flatMap { $0 }
    }
}

/// What a model or verifier guarantees: the host's extension `stratagem.capabilities/1`.
public struct Capabilities: OptionSet, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Equal requests give equal text: sample i of a node is the same in every run of a seed.
    public static let repeats = Capabilities(rawValue: STG_KEEPS_REPEATABILITY)
    /// A node is continued from the very tokens that were sampled.
    public static let keepsTokens = Capabilities(rawValue: STG_KEEPS_TOKENS)
    public static let countsTokens = Capabilities(rawValue: STG_COUNTS_TOKENS)
    public static let countsFLOPs = Capabilities(rawValue: STG_COUNTS_FLOPS)
    public static let tellsProbabilities = Capabilities(rawValue: STG_TELLS_PROBABILITIES)
    /// ``TokenFigure/topMean`` is known.
    public static let tellsTop = Capabilities(rawValue: STG_TELLS_TOP)
    /// ``TokenFigure/selfCertainty`` and ``TokenFigure/entropy`` are known.
    public static let tellsDistributions = Capabilities(rawValue: STG_TELLS_DISTRIBUTIONS)
}

extension Host {
    /// The extension `stratagem.confidence/1`, if this host has it.
    public func confidence() -> Confidence? { Confidence(self) }

    /// The extension `stratagem.confidence/2`, if this host has it and its models report such figures.
    public func tokenFigures() -> TokenFigures? { TokenFigures(self) }

    /// What the model or verifier of a role guarantees. Nil if this host does not say (it is older than 1.1, and its
    /// models give every guarantee of the header), or has no such role.
    public func capabilities(of role: String = "policy") -> Capabilities? {
        guard let raw = getExtension(STG_CAPABILITIES_1),
            let function = raw.assumingMemoryBound(to: stg_capabilities_1.self).pointee.of_role
        else { return nil }
        var kept: UInt64 = 0
        let status = withText(role) { function(self.raw, $0, &kept) }
        return status == STG_OK ? Capabilities(rawValue: kept) : nil
    }
}
