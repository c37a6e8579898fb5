import SearchCore
import Studies
import Testing
@testable import StudyReport

@Suite struct StatisticsTests {
    @Test func theIntervalOfAMeanIsAsWideAsTheoryHasIt() throws {
        // 400 problems, a quarter right: standard error √(0.25 · 0.75 / 400) = 0.02165.
        let values = (0..<400).map { $0 % 4 == 0 ? 1.0 : 0 }
        let estimate = try #require(Resampling(problems: 400).mean(values))
        #expect(estimate.value == 0.25 && estimate.problems == 400)
        #expect(abs(estimate.low - (0.25 - 1.96 * 0.02165)) < 0.006)
        #expect(abs(estimate.high - (0.25 + 1.96 * 0.02165)) < 0.006)
    }

    @Test func theSameValuesGiveTheSameInterval() {
        let values = (0..<50).map { Double($0 % 3) / 2 }
        #expect(Resampling(problems: 50).mean(values) == Resampling(problems: 50).mean(values))
    }

    @Test func differencesArePairedByProblem() throws {
        // Both swing from problem to problem; their difference is 0.1 everywhere.
        let first = (0..<100).map { $0 % 2 == 0 ? 0.9 : 0.1 }, second = first.map { $0 - 0.1 }
        let difference = try #require(Resampling(problems: 100).difference(first, second))
        #expect(abs(difference.value - 0.1) < 1e-9 && difference.low > 0.0999 && difference.high < 0.1001)
    }

    @Test func whatIsAlikeEverywhereIsNotKnownForSure() throws {
        let resampling = Resampling(problems: 100)
        let never = try #require(resampling.mean(Array(repeating: 0, count: 100)))
        // Wilson's upper end for 0 of 100.
        #expect(never.value == 0 && never.low == 0 && abs(never.high - 0.037) < 0.0005)
        let same = try #require(resampling.difference(Array(repeating: 1, count: 100), Array(repeating: 1, count: 100)))
        #expect(same.value == 0 && same.low < -0.01 && same.high > 0.01)
    }

    @Test func problemsThatWereNotMeasuredDoNotCount() throws {
        let resampling = Resampling(problems: 4)
        let estimate = try #require(resampling.mean([0.5, .nan, 1, .nan]))
        #expect(estimate.value == 0.75 && estimate.problems == 2)
        #expect(resampling.mean([.nan, .nan, .nan, .nan]) == nil)
        #expect(resampling.relativeChange([1, 1, 1, 1], [0, 0, 0, 0]) == nil)
        let change = try #require(resampling.relativeChange([0.9, 0.3, .nan, 0.3], [0.5, 0.25, 0.9, 0.25]))
        #expect(abs(change.value - 0.5) < 1e-9)
    }

    @Test func aVerdictSaysHowSureItIs() {
        func verdict(_ value: Double, _ low: Double, _ high: Double) -> Finding.Verdict {
            Finding.Verdict(Estimate(value: value, low: low, high: high, problems: 9))
        }
        #expect(verdict(0.1, 0.02, 0.2) == .held)
        #expect(verdict(0.1, -0.02, 0.2) == .leaning)
        #expect(verdict(-0.1, -0.2, 0.02) == .doubtful)
        #expect(verdict(-0.1, -0.2, -0.02) == .notHeld)
        #expect(verdict(0, -0.1, 0.1) == .doubtful && verdict(-0.1, -0.2, 0) == .doubtful)
        #expect(Finding.Verdict(Estimate(value: 0, low: -0.1, high: 0.1, problems: 9), orEqual: true) == .leaning)
        // "Gets worse" is the other way round.
        #expect(Finding.Verdict(Estimate(value: -0.1, low: -0.2, high: -0.02, problems: 9).times(-1)) == .held)
        #expect(Finding.Verdict(Estimate(value: 0, low: -0.1, high: 0.2, problems: 9).times(-1)) == .doubtful)
        #expect(Finding.Verdict(nil) == .unknown)
        #expect(Finding.Verdict.all([.held, .doubtful, .leaning]) == .doubtful)
        #expect(Finding.Verdict.any([.notHeld, .leaning, .unknown]) == .leaning)
    }

    @Test func wordsDoNotCallChanceADifference() {
        let unsure = Estimate(value: 0.03, low: -0.01, high: 0.07, problems: 50)
        #expect(
            Words.compare("a", "b", unsure)
                == "a and b cannot be distinguished: +3.0 points (95 % interval −1.0 to +7.0)")
        #expect(
            Words.compare("a", "b", Estimate(value: -0.03, low: -0.05, high: -0.01, problems: 50)).hasPrefix(
                "a is below b"))
        #expect(Words.signed(-0.04) == "0.0")
    }

    // MARK: - samples

    private func sample(_ answer: Int32, _ isRight: Bool, _ last: Float, _ least: Float, _ product: Float)
        -> MeasuredStudy.Sample
    {
        .init(answer: answer, isRight: isRight, last: last, least: least, product: product)
    }

    @Test func aggregationWeighsAnswersByHand() {
        // Answer 0 is right. By last: 0.9 against 0.5 + 0.5. By least: 0.6 against 0.2 + 0.3. By product: 0.5 against
        // 0.1 + 0.1.
        let samples = [
            sample(0, true, 0.9, 0.6, 0.5), sample(1, false, 0.5, 0.2, 0.1), sample(-1, false, .nan, .nan, .nan),
            sample(1, false, 0.5, 0.3, 0.1),
        ]
        let analysis = Analysis(MeasuredStudy(problems: 1, cells: [], samples: [samples]))
        #expect(analysis.aggregated(.last, 4) == [0])
        #expect(analysis.aggregated(.least, 4) == [1])
        #expect(analysis.aggregated(.product, 4) == [1])
        // Groups of two: {0, 1} is won by the right answer, {none, 1} is not.
        #expect(analysis.aggregated(.last, 2) == [0.5])
        #expect(analysis.aggregated(.last, 8).allSatisfy { $0.isNaN })
    }

    @Test func samplesWithoutAnyAnswerAreWrong() {
        let nothing = sample(-1, false, .nan, .nan, .nan)
        let analysis = Analysis(MeasuredStudy(problems: 1, cells: [], samples: [[nothing, nothing]]))
        #expect(analysis.aggregated(.last, 2) == [0])
    }

    // MARK: - chains

    @Test func attemptsFollowTheirForerunners() {
        func attempt(_ node: Int, after previous: Int?, _ isRight: Bool) -> StoredCandidate {
            StoredCandidate(
                node: node, previous: previous, revision: 0, answer: "1", isCorrect: isRight, score: 0.5,
                stepScores: [], tokens: 3, text: nil)
        }
        // Ranked, not in order of birth; two chains side by side.
        let ranked = [
            attempt(6, after: 4, true), attempt(2, after: nil, false), attempt(3, after: nil, true),
            attempt(5, after: 3, false), attempt(4, after: 2, true),
        ]
        let chains = MeasuredStudy.chains(ranked)
        #expect(chains == [[false, true, true], [true, false]])
    }

    @Test func brokenAndMendedAreSharesOfWhatCouldBe() throws {
        let data = MeasuredStudy(problems: 2, cells: [], chains: [[[true, false, true]], [[true, true, false]]])
        let analysis = Analysis(data)
        // Right answers with a next attempt: three, of which two are broken. Wrong ones: one, corrected.
        let broken = try #require(analysis.turned(from: true)), mended = try #require(analysis.turned(from: false))
        #expect(abs(broken.value - 2.0 / 3) < 1e-9 && mended.value == 1)
        #expect(analysis.chainAccuracy().map(\.y.value) == [1, 0.5, 0.5])
        #expect(analysis.chainGain()?.value == -0.5)
        #expect(analysis.chainGroups(3) == [0..<1, 1..<2, 2..<3])
        #expect(analysis.chainGroups(20) == [0..<1, 1..<2, 2..<4, 4..<8, 8..<16, 16..<20])
    }

    @Test func chainsAreLookedAtByDifficulty() {
        // Two easy problems, two of the middle, two hard ones: by how many of their samples are right.
        let samples = [6, 6, 3, 3, 0, 0].map { right in
            (0..<6).map { MeasuredStudy.Sample(answer: 0, isRight: $0 < right, last: 0.5, least: 0.5, product: 0.5) }
        }
        let falls = [true, false], stays = [true, true], climbs = [false, true]
        let analysis = Analysis(
            MeasuredStudy(
                problems: 6, cells: [], samples: samples,
                chains: [[falls], [falls], [stays], [stays], [climbs], [climbs]]))
        #expect(analysis.thirds.map(\.bins) == [[1], [2], [3]])
        #expect(analysis.thirds.map { analysis.chainGain($0.bins)?.value } == [-1, 0, 1])
        #expect(analysis.chainAccuracy([3]).map(\.y.value) == [0, 1])
        #expect(analysis.chainGain()?.value == 0)
    }

    @Test func ratiosBecomeChains() {
        func cell(_ strategy: String, _ params: [String: String], _ budget: Int) -> MeasuredStudy.Cell {
            .init(run: strategy, strategy: strategy, params: params, budget: budget, right: [1])
        }
        #expect(Analysis.chains(cell("revise", [:], 16)) == 1)
        #expect(Analysis.chains(cell("revise-parallel", ["chains": "64"], 16)) == 16)
        #expect(Analysis.chains(cell("revise-parallel", ["ratio": "4"], 16)) == 2)
        // As a store tells it: the plugin's default is there, and nobody gave it.
        let plain = MeasuredStudy.Cell(
            run: "revise-parallel", strategy: "revise-parallel", params: [:], allParams: ["ratio": "1"], budget: 16,
            right: [1])
        #expect(Analysis.chains(plain) == 4)
        #expect(Analysis.chains(cell("revise-parallel", [:], 16)) == nil, "what a default is stands in the store alone")
        #expect(Analysis.chains(cell("revise-parallel", ["ratio": "0"], 16)) == nil)
        #expect(Analysis.chains(cell("best-of-n", [:], 16)) == nil)
    }
}
