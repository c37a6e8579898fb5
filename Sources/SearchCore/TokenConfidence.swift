/// How sure the model was of a node's tokens: summary figures of their log-probabilities. The extension
/// `stratagem.confidence/1` shows them, and its header defines them.
///
/// A class, so that it takes one word in a node: most runs have none.
public final class TokenConfidence: Sendable, Equatable, Codable {
    /// The number of tokens in a window: `STG_CONFIDENCE_WINDOW`.
    public static let window = 16

    public let tokens: Int
    public let mean: Double
    public let minimum: Double
    public let tenth: Double
    public let median: Double
    public let lowestWindow: Double
    public let lastWindow: Double

    /// Nil if there are no tokens.
    public init?(_ logProbabilities: [Float]) {
        guard let least = logProbabilities.min() else { return nil }
        let count = logProbabilities.count
        tokens = count
        minimum = Double(least)
        let ascending = logProbabilities.sorted()
        tenth = Double(ascending[(count - 1) / 10])
        median = Double(ascending[(count - 1) / 2])
        // Every window is summed separately: a sliding sum would accumulate rounding errors.
        let width = min(Self.window, count)
        func mean(_ range: Range<Int>) -> Double {
            logProbabilities[range].reduce(0) { $0 + Double($1) } / Double(range.count)
        }
        self.mean = mean(0..<count)
        lowestWindow = (0...count - width).lazy.map { mean($0..<$0 + width) }.min() ?? minimum
        lastWindow = mean(count - width..<count)
    }

    /// Restores figures that were written down.
    public init(
        tokens: Int, mean: Double, minimum: Double, tenth: Double, median: Double, lowestWindow: Double,
        lastWindow: Double
    ) {
        self.tokens = tokens
        self.mean = mean
        self.minimum = minimum
        self.tenth = tenth
        self.median = median
        self.lowestWindow = lowestWindow
        self.lastWindow = lastWindow
    }

    public static func == (left: TokenConfidence, right: TokenConfidence) -> Bool {
        left.tokens == right.tokens && left.figures == right.figures
    }

    private var figures: [Double] { [mean, minimum, tenth, median, lowestWindow, lastWindow] }
}
