import CStratagem
import Testing

/// Thompson sampling by hand: the host's random bits are all 0. Then a gamma draw of shape s is s - 1/3, and
/// s + 2/3 below 1; a Beta draw is x / (x + y) of two; a normal one is the mean.
@Suite struct ABMCTSTests {
    static let tree = Tree(
        options: ["": ["=1", "=2", "=3", "=3"], "[=1]": ["r=3"], "[[=1]r=3]": ["s=3"]],
        scores: ["=1": 0.4, "=2": 0.2, "=3": 0.1, "[=1]r=3": 0.9, "[[=1]r=3]s=3": 0.5])

    /// Beta(0.5 + Σr, 0.5 + Σ(1-r)); GEN and CONT of the problem, then the answers:
    ///
    ///     2   GEN (0.9, 1.1): 1.57 of 2.33 is 0.67     CONT (0.5, 0.5): 0.5      a new answer, 0.2
    ///     3   GEN (1.1, 1.9): 0.77 of 2.33 is 0.33     CONT 0.5                  =1 (0.9, 1.1): 0.67  =2 (0.7, 1.3): 0.59
    ///         so =1 is refined: 0.9
    ///     4   GEN 0.33   CONT (1.4, 0.6): 1.07 of 2.33 is 0.46                   =1 (1.8, 1.2): 0.63  =2 0.59
    ///         below =1: GEN (1.4, 0.6): 0.46   CONT 0.5                          so =3 is refined
    @Test func widerOrDeeper() throws {
        let host = FakeHost(Self.tree, generations: 4)
        #expect(
            try Run("ab-mcts", host, ["dist_type": .text("beta")])() == [
                "sample 1 from root, to the end", "score =1 (revision_orm)",
                "sample 1 from root, to the end", "score =2 (revision_orm)",
                "revise =1 (reviser)", "sample 1 from [=1], to the end (reviser)", "score [=1]r=3 (revision_orm)",
                "revise [=1]r=3 (reviser)", "sample 1 from [[=1]r=3], to the end (reviser)",
                "score [[=1]r=3]s=3 (revision_orm)",
                "answer [=1]r=3 0.9", "answer [[=1]r=3]s=3 0.5", "answer =1 0.4", "answer =2 0.2",
            ])
        #expect(host.generations == 4)
    }

    /// Both answers have 0.4 and what is refined from them 0, which is seen above: by =1, that is not refined again,
    /// and by CONT.
    ///
    ///     3   GEN (1.3, 1.7): 0.41   CONT (0.5, 0.5): 0.5    =1 and =2 (0.9, 1.1): 0.67
    ///     4   GEN 0.41               CONT (0.5, 1.5): 0.5    =1 (0.9, 2.1): 0.47   =2 0.67
    ///     5   GEN 0.41               CONT (0.5, 2.5): 0.35   so the fifth is new
    @Test func whatComesBelowIsSeenAbove() throws {
        var tree = Self.tree
        tree.options["[=2]"] = ["t=4"]
        tree.scores = ["=1": 0.4, "=2": 0.4]
        #expect(
            try Run("ab-mcts", FakeHost(tree, generations: 5), ["dist_type": .text("beta")])().filter {
                $0.hasPrefix("sample")
            } == [
                "sample 1 from root, to the end", "sample 1 from root, to the end",
                "sample 1 from [=1], to the end (reviser)", "sample 1 from [=2], to the end (reviser)",
                "sample 1 from root, to the end",
            ])
    }

    /// A normal draw is its posterior mean Σr / (1 + n): GEN 0.2, 0.2, 0.175; CONT, that saw nothing, 0. So all are
    /// new.
    @Test func gaussianByItsMeanIsWide() throws {
        #expect(
            try Run("ab-mcts", FakeHost(Self.tree, generations: 4))().filter { $0.hasPrefix("sample") }
                == Array(repeating: "sample 1 from root, to the end", count: 4))
    }

    /// With all bits 0.1 a normal draw is 0.37 above its mean. After a first answer of score 0 GEN's spread is 0.16,
    /// that is √(0.049 / 2), and CONT's, of which nothing is known, 0.20: so 0.06 against 0.07.
    @Test func gaussianTurnsFromWhatFails() throws {
        var tree = Self.tree
        tree.scores["=1"] = 0
        let host = FakeHost(tree, generations: 2)
        host.random = { UInt64(0.1 * 0x1p53) << 11 }
        #expect(try Run("ab-mcts", host)().contains("revise =1 (reviser)"))
    }

    /// Three at once are chosen by the same knowledge.
    @Test func batch() throws {
        #expect(
            try Run(
                "ab-mcts", FakeHost(Self.tree, generations: 4), ["dist_type": .text("beta"), "batch_size": .int(3)])()
                .prefix(6) == [
                    "sample 1 from root, to the end", "sample 1 from root, to the end",
                    "sample 1 from root, to the end",
                    "score =1 =2 =3 (revision_orm)", "revise =1 (reviser)", "sample 1 from [=1], to the end (reviser)",
                ])
    }

    /// An attempt without an answer is one of score 0, and nothing is there to refine. With two of them beside a score
    /// of 1 GEN (1.5, 2.5) is 0.35, so that answer is refined; without them GEN (1.5, 0.5) would be 0.5, as CONT is.
    @Test func whatHasNoAnswerIsNotRefined() throws {
        let tree = Tree(options: ["": ["=", "=", "=2"], "[=2]": ["=3"]], scores: ["=2": 1, "[=2]=3": 0.1])
        #expect(
            try Run("ab-mcts", FakeHost(tree, generations: 4), ["dist_type": .text("beta")])() == [
                "sample 1 from root, to the end", "sample 1 from root, to the end",
                "sample 1 from root, to the end", "score =2 (revision_orm)",
                "revise =2 (reviser)", "sample 1 from [=2], to the end (reviser)", "score [=2]=3 (revision_orm)",
                "answer =2 1", "answer [=2]=3 0.1", "answer = 0", "answer = 0",
            ])
    }
}
