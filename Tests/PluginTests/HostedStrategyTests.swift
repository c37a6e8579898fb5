import SearchCore
import Testing

/// Every strategy in the real host, on a tree that can be worked out by hand: which
/// nodes are sampled, scored, kept and answered, and the cost to the token.
///
/// A step costs its words, and one more where it ends the answer: `a` is 1 token,
/// `#### 1` 3. The verifier reads the problem (1) and each node's words once. The
/// i-th draw at a place takes its child number i, at temperature 0 the first.
@Suite struct HostedStrategyTests {
    static let script = """
        problem Q
          a | value 0.9
            e | value 0.3
              #### 4 | end value 0.2
            #### 1 | end value 0.5
          b | value 0.2
            h | value 0.4
              #### 5 | end value 0.8
            #### 6 | end value 0.1
          c | value 0.8
            f | value 0.7
              #### 2 | end value 0.95
            g | value 0.6
              #### 1 | end value 0.6
              #### 3 | end value 0.1
          d | value 0.1
            #### 9 | end value 0.05
        """

    @Test func greedy() async throws {
        let run = try await HostedRun.of("greedy", Self.script, budget: "4")
        #expect(run.log == ["sample 1 from root, to the end greedily", "answer ae=4 1"])
        #expect(run.result.answer == "4")
        #expect(run.cost == [1, 5, 1, 0, 0])
    }

    /// Two votes each for 9 (draws 4 and 8) and 1 (draws 5 and 7): 9 was seen first.
    @Test func majority() async throws {
        let run = try await HostedRun.of("majority", Self.script, budget: "8")
        #expect(
            run.log == [
                "sample 8 from root, to the end",
                "answer d=9 1", "answer d=9 1", "answer a=1 1", "answer cg=1 1", "answer ae=4 1", "answer bh=5 1",
                "answer cf=2 1", "answer b=6 1",
            ])
        #expect(
            run.result.votes.prefix(2) == [
                Vote(answer: "9", weight: 2, count: 2), Vote(answer: "1", weight: 2, count: 2),
            ])
        #expect(run.cost == [8, 5 + 5 + 5 + 4 + 4 + 4 + 5 + 4, 1, 0, 0])
    }

    @Test func bestOfNWeighted() async throws {
        let run = try await HostedRun.of("best-of-n", Self.script, budget: "7")
        #expect(
            run.log == [
                "sample 7 from root, to the end", "score ae=4 bh=5 cf=2 d=9 a=1 b=6 cg=1",
                // 1: 0.5 + 0.6
                "answer cg=1 0.6", "answer a=1 0.5", "answer cf=2 0.95", "answer bh=5 0.8", "answer ae=4 0.2",
                "answer b=6 0.1", "answer d=9 0.05",
            ])
        #expect(run.result.answer == "1")
        #expect(run.result.votes[0] == Vote(answer: "1", weight: 1.1, count: 2))
        // The verifier reads the problem, and of each answer all words but the end.
        #expect(run.cost == [7, 32, 1, 1 + 4 + 4 + 4 + 3 + 3 + 3 + 4, 0])
    }

    @Test func bestOfNNaive() async throws {
        let run = try await HostedRun.of("best-of-n", Self.script, budget: "7", ["selection": "naive"])
        #expect(run.result.answer == "2")
        #expect(
            run.log.suffix(7).prefix(4) == ["answer cf=2 0.95", "answer bh=5 0.8", "answer cg=1 0.6", "answer a=1 0"])
    }

    /// Four beams, two survive: see `BeamSearchTests` for the rounds.
    @Test func beamSearch() async throws {
        let run = try await HostedRun.of("beam-search", Self.script, budget: "4")
        #expect(
            run.log == [
                "sample 4 from root, 1 step", "score a b c d",
                "sample 2 from a, 1 step", "sample 2 from c, 1 step", "score ae cf cg a=1",
                "sample 2 from cf, 1 step", "sample 2 from cg, 1 step", "score cf=2 cg=1 cg=3",
                "answer cg=1 0.6", "answer a=1 0.5", "answer cf=2 0.95", "answer cg=3 0.1",
            ])
        #expect(run.result.answer == "1")
        // Sampled: 4, then 1 + 3 + 1 + 1, then 4 times 3. Read: the problem, 4, 5 and 6.
        // Wasted: b, d, ae and the second cf=2.
        #expect(run.cost == [4, 22, 1, 1 + 4 + 5 + 6, 1 + 1 + 1 + 3])
    }

    /// Two beams of one step of roll-out, one survives: b, for where it leads (0.4
    /// against 0.3), not a, which is 0.9 itself.
    @Test func lookahead() async throws {
        let run = try await HostedRun.of("lookahead", Self.script, budget: "4", ["beam_width": "2"])
        #expect(
            run.log == [
                "sample 2 from root, 1 step",
                "sample 1 from a, 1 step greedily", "sample 1 from b, 1 step greedily", "score ae bh",
                "sample 2 from b, 1 step",
                "sample 1 from bh, 1 step greedily", "score bh=5 b=6",
                // Twice the same: counts once.
                "sample 2 from bh, 1 step", "score bh=5",
                "answer bh=5 0.8", "answer b=6 0.1",
            ])
        #expect(run.result.answer == "5")
        // Depth 2 holds two steps of beams and two of roll-outs.
        #expect(run.cost == [4, 2 + 2 + 4 + 3 + 6, 1, 1 + 4 + 4, 1 + 1 + 1 + 3 + 3])
    }

    /// Six tokens: round 1 costs 4, round 2 has 2 left for four samples.
    static let revisions = ["revise", "revise-parallel", "revise-search"]
    static let consistency = ["adaptive-consistency", "early-stopping-consistency"]
    static let verified = ["speculative-rejection", "optimal-stopping", "adaptive-allocation"]
    /// Searches by step; those by role have their own tests, for they need a second model.
    static let byStep = ["dvts", "rebase", "mcts", "particle-filter", "ab-mcts"]

    @Test(
        arguments: ["greedy", "majority", "best-of-n", "beam-search", "lookahead", "budget-forcing"] + revisions
            + consistency + verified + byStep)
    func tokensAreNeverPassed(_ strategy: String) async throws {
        for tokens in 1...30 {
            let run = try await HostedRun.of(strategy, Self.script, budget: "tokens=\(tokens)")
            #expect(run.result.cost.tokens <= tokens)
            #expect(run.result.error == nil)
        }
    }

    @Test(
        arguments: ["majority", "best-of-n", "beam-search", "lookahead", "budget-forcing"] + revisions + consistency
            + verified + byStep)
    func generationsAreNeverPassed(_ strategy: String) async throws {
        for generations in 1...20 {
            let run = try await HostedRun.of(strategy, Self.script, budget: "\(generations)")
            #expect(run.result.cost.generations <= generations)
            #expect(run.result.error == nil && run.result.answer != nil)
        }
    }

    @Test(arguments: ["best-of-n", "beam-search", "lookahead"] + revisions + verified + byStep)
    func withoutVerifier(_ strategy: String) async throws {
        let run = try await HostedRun.of(strategy, Self.script, budget: "4") { $0.verifiers = [:] }
        #expect(
            run.result.error?.message.contains("verifier of role") == true, "\(String(describing: run.result.error))")
    }

    @Test(arguments: ["best-of-n", "beam-search", "lookahead"] + revisions + verified + byStep)
    func aVerifierThatAlwaysFails(_ strategy: String) async throws {
        let run = try await HostedRun.of(strategy, Self.script, budget: "4") {
            $0.verifierBehavior.failures = Set(0..<100)
        }
        #expect(run.result.error == nil && run.result.answer != nil)
        #expect(run.lines.contains { $0.contains("the verifier failed") })
    }

    @Test(
        arguments: ["greedy", "majority", "best-of-n", "beam-search", "lookahead", "budget-forcing"] + revisions
            + consistency + verified + byStep)
    func aModelThatAlwaysFails(_ strategy: String) async throws {
        let run = try await HostedRun.of(strategy, Self.script, budget: "4") {
            $0.modelBehavior.failures = Set(0..<100)
        }
        #expect(run.result.error?.message.contains("the model failed before it finished an answer") == true)
    }

    /// Draws by seed: the same seed gives the same run, whatever order work ends in.
    @Test(
        arguments: ["majority", "best-of-n", "beam-search", "lookahead"] + revisions + consistency + verified + byStep)
    func sameSeedSameRun(_ strategy: String) async throws {
        func log(_ seed: UInt64, _ shuffle: UInt64?) async throws -> [String] {
            try await HostedRun.of(strategy, Self.script, budget: "8", seed: seed) {
                $0.modelBehavior.draws = .seeded
                $0.modelBehavior.shuffle = shuffle
                $0.modelBehavior.batchMax = shuffle == nil ? nil : 3
                $0.verifierBehavior.shuffle = shuffle
            }.log
        }
        let straight = try await log(1, nil)
        for shuffle in 1...5 as ClosedRange<UInt64> {
            let shuffled = try await log(1, shuffle)
            #expect(shuffled == straight)
        }
        var others: Set<[String]> = []
        for seed in 2...9 as ClosedRange<UInt64> { others.insert(try await log(seed, nil)) }
        #expect(others.count > 1)
    }
}
