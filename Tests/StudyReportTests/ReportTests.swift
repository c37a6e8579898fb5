import Foundation
import FoundationXML
import SearchCore
import Testing
@testable import StudyReport

@Suite struct ReportTests {
    private static func study(_ problems: Int = 120) -> MeasuredStudy {
        var study = SyntheticStudy(problems: problems, samples: 32, budgets: [1, 4, 16, 64])
        return study.make()
    }

    private func missing(_ report: Report) -> [String] {
        report.figures.compactMap { if case .missing(let id, _, _) = $0 { id } else { nil } }
    }

    @Test func aWholeStudyGivesEveryFigure() throws {
        let report = try Report(Self.study())
        #expect(missing(report) == [] && report.drawn.count == 13)
        for figure in report.drawn {
            #expect(!figure.isEmpty && !figure.seen.isEmpty, "\(figure.id)")
            #expect(
                figure.panels.flatMap(\.series).allSatisfy {
                    $0.points.allSatisfy { $0.y.low <= $0.y.value && $0.y.value <= $0.y.high }
                }, "\(figure.id)")
            #expect(figure.numbers.rows.allSatisfy { $0.count == figure.numbers.header.count }, "\(figure.id)")
            #expect(
                figure.tables.allSatisfy { table in table.rows.allSatisfy { $0.count == table.header.count } },
                "\(figure.id)")
        }
        // The synthetic study has no run of the strategy compute-optimal itself.
        #expect(
            report.findings.filter { $0.verdict == .unknown }.map(\.claim) == [
                "The strategy compute-optimal, as it ran, as good as best-of-N with four times the budget"
            ])
        let verdicts = Dictionary(report.findings.map { ($0.claim, $0.verdict) }) { one, _ in one }
        // What the synthetic study was made to show.
        #expect(verdicts["The reviser breaks right answers, so the last one is not taken"] == .held)
        #expect(verdicts["A process verifier selects better than an outcome verifier"] != .notHeld)
    }

    @Test func whatTheStoreLacksIsLeftOutAndSaid() throws {
        var data = Self.study()
        data.cells.removeAll { $0.strategy != "best-of-n" || !$0.params.isEmpty }
        data.chains = []
        let report = try Report(data)
        #expect(
            missing(report) == [
                "search-over-budget", "search-by-bin", "sequential-parallel", "ratio-by-bin", "compute-optimal",
                "flops-matched",
                "verifiers", "along-the-chain", "over-optimisation", "revise-search",
            ])
        #expect(report.findings.filter { $0.verdict == .unknown }.allSatisfy { $0.ours == "–" })
        let page = try ReportPage(report, by: Gnuplot.find()).html
        #expect(
            page.contains(
                "Left out: this store has no runs for it. It needs cells of revise and of revise-parallel:chains=N"))
    }

    @Test func aStoreWithoutRunsIsRefused() {
        #expect(throws: StratagemError.self) { try Report(MeasuredStudy(problems: 0, cells: [])) }
        let nothing = MeasuredStudy.Cell(
            run: "best-of-n", strategy: "best-of-n", params: [:], budget: 4, right: [.nan, .nan])
        #expect { try Report(MeasuredStudy(problems: 2, cells: [nothing])) } throws: {
            ($0 as? StratagemError)?.code == .emptyStore
        }
    }

    @Test func aHalfFinishedStoreSaysSo() throws {
        var data = Self.study()
        for index in data.cells.indices {
            for problem in 60..<120 where problem % 2 == 0 || index % 3 == 0 { data.cells[index].right[problem] = .nan }
        }
        for problem in 60..<120 { data.samples[problem] = [] }
        data.runsDone = data.cells.reduce(0) { $0 + $1.right.count { !$0.isNaN } }
        let report = try Report(data)
        #expect(report.warnings.contains { $0.hasPrefix("This store is not finished") })
        #expect(missing(report) == [])
        #expect(report.facts.first { $0.name == "problems" }?.value.hasPrefix("90 of the 120 of") == true)
        let optimal = try #require(
            report.drawn.first { $0.id == "compute-optimal" }?.panels.first?.series.first { $0.name.contains("oracle") }
        )
        // Of the measured problems alone.
        #expect(optimal.points.allSatisfy { $0.y.problems == 60 })
    }

    @Test(arguments: [0.0, 1.0]) func allTheSameIsNoCrash(right: Double) throws {
        var data = Self.study(20)
        for index in data.cells.indices { data.cells[index].right = Array(repeating: right, count: 20) }
        data.samples = data.samples.map {
            $0.map { sample in
                var same = sample
                (same.answer, same.isRight) = (0, right == 1)
                return same
            }
        }
        let report = try Report(data)
        #expect(report.warnings.contains { $0.contains(right == 1 ? "Every run was right" : "No run was ever right") })
        #expect(missing(report).contains("search-by-bin"))
        #expect(try ReportPage(report, by: Gnuplot.find()).html.contains("equally hard"))
    }

    @Test func oneProblemIsNoCrash() throws {
        let report = try Report(Self.study(1))
        #expect(report.warnings.contains { $0.hasPrefix("There is only one problem") })
        #expect(try ReportPage(report, by: Gnuplot.find()).html.contains("</html>"))
    }

    @Test func scoresThatAreNoNumbersAreLeftOut() throws {
        var data = Self.study()
        for index in data.cells.indices { data.cells[index].believed = data.cells[index].believed.map { _ in .nan } }
        data.samples = data.samples.map {
            $0.map {
                MeasuredStudy.Sample(answer: $0.answer, isRight: $0.isRight, last: .nan, least: .nan, product: .nan)
            }
        }
        let report = try Report(data)
        #expect(missing(report) == ["aggregation", "over-optimisation"])
        let notes = report.drawn.first { $0.id == "compute-optimal" }?.notes.joined() ?? ""
        #expect(notes.contains("the verifier gave no score"))
    }

    // MARK: - what equal FLOPs buy

    @Test func equalFLOPsBuyWhatTheFormulaSays() throws {
        let analysis = Analysis(Self.study())
        let matching = try #require(FLOPsMatching(analysis, Policies(analysis)))
        // M = 4.4 M / 0.317 M = 13.88; v1, R = 0.79: M + 3 (M − 1) / R = 62.8.
        let one = try #require(matching.purchases(.search).first { $0.ratio == 0.79 && $0.formula == .v1 })
        #expect(abs(one.bought - 62.79) < 0.05 && one.budget == 16)
        let short = try #require(matching.purchases(.search).first { $0.ratio == 0.16 && $0.formula == .v1 })
        #expect(short.budget == 64 && short.isShort)
    }

    /// Large: 8 GFLOP for 200 tokens, 40 MFLOP each; small: 1 GFLOP, 5 MFLOP each. So a served token has cost
    /// 3 × 35 / R MFLOP more of training, and an answer of 100 tokens may cost 8 + 10.5 / R GFLOP.
    @Test func countedFLOPsBuyWhatTheStoreSaysTheyCost() throws {
        func cell(_ run: String, _ strategy: String, _ budget: Int, _ flops: Double, _ params: [String: String] = [:])
            -> MeasuredStudy.Cell
        {
            .init(
                run: run, strategy: strategy, params: params, budget: budget, right: (0..<40).map { Double($0 % 2) },
                flops: flops, tokens: 100, promptTokens: 100)
        }
        var data = Self.study(40)
        data.cells =
            [1, 4, 16, 64].map { cell("best-of-n", "best-of-n", $0, Double($0) * 1e9) }
            + [cell("greedy", "greedy", 1, 1e9), cell("greedy:role=large", "greedy", 1, 8e9, ["role": "large"])]
        let analysis = Analysis(data)
        let matching = try #require(FLOPsMatching(analysis, Policies(analysis)))
        let bought = matching.purchases(.search).filter { $0.formula == .counted }
        #expect(bought.map(\.ratio) == [0.16, 0.79, 22])
        #expect(bought.map(\.budget) == [64, 16, 4])
        for (one, gigaflops) in zip(bought, [73.625, 21.2911, 8.4773]) { #expect(abs(one.bought - gigaflops) < 0.001) }
        #expect(!bought[0].isShort, "64 are run and 74 bought")
    }

    @Test func aBudgetThatIsEqualButForRoundingIsBought() throws {
        var study = SyntheticStudy(problems: 40, samples: 4, budgets: [1, 64])
        let analysis = Analysis(study.make())
        // 62.8 are bought at R = 0.79: 64 is not within a hundredth of that.
        let matching = try #require(FLOPsMatching(analysis, Policies(analysis)))
        #expect(matching.purchases(.search).first { $0.ratio == 0.79 && $0.formula == .v1 }?.budget == 1)
        var near = SyntheticStudy(problems: 40, samples: 4, budgets: [1, 63])
        let close = Analysis(near.make())
        #expect(
            try #require(FLOPsMatching(close, Policies(close))).purchases(.search).first {
                $0.ratio == 0.79 && $0.formula == .v1
            }?.budget == 63)
    }

    @Test func aChargedChoiceHasWhatIsLeft() throws {
        // Of 16, four samples go into difficulty; beam search with 12 lies log₄ 3 = 0.7925 of the way from 4 to 16.
        func cell(_ strategy: String, _ budget: Int, _ right: Double) -> MeasuredStudy.Cell {
            .init(
                run: strategy, strategy: strategy, params: [:], budget: budget,
                right: Array(repeating: right, count: 40), flops: Double(budget))
        }
        let samples = (0..<40).map { problem in
            (0..<16).map { index in
                MeasuredStudy.Sample(
                    answer: 0, isRight: true, last: Float(problem + 1) / 80 + Float(index) / 1000, least: 0.5,
                    product: 0.5)
            }
        }
        let data = MeasuredStudy(
            problems: 40,
            cells: [cell("best-of-n", 16, 0.25), cell("beam-search", 4, 0.5), cell("beam-search", 16, 1)],
            samples: samples)
        let analysis = Analysis(data)
        #expect(
            analysis.chargedPolicy(.search).right[16]?.allSatisfy { abs($0 - (0.5 + 0.5 * 0.79248)) < 1e-4 } == true)
        #expect(analysis.policy(.search, by: .predicted).right[16] == Array(repeating: 1, count: 40))
    }
}
