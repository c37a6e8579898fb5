import Foundation
import SearchCore
import Testing

/// self-certainty and confidence-filter, on a tree that can be worked out by hand.
///
/// The choice of a step is the first token's, all others are certain: their figures are 0. So an answer has
/// four tokens: the choice at the root, the choice at `a` … `d`, and two that are certain.
///
/// | choice | probabilities | self-certainty | confidence |
/// |---|---|---|---|
/// | root | 1/4 four times | 0 | ln 4 = 1.3863 |
/// | a | 3/4, 1/4 | -1/2 ln(4 · 3/16) = 0.1438 | -1/2 ln(3/16) = 0.8370 |
/// | b | 15/16, 1/16 | -1/2 ln(4 · 15/256) = 0.7254 | -1/2 ln(15/256) = 1.4186 |
/// | c | 1 | 0 | 0 |
/// | d | 1/2, 1/2 | 0 | ln 2 = 0.6931 |
///
/// The first six draws are a=4, b=5, c=6, d=6, a=1, b=6.
@Suite struct ConfidenceStrategyTests {
    static let script = """
        problem Q
          a
            #### 4 | end weight 3
            #### 1 | end weight 1
          b
            #### 5 | end weight 15
            #### 6 | end weight 1
          c
            #### 6 | end
          d
            #### 6 | end
            #### 1 | end
        """

    private func answers(_ strategy: String, _ parameters: [String: String], budget: String = "6") async throws
        -> [String]
    {
        let run = try await HostedRun.of(strategy, Self.script, budget: budget, parameters)
        #expect(run.result.error == nil)
        #expect(run.log.first == "sample \(budget) from root, to the end")
        return Array(run.log.dropFirst())
    }

    private func votes(_ strategy: String, _ parameters: [String: String]) async throws -> [String] {
        let run = try await HostedRun.of(strategy, Self.script, budget: "6", parameters)
        return run.result.votes.map { "\($0.answer) \(String(format: "%.3f", $0.weight))" }
    }

    // MARK: self-certainty

    /// Certainty: b=5 and b=6 first, then a=4 and a=1, then c=6 and d=6; equal ones in the order of their draw.
    @Test func ranksVote() async throws {
        #expect(
            try await answers("self-certainty", ["power": "1"]) == [
                // 6: 5 + 2 + 1.
                "answer b=6 5", "answer c=6 2", "answer d=6 1", "answer b=5 6", "answer a=4 4", "answer a=1 3",
            ])
        #expect(try await votes("self-certainty", ["power": "1"]) == ["6 8.000", "5 6.000", "4 4.000", "1 3.000"])
    }

    /// With a higher power the surest answer outvotes the commonest: 6³ against 5³ + 2³ + 1³.
    @Test func thePowerWeighsRanks() async throws {
        #expect(
            try await votes("self-certainty", ["power": "3"]) == ["5 216.000", "6 134.000", "4 64.000", "1 27.000"])
        #expect(try await votes("self-certainty", ["power": "0"]) == ["6 3.000", "4 1.000", "5 1.000", "1 1.000"])
        // The default is the square root.
        #expect(try await votes("self-certainty", [:]) == ["6 4.650", "5 2.449", "4 2.000", "1 1.732"])
    }

    // MARK: confidence-filter

    /// Means of four tokens: a 0.5558, b 0.7012, c 0.3466, d 0.5199.
    @Test func theShareThatIsKept() async throws {
        let mean = ["measure": "mean"]
        // A tenth: what reaches place 4.5 of 0 … 5, in ascending order: both b.
        #expect(try await votes("confidence-filter", mean) == ["5 0.701", "6 0.701", "4 0.000", "1 0.000"])
        // Half: place 2.5, 0.5558, which a reaches.
        #expect(
            try await votes("confidence-filter", mean.merging(["keep": "0.5"]) { $1 }) == [
                "5 0.701", "6 0.701", "4 0.556", "1 0.556",
            ])
        // All: 6 has 0.7012 + 0.3466 + 0.5199.
        #expect(
            try await votes("confidence-filter", mean.merging(["keep": "1"]) { $1 }) == [
                "6 1.568", "5 0.701", "4 0.556", "1 0.556",
            ])
    }

    /// Windows of two tokens of b: (1.3863 + 1.4186) / 2, 1.4186 / 2 and 0.
    @Test func whatStandsForAnAnswer() async throws {
        func sure(_ measure: String, window: String) async throws -> String {
            try await votes("confidence-filter", ["measure": measure, "window": window, "keep": "0"])[0]
        }
        #expect(try await sure("tail", window: "2") == "4 0.000")
        #expect(try await sure("tail", window: "3") == "5 0.473")
        #expect(try await sure("lowest", window: "3") == "5 0.473")
        #expect(try await sure("bottom", window: "3") == "5 0.473")
        // A window that is longer than the answer is the answer.
        #expect(try await sure("lowest", window: "4") == "5 0.701")
        #expect(try await sure("tail", window: "2048") == "5 0.701")
    }

    // MARK: a host that does not know

    /// As majority: the figures are not known, and the log says so.
    @Test(arguments: ["self-certainty", "confidence-filter"]) func withoutFiguresEveryAnswerHasOneVote(
        _ strategy: String
    ) throws {
        let host = FakeHost(SamplingStrategyTests().six, generations: 5)
        #expect(
            try Run(strategy, host)() == [
                "sample 5 from root, to the end", "answer b=8 1", "answer c=8 1", "answer a=7 1", "answer e= 0",
            ])
        #expect(host.logs.contains { $0.contains("every answer has one vote") })
    }
}
