import CStratagem
import Testing

/// beam(N, M) on a tree small enough to work out by hand.
@Suite struct BeamSearchTests {
    /// N = 4, M = 2: two survive a round and are continued twice each.
    ///
    ///     round 1   a 0.9   b 0.2   c 0.8   d 0.1        a and c survive
    ///     round 2   ae 0.3  a=1 0.5 cf 0.7  cg 0.6       a=1 is an answer; cf and cg survive
    ///     round 3   cf=2 0.95 (twice, counts once)  cg=1 0.6  cg=3 0.1
    static let tree = Tree(
        options: ["": ["a", "b", "c", "d"], "a": ["e", "=1"], "c": ["f", "g"], "cf": ["=2"], "cg": ["=1", "=3"]],
        scores: [
            "a": 0.9, "b": 0.2, "c": 0.8, "d": 0.1, "ae": 0.3, "a=1": 0.5, "cf": 0.7, "cg": 0.6,
            "cf=2": 0.95, "cg=1": 0.6, "cg=3": 0.1,
        ])
    static let rounds = [
        "sample 4 from root, 1 step", "score a b c d",
        "sample 2 from a, 1 step", "sample 2 from c, 1 step", "score ae cf cg a=1",
        "sample 2 from cf, 1 step", "sample 2 from cg, 1 step", "score cf=2 cg=1 cg=3",
    ]

    @Test func weighted() throws {
        let host = FakeHost(Self.tree, generations: 4)
        #expect(
            try Run("beam-search", host)() == Self.rounds + [
                "answer cg=1 0.6", "answer a=1 0.5", "answer cf=2 0.95", "answer cg=3 0.1",
            ])
        #expect(host.tokens == 17)  // 4, then 1 + 2 + 1 + 1, then 4 times 2
        #expect(host.generations == 4)
    }

    @Test func naive() throws {
        let run = try Run("beam-search", FakeHost(Self.tree, generations: 4), ["selection": .text("naive")])
        #expect(try run() == Self.rounds + ["answer cf=2 0.95", "answer cg=1 0.6", "answer a=1 0", "answer cg=3 0.1"])
    }

    /// Beams need the verifier; only the vote at the end does not.
    @Test func majority() throws {
        let run = try Run("beam-search", FakeHost(Self.tree, generations: 4), ["selection": .text("majority")])
        #expect(try run() == Self.rounds + ["answer cg=1 1", "answer a=1 1", "answer cf=2 1", "answer cg=3 1"])
    }

    /// N = 5, M = 2: two survive, and the better one gets the fifth.
    @Test func remaindersAreSpread() throws {
        var tree = Self.tree
        tree.options["a"] = ["=1"]
        tree.options["c"] = ["=2"]
        let host = FakeHost(tree, generations: 5)
        #expect(
            try Run("beam-search", host)() == [
                // The fifth first step is `a` again, and counts once.
                "sample 5 from root, 1 step", "score a b c d",
                "sample 3 from a, 1 step", "sample 2 from c, 1 step", "score a=1 c=2",
                "answer a=1 0.5", "answer c=2 0",
            ])
        #expect(host.generations == 5)
    }

    /// M > N leaves one survivor, not all of them and not none.
    @Test func moreContinuationsThanBeams() throws {
        var tree = Self.tree
        tree.options["a"] = ["=1"]
        #expect(
            try Run("beam-search", FakeHost(tree, generations: 2), ["beam_width": .int(9)])() == [
                "sample 2 from root, 1 step", "score a b", "sample 2 from a, 1 step", "score a=1", "answer a=1 0.5",
            ])
    }

    @Test func oneBeam() throws {
        #expect(
            try Run("beam-search", FakeHost(Self.treeWithFour, generations: 1))() == [
                "sample 1 from root, 1 step", "score a", "sample 1 from a, 1 step", "score ae",
                "sample 1 from ae, 1 step", "score ae=4", "answer ae=4 0.2",
            ])
    }

    /// A cut step is not a step: it is neither scored nor continued.
    @Test func truncatedIsDropped() throws {
        var tree = Self.tree
        tree.options[""] = ["a~", "c"]
        tree.options["c"] = ["=2", "~"]
        #expect(
            try Run("beam-search", FakeHost(tree, generations: 2))() == [
                "sample 2 from root, 1 step", "score c", "sample 2 from c, 1 step", "score c=2", "answer c=2 0",
            ])
    }

    @Test func allTruncatedIsNoAnswer() throws {
        let host = FakeHost(Tree(options: ["": ["a~"]]), generations: 2)
        #expect(try Run("beam-search", host)() == ["sample 2 from root, 1 step"])
    }

    /// The forty-first ask goes to the end, from survivors only.
    @Test func whatLivesAfterFortyRoundsIsCompleted() throws {
        var options: [String: [String]] = [:]
        for depth in 0..<50 { options[String(repeating: "a", count: depth)] = depth < 45 ? ["a"] : ["=1"] }
        let log = try Run("beam-search", FakeHost(Tree(options: options), generations: 2))()
        let asked = log.filter { $0.hasPrefix("sample") }
        #expect(asked.count == 41)
        #expect(asked.dropLast().allSatisfy { $0.hasSuffix("1 step") })
        #expect(asked.last == "sample 2 from \(String(repeating: "a", count: 40)), to the end")
        #expect(log.last == "answer \(String(repeating: "a", count: 45))=1 0")
    }

    /// The verifier fails after round 2: cf, cg and ae are completed, the answers
    /// counted. ae leads to 4.
    @Test func aFailedVerifierLeavesTheMajority() throws {
        let host = FakeHost(Self.treeWithFour, generations: 4)
        host.fault = { round, ask in round == 4 && ask.kind == STG_ASK_SCORE ? STG_OUTCOME_VERIFIER_FAILED : nil }
        #expect(
            try Run("beam-search", host)() == Self.rounds.prefix(5) + [
                "sample 2 from ae, to the end", "sample 1 from cf, to the end", "sample 1 from cg, to the end",
                "answer a=1 1", "answer cg=1 1", "answer ae=4 1", "answer cf=2 1",
            ])
        #expect(host.generations == 4)
        #expect(host.logs.count == 1)
    }

    /// The verifier fails on some steps only: those that it scored continue.
    @Test func aPartlyFailedVerifierGoesOnWithWhatItScored() throws {
        var tree = Self.tree
        tree.scores["a"] = .nan
        tree.options["b"] = ["=6"]
        let host = FakeHost(tree, generations: 4)
        host.fault = { [unowned host] round, ask in
            guard round == 2 else { return nil }
            for index in 0..<ask.node_count {
                host.entries[Int(ask.nodes[index]) - 1].score = tree.scores[host.name(ask.nodes[index])]
            }
            return STG_OUTCOME_VERIFIER_FAILED
        }
        #expect(
            try Run("beam-search", host)().prefix(4) == [
                "sample 4 from root, 1 step", "score a b c d", "sample 2 from c, 1 step", "sample 2 from b, 1 step",
            ])
    }

    static var treeWithFour: Tree {
        var tree = Self.tree
        tree.options["ae"] = ["=4"]
        tree.scores["ae=4"] = 0.2
        return tree
    }

    /// 4 tokens for the first round and 2 for the second: `ae` and a cut `a=1`.
    @Test func tokensRunOut() throws {
        let host = FakeHost(Self.tree, tokens: 6)
        #expect(try Run("beam-search", host, ["n": .int(4)])() == Array(Self.rounds.prefix(4)))
        #expect(host.tokens == 6)
    }

    /// The tokens are spent with one answer found and unscored: it is scored, and nothing else is asked.
    @Test func whatIsFinishedWhenTokensRunOutIsScored() throws {
        let host = FakeHost(Self.tree, tokens: 7)
        #expect(
            try Run("beam-search", host, ["n": .int(4)])() == Self.rounds.prefix(4) + ["score a=1", "answer a=1 0.5"])
        #expect(host.tokens == 7)
    }

    @Test func aFailedModelLeavesWhatIsFinished() throws {
        let host = FakeHost(Self.tree, generations: 4)
        host.fault = { round, ask in round == 5 ? STG_OUTCOME_MODEL_FAILED : nil }
        #expect(try Run("beam-search", host)() == Self.rounds.prefix(7) + ["answer a=1 0.5"])
    }

    /// One of two asks fails: the other one's steps continue.
    @Test func aPartlyFailedRoundGoesOn() throws {
        let host = FakeHost(Self.tree, generations: 4)
        host.fault = { round, ask in round == 3 && ask.tag == 0 ? STG_OUTCOME_MODEL_FAILED : nil }
        #expect(
            try Run("beam-search", host)() == Self.rounds.prefix(4) + [
                "score cf cg", "sample 2 from cf, 1 step", "sample 2 from cg, 1 step", "score cf=2 cg=1 cg=3",
                "answer cf=2 0.95", "answer cg=1 0.6", "answer cg=3 0.1",
            ])
    }

    @Test func withoutVerifierSaysSo() throws {
        let host = FakeHost(Self.tree, generations: 4)
        host.hasVerifier = false
        let error = try #require(throws: Failure.self) { try Run("beam-search", host)() }
        #expect("\(error)".contains("no verifier"))
    }
}
