import Engine
import SearchCore
import Testing
@testable import Studies

/// The default rule and who pays for the difficulty, worked out by hand.
@Suite struct PolicyRuleTests {
    /// Four bins of ten problems, bin 1 the easiest.
    private static let difficulties = (0..<40).map {
        Difficulty(samples: 10, right: 9 - 2 * ($0 / 10), scoreSum: Double(9 - 2 * ($0 / 10)))
    }

    /// - Parameter right: by bin, how many of its ten problems. The first ones, so that two cells differ on as few as
    ///   they can.
    private func cell(_ run: String, _ budget: Int, _ right: [Int]) -> PolicyStudy.Cell {
        .init(run: run, budget: budget, right: (0..<40).map { $0 % 10 < right[$0 / 10] ? 1 : 0 }, flops: Double(budget))
    }
    private func fit(_ cells: [PolicyStudy.Cell], rule: PolicyRule = .favoured) throws -> PolicyFit {
        try PolicyFit(PolicyStudy(cells: cells, difficulties: Self.difficulties), by: .oracle, binCount: 4, rule: rule)
    }
    private func runs(_ fit: PolicyFit) -> [String] { fit.choices.map(\.run) }

    /// Means 0.75 and −0.25, each with the variance 0.25 / 4 = 0.0625. They scatter with 0.5, of which 0.0625 is
    /// noise: τ² = 0.4375, and each keeps 0.4375 / 0.5 = 0.875 of its distance from 0.25.
    @Test func shrinkage() {
        let found = Shrinkage([[1, 1, 1, 0], [-1, 0, 0, 0]])
        #expect(found.own == [0.75, -0.25] && found.whole == 0.25 && found.scatter == 0.4375)
        #expect(found.shrunk == [0.6875, -0.1875])
        // Means 0.25 and 0 scatter with 0.03125, and the noise is as much: there is one difference, 0.125.
        let alike = Shrinkage([[1, 0, 0, 0], [0, 0, 0, 0]])
        #expect(alike.scatter == 0 && alike.shrunk == [0.125, 0.125])
        // One group is the whole: two values 0.5 from their mean have the standard error 0.5.
        #expect(Shrinkage([[1, 0]]).shrunk == [0.5] && Shrinkage([[1, 0]]).errors == [0.5])
        // 0.875 · 0.0625 + 0.125² · v_D, where eight values scatter with 4 − 8 · 0.0625 about 0.25: v_D = 3.5 / 7 / 8.
        #expect(abs(found.errors[0] - (0.875 * 0.0625 + 0.015625 * 0.0625).squareRoot()) < 1e-12)
        #expect(found.errors[0] == found.errors[1])
    }

    /// One problem more in the last bin, one less in the second: τ² = 0.00667 − 0.005, and the last bin's 0.1 is moved
    /// to 1/7 · 0.1 = 0.014, with the error √(1/7 · 0.01 + 36/49 · 0.00128) = 0.049.
    @Test func oneProblemFavoursNothing() throws {
        let cells = [cell("best-of-n", 16, [8, 6, 4, 2]), cell("beam", 16, [8, 5, 4, 3])]
        #expect(try runs(fit(cells)) == Array(repeating: "best-of-n", count: 4))
        #expect(try runs(fit(cells, rule: .smallest(standardErrors: 0))).last == "beam")
    }

    /// Differences −0.2, −0.2, −0.2 and +0.1: over all −0.125, τ² = 0.0225 − 0.01583, and the last bin's is moved to
    /// −0.125 + 0.4 · 0.225 = −0.035. One problem of ten was luck.
    @Test func aLuckyCellIsNotTaken() throws {
        let cells = [cell("best-of-n", 16, [8, 6, 4, 2]), cell("beam", 16, [6, 4, 2, 3])]
        #expect(try runs(fit(cells)) == Array(repeating: "best-of-n", count: 4))
        #expect(
            try runs(fit(cells, rule: .smallest(standardErrors: 0))) == ["best-of-n", "best-of-n", "best-of-n", "beam"])
    }

    /// Differences 0, 0, 0 and +0.5: τ² = 0.0625 − 0.00694, and the last bin's is moved to 0.125 + 2/3 · 0.375 = 0.375.
    @Test func whatIsBetterIsTaken() throws {
        let found = try fit([cell("best-of-n", 16, [8, 6, 4, 2]), cell("beam", 16, [8, 6, 4, 7])])
        #expect(runs(found) == ["best-of-n", "best-of-n", "best-of-n", "beam"])
        #expect(found.choices.map(\.accuracyInSample) == [0.8, 0.6, 0.4, 0.7])
        #expect(found.choices.map(\.baselineInSample) == [0.8, 0.6, 0.4, 0.2])
    }

    /// +0.3 on every problem of three bins; in the last one five problems lost and four won, −0.1. Over all +0.2, and
    /// the last bin says so little (v = 0.0989, τ² = 0.0153) that it is moved to +0.16, with the error 0.13. Yet its
    /// own problems speak against it.
    @Test func noBinIsWorseThanBestOfN() throws {
        let clear = [Double](repeating: 0.3, count: 10)
        let plain: [Double] = Array(repeating: 0.5, count: 30) + [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
        let beam: [Double] = Array(repeating: 0.8, count: 30) + [0, 0, 0, 0, 0, 1, 1, 1, 1, 0]
        let cells = [
            PolicyStudy.Cell(run: "best-of-n", budget: 16, right: plain, flops: 1),
            PolicyStudy.Cell(run: "beam", budget: 16, right: beam, flops: 1),
        ]
        #expect(try runs(fit(cells)) == ["beam", "beam", "beam", "best-of-n"])
        let gain = Shrinkage([clear, clear, clear, [-1, -1, -1, -1, -1, 1, 1, 1, 1, 0]])
        #expect(abs(gain.shrunk[3] - 0.1599) < 1e-4 && abs(gain.errors[3] - 0.1345) < 1e-4)
    }

    /// Four generations of beams are better than 16; the whole budget is used all the same.
    @Test func theWholeBudgetIsUsed() throws {
        let cells = [
            cell("best-of-n", 1, [5, 5, 5, 5]), cell("best-of-n", 16, [8, 6, 4, 2]), cell("beam", 4, [10, 10, 10, 10]),
            cell("beam", 16, [8, 6, 4, 7]),
        ]
        let found = try fit(cells).choices.filter { $0.budget == 16 }
        #expect(found.map { "\($0.run) \($0.spend)" } == ["best-of-n 16", "best-of-n 16", "best-of-n 16", "beam 16"])
        // Not so where the smallest is looked for.
        let smallest = try fit(cells, rule: .smallest(standardErrors: 1)).choices.filter { $0.budget == 16 }
        #expect(smallest.map { "\($0.run) \($0.spend)" }.contains("beam 4"))
    }

    /// Forty cells that differ by luck alone: none of the choices is below best-of-N on the problems of its bin.
    @Test func neverBelowBestOfNOnTheFittingData() throws {
        let random = SampleRandom(seed: 3)
        let cells = (0..<40).map { cell in
            PolicyStudy.Cell(
                run: cell == 0 ? "best-of-n" : "s\(cell)", budget: 16,
                right: (0..<40).map { random.uniform(UInt64(cell * 40 + $0)) < 0.5 ? 1 : 0 }, flops: 1)
        }
        let found = try fit(cells)
        for choice in found.choices { #expect(choice.accuracyInSample >= choice.baselineInSample ?? 1) }
        #expect(runs(found).contains { $0 != "best-of-n" })
    }

    /// Where best-of-N was not run, the best single choice takes its place.
    @Test func withoutBestOfN() throws {
        let found = try fit([cell("a", 4, [8, 6, 4, 2]), cell("b", 4, [8, 6, 4, 7]), cell("c", 4, [7, 5, 4, 2])])
        #expect(runs(found) == ["b", "b", "b", "b"] && found.choices[0].baselineInSample == nil)
    }

    /// `x` is right on the even problems of bins 1 and 3 and on the odd ones of 2 and 4, best-of-N on each half of the
    /// time. What is chosen on a half fails on the other: a quarter of all, instead of a half.
    @Test func aTableThatLosesIsSaid() throws {
        let even = (0..<40).map { ($0 % 2 == 0) == ($0 / 10 % 2 == 0) ? 1.0 : 0 }
        let plain = PolicyStudy.Cell(run: "best-of-n", budget: 4, right: Array(repeating: 0.5, count: 40), flops: 1)
        let found = try fit([plain, .init(run: "x", budget: 4, right: even, flops: 2)])
        #expect(found.warnings.count == 1)
        #expect(
            found.warnings.first?.hasPrefix(
                "budget 4: the table loses to the best single choice, best-of-n at 4, by 25.0 points cross-validated")
                == true)
        #expect(Bootstrap.mean(found.rows[0].crossValidated) == 0.25 && found.rows[0].single.run == "best-of-n")
        #expect(try fit([cell("best-of-n", 16, [8, 6, 4, 2]), cell("beam", 16, [8, 6, 4, 7])]).warnings.isEmpty)
    }

    // MARK: - who pays

    /// Of 16, four samples go into the difficulty: best-of-N goes on from them, beams have 12.
    @Test func aChoiceHasWhatTheEstimateLeft() throws {
        var study = PolicyStudy(
            cells: [
                cell("best-of-n", 16, [1, 1, 1, 1]), cell("beam", 12, [5, 5, 5, 5]), cell("beam", 16, [9, 9, 9, 9]),
            ],
            difficulties: Self.difficulties)
        // The first four samples tell it the other way round.
        study.early[4] = Self.difficulties.reversed()
        let paid = try PolicyFit(study, by: .predicted, binCount: 4, charge: .paid(most: 8))
        #expect(paid.rows.map(\.samples) == [4] && paid.rows[0].bin.first == 4)
        // All of 16 to the table: the strategy takes the estimate off.
        #expect(
            Set(paid.choices.map(\.run)) == ["beam"] && Set(paid.choices.map(\.spend)) == [16]
                && paid.choices[0].accuracyInSample == 0.5)
        let free = try PolicyFit(study, by: .predicted, binCount: 4)
        #expect(free.rows[0].bin.first == 1 && free.choices[0].accuracyInSample == 0.9)
        // Nobody can buy the answers.
        #expect(try PolicyFit(study, by: .oracle, binCount: 4, charge: .paid(most: 8)).charge == .free)
        let text = PolicyTableText(fit: paid, source: .init(data: "d", dataHash: "h", models: [:], samples: 8)).text
        #expect(
            text.contains(
                "samples = 8\nbounds = [0.8, 0.6, 0.4]\n\n[[budget]]\nbudget = 16\nsamples = 4\nbounds = [0.8, 0.6, 0.4]\n\n[[choice]]"
            ))
        #expect(text.contains("# Rule: favoured over best-of-N. The budget pays for the difficulty.\n"))
    }

    /// 12 of 4 and 16 lie log₄ 3 = 0.7925 of the way.
    @Test func whatWasNotRunLiesBetween() throws {
        let study = PolicyStudy(
            cells: [
                cell("best-of-n", 16, [1, 1, 1, 1]), cell("beam", 4, [0, 0, 0, 0]), cell("beam", 16, [10, 10, 10, 10]),
            ],
            difficulties: Self.difficulties)
        let offers = study.offers(at: 16, .paid(most: 16))
        #expect(offers.map { "\($0.run) \($0.spend)" } == ["beam 4", "beam 16", "best-of-n 16"])
        #expect(offers[1].right.allSatisfy { abs($0 - 0.79248) < 1e-4 })
        #expect(["best-of-n", "best-of-n:selection=naive", "majority"].allSatisfy(PolicyStudy.goesOn))
        #expect(
            !["best-of-n:temperature=0.5", "best-of-n:verifier=orm", "beam-search", "majority:n=3"].contains(
                where: PolicyStudy.goesOn))
    }

    // MARK: - stores that differ

    /// Two stores: best-of-2 and beams on p and q, best-of-4 on q and r. A row is made from what has everything.
    @Test func storesOfOtherProblems() throws {
        var builder = PolicyStudyBuilder()
        func run(_ spec: String, _ budget: Int, _ problems: [String], skipping: String = "") {
            builder.plan(spec, budget: budget, on: problems)
            for problem in problems where problem != skipping {
                builder.add(.init(problem: problem, spec: spec, budget: budget, isCorrect: problem < "c", flops: 1))
            }
        }
        let names = ["a", "b", "c", "d", "e", "f"]
        for (index, name) in names.enumerated() {
            builder.add(
                [.init(isCorrect: true, score: 1 - Double(index) / 10), .init(isCorrect: false, score: 0.1)], of: name)
        }
        run("best-of-n", 2, Array(names.prefix(4)))
        run("beam", 2, Array(names.prefix(4)))
        run("best-of-n", 4, names)
        let study = try builder.study(for: .paid(most: 1))
        #expect(
            study.difficulties.map(\.scoreSum)[0] == 1.1
                && study.early[1]?.map(\.samples) == Array(repeating: 1, count: 6))
        let fit = try PolicyFit(study, by: .oracle, binCount: 1)
        #expect(fit.rows.map(\.problems) == [[0, 1, 2, 3], [0, 1, 2, 3]])
        // A cell that its own store did not finish is another thing.
        run("late", 4, names, skipping: "e")
        let error = #expect(throws: StratagemError.self) { try builder.study() }
        #expect(
            error?.code == .incompleteStore
                && error?.message.contains("late at 4 was not run on 1 of 6 problems") == true)
    }
}
