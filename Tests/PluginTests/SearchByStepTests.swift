import CStratagem
import Testing

/// `dvts` and `rebase` on trees small enough to work out by hand.
@Suite struct SearchByStepTests {
    // MARK: dvts

    /// N = 4, M = 2: two sub-trees, one begins with a and b, the other with c and d.
    ///
    ///     round 1   a 0.9  b 0.85 | c 0.1  d 0.3     beam search would continue with a and b
    ///     round 2   ae 0.3 a=1 0.5 | df 0.2 dg 0.6   the first sub-tree has ended: a=1 is its best
    ///     round 3                    dg=2 0.95 dg=3 0.1
    static let tree = Tree(
        options: ["": ["a", "b", "c", "d"], "a": ["e", "=1"], "ae": ["=4"], "d": ["f", "g"], "dg": ["=2", "=3"]],
        scores: [
            "a": 0.9, "b": 0.85, "c": 0.1, "d": 0.3, "ae": 0.3, "a=1": 0.5, "ae=4": 0.2, "df": 0.2, "dg": 0.6,
            "dg=2": 0.95, "dg=3": 0.1,
        ])

    @Test func subTreesDoNotCompete() throws {
        let host = FakeHost(Self.tree, generations: 4)
        #expect(
            try Run("dvts", host, ["beam_width": .int(2)])() == [
                "sample 2 from root, 1 step", "sample 2 from root, 1 step", "score a b c d",
                "sample 2 from a, 1 step", "sample 2 from d, 1 step", "score ae a=1 df dg",
                "sample 2 from dg, 1 step", "score dg=2 dg=3",
                "answer dg=2 0.95", "answer a=1 0.5", "answer dg=3 0.1",
            ])
        #expect(host.tokens == 4 + (1 + 2 + 1 + 1) + 4)
        #expect(host.generations == 4)
    }

    /// An answer that is not its sub-tree's best is one anyway, and the sub-tree continues.
    @Test func anAnswerThatIsNotTheBestVotes() throws {
        var tree = Self.tree
        tree.scores["a=1"] = 0.2
        #expect(
            try Run("dvts", FakeHost(tree, generations: 2), ["beam_width": .int(2)])() == [
                "sample 2 from root, 1 step", "score a b", "sample 2 from a, 1 step", "score ae a=1",
                "sample 2 from ae, 1 step", "score ae=4 ae=4", "answer ae=4 0.2", "answer ae=4 0.2", "answer a=1 0.2",
            ])
    }

    /// M is 4 unless the user says otherwise, and N/M is rounded down: what is left over goes to the first sub-trees.
    @Test func howNIsSpread() throws {
        func first(_ n: UInt64, _ parameters: [String: Value] = [:]) throws -> [String] {
            try Run("dvts", FakeHost(Self.tree, generations: n), parameters)().prefix { $0.hasPrefix("sample") }.map {
                String($0.prefix(8))
            }
        }
        #expect(try first(3) == ["sample 3"])
        #expect(try first(11) == ["sample 6", "sample 5"])
        #expect(try first(5, ["beam_width": .int(2)]) == ["sample 3", "sample 2"])
    }

    // MARK: rebase

    /// With T_b = 0.25 / ln 2 a reward R weighs 2^4R.
    ///
    ///     depth 1, B = 4   a 1 (16)  b 0.75 (8)  c 0.5 (4)  d 0.25 (2)   of 30: 2.13, 1.07, 0.53 and 0.27 are 2, 1, 1 and 0
    ///     depth 2, B = 2   ae 0.5 (4)  a=1  b=2  cf 0.5 (4)               two have ended; 1 and 1
    static let balanced = Tree(
        options: ["": ["a", "b", "c", "d"], "a": ["e", "=1"], "b": ["=2"], "c": ["f"], "ae": ["=4"], "cf": ["=5"]],
        scores: [
            "a": 1, "b": 0.75, "c": 0.5, "d": 0.25, "ae": 0.5, "a=1": 0.9, "b=2": 0.2, "cf": 0.5, "ae=4": 0.3,
            "cf=5": 0.1,
        ])
    static let balance: [String: Value] = ["balance_temperature": .float(0.36067376022224085)]

    @Test func sharesFollowTheRewards() throws {
        let host = FakeHost(Self.balanced, generations: 4)
        #expect(
            try Run("rebase", host, Self.balance)() == [
                "sample 4 from root, 1 step", "score a b c d",
                "sample 2 from a, 1 step", "sample 1 from b, 1 step", "sample 1 from c, 1 step", "score ae a=1 b=2 cf",
                "sample 1 from ae, 1 step", "sample 1 from cf, 1 step", "score ae=4 cf=5",
                "answer a=1 0.9", "answer ae=4 0.3", "answer b=2 0.2", "answer cf=5 0.1",
            ])
        #expect(host.tokens == 4 + (1 + 2 + 2 + 1) + 4)
        #expect(host.generations == 4)
    }

    /// B = 3, rewards 1, 1 and 0 at a low temperature: 1.5, 1.5 and 0 round to 2, 2 and 0, which is one too many.
    @Test func whatRoundsToMoreThanTheBudgetIsCut() throws {
        let tree = Tree(
            options: ["": ["a", "b", "c"], "a": ["=1"], "b": ["=2"]], scores: ["a": 1, "b": 1, "a=1": 0.5, "b=2": 0.4])
        #expect(
            try Run("rebase", FakeHost(tree, generations: 3), ["balance_temperature": .float(0.01)])() == [
                "sample 3 from root, 1 step", "score a b c", "sample 2 from a, 1 step", "sample 1 from b, 1 step",
                "score a=1 a=1 b=2",
                "answer a=1 0.5", "answer a=1 0.5", "answer b=2 0.4",
            ])
    }

    /// B = 3, shares 0.48, 0.48 and 0.03 round to 1, 1 and 0; the third is not lost: at the next depth B is still 3.
    @Test func whatRoundsToLessIsThereAtTheNextDepth() throws {
        let tree = Tree(
            options: ["": ["a", "b", "c"], "a": ["d"], "b": ["e"], "ad": ["=1"], "be": ["=2"]],
            scores: ["a": 1, "b": 1, "ad": 1, "be": 1, "ad=1": 0.5, "be=2": 0.4])
        #expect(
            try Run("rebase", FakeHost(tree, generations: 3), Self.balance)().filter { $0.hasPrefix("sample") } == [
                "sample 3 from root, 1 step", "sample 1 from a, 1 step", "sample 1 from b, 1 step",
                "sample 2 from ad, 1 step", "sample 1 from be, 1 step",
            ])
    }

    /// A step that was cut has used its part of B: a is continued once, not twice.
    @Test func aCutStepCountsAsCompleted() throws {
        let tree = Tree(options: ["": ["a", "b~"], "a": ["=1"]], scores: ["a": 1, "a=1": 0.5])
        #expect(
            try Run("rebase", FakeHost(tree, generations: 2))() == [
                "sample 2 from root, 1 step", "score a", "sample 1 from a, 1 step", "score a=1", "answer a=1 0.5",
            ])
    }

    // MARK: What holds for both, and for others

    /// The verifier fails in its second turn: what is open is completed, and the count decides.
    @Test(arguments: ["dvts", "rebase"]) func aFailedVerifierLeavesTheMajority(_ name: String) throws {
        var tree = Self.tree
        for (place, next) in ["b": "=4", "c": "=5", "df": "=4"] { tree.options[place] = [next] }
        let host = FakeHost(tree, generations: 4)
        host.fault = { round, ask in round == 4 && ask.kind == STG_ASK_SCORE ? STG_OUTCOME_VERIFIER_FAILED : nil }
        let log = try Run(
            name, host, name == "dvts" ? ["beam_width": .int(2)] : ["balance_temperature": .float(1000)])()
        let answers = log.filter { $0.hasPrefix("answer") }
        #expect(answers.first?.contains("=4 1") == true && answers.allSatisfy { $0.hasSuffix(" 1") })
        #expect(log.filter { $0.hasSuffix("to the end") }.isEmpty == false)
        #expect(host.logs.count == 1 && host.generations <= 4)
    }

    /// The forty-first step goes to the end.
    @Test(arguments: ["dvts", "rebase", "particle-filter", "mcts", "speculative-search"])
    func whatLivesAfterFortyRoundsIsCompleted(_ name: String) throws {
        var options: [String: [String]] = [:]
        for depth in 0..<50 { options[String(repeating: "a", count: depth)] = depth < 45 ? ["a"] : ["=1"] }
        let log = try Run(name, FakeHost(Tree(options: options), generations: 1), ["delta": .float(0)])()
        let asked = log.filter { $0.hasPrefix("sample") }
        #expect(asked.count == 41)
        #expect(asked.dropLast().allSatisfy { $0.hasSuffix("1 step") })
        #expect(asked.last == "sample 1 from \(String(repeating: "a", count: 40)), to the end")
        #expect(log.last == "answer \(String(repeating: "a", count: 45))=1 0")
    }
}
