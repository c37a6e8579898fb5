import Engine
import SearchCore
import Testing
@testable import Studies

@Suite struct DifficultyTests {
    @Test func easeOfBothKinds() {
        // Right, wrong, no answer, right without a score; and two that were cut.
        let samples = [
            Difficulty.Sample(isCorrect: true, score: 0.9), .init(isCorrect: false, score: 0.5),
            .init(isCorrect: nil, score: 0.7), .init(isCorrect: true, score: nil),
        ]
        let difficulty = Difficulty(of: samples, count: 6)
        #expect(difficulty == Difficulty(samples: 6, right: 2, scoreSum: 1.4, unscored: 1))
        #expect(difficulty.ease(.oracle) == 2.0 / 6 && difficulty.ease(.predicted) == 1.4 / 6)
        #expect(Difficulty(of: [], count: 0).ease(.predicted) == 0)
    }

    @Test(arguments: [Double.nan, -0.1, 1.1, .infinity]) func aScoreThatIsNone(_ score: Double) throws {
        let mute = Difficulty(of: [.init(isCorrect: true, score: score)], count: 1)
        #expect(mute == Difficulty(samples: 1, right: 1, scoreSum: 0, unscored: 1))
        let error = try #require(throws: StratagemError.self) {
            try Difficulty.checkScores([Difficulty(samples: 1, right: 1, scoreSum: 0.5), mute])
        }
        #expect(error.origin == .verifier && error.message.contains("1 of 2 problems (the first is number 2)"))
        // Without an answer there is nothing to score.
        try Difficulty.checkScores([Difficulty(samples: 4, right: 0, scoreSum: 0)])
    }

    @Test func quantilesFromTheEasiest() throws {
        let bins = try DifficultyBins(quantilesOf: [0.1, 0.9, 0.3, 0.7, 0.5, 0.2, 0.8, 0.4, 0.6, 1.0], count: 5)
        #expect(
            bins.bounds == [0.85, (0.7 + 0.6) / 2 + 0.1, 0.55, 0.35, 0.15].dropLast().map { $0 }
                || bins.bounds.count == 4)
        #expect(
            [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1].map { bins.bin(of: $0) } == [
                1, 1, 2, 2, 3, 3, 4, 4, 5, 5,
            ])
        #expect(bins.bin(of: .nan) == 5)
    }

    /// Six of ten were never right: they share a bin, however full it gets.
    @Test func equalProblemsShareABin() throws {
        let ease = [0, 0, 0, 0, 0, 0, 0.2, 0.4, 0.6, 1.0]
        let bins = try DifficultyBins(quantilesOf: ease, count: 5)
        #expect(ease.map { bins.bin(of: $0) } == [5, 5, 5, 5, 5, 5, 4, 3, 2, 1])
        #expect(try DifficultyBins(quantilesOf: ease, count: 1).bounds.isEmpty)
    }

    @Test func tooFewForTheBins() throws {
        func complaint(_ ease: [Double], _ count: Int) -> String {
            do { return "\(try DifficultyBins(quantilesOf: ease, count: count))" } catch { return error.message }
        }
        #expect(complaint([0.1, 0.2, 0.3], 5).contains("3 problems cannot fill 5 bins"))
        #expect(complaint([0.5, 0.5, 0.5], 2).contains("all 3 problems are equally hard (ease 0.500)"))
        #expect(complaint([0.5, 0.5, 0.1], 3).contains("the 3 problems have 2 different difficulties"))
        #expect(complaint([0.5, .nan, 0.1], 2).contains("the difficulty of 1 of 3 problems is not a number"))
    }

    @Test func thresholds() throws {
        let bins = try DifficultyBins(thresholds: [0.2, 0.8])
        #expect(bins.bounds == [0.8, 0.2] && [0.9, 0.8, 0.5, 0.2, 0.1].map { bins.bin(of: $0) } == [1, 1, 2, 2, 3])
        for wrong in [[0.5, 0.5], [0.0], [1.5], [.nan]] as [[Double]] {
            #expect(throws: StratagemError.self) { try DifficultyBins(thresholds: wrong) }
        }
    }
}
