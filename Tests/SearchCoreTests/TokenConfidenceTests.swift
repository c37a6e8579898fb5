import SearchCore
import Testing

/// Worked by hand after stratagem_confidence.h.
@Suite struct TokenConfidenceTests {
    @Test func noTokensHaveNoFigures() { #expect(TokenConfidence([]) == nil) }

    /// Fewer tokens than a window: the window is all of them.
    @Test func aShortNode() throws {
        let found = try #require(TokenConfidence([-1, -4, -2, -3]))
        #expect(
            found
                == TokenConfidence(
                    tokens: 4, mean: -2.5, minimum: -4, tenth: -4, median: -3, lowestWindow: -2.5, lastWindow: -2.5))
        #expect(
            TokenConfidence([-0.5])
                == TokenConfidence(
                    tokens: 1, mean: -0.5, minimum: -0.5, tenth: -0.5, median: -0.5, lowestWindow: -0.5,
                    lastWindow: -0.5))
    }

    /// A weak beginning is the lowest window and not the last; of 21 in order, index 2 is the tenth and 10 the median.
    @Test func aWeakBeginning() throws {
        let found = try #require(TokenConfidence([Float](repeating: -2, count: 16) + [Float](repeating: -1, count: 4)))
        #expect(found.lowestWindow == -2 && found.lastWindow == -1.75 && found.mean == -1.8)
        let ordered = try #require(TokenConfidence((0..<21).reversed().map { -Float($0) }))
        #expect(ordered.tenth == -18 && ordered.median == -10 && ordered.minimum == -20)
        #expect(ordered.lowestWindow == -12.5 && ordered.lastWindow == -7.5)
    }
}
