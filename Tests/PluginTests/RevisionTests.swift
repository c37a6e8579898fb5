import ScriptedModel
import SearchCore
import Testing

/// The strategies over REVISE, in the real host on a tree that can be worked out by
/// hand. A prompt costs its words: the problem 1, and each attempt that it shows 3
/// (`a`, `####`, `1`). An attempt costs 4 tokens, its end included. Every revised root
/// draws its first child first.
@Suite struct RevisionTests {
    static let script = """
        problem Q
          a | value 0.5
            #### 1 | end value 0.5
          b | value 0.2
            #### 3 | end value 0.45
        revision Q
          r | value 0.6
            #### 2 | end value 0.4
          s | value 0.7
            #### 1 | end value 0.1
        """

    @Test func reviseShowsTheLastFour() async throws {
        let run = try await HostedRun.of("revise", Self.script, budget: "6")
        #expect(
            run.log == [
                "sample 1 from root, to the end (reviser)",
                "revise a=1 (reviser)", "sample 1 from [a=1], to the end (reviser)",
                "revise a=1 r=2 (reviser)", "sample 1 from [a=1 r=2], to the end (reviser)",
                "revise a=1 r=2 r=2 (reviser)", "sample 1 from [a=1 r=2 r=2], to the end (reviser)",
                "revise a=1 r=2 r=2 r=2 (reviser)", "sample 1 from [a=1 r=2 r=2 r=2], to the end (reviser)",
                "revise r=2 r=2 r=2 r=2 (reviser)", "sample 1 from [r=2 r=2 r=2 r=2], to the end (reviser)",
                "score a=1 r=2 r=2 r=2 r=2 r=2",
                "answer r=2 0.4", "answer r=2 0.4", "answer r=2 0.4", "answer r=2 0.4", "answer r=2 0.4",
                "answer a=1 0.5",
            ])
        #expect(run.result.answer == "2")
        // Prompts: 1, 4, 7, 10, 13 and 13. The verifier reads what the model was shown
        // (attempts word by word, so as much), and of each attempt all words but the end.
        #expect(run.cost == [6, 6 * 4, 1 + 4 + 7 + 10 + 13 + 13, (1 + 4 + 7 + 10 + 13 + 13) + 6 * 3, 0])
    }

    /// The reviser breaks a right answer: the choice is made over the whole chain.
    @Test func theLastAttemptIsNotTheAnswer() async throws {
        let run = try await HostedRun.of("revise", Self.script, budget: "2")
        #expect(run.result.answer == "1")
        #expect(run.log.suffix(2) == ["answer a=1 0.5", "answer r=2 0.4"])
    }

    @Test func majorityNeedsNoVerifier() async throws {
        for strategy in ["revise", "revise-parallel"] {
            let run = try await HostedRun.of(strategy, Self.script, budget: "3", ["selection": "majority"]) {
                $0.verifiers = [:]
            }
            #expect(run.result.error == nil && run.result.answer != nil && run.result.cost.verifierTokens == 0)
        }
    }

    /// `revision_orm` before `orm` before `prm`, unless the user names one.
    @Test func whoScores() async throws {
        func scorer(_ roles: [String], _ parameters: [String: String] = [:]) async throws -> String? {
            let run = try await HostedRun.of("revise", Self.script, budget: "1", parameters) { source in
                source.verifiers = Dictionary(uniqueKeysWithValues: roles.map { ($0, source.models["policy"]!) })
            }
            return run.log.first { $0.hasPrefix("score") }
        }
        #expect(try await scorer(["prm", "orm", "revision_orm"]) == "score a=1 (revision_orm)")
        #expect(try await scorer(["prm", "orm"]) == "score a=1 (orm)")
        #expect(try await scorer(["prm"]) == "score a=1")
        #expect(try await scorer(["prm", "orm"], ["verifier": "prm"]) == "score a=1")
    }

    /// Five attempts in two chains. Chain 1 says 1 (0.5), 2, 2 (0.4 each), so 2; chain 2
    /// says 3 (0.45), 2 (0.4), so 3. Among the chains 3 wins with 0.45, though 2 has the
    /// largest sum of all attempts.
    @Test func hierarchicalChoice() async throws {
        let run = try await HostedRun.of("revise-parallel", Self.script, budget: "5", ["chains": "2"])
        #expect(
            run.log == [
                "sample 1 from root, to the end (reviser)", "sample 1 from root, to the end (reviser)",
                "revise a=1 (reviser)", "revise b=3 (reviser)",
                "sample 1 from [a=1], to the end (reviser)", "sample 1 from [b=3], to the end (reviser)",
                "revise a=1 r=2 (reviser)", "sample 1 from [a=1 r=2], to the end (reviser)",
                "score a=1 r=2 r=2 b=3 r=2",
                "answer b=3 0.45", "answer r=2 0.4", "answer r=2 0", "answer r=2 0", "answer a=1 0",
            ])
        #expect(run.result.answer == "3")
        #expect(run.cost == [5, 5 * 4, 1 + 4 + 4 + 7, (1 + 4 + 4 + 7) + 5 * 3, 0])
        let flat = try await HostedRun.of(
            "revise-parallel", Self.script, budget: "5", ["chains": "2", "selection": "majority"])
        #expect(flat.result.answer == "2")
        let naive = try await HostedRun.of(
            "revise-parallel", Self.script, budget: "5", ["chains": "2", "selection": "naive"])
        #expect(naive.result.answer == "1")
    }

    /// One chain is `revise`; as many chains as attempts are best-of-N of the reviser.
    @Test func theEndsOfTheRatio() async throws {
        let chain = try await HostedRun.of("revise-parallel", Self.script, budget: "6", ["chains": "1"])
        let revise = try await HostedRun.of("revise", Self.script, budget: "6")
        #expect(chain.log.prefix(12) == revise.log.prefix(12) && chain.cost == revise.cost)
        let wide = try await HostedRun.of("revise-parallel", Self.script, budget: "6", ["chains": "6"])
        #expect(
            Array(wide.log.prefix(7)) == Array(repeating: "sample 1 from root, to the end (reviser)", count: 6) + [
                "score a=1 b=3 a=1 b=3 a=1 b=3"
            ])
    }

    @Test(arguments: [("1", 4), ("4", 2), ("16", 1), ("0.25", 8), ("0.0625", 16), ("1e-6", 16), ("1e6", 1)])
    func ratio(_ ratio: String, _ chains: Int) async throws {
        let run = try await HostedRun.of("revise-parallel", Self.script, budget: "16", ["ratio": ratio])
        #expect(run.log.prefix { $0.hasPrefix("sample 1 from root") }.count == chains)
        #expect(run.result.cost.generations == 16)
    }

    /// The context has room for two attempts (7 + 4 of 12 tokens) and not for three: the
    /// fourth is cut, and from then on two are shown.
    @Test func aPromptThatIsTooLongShowsLess() async throws {
        let run = try await HostedRun.of("revise", Self.script, budget: "5") { $0.modelBehavior.contextTokens = 12 }
        #expect(
            run.log.filter { $0.hasPrefix("revise") } == [
                "revise a=1 (reviser)", "revise a=1 r=2 (reviser)", "revise a=1 r=2 r=2 (reviser)",
                "revise r=2 r=2 (reviser)",
            ])
        #expect(run.result.candidates.count == 4)
    }

    /// Cut before they end, samples are not attempts: nothing is shown, nothing answered.
    @Test func truncatedIsNoAttempt() async throws {
        for strategy in ["revise", "revise-parallel"] {
            let run = try await HostedRun.of(strategy, Self.script, budget: "4", ["max_tokens": "2"])
            #expect(run.log == Array(repeating: "sample 1 from root, to the end (reviser)", count: 4))
            #expect(run.result.answer == nil && run.result.error == nil)
        }
    }

    /// Four generations, two searches of two beams: the first below the plain problem,
    /// the second below its winner. M is 1, so both beams of a search live on.
    @Test func reviseSearch() async throws {
        let run = try await HostedRun.of("revise-search", Self.script, budget: "4")
        #expect(
            run.log == [
                "sample 2 from root, 1 step (reviser)", "score a b",
                "sample 1 from a, 1 step (reviser)", "sample 1 from b, 1 step (reviser)", "score a=1 b=3",
                "revise a=1 (reviser)",
                "sample 2 from [a=1], 1 step (reviser)", "score r s",
                "sample 1 from s, 1 step (reviser)", "sample 1 from r, 1 step (reviser)", "score s=1 r=2",
                "answer a=1 0.5", "answer s=1 0.1", "answer b=3 0.45", "answer r=2 0.4",
            ])
        #expect(run.result.answer == "1")
        // Every step once a search: 2 · 1 and 2 · 3. Read by the verifier: all but the ends.
        #expect(run.cost == [4, 2 * (2 + 6), 1 + 4, (1 + 4) + 2 * (2 + 4), 0])
    }

    @Test(arguments: ["revise", "revise-parallel", "revise-search"])
    func withoutReviser(_ strategy: String) async throws {
        let run = try await HostedRun.of(strategy, Self.script, budget: "4") { $0.models["reviser"] = nil }
        #expect(run.result.error?.message.contains("reviser") == true)
    }
}
