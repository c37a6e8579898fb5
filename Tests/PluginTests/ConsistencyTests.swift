import ScriptedModel
import SearchCore
import Testing

/// The searches that stop by the votes, in the real host: how many samples they take is
/// worked out by hand.
@Suite struct ConsistencyTests {
    /// The i-th sample's answer is the i-th of these; 0 is none.
    private func script(_ answers: Int...) -> String {
        "problem Q\n"
            + zip("abcdefghijklmnop", answers).map { "  \($0)\n    \($1 == 0 ? "none" : "#### \($1)") | end\n" }
            .joined()
    }
    private func samples(_ run: HostedRun) -> [String] { run.log.filter { $0.hasPrefix("sample") } }
    private let one = "sample 1 from root, to the end"

    // MARK: adaptive-consistency

    /// All agree. After v votes the posterior is 1 − 1/2^(v+1): 15/16 after three, 31/32 after
    /// four, which is above 0.95.
    @Test func unanimousAnswersTakeFourSamples() async throws {
        let run = try await HostedRun.of("adaptive-consistency", script(7), budget: "16")
        #expect(run.log == Array(repeating: one, count: 4) + Array(repeating: "answer a=7 1", count: 4))
        #expect(run.cost[0] == 4)
    }

    /// Five against one: 1 − (1 + 7)/128 = 0.9375. Six against one: 1 − (1 + 8)/256 = 0.965.
    @Test func oneDissenterTakesSeven() async throws {
        let run = try await HostedRun.of("adaptive-consistency", script(1, 2, 1, 1, 1, 1, 1, 1), budget: "16")
        #expect(samples(run).count == 7)
        #expect(
            run.log.suffix(7) == [
                "answer a=1 1", "answer c=1 1", "answer d=1 1", "answer e=1 1", "answer f=1 1", "answer g=1 1",
                "answer b=2 1",
            ])
    }

    /// Three against one and one, at 0.8. The two most common alone: 1 − (1 + 5)/32 = 0.8125.
    /// All three, Dirichlet(4, 2, 2): 1 − 1.125/3 + (106/243)/6 = 0.698; with one vote more,
    /// Dirichlet(5, 2, 2): 1 − 2.625/12 + (184/243)/24 = 0.813.
    @Test(arguments: [("beta", 5), ("dirichlet", 6)]) func theSecondAloneOrAllOthers(_ criterion: String, _ count: Int)
        async throws
    {
        let run = try await HostedRun.of(
            "adaptive-consistency", script(1, 2, 3, 1, 1, 1, 1, 1), budget: "16",
            ["criterion": criterion, "c_thresh": "0.8"])
        #expect(samples(run).count == count)
    }

    /// Just beside the values above: the integral is good to four places.
    @Test(arguments: [("0.8127", 6), ("0.8129", 7)]) func theIntegralIsExact(_ threshold: String, _ count: Int)
        async throws
    {
        let run = try await HostedRun.of(
            "adaptive-consistency", script(1, 2, 3, 1, 1, 1, 1, 1), budget: "16",
            ["criterion": "dirichlet", "c_thresh": threshold])
        #expect(samples(run).count == count)
    }

    /// Large counts: nothing overflows, and what is certain stays certain.
    @Test(arguments: ["beta", "dirichlet"]) func thousandsOfSamples(_ criterion: String) async throws {
        let run = try await HostedRun.of(
            "adaptive-consistency", script(1, 2), budget: "4000", ["batch": "1000", "criterion": criterion])
        #expect(samples(run).count == 4 && run.cost[0] == 4000)  // 500 against 500, 1000 against 1000 …
        let most = try await HostedRun.of(
            "adaptive-consistency", script(1, 1, 2), budget: "6000", ["batch": "3000", "criterion": criterion])
        #expect(samples(most).count == 1)
    }

    @Test func theBudgetIsTheEnd() async throws {
        let run = try await HostedRun.of("adaptive-consistency", script(1, 2), budget: "5", ["batch": "2"])
        #expect(samples(run) == ["sample 2 from root, to the end", "sample 2 from root, to the end", one])
        #expect(run.result.answer == "1" && run.cost[0] == 5)
    }

    /// What has no answer has no vote, and settles nothing.
    @Test func noAnswerIsNoVote() async throws {
        let run = try await HostedRun.of("adaptive-consistency", script(0), budget: "6")
        #expect(samples(run).count == 6 && run.result.answer == nil)
    }

    // MARK: early-stopping-consistency

    /// The first window of three disagrees, the second agrees; all six vote.
    @Test func aWindowThatAgreesIsTheEnd() async throws {
        let run = try await HostedRun.of(
            "early-stopping-consistency", script(1, 1, 2, 2, 2, 2, 1, 1, 1), budget: "9", ["window": "3"])
        #expect(
            run.log == [
                "sample 3 from root, to the end", "sample 3 from root, to the end",
                "answer c=2 1", "answer d=2 1", "answer e=2 1", "answer f=2 1", "answer a=1 1", "answer b=1 1",
            ])
    }

    /// Five is the paper's window. Three that agree in a row, across windows, are not one.
    @Test func windowsDoNotOverlap() async throws {
        let run = try await HostedRun.of(
            "early-stopping-consistency", script(1, 2, 2, 2, 2, 2, 1, 1, 1, 1), budget: "12")
        #expect(
            samples(run) == [
                "sample 5 from root, to the end", "sample 5 from root, to the end", "sample 2 from root, to the end",
            ])
        #expect(try await samples(HostedRun.of("early-stopping-consistency", script(4), budget: "12")).count == 1)
    }

    @Test func aWindowWithoutAnAnswerDoesNotAgree() async throws {
        let run = try await HostedRun.of("early-stopping-consistency", script(1, 1, 0), budget: "6", ["window": "3"])
        #expect(samples(run).count == 2 && run.result.answer == "1")
        let none = try await HostedRun.of("early-stopping-consistency", script(0), budget: "6", ["window": "3"])
        #expect(samples(none).count == 2)
    }
}
