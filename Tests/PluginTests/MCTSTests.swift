import CStratagem
import Testing

/// UCT by hand, with c = √2.
@Suite struct MCTSTests {
    /// N = 4, two steps a leaf. After the first three expansions, X̄ + √2 √(ln n / n_j) of a and b:
    ///
    ///     n = 2    a 0.8 + 1.18        b 0.4 + 1.18         a: its children 0.3 and 0.1
    ///     n = 4    a 1.2/3 + 0.96      b 0.4 + 1.67         b: its children 0.9 and 0.7, the second an answer
    ///     n = 6    a 1.2/3 + 1.09      b 2.0/3 + 1.09       b, then bg: its children 0.6, an answer, and 0.2
    ///     n = 8    a 1.2/3 + 1.18      b 2.8/5 + 0.91       a, then ae: two answers, 0.5 and 0.1; depth 3 is full
    ///     n = 10   a 1.8/5 + 0.96      b 2.8/5 + 0.96       b, bg, bgh: two answers; nothing is open below b
    ///     then a and af, below which depth 3 is full: nothing is open any more
    static let tree = Tree(
        options: [
            "": ["a", "b"], "a": ["e", "f"], "b": ["g", "=2"], "bg": ["=3", "h"], "ae": ["=1", "=4"],
            "bgh": ["=3", "=5"],
        ],
        scores: [
            "a": 0.8, "b": 0.4, "ae": 0.3, "af": 0.1, "bg": 0.9, "b=2": 0.7, "bg=3": 0.6, "bgh": 0.2, "ae=1": 0.5,
            "ae=4": 0.1,
            "bgh=3": 0.8, "bgh=5": 0.3,
        ])

    @Test func goesWhereTheBoundIsHighest() throws {
        let host = FakeHost(Self.tree, generations: 4)
        #expect(
            try Run("mcts", host)() == [
                "sample 2 from root, 1 step", "score a b",
                "sample 2 from a, 1 step", "score ae af",
                "sample 2 from b, 1 step", "score bg b=2",
                "sample 2 from bg, 1 step", "score bg=3 bgh",
                "sample 2 from ae, 1 step", "score ae=1 ae=4",
                "sample 2 from bgh, 1 step", "score bgh=3 bgh=5",
                "answer bgh=3 0.8", "answer bg=3 0.6", "answer b=2 0.7", "answer ae=1 0.5", "answer bgh=5 0.3",
                "answer ae=4 0.1",
            ])
        #expect(host.generations == 4)
    }

    /// Without exploration the best mean decides: a 0.8, then b's 0.4 equals a's mean of 1.2/3, and a comes first.
    @Test func withoutExplorationTheMeanDecides() throws {
        let log = try Run("mcts", FakeHost(Self.tree, generations: 4), ["exploration": .float(0)])()
        #expect(
            log.filter { $0.hasPrefix("sample") }.prefix(3) == [
                "sample 2 from root, 1 step", "sample 2 from a, 1 step", "sample 2 from ae, 1 step",
            ])
    }

    /// One roll-out a step: a leads to 0.2 and b to 0.6, so b is first, though the verifier likes a more. Both
    /// roll-outs are at every depth below 1, so that of four steps two are left there; they end the search.
    @Test func rollOutsGiveTheValues() throws {
        let tree = Tree(
            options: ["": ["a", "b"], "a": ["=1"], "b": ["=2", "=3"]],
            scores: ["a": 0.9, "b": 0.1, "a=1": 0.2, "b=2": 0.6, "b=3": 0.4])
        let host = FakeHost(tree, generations: 4)
        #expect(
            try Run("mcts", host, ["rollouts": .int(1)])() == [
                "sample 2 from root, 1 step", "sample 1 from a, to the end", "sample 1 from b, to the end",
                "score a b a=1 b=2",
                "sample 2 from b, 1 step", "score b=3 b=2",
                "answer b=2 0.6", "answer b=2 0.6", "answer b=3 0.4", "answer a=1 0.2",
            ])
        #expect(host.generations == 4)
        // N is counted by the strategy where the run has no limit.
        #expect(
            try Run("mcts", FakeHost(tree, tokens: 100), ["rollouts": .int(1), "n": .int(4)])()
                == Run("mcts", FakeHost(tree, generations: 4), ["rollouts": .int(1)])())
    }

    /// N is the user's where the run has more, or has no limit.
    @Test(arguments: [4, 9, UInt64.max]) func nIsKeptAtEveryDepth(_ generations: UInt64) throws {
        let host = FakeHost(Self.tree, generations: generations, tokens: 1000)
        let log = try Run("mcts", host, ["n": .int(4)])()
        #expect(log == (try Run("mcts", FakeHost(Self.tree, generations: 4))()))
        #expect(host.generations == 4)
    }

    /// Equal siblings are one child: a second `a` would only share its visits.
    @Test func equalSiblingsAreOneChild() throws {
        var tree = Self.tree
        tree.options[""] = ["a"]
        tree.options["af"] = ["=3"]
        #expect(
            try Run("mcts", FakeHost(tree, generations: 4))().prefix(4) == [
                "sample 2 from root, 1 step", "score a", "sample 2 from a, 1 step", "score ae af",
            ])
    }

    /// The verifier fails in its second turn: one answer from each open place, as far as the budget has room.
    @Test func aFailedVerifierLeavesTheMajority() throws {
        var tree = Self.tree
        tree.options["af"] = ["=3"]
        let host = FakeHost(tree, generations: 4)
        host.fault = { round, ask in round == 4 ? STG_OUTCOME_VERIFIER_FAILED : nil }
        #expect(
            try Run("mcts", host)().suffix(6) == [
                "sample 1 from ae, to the end", "sample 1 from af, to the end", "sample 1 from b, to the end",
                "answer af=3 1", "answer bg=3 1", "answer ae=1 1",
            ])
        #expect(host.logs.count == 1 && host.generations <= 4)
    }
}
