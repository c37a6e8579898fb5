/// How sure the model was of its own words: the host's extension `stratagem.confidence/1`.
///
/// Ask for it in `init` (`host.confidence()`), and have another way if it is not there.
public struct Confidence {
    private let host: Host
    private let table: UnsafePointer<stg_confidence_1>

    fileprivate init?(_ host: Host) {
        guard let raw = host.getExtension(STG_CONFIDENCE_1) else { return nil }
        self.host = host
        table = raw.assumingMemoryBound(to: stg_confidence_1.self)
    }

    /// Of the log-probabilities of one node's own tokens, at temperature 1: all are at most 0.
    public struct Summary {
        let raw: stg_confidence

        public var tokens: Int { Int(raw.tokens) }
        public var mean: Double { raw.mean }
        public var minimum: Double { raw.minimum }
        /// A tenth of the tokens are no higher.
        public var tenth: Double { raw.tenth }
        public var median: Double { raw.median }
        /// The lowest mean of any 16 consecutive tokens.
        public var lowestWindow: Double { raw.lowest_window }
        /// The mean of the last 16 tokens.
        public var lastWindow: Double { raw.last_window }
    }

    /// Nil if nothing is known of the node's tokens: a root, appended text, a model that tells no probabilities.
    public func summary(_ id: NodeID) -> Summary? {
        var raw = stg_confidence()
        raw.struct_size = UInt32(MemoryLayout<stg_confidence>.size)
        guard table.pointee.summary?(host.raw, id.raw, &raw) == STG_OK else { return nil }
        return Summary(raw: raw)
    }
}

extension Host {
    /// The extension, if this host has it.
    public func confidence() -> Confidence? { Confidence(self) }
}
