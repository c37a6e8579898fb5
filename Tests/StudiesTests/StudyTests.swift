import Engine
import Foundation
import SearchCore
import SearchRuntime
import Synchronization
import Testing
@testable import Reporting
@testable import Studies

/// Seen and changed from many threads.
private final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>
    init(_ value: Value) { mutex = Mutex(value) }
    var value: Value { mutex.withLock { $0 } }
    func change(_ body: @Sendable (inout Value) -> Void) { mutex.withLock { body(&$0) } }
}

struct StudyTests {
    @Test func specs() throws {
        let spec = try StrategySpec(parsing: "beam-search:beam_width=4,selection=naive")
        #expect(spec.name == "beam-search")
        #expect(spec.params == ["beam_width": "4", "selection": "naive"])
        #expect(try StrategySpec(parsing: "greedy").params == [:])
        let both = try StrategySpec(parsing: "beam-search:beam_width=4", params: ["selection=naive"])
        #expect(both.name == "beam-search" && both.params == spec.params)
        #expect(throws: StratagemError.self) {
            try StrategySpec(parsing: "beam-search:beam_width=4", params: ["beam_width=4"])
        }
        #expect(try StrategySpec(parsing: "./a:b/x.so").name == "./a:b/x.so")
        #expect(try StrategySpec(parsing: "./a:b/x.so:k=1").name == "./a:b/x.so")
        #expect(try StrategySpec(parsing: "s:table=a,b,k=2").params == ["table": "a,b", "k": "2"])
        #expect(try StrategySpec(parsing: "s:note=a=b:c").params == ["note": "a=b:c"])
    }

    @Test(arguments: ["", ":k=1", "s:=1", "s:k=1,k=2", "s=3", "s:,k=1", "s:k"]) func badSpecs(text: String) {
        #expect(throws: StratagemError.self) { try StrategySpec(parsing: text) }
    }

    @Test func params() throws {
        #expect(try StrategySpec.params(parsing: ["a=1", "b=x=y", "c="]) == ["a": "1", "b": "x=y", "c": ""])
        for bad in [["a"], ["=1"], ["a=1", "a=2"]] {
            #expect(throws: StratagemError.self) { try StrategySpec.params(parsing: bad) }
        }
    }

    private static let data = DataSet(
        file: "d", items: (0..<40).map { .init(problem: Problem(text: "p\($0)", answer: "\($0 % 2)"), line: $0 + 1) })
    private static let grader = Grader { $0 == $1 }

    private static func result(_ item: Int, answer: String?) -> RunResult {
        var result = RunResult(
            problem: data.items[item].problem, strategy: "s", params: [:], limits: Limits(generations: 1), seed: 0)
        result.answer = answer
        result.cost = Cost(generations: 1, tokens: 5)
        return result
    }

    @Test func everyCaseOnEveryProblem() async {
        let cases = [1, 4].map { EvalCase(spec: "s", strategy: "s", params: [:], limits: Limits(generations: $0)) }
        let live = Shared([0, 0])
        var runner = EvalRunner(
            data: Self.data, cases: cases, grader: Self.grader,
            start: { entry, items, done in
                live.change {
                    $0[0] += 1; $0[1] = max($0[1], $0[0])
                }
                Task {
                    await Task.yield()
                    live.change { $0[0] -= 1 }
                    done(items.map { Self.result($0, answer: entry == 0 ? "0" : "\($0 % 2)") })
                }
            })
        runner.window = 7
        var seen = 0
        let finding = await runner.run(observe: { _, _, _, progress in
            seen += 1
            #expect(progress.done == seen)
        })
        #expect(seen == 80)
        #expect(finding.isComplete)
        #expect(finding.tallies.map(\.correct) == [20, 40])
        #expect(finding.totalCost.tokens == 400)
        #expect(live.value[1] == 7)
        let pair = finding.tallies[0].compared(with: finding.tallies[1])
        #expect(pair == PairedDifference(problems: 40, firstOnly: 0, secondOnly: 20))
    }

    /// What a store had is in the accuracy, and not in what this call has cost or how fast it was.
    @Test func whatIsKnownCostsNothing() async {
        let one = EvalCase(spec: "s", strategy: "s", params: [:], limits: Limits(generations: 1))
        let runner = EvalRunner(
            data: Self.data, cases: [one], grader: Self.grader,
            start: { _, items, done in done(items.map { Self.result($0, answer: "0") }) })
        let known = EvalOutcome(answer: "0", isCorrect: true, cost: Cost(generations: 1, tokens: 1_000_000))
        let finding = await runner.run(known: { _, item in item < 30 ? known : nil })
        var tally = finding.tallies[0]
        #expect(tally.finished.count == 40 && tally.stored == .init(runs: 30, tokens: 30_000_000))
        #expect(finding.totalCost.tokens == 50)
        tally.seconds = 2
        #expect(tally.tokensPerSecond == 25)
        var report = EvalReport(
            cases: [one], tallies: [tally], data: "d", bundle: "b", seed: 0, isComplete: true,
            totalCost: Cost(tokens: 50, flops: 1000))
        var sharing = SharingStatistics()
        (sharing.samples, sharing.flops) = (7, 250)
        report.sharing = sharing
        #expect(
            report.text.contains(
                "Of the work that this call charged, for the runs that the store did not have (it had 30), 25.0 % was computed once and shared: 7 samples, 0 scores."
            ), "\(report.text)")
        #expect(report.json.line.contains(#""stored":30"#))
        report.tallies = [EvalTally(outcomes: tally.outcomes, seconds: 0)]
        #expect(report.text.contains("Of the work that is charged above, 25.0 % was"))
    }

    @Test func stoppedStudyKeepsWhatIsFinished() async {
        let stop = Shared(false)
        let one = EvalCase(spec: "s", strategy: "s", params: [:], limits: Limits(generations: 1))
        var runner = EvalRunner(
            data: Self.data, cases: [one], grader: Self.grader,
            start: { _, items, done in
                // Item 10 asks for the stop; it and what is live then comes back cut short.
                if items[0] == 10 { stop.change { $0 = true } }
                var result = Self.result(items[0], answer: "0")
                result.wasCancelled = stop.value
                done([result])
            }, isStopped: { stop.value })
        runner.window = 1
        let finding = await runner.run()
        #expect(!finding.isComplete)
        #expect(finding.tallies[0].finished.count == 10)
        #expect(finding.totalCost.tokens == 55, "what was cut short is paid for too")
    }

    @Test func batchStrategiesSeeAllProblems() async {
        let one = EvalCase(spec: "s", strategy: "s", params: [:], limits: Limits(generations: 1), takesBatch: true)
        let runner = EvalRunner(
            data: Self.data, cases: [one], grader: Self.grader,
            start: { _, items, done in
                #expect(items == Array(0..<40))
                done(items.map { Self.result($0, answer: nil) })
            })
        let finding = await runner.run()
        #expect(finding.tallies[0].finished.count == 40)
        #expect(finding.tallies[0].correct == 0)
    }

    @Test func failuresCountAsWrong() async {
        let one = EvalCase(spec: "s", strategy: "s", params: [:], limits: Limits(generations: 1))
        let runner = EvalRunner(
            data: Self.data, cases: [one], grader: Self.grader,
            start: { _, items, done in
                var result = Self.result(items[0], answer: "0")
                result.error = StratagemError(.model, .endpointFailed, "y")
                done([result])
            })
        let finding = await runner.run()
        #expect(finding.tallies[0].correct == 0)
        #expect(finding.tallies[0].failed == 40)
        let report = EvalReport(
            cases: [one], tallies: finding.tallies, data: "d", bundle: "b", seed: 0, isComplete: true, totalCost: Cost()
        )
        #expect(report.text.contains("40 runs failed and count as wrong"))
    }
}
