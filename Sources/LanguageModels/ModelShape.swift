/// The sizes of a llama-type transformer, from which exact FLOPs are computed.
public struct ModelShape: Sendable, Equatable, Codable {
    public var parameters: Int
    public var layers: Int
    public var width: Int
    public var heads: Int
    public var keyValueHeads: Int
    public var headWidth: Int
    public var feedForward: Int
    public var vocabulary: Int
    /// The weights of a verifier's head, computed for every output beside the vocabulary's.
    public var head = 0

    /// The head belongs to a role and not to the file of weights.
    private enum CodingKeys: CodingKey {
        case parameters, layers, width, heads, keyValueHeads, headWidth, feedForward, vocabulary
    }

    public init(
        parameters: Int, layers: Int, width: Int, heads: Int, keyValueHeads: Int, headWidth: Int,
        feedForward: Int, vocabulary: Int
    ) {
        self.parameters = parameters
        self.layers = layers
        self.width = width
        self.heads = heads
        self.keyValueHeads = keyValueHeads
        self.headWidth = headWidth
        self.feedForward = feedForward
        self.vocabulary = vocabulary
    }

    /// Operations (a multiply-add is two) of the gated feed-forward in one layer.
    private var feedForwardProducts: Double { 6 * Double(width * feedForward) }

    /// Operations to read one token in all layers, matrix products only: query, key, value, output, and the
    /// feed-forward of all layers but the last.
    private var layerProducts: Double {
        let query = Double(width * heads * headWidth)
        let keyValue = Double(2 * width * keyValueHeads * headWidth)
        return 2 * Double(layers) * (2 * query + keyValue) + Double(layers - 1) * feedForwardProducts
    }

    /// Reads `count` tokens, the first at position `start`, and computes the
    /// vocabulary's logits for `outputs` of them. The token at position p attends
    /// over p + 1 positions: a product with the keys and one with the values. Above the last
    /// attention only the tokens continue whose logits are wanted, as llama.cpp computes it.
    ///
    /// Exact for llama-type models: `Tests/LlamaBackendTests` counts the operations of the graph.
    public func flops(reading count: Int, from start: Int, outputs: Int) -> Double {
        guard count > 0 || outputs > 0 else { return 0 }
        let first = Double(start + 1)
        let last = Double(start + count)
        let attended = Double(count) * (first + last) / 2
        let attention = 4 * Double(layers * heads * headWidth) * attended
        return Double(count) * layerProducts + attention + (feedForwardProducts + 2 * Double(width * vocabulary + head))
            * Double(outputs)
    }

    /// The paper's estimate: 2 N per token, with N parameters, however many positions the token attends over.
    public func estimatedFlops(tokens: Int) -> Double { 2 * Double(parameters) * Double(tokens) }
}
