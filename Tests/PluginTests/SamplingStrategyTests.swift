import CStratagem
import Testing

/// greedy, majority and best-of-n on trees small enough to work out by hand.
@Suite struct SamplingStrategyTests {
    /// Whole answers, in the order of their draw: 7, 8, 8, cut, none, 7.
    let six = Tree(
        options: [
            "": ["a", "b", "c", "d", "e", "f"], "a": ["=7"], "b": ["=8"], "c": ["=8"], "d": ["~"], "e": ["="],
            "f": ["=7"],
        ],
        scores: ["a=7": 0.9, "b=8": 0.5, "c=8": 0.3, "f=7": 0.2])

    @Test func greedyTakesOneAnswer() throws {
        let host = FakeHost(six, generations: 16)
        #expect(try Run("greedy", host)() == ["sample 1 from root, to the end greedily", "answer a=7 1"])
        #expect(host.tokens == 3)
        #expect(host.generations == 1)
    }

    @Test func greedyHasNoAnswerWhereItsSampleIsCut() throws {
        let host = FakeHost(Tree(options: ["": ["a"], "a": ["~"]]), generations: 1)
        #expect(try Run("greedy", host)() == ["sample 1 from root, to the end greedily"])
    }

    /// Two votes each for 7 and 8: the first seen wins. The cut sample has no vote
    /// and is not an answer; the one without an answer comes last.
    @Test func majorityCountsAndBreaksTiesByTheFirstSeen() throws {
        let host = FakeHost(six, generations: 6)
        #expect(
            try Run("majority", host)() == [
                "sample 6 from root, to the end",
                "answer a=7 1", "answer f=7 1", "answer b=8 1", "answer c=8 1", "answer e= 0",
            ])
        #expect(host.tokens == 15)  // 3 + 3 + 3 + 1 + 2 + 3
        #expect(host.generations == 6)
    }

    @Test func majorityPutsTheMostCommonFirst() throws {
        let host = FakeHost(six, generations: 5)
        #expect(
            try Run("majority", host)() == [
                "sample 5 from root, to the end",
                "answer b=8 1", "answer c=8 1", "answer a=7 1", "answer e= 0",
            ])
    }

    /// 7: 0.9 + 0.2, 8: 0.5 + 0.3. What has no answer is not scored.
    @Test func bestOfNWeighted() throws {
        let host = FakeHost(six, generations: 6)
        #expect(
            try Run("best-of-n", host)() == [
                "sample 6 from root, to the end",
                "score a=7 b=8 c=8 f=7",
                "answer a=7 0.9", "answer f=7 0.2", "answer b=8 0.5", "answer c=8 0.3", "answer e= 0",
            ])
        #expect(host.tokens == 15)
    }

    /// Without the last 7, the sum of the eights (0.8) beats 0.7 and the best single one does not.
    @Test func bestOfNWeightedAndNaiveDiffer() throws {
        var tree = six
        tree.scores["a=7"] = 0.7
        let weighted = try Run("best-of-n", FakeHost(tree, generations: 3))()
        #expect(weighted.suffix(3) == ["answer b=8 0.5", "answer c=8 0.3", "answer a=7 0.7"])
        let naive = try Run("best-of-n", FakeHost(tree, generations: 3), ["selection": .text("naive")])()
        #expect(naive.suffix(3) == ["answer a=7 0.7", "answer b=8 0.5", "answer c=8 0"])
    }

    @Test func bestOfNByMajorityNeedsNoVerifier() throws {
        let host = FakeHost(six, generations: 3)
        host.hasVerifier = false
        #expect(
            try Run("best-of-n", host, ["selection": .text("majority")])() == [
                "sample 3 from root, to the end", "answer b=8 1", "answer c=8 1", "answer a=7 1",
            ])
    }

    @Test func bestOfNWithoutVerifierSaysSo() throws {
        let host = FakeHost(six, generations: 3)
        host.hasVerifier = false
        let error = try #require(throws: Failure.self) { try Run("best-of-n", host)() }
        #expect("\(error)".contains("no verifier") && "\(error)".contains("selection=majority"))
    }

    @Test func bestOfNFallsBackToMajorityWhenTheVerifierFails() throws {
        let host = FakeHost(six, generations: 3)
        host.fault = { _, ask in ask.kind == STG_ASK_SCORE ? STG_OUTCOME_VERIFIER_FAILED : nil }
        #expect(try Run("best-of-n", host)().suffix(3) == ["answer b=8 1", "answer c=8 1", "answer a=7 1"])
        #expect(
            host.logs == ["the verifier failed: answers without a score rank last, and by majority if none has one"])
    }

    @Test(arguments: ["greedy", "majority", "best-of-n", "beam-search", "lookahead"])
    func aFailedModelWithNothingFinishedIsAnError(_ name: String) throws {
        let host = FakeHost(six, generations: 4)
        host.fault = { _, _ in STG_OUTCOME_MODEL_FAILED }
        let error = try #require(throws: Failure.self) { try Run(name, host)() }
        #expect("\(error)".contains("the model failed"))
    }

    /// `n` asks for less than the budget, never for more; without a limit it is 16.
    @Test(arguments: ["majority", "best-of-n"])
    func nIsBoundedByTheBudget(_ name: String) throws {
        func first(_ n: Int64?, _ generations: UInt64) throws -> String {
            let host = FakeHost(six, generations: generations)
            host.fault = { _, _ in STG_OUTCOME_CANCELLED }  // a million samples are only asked for
            return try Run(name, host, n.map { ["n": .int($0)] } ?? [:])()[0]
        }
        #expect(try first(nil, 5) == "sample 5 from root, to the end")
        #expect(try first(3, 5) == "sample 3 from root, to the end")
        #expect(try first(9, 5) == "sample 5 from root, to the end")
        #expect(try first(nil, .max) == "sample 16 from root, to the end")
        #expect(try first(9, .max) == "sample 9 from root, to the end")
        #expect(try first(nil, 1 << 40) == "sample 1048576 from root, to the end")
    }

    /// Tokens for two answers and a bit: the third is cut, and the two are scored.
    @Test func bestOfNGoesOnWithWhatTheTokensAllowed() throws {
        let host = FakeHost(six, tokens: 8)
        #expect(
            try Run("best-of-n", host, ["n": .int(6)])() == [
                "sample 6 from root, to the end", "score a=7 b=8", "answer a=7 0.9", "answer b=8 0.5",
            ])
        #expect(host.tokens == 8)
    }
}
