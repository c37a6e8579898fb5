import Foundation
import SearchCore
import Testing

@Suite struct TokenFiguresTests {
    private let two = [
        TokenDistribution(topMean: -1, selfCertainty: 0.5, entropy: 0.25),
        TokenDistribution(topMean: -2, selfCertainty: 1, entropy: 0),
    ]

    @Test func everyFigureOfEveryToken() throws {
        let found = try #require(TokenFigures(logProbabilities: [-0.5, 0], distributions: two, tokens: 2))
        #expect(
            TokenFigure.allCases.map { figure in (0..<2).map { found.value(figure, of: $0) } } == [
                [-0.5, 0], [-1, -2], [0.5, 1], [0.25, 0],
            ])
    }

    /// NaN a token is what a getter shows; a list of another length is not believed.
    @Test func whatIsNotKnownIsNaN() throws {
        let found = try #require(
            TokenFigures(logProbabilities: [-0.5, 0], distributions: [.unknown, .unknown], tokens: 2))
        #expect(
            found.list(.topMean).isEmpty && found.value(.entropy, of: 1).isNaN
                && found.value(.logProbability, of: 0) == -0.5)
        #expect(
            try #require(TokenFigures(logProbabilities: [-1], distributions: two, tokens: 2)).list(.logProbability)
                .isEmpty)
        #expect(TokenFigures(logProbabilities: [], distributions: [], tokens: 2) == nil)
        #expect(TokenFigures(logProbabilities: [], distributions: [], tokens: 0) == nil)
    }

    @Test func aTraceCarriesThem() throws {
        let known = try #require(
            TokenFigures(logProbabilities: [-0.5, -.infinity], distributions: [.unknown, two[0]], tokens: 2))
        let text = String(decoding: try JSONEncoder().encode(known), as: UTF8.self)
        #expect(text.contains("\"top_mean\":[null,-1]") && text.contains("\"log_probability\":[-0.5,null]"))
        let read = try JSONDecoder().decode(TokenFigures.self, from: Data(text.utf8))
        #expect(read.list(.selfCertainty)[1] == 0.5 && read.list(.selfCertainty)[0].isNaN && read.count == 2)
    }

    /// FLOPs that nobody can count are null, and null is read as that.
    @Test func flopsThatAreNotKnown() throws {
        let text = String(decoding: try JSONEncoder().encode(Cost(tokens: 3, flops: .nan)), as: UTF8.self)
        #expect(text.contains("\"flops\":null"))
        #expect(try JSONDecoder().decode(Cost.self, from: Data(text.utf8)).flops.isNaN)
        #expect(JSON(Double.nan) == .null)
    }
}
