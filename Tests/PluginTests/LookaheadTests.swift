import CStratagem
import Testing

/// lookahead(N, M, k) on the tree of `BeamSearchTests`, a step deeper where roll-outs look.
@Suite struct LookaheadTests {
    /// 4 generations, k = 1: N = 2, M = 1, so both beams survive; with M = 2, one.
    ///
    ///     round 1   a (roll-out ae 0.3)   b (roll-out bh 0.4)      b survives, though a itself scores 0.9
    ///     round 2   bh (roll-out bh=5 0.8, no candidate)  b=6 0.1  bh survives
    ///     round 3   bh=5 0.8
    static var tree: Tree {
        var tree = BeamSearchTests.treeWithFour
        tree.options["b"] = ["h", "=6"]
        tree.options["bh"] = ["=5", "=7"]
        tree.scores.merge(["bh": 0.4, "bh=5": 0.8, "b=6": 0.1, "bh=7": 0.7]) { $1 }
        return tree
    }

    @Test func oneStepAhead() throws {
        let host = FakeHost(Self.tree, generations: 4)
        #expect(
            try Run("lookahead", host, ["beam_width": .int(2)])() == [
                "sample 2 from root, 1 step",
                "sample 1 from a, 1 step greedily", "sample 1 from b, 1 step greedily", "score ae bh",
                // The roll-out was the first draw from b: these are its second and third.
                "sample 2 from b, 1 step",
                "sample 1 from bh, 1 step greedily", "score bh=5 b=6",
                "sample 2 from bh, 1 step", "score bh=7 bh=5",
                "answer bh=5 0.8", "answer bh=7 0.7", "answer b=6 0.1",
            ])
        // a b, e h, =6 h, =5, =7 =5
        #expect(host.tokens == 2 + 2 + 3 + 2 + 4)
        // Depth 2 holds two beam steps and two roll-out steps.
        #expect(host.generations == 4)
    }

    /// Three generations do not pay for four steps a beam: k = 2, one beam.
    @Test func tooFewGenerationsLowerK() throws {
        let host = FakeHost(Self.tree, generations: 3)
        let log = try Run("lookahead", host, ["lookahead_steps": .int(3)])()
        #expect(log.prefix(3) == ["sample 1 from root, 1 step", "sample 1 from a, 2 steps greedily", "score ae=4"])
        #expect(host.logs == ["3 generations are enough for roll-outs of 2 steps, not 3"])
        #expect(host.generations <= 3)
    }

    /// k = 0 is beam search.
    @Test func withoutStepsItIsBeamSearch() throws {
        let beams = try Run("beam-search", FakeHost(BeamSearchTests.tree, generations: 4))()
        #expect(
            try Run("lookahead", FakeHost(BeamSearchTests.tree, generations: 4), ["lookahead_steps": .int(0)])()
                == beams)
    }

    /// A roll-out that is cut or fails: the step is scored where it stands.
    @Test func aBrokenRollOutScoresTheStepItself() throws {
        var tree = Self.tree
        tree.options["a"] = ["~", "=1"]
        let host = FakeHost(tree, generations: 4)
        host.fault = { round, ask in round == 2 && ask.tag == 1 ? STG_OUTCOME_MODEL_FAILED : nil }
        let log = try Run("lookahead", host, ["beam_width": .int(2)])()
        #expect(log[3] == "score a b")
        #expect(log[4] == "sample 2 from a, 1 step")
    }

    /// Nothing was finished but a roll-out: to somebody who pressed Ctrl-C its answer is better than none.
    @Test func stoppedEarlyItGivesWhatARollOutFound() throws {
        var tree = Self.tree
        tree.options["a"] = ["=4"]
        let host = FakeHost(tree, generations: 4)
        let run = try Run("lookahead", host, ["beam_width": .int(2)])
        run.stop = (2, STG_EVENT_CANCELLED)
        #expect(try run().suffix(1) == ["answer a=4 1"])
    }

    @Test func aFailedVerifierLeavesTheMajority() throws {
        let host = FakeHost(Self.tree, generations: 4)
        host.fault = { _, ask in ask.kind == STG_ASK_SCORE ? STG_OUTCOME_VERIFIER_FAILED : nil }
        #expect(
            try Run("lookahead", host)().suffix(4) == [
                "sample 1 from a, to the end", "sample 1 from b, to the end", "answer a=1 1", "answer b=6 1",
            ])
        #expect(host.generations <= 4)
    }

    @Test(arguments: [1, 2, 3, 5, 8, 13, 64, 100] as [UInt64], [1, 2, 3, 7] as [Int64])
    func neverMoreThanItsGenerations(_ generations: UInt64, _ k: Int64) throws {
        let host = FakeHost(endless, generations: generations)
        let log = try Run("lookahead", host, ["lookahead_steps": .int(k)])()
        #expect(host.generations <= generations)
        #expect(log.contains { $0.hasPrefix("answer") })
    }

    /// Five steps, each of a few kinds, then one of three answers.
    var endless: Tree {
        var tree = Tree(options: [:])
        var level = [""]
        for depth in 0..<6 {
            for node in level { tree.options[node] = depth < 5 ? ["a", "b", "c"] : ["=1", "=2", "=3"] }
            level = level.flatMap { node in ["a", "b", "c"].map { node + $0 } }
        }
        return tree
    }
}
