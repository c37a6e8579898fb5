import ScriptedModel
import SearchCore
import Testing

/// The other searches by whole answers, in the real host on trees small enough to be worked
/// out by hand. A step costs its words, and a token more where it ends the answer.
@Suite struct WholeAnswerTests {
    // MARK: speculative-rejection

    /// `a` and what follows it are a token each, `#### 1` three.
    static let growing = """
        problem Q
          a | value 0.9
            x | value 0.2
              #### 1 | end value 0.99
          b | value 0.1
            x | value 0.9
              #### 5 | end value 0.3
          c | value 0.5
            x | value 0.6
              #### 6 | end value 0.8
          d | value 0.5
            x | value 0.1
              #### 9 | end value 0.9
        """

    /// A memory of 5 tokens: four answers of one step hold 4, of two steps 8. So the two worst
    /// of `x` go, a and d, whatever their first step's score. The other two hold 4, and 10 when
    /// they have ended: the worse goes.
    @Test func aFullMemoryRejectsTheWorstHalf() async throws {
        let run = try await HostedRun.of("speculative-rejection", Self.growing, budget: "4", ["memory": "5"])
        #expect(
            run.log == [
                "sample 4 from root, 1 step",
                "sample 1 from a, 1 step", "sample 1 from b, 1 step", "sample 1 from c, 1 step",
                "sample 1 from d, 1 step",
                "score ax bx cx dx",
                "sample 1 from bx, 1 step", "sample 1 from cx, 1 step",
                "score bx=5 cx=6",
                "answer cx=6 0.8", "answer bx=5 0.3",
            ])
        #expect(run.result.answer == "6")
        #expect(run.cost[0] == 4 && run.cost[1] == 4 + 4 + 3 + 3)
    }

    /// Memory for all: best-of-N.
    @Test func aMemoryForAllIsBestOfN() async throws {
        let run = try await HostedRun.of("speculative-rejection", Self.growing, budget: "4")
        #expect(run.log.filter { $0.hasPrefix("score") } == ["score ax=1 bx=5 cx=6 dx=9"])
        #expect(run.result.answer == "1" && run.cost[1] == 4 * 5)
    }

    /// α = 0.25 rejects one of four; then 3 hold 6 tokens, and none of three goes (0.75 of one).
    @Test func alphaIsTheShareThatGoes() async throws {
        let run = try await HostedRun.of(
            "speculative-rejection", Self.growing, budget: "4", ["memory": "5", "alpha": "0.25"])
        #expect(
            run.log.suffix(8).prefix(5) == [
                "score ax bx cx dx", "sample 1 from bx, 1 step", "sample 1 from cx, 1 step", "sample 1 from ax, 1 step",
                "score bx=5 cx=6 ax=1",
            ])
        #expect(run.result.answer == "1")
    }

    // MARK: budget-forcing

    /// The model would answer 1 after `a`. Made to wait, it thinks of `b` and answers 2.
    static let thought = """
        problem Q
          a
            #### 1 | end weight 3
            Wait
              b
                #### 2 | end weight 3
                Wait
                  #### 3 | end
            so
              #### 9 | end
        """

    @Test func theEndIsIgnoredOnce() async throws {
        let run = try await HostedRun.of(
            "budget-forcing", Self.thought, budget: "2", ["thinking_n_ignore_str": "Wait\n"])
        #expect(
            run.log == [
                "sample 1 from root, 1 step greedily", "sample 1 from a, 1 step greedily",
                "append Wait to a",
                "sample 1 from aWait, 1 step greedily", "sample 1 from aWaitb, 1 step greedily",
                "answer aWaitb=2 1", "answer a=1 0",
            ])
        #expect(run.result.answer == "2")
        // One step a depth. a, #### 1, b, #### 2: 1 + 3 + 1 + 3; the prompt and `Wait`.
        #expect(Array(run.cost.prefix(3)) == [1, 8, 2])
    }

    /// N passes at the answer, unless it is said how many ends are ignored: never more than 6 of themselves.
    @Test(
        arguments: [("1", nil, "1", 0), ("3", nil, "3", 2), ("9", nil, "3", 6), ("1", "1", "2", 1)]
            as [(String, String?, String, Int)])
    func passes(_ budget: String, _ ignore: String?, _ answer: String, _ waits: Int) async throws {
        var parameters = ["thinking_n_ignore_str": "Wait\n"]
        parameters["thinking_n_ignore"] = ignore
        let run = try await HostedRun.of("budget-forcing", Self.thought, budget: budget, parameters)
        #expect(run.result.answer == answer && run.log.filter { $0.hasPrefix("append") }.count == waits)
    }

    /// One token of thought is enough: it has to answer.
    @Test func theThoughtIsCutShort() async throws {
        let run = try await HostedRun.of(
            "budget-forcing", Self.thought, budget: "4", ["max_tokens_thinking": "1", "final_answer": "so\n"])
        #expect(
            run.log == [
                "sample 1 from root, 1 step greedily", "append so to a", "sample 1 from aso, to the end greedily",
                "answer aso=9 1",
            ])
    }

    /// A reasoning model closes its thought inside a step, and what it then says is not thought.
    @Test func aMarkedEndIsTakenOut() async throws {
        let script = """
            problem Q
              a
                x </think> | weight 3
                  #### 1 | end
                x Wait
                  y </think>
                    #### 2 | end
            """
        let parameters = ["end_of_thinking": "</think>", "thinking_n_ignore_str": "Wait\n"]
        let run = try await HostedRun.of("budget-forcing", script, budget: "2", parameters)
        #expect(
            run.log == [
                "sample 1 from root, 1 step greedily", "sample 1 from a, 1 step greedily",
                "append x Wait to a", "sample 1 from ax Wait, 1 step greedily",
                "sample 1 from ax Waity </think>, to the end greedily", "answer ax Waity </think>=2 1",
            ])
    }

    // MARK: optimal-stopping

    static let boxes = """
        problem Q
          a
            #### 1 | end value 0.5
          b
            #### 2 | end value 0.1
          c
            #### 3 | end value 0.3
          d
            #### 4 | end value 0.54
          e
            #### 5 | end value 0.2
        """

    /// With δ = 1 there is no bound on top. Of .1 .3 .5 the upper half is .3 and .5: t = .3, s = .1,
    /// τ = .3 + .1 ln(.1 / .01) = .530 > .5. Of .1 .3 .5 .54: t = .5, s = .02, τ = .5 + .02 ln 2 = .514.
    @Test func theBestReachesTheFairCap() async throws {
        let run = try await HostedRun.of(
            "optimal-stopping", Self.boxes, budget: "8", ["delta": "1", "min_open_count": "3"])
        #expect(
            run.log == [
                "sample 3 from root, to the end", "score a=1 b=2 c=3", "sample 1 from root, to the end", "score d=4",
                "answer d=4 0.54", "answer a=1 0.5", "answer c=3 0.3", "answer b=2 0.1",
            ])
        #expect(run.cost[0] == 4)
    }

    /// At a price of .01, τ = .3 + .1 ln 5 = .461 < .5. At .051 even the median's excess of .05 is not worth it.
    @Test(arguments: [("0.01", 3), ("0.051", 3), ("0", 8)]) func thePriceDecides(_ price: String, _ samples: Int)
        async throws
    {
        let run = try await HostedRun.of(
            "optimal-stopping", Self.boxes, budget: "8", ["delta": "1", "min_open_count": "3", "price": price])
        #expect(run.cost[0] == samples)
    }

    /// δ = .05 doubles s of the four: .02 (1 + √(ln 4 · ln 20 / 4)) = .0404, τ = .556 > .54.
    @Test func fewSamplesAreNotTrusted() async throws {
        let run = try await HostedRun.of("optimal-stopping", Self.boxes, budget: "8", ["min_open_count": "3"])
        #expect(run.cost[0] > 4)
    }

    // MARK: adaptive-allocation

    static let two = """
        problem P
          a
            #### 1 | end value 0.8
        problem Q
          b
            #### 2 | end value 0.05
        """

    /// Eight samples for two problems; a quarter of each one's four is its probe. λ of P is
    /// (.8 + 1) / 3 = .6: its next samples gain .24, .096, .038. λ of Q is .35: .2275, .148,
    /// .0961, .0625. The best six: P, Q, Q, Q, P, Q. Of six samples in all the best four: P, Q, Q, Q.
    @Test(arguments: [("8", 2, 4), ("6", 1, 3)]) func theBudgetGoesWhereItGains(_ budget: String, _ p: Int, _ q: Int)
        async throws
    {
        let run = try await HostedRun.of("adaptive-allocation", Self.two, budget: budget, problems: ["P", "Q"])
        #expect(
            run.log.prefix(6) == [
                "sample 1 from root, to the end", "sample 1 from root 2, to the end", "score a=1 b=2",
                "sample \(p) from root, to the end", "sample \(q) from root 2, to the end",
                "score" + String(repeating: " a=1", count: p) + String(repeating: " b=2", count: q),
            ])
        #expect(run.results.map(\.answer) == ["1", "2"])
        #expect(run.results.map(\.candidates.count) == [1 + p, 1 + q])
    }

    /// Without a limit it is sixteen for each.
    @Test func sixteenForEachWithoutALimit() async throws {
        let run = try await HostedRun.of("adaptive-allocation", Self.two, budget: "seconds=60", problems: ["P", "Q"])
        #expect(run.results.map(\.candidates.count).reduce(0, +) == 32)
    }

    /// Fewer samples than problems: the first ones get one each.
    @Test func fewerSamplesThanProblems() async throws {
        let run = try await HostedRun.of("adaptive-allocation", Self.two, budget: "1", problems: ["P", "Q"])
        #expect(run.log == ["sample 1 from root, to the end", "score a=1", "answer a=1 0.8"])
        #expect(run.results.map(\.answer) == ["1", nil])
    }

    /// One problem: all of it is best-of-N.
    @Test func oneProblemIsBestOfN() async throws {
        let run = try await HostedRun.of("adaptive-allocation", HostedStrategyTests.script, budget: "7")
        let plain = try await HostedRun.of("best-of-n", HostedStrategyTests.script, budget: "7")
        #expect(run.log.suffix(7) == plain.log.suffix(7) && run.cost == plain.cost)
    }
}
