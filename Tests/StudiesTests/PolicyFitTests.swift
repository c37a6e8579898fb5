import Engine
import Foundation
import LanguageModels
import SearchCore
import Testing
@testable import Studies

/// Fits that can be worked out by hand, and what cannot be fitted. The rule that is the default: `PolicyRuleTests`.
@Suite struct PolicyFitTests {
    /// Twenty problems, ten easy and ten hard.
    private static let difficulties = (0..<20).map {
        Difficulty(samples: 10, right: $0 < 10 ? 9 : 1, scoreSum: $0 < 10 ? 8 : 2)
    }
    private static let smallest = PolicyRule.smallest(standardErrors: 1)
    private func study(_ cells: [(run: String, budget: Int, easy: Int, hard: Int)]) -> PolicyStudy {
        PolicyStudy(
            cells: cells.map { cell in
                // The first ones of each bin are right.
                PolicyStudy.Cell(
                    run: cell.run, budget: cell.budget,
                    right: (0..<20).map { $0 % 10 < ($0 < 10 ? cell.easy : cell.hard) ? 1 : 0 },
                    flops: Double(cell.budget))
            }, difficulties: Self.difficulties)
    }
    private func chosen(_ fit: PolicyFit) -> [String] {
        fit.choices.map { "\($0.bin) @ \($0.budget): \($0.run) @ \($0.spend)" }
    }

    @Test func theBestOfWhatTheBudgetPaysFor() throws {
        // On easy problems beams get worse as N grows; on hard ones they win.
        let fit = try PolicyFit(
            study([("beam", 4, 9, 2), ("best", 4, 5, 1), ("beam", 16, 4, 8), ("best", 16, 6, 3)]), by: .predicted,
            binCount: 2, rule: Self.smallest)
        #expect(fit.rows.map(\.bins.bounds) == [[0.5], [0.5]])
        #expect(fit.rows[1].bin == Array(repeating: 1, count: 10) + Array(repeating: 2, count: 10))
        #expect(chosen(fit) == ["1 @ 4: beam @ 4", "1 @ 16: beam @ 4", "2 @ 4: beam @ 4", "2 @ 16: beam @ 16"])
        #expect(fit.choices.map(\.accuracyInSample) == [0.9, 0.9, 0.2, 0.8])
    }

    /// Hard at 4: beam leads by one problem of ten. The difference is 0.1, its standard
    /// error 0.1: noise, so the smaller (here: of equal budget and FLOPs, by name the first) stays.
    @Test func noiseBuysNothing() throws {
        let near = study([("a", 1, 8, 2), ("b", 64, 9, 3)])
        #expect(
            try chosen(PolicyFit(near, by: .oracle, binCount: 2, rule: Self.smallest)) == [
                "1 @ 1: a @ 1", "1 @ 64: a @ 1", "2 @ 1: a @ 1", "2 @ 64: a @ 1",
            ])
        // Two of ten: 0.2 against 0.133.
        let clear = study([("a", 1, 7, 1), ("b", 64, 9, 3)])
        #expect(try chosen(PolicyFit(clear, by: .oracle, binCount: 2, rule: Self.smallest)).contains("1 @ 64: b @ 64"))
        // Without the rule one problem is enough.
        #expect(
            try chosen(PolicyFit(near, by: .oracle, binCount: 2, rule: .smallest(standardErrors: 0))).contains(
                "2 @ 64: b @ 64"))
    }

    /// Each half is scored with the other's choice. `a` is right on even problems, `b` on
    /// odd ones: what is best on one half is worst on the other, and in-sample accuracy lies.
    @Test func crossValidation() throws {
        let study = PolicyStudy(
            cells: [
                .init(run: "a", budget: 1, right: (0..<20).map { $0 % 2 == 0 ? 1 : 0 }, flops: 1),
                .init(run: "b", budget: 1, right: (0..<20).map { $0 % 2 == 1 ? 1 : 0 }, flops: 1),
            ], difficulties: Self.difficulties)
        let fit = try PolicyFit(study, by: .oracle, binCount: 2, rule: Self.smallest)
        #expect(fit.choices.map(\.accuracy) == [0, 0] && fit.choices.map(\.accuracyInSample) == [0.5, 0.5])
        #expect(fit.choices[0].ci95 == 0...0)
        #expect(fit.crossValidated == [1: Array(repeating: 0, count: 20)])
    }

    @Test func whereNothingIsRightNothingIsSpent() throws {
        let fit = try PolicyFit(
            study([("a", 1, 5, 0), ("b", 64, 9, 0)]), by: .oracle, binCount: 2, rule: Self.smallest)
        #expect(chosen(fit).suffix(2) == ["2 @ 1: a @ 1", "2 @ 64: a @ 1"])
        #expect(fit.warnings == ["bin 2: nothing was ever right, so the smallest choice is taken at every budget"])
        let plain = try PolicyFit(study([("best-of-n", 1, 5, 0), ("b", 1, 9, 0)]), by: .oracle, binCount: 2)
        #expect(chosen(plain) == ["1 @ 1: b @ 1", "2 @ 1: best-of-n @ 1"])
        #expect(plain.warnings == ["bin 2: nothing was ever right, so best-of-n is taken at every budget"])
    }

    @Test func whatCannotBeFitted() throws {
        func complaint(_ study: PolicyStudy, by kind: Difficulty.Kind = .oracle, bins: Int = 2) -> String {
            do { return "\(try PolicyFit(study, by: kind, binCount: bins).choices)" } catch { return error.message }
        }
        var some = study([("a", 1, 5, 0)])
        #expect(complaint(PolicyStudy(cells: [], difficulties: Self.difficulties)).contains("no finished run"))
        #expect(complaint(some, bins: 21).contains("20 problems cannot fill 21 bins"))
        #expect(complaint(some, bins: 3).contains("2 different difficulties"))
        some.difficulties[3] = Difficulty(samples: 10, right: 9, scoreSum: 0, unscored: 10)
        #expect(complaint(some, by: .predicted).contains("no score in [0, 1]"))
        some.cells[0].right.removeLast()
        #expect(complaint(some).contains("a at 1 has results of 19 problems, and there are difficulties of 20"))
        some.cells[0].right = Array(repeating: .nan, count: 20)
        #expect(complaint(some).contains("at 1 there is no problem on which everything was run"))
        // One problem alone in its bin has no two halves.
        var lone = study([("a", 1, 5, 0)])
        lone.difficulties = (0..<20).map { Difficulty(samples: 10, right: $0 == 0 ? 9 : 1, scoreSum: 1) }
        #expect(complaint(lone).contains("bin 1 of 2 has 1 of 20 problems"))
    }

    @Test func theTableAsText() throws {
        let fit = try PolicyFit(
            study([("beam-search:beam_width=2", 4, 9, 2), ("best-of-n", 16, 9, 8)]), by: .predicted, binCount: 2,
            rule: Self.smallest)
        let text = PolicyTableText(
            fit: fit,
            source: .init(data: "dev\"\n.jsonl", dataHash: "abc", models: ["prm": "12", "policy": "34"], samples: 16)
        ).text
        #expect(text.contains("format = \"stratagem-policy-table/1\"\n\n[models]"))
        #expect(text.contains("policy = \"34\"\nprm = \"12\"\n"))
        #expect(text.contains("file = \"dev__.jsonl\"\nsha256 = \"abc\"\nproblems = 20\n"))
        #expect(text.contains("kind = \"predicted\"\nverifier = \"prm\"\nsamples = 16\nbounds = [0.5]\n"))
        #expect(
            text.contains("# Rule: the smallest within 1.0 standard errors. Nothing pays for the difficulty.\n")
                && !text.contains("[[budget]]"))
        #expect(
            text.contains(
                "[[choice]]\nbin = 2\nbudget = 16\nrun = \"best-of-n\"\nspend = 16\nproblems = 10\naccuracy = 0."))
    }

    /// A hundred cells of 500 problems, within seconds in any build.
    @Test func aWholeGrid() throws {
        let random = SampleRandom(seed: 1)
        let cells = (0..<100).map { cell in
            PolicyStudy.Cell(
                run: "s\(cell)", budget: 1 << (cell % 9),
                right: (0..<500).map { random.uniform(UInt64(cell * 500 + $0)) < 0.5 ? 1 : 0 }, flops: 1)
        }
        let difficulties = (0..<500).map { Difficulty(samples: 500, right: $0, scoreSum: Double($0)) }
        let fit = try PolicyFit(PolicyStudy(cells: cells, difficulties: difficulties), by: .oracle)
        #expect(fit.choices.count == 5 * 9 && fit.choices.allSatisfy { $0.problems == 100 })
    }
}

@Suite struct FLOPsMatchTests {
    /// The paper's own numbers: about 258, 63 and 16 times.
    @Test func thePapersMultipliers() {
        let v1 = FLOPsMatch.ratios.map { FLOPsMatch.multiplier(sizeRatio: 14, ratio: $0, constant: 3).rounded() }
        #expect(v1 == [258, 63, 16])
        let iclr = FLOPsMatch.ratios.map { FLOPsMatch.multiplier(sizeRatio: 14, ratio: $0, constant: 1.5).rounded() }
        #expect(iclr == [136, 39, 15])
    }

    /// Where a model is all matrix products and nothing is verified, exact is v1.
    @Test func exactAgreesWithTheFormula() {
        let exact = FLOPsMatch.Exact(
            largeAnswer: 2 * 14 * 100, smallPrompt: 0, smallSample: 2 * 100, largeTraining: 6 * 14, smallTraining: 6,
            answerTokens: 100)
        #expect(
            abs(exact.generations(ratio: 0.79) - FLOPsMatch.multiplier(sizeRatio: 14, ratio: 0.79, constant: 3)) < 1e-9)
    }

    /// Two tokens of prompt, three of answer; a model of one layer, one wide.
    @Test func exactFromShapes() {
        let shape = ModelShape(
            parameters: 1, layers: 1, width: 1, heads: 1, keyValueHeads: 1, headWidth: 1, feedForward: 1, vocabulary: 10
        )
        let exact = FLOPsMatch.Exact(
            small: shape, large: shape, verifier: shape, verifierReadsAll: true, prompt: 2, answer: 3)
        // A token costs 2 · (2 + 2) of products, and 4 a position that it looks at. Whose
        // logits are wanted continues through the feed-forward (6) and the vocabulary (20).
        let prompt: Double = 2 * 8 + 4 * 3
        let sampled: Double = 2 * 8 + 4 * 7 + 3 * 26
        let verified: Double = 3 * 8 + 4 * 12 + 3 * 26
        let forward: Double = 5 * 8 + 4 * 15 + 5 * 26
        #expect(exact.largeAnswer == prompt + sampled)
        #expect(exact.smallPrompt == 2 * prompt)
        #expect(exact.smallSample == sampled + verified)
        #expect(exact.largeTraining == 3 * forward / 5)
    }
}
