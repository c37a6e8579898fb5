import CStratagem
import Testing

/// Searches with two models: what the large one says after `a` stands at `large/a`.
@Suite struct SearchByRoleTests {
    /// Two chains, δ = 0.7. Both drafts of step 1 stand or fall by themselves: a 0.9 stands, b 0.3 does not, and the
    /// large model says c. Of step 2, a=1 stands and cd 0.5 does not; the large model ends with c=2.
    static let tree = Tree(
        options: ["": ["a", "b"], "a": ["=1"], "c": ["d"], "large/": ["c"], "large/c": ["=2"]],
        scores: ["a": 0.9, "b": 0.3, "a=1": 0.8, "cd": 0.5, "c=2": 0.95])

    @Test func theLargeModelTakesWhatIsDoubted() throws {
        let host = FakeHost(Self.tree, generations: 4)
        #expect(
            try Run("speculative-search", host)() == [
                "sample 1 from root, 1 step", "sample 1 from root, 1 step", "score a b",
                "sample 1 from root, 1 step (large)",
                "sample 1 from a, 1 step", "sample 1 from c, 1 step", "score a=1 cd",
                "sample 1 from c, 1 step (large)", "score c=2",
                "answer c=2 0.95", "answer a=1 0.8",
            ])
        #expect(host.generations == 3)
    }

    /// Three chains of four generations: one step of the large model at each depth, for the draft that is worst.
    @Test func whatNHasNoRoomForStands() throws {
        var tree = Self.tree
        tree.options = ["": ["a", "b", "e"], "a": ["=1"], "b": ["=1"], "c": ["=1"], "large/": ["c"]]
        tree.scores = ["a": 0.6, "b": 0.1, "e": 0.2, "a=1": 0.8, "b=1": 0.8, "c=1": 0.8]
        tree.options["e"] = ["=3"]
        tree.scores["e=3"] = 0.75
        #expect(
            try Run("speculative-search", FakeHost(tree, generations: 4), ["chains": .int(3)])() == [
                "sample 1 from root, 1 step", "sample 1 from root, 1 step", "sample 1 from root, 1 step", "score a b e",
                "sample 1 from root, 1 step (large)",
                "sample 1 from a, 1 step", "sample 1 from e, 1 step", "sample 1 from c, 1 step", "score a=1 e=3 c=1",
                "answer a=1 0.8", "answer c=1 0.8", "answer e=3 0.75",
            ])
    }

    /// A refused draft that had ended is not an answer, unless there is no other.
    @Test func aRefusedAnswerDoesNotVote() throws {
        let tree = Tree(options: ["": ["=1"], "large/": ["=2"]], scores: ["=1": 0.6, "=2": 0.5])
        #expect(
            try Run("speculative-search", FakeHost(tree, generations: 2))() == [
                "sample 1 from root, 1 step", "score =1", "sample 1 from root, 1 step (large)", "score =2",
                "answer =2 0.5",
            ])
        let host = FakeHost(tree, generations: 2)
        host.fault = { round, _ in round == 3 ? STG_OUTCOME_MODEL_FAILED : nil }
        #expect(try Run("speculative-search", host)().last == "answer =1 0.6")
    }

    /// The verifier fails in its second turn: the large model completes both chains.
    @Test func theLargeModelCompletesWhatCannotBeJudged() throws {
        var tree = Self.tree
        tree.options["a"] = ["f"]
        tree.options["large/af"] = ["=3"]
        tree.options["large/cd"] = ["=3"]
        let host = FakeHost(tree, generations: 4)
        host.fault = { round, _ in round == 5 ? STG_OUTCOME_VERIFIER_FAILED : nil }
        #expect(
            try Run("speculative-search", host)().suffix(4) == [
                "sample 1 from af, to the end (large)", "sample 1 from cd, to the end (large)", "answer af=3 1",
                "answer cd=3 1",
            ])
    }

    // MARK: mixture

    /// Five answers: three of the policy, two of the large model. 2 is said by either, and wins by 1.4 to 1.2.
    @Test func severalModelsPropose() throws {
        let tree = Tree(
            options: ["": ["=1", "=2"], "large/": ["=4", "=2"]], scores: ["=1": 0.6, "=2": 0.7, "=4": 0.5])
        let host = FakeHost(tree, generations: 5)
        #expect(
            try Run("mixture", host)() == [
                "sample 3 from root, to the end", "sample 2 from root, to the end (large)", "score =1 =2 =1 =2 =4",
                "answer =2 0.7", "answer =2 0.7", "answer =1 0.6", "answer =1 0.6", "answer =4 0.5",
            ])
        #expect(host.generations == 5)
    }

    @Test func theModelsAreTheUsers() throws {
        let tree = Tree(options: ["": ["=1"]])
        #expect(
            try Run(
                "mixture", FakeHost(tree, generations: 3),
                ["first": .text("large"), "second": .text("policy"), "third": .text("reviser")])().prefix(3)
                == [
                    "sample 1 from root, to the end (large)", "sample 1 from root, to the end",
                    "sample 1 from root, to the end (reviser)",
                ])
        let host = FakeHost(tree)
        host.hasVerifier = false
        let error = try #require(throws: Failure.self) { try Run("mixture", host, ["fourth": .text("prm")])() }
        #expect("\(error)".contains("no model of role prm"))
    }
}
