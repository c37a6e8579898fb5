import SearchCore
import Testing
@testable import Reporting
@testable import Studies

struct TextTests {
    @Test func numbers() {
        #expect([0, 12, 999, 1000, -1_234_567].map(Readable.count) == ["0", "12", "999", "1,000", "-1,234,567"])
        #expect([0.0, 950, 1500, 7.46e9, 9.996e11].map(Readable.flops) == ["0 FLOP", "950 FLOP", "1.5 kFLOP", "7.5 GFLOP", "1.0 TFLOP"])
        #expect([0.214, 9.999, 59.96, 125, 7820, .nan].map(Readable.seconds) == ["0.21 s", "10.0 s", "60.0 s", "2 min 05 s", "2 h 10 min", "–"])
        #expect([0.6236, 0, 1].map(Readable.percent) == ["62.4 %", "0.0 %", "100.0 %"])
        #expect([0.0004, 0.0316].map(Readable.probability) == ["< 0.001", "0.032"])
    }

    @Test func solve() {
        let text = SolveReport(result: Samples.beam, strategy: "beam-search", isCorrect: true).text { "<\($0)>" }
        #expect(text == """
            answer  <7>  (right)
            votes   7   ████████████████████████  1.52  2 solutions
                    12  ██████▍                   0.40  1 solution
            cost    4 generations, 72 tokens (and 12 of prompt, 80 by the verifier), 1.5 GFLOP, 0.25 s

            """)
    }

    @Test func noAnswer() {
        var result = RunResult(problem: Problem(text: "x", answer: "3"), strategy: "s 1", params: [:], limits: Limits(generations: 1), seed: 0)
        result.wasCancelled = true
        let text = SolveReport(result: result, strategy: "s", isCorrect: false).text()
        #expect(text.hasPrefix("no answer: no solution was finished within the budget  (the reference answer is 3)\n"))
        #expect(text.hasSuffix("stopped early: this is the best so far\n"))
    }

    @Test func plugins() {
        let record = PluginRecord(path: "/p/b.so", name: "b", version: "", status: .refused, reason: "not an ELF file", sha256: "", strategies: [], functions: [])
        #expect(PluginsReport(records: [record]).text() == "refused  /p/b.so\n    not an ELF file\n\n")
    }

    @Test(arguments: [(80, 24), (40, 6), (20, 2), (10, 1), (200, 100)]) func liveTreeFitsTheScreen(width: Int, height: Int) {
        var view = LiveTreeView(strategy: "beam-search", limits: Limits(generations: 4))
        let tree = Samples.beam.tree
        view.update(Dictionary(uniqueKeysWithValues: tree.nodes.enumerated().map { ($0.offset + 1, $0.element) }))
        view.update(rounds: 2, cost: Samples.beam.cost)
        let lines = view.lines(width: width, height: height, seconds: 1.5, colour: false)
        #expect(lines.count <= height)
        #expect(lines.allSatisfy { $0.count <= max(width, 24) && !$0.contains("\n") && !$0.contains("\u{1}") })
        #expect(lines[0].hasPrefix(String("beam-search, budget 4".prefix(width))))
        if height == 24 {
            #expect(lines.contains { $0.hasPrefix("depth 2   █▄▃▂") || $0.hasPrefix("depth 2   ") })
            #expect(lines.contains { $0.contains("0.97  #### 7  = 7") })
            #expect(lines.contains { $0.contains("So there are still  cut off") })
        }
    }
}
