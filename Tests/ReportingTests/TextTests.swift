import SearchCore
import Testing
@testable import Reporting
@testable import Studies

struct TextTests {
    @Test func numbers() {
        #expect([0, 12, 999, 1000, -1_234_567].map(Readable.count) == ["0", "12", "999", "1,000", "-1,234,567"])
        #expect(
            [0.0, 950, 1500, 7.46e9, 9.996e11].map(Readable.flops) == [
                "0 FLOP", "950 FLOP", "1.5 kFLOP", "7.5 GFLOP", "1.0 TFLOP",
            ])
        #expect(
            [0.214, 9.999, 59.96, 125, 7820, .nan].map(Readable.seconds) == [
                "0.21 s", "10.0 s", "60.0 s", "2 min 05 s", "2 h 10 min", "–",
            ])
        #expect([0.6236, 0, 1].map(Readable.percent) == ["62.4 %", "0.0 %", "100.0 %"])
        #expect([0.0004, 0.0316].map(Readable.probability) == ["< 0.001", "0.032"])
    }

    @Test func solve() {
        let text = SolveReport(result: Samples.beam, strategy: "beam-search", isCorrect: true).text { "<\($0)>" }
        #expect(
            text == """
                answer  <7>  (right)
                text    She has 3 + 4 = 7 apples.
                        #### 7
                votes   7   ████████████████████████  1.52  2 solutions
                        12  ██████▍                   0.40  1 solution
                cost    4 generations, 72 tokens (and 12 of prompt, 80 by the verifier), 1.5 GFLOP, 0.25 s

                """)
    }

    /// A problem that was not typed stands above; texts are broken between words, and long ones cut in the middle.
    @Test func problemAndTextAreBroken() {
        var result = Samples.beam
        result.problem.text = "Ann has 3 apples & buys 4 <more>.\nvotes   9"
        result.notes = ["ease 0.5, bin 2 of 5"]
        var report = SolveReport(result: result, strategy: "beam-search", isCorrect: true)
        report.showsProblem = true
        let text = report.text(width: 30)
        #expect(
            text.hasPrefix("problem Ann has 3 apples &\n        buys 4 <more>.\n        votes   9\nanswer  7"),
            "\(text)")
        #expect(text.contains("\ntext    She has 3 + 4 = 7\n        apples.\n        #### 7\n"), "\(text)")
        #expect(text.contains("\nnotes   ease 0.5, bin 2 of 5\ncost "), "\(text)")
        let long = Paragraph.lines("text    ", (1...100).map { "line \($0)" }.joined(separator: "\n"), width: 80)
        #expect(
            long.count == 60 && long[19] == "        line 20"
                && long[20] == "        … (41 lines left out: --json has them all)")
        #expect(long[21] == "        line 62" && long.last == "        line 100")
        #expect(Paragraph.broken("abcdefgh ij", 4) == ["abcd", "efgh", "ij"])
        #expect(Paragraph.broken("ab cd ef", 5) == ["ab cd", "ef"])
        #expect(
            Paragraph.lines("text    ", "\n\n a\u{1B}[2J\n\nb\n\n", width: 80) == [
                "text     a\\u{1b}[2J", "", "        b",
            ])
    }

    /// A wide column goes on below, others are cut, and nothing is wider than was asked.
    @Test func tablesFit() {
        var table = TextTable(header: ["strategy", "right", "text"], texts: [2])
        table.add([
            "beam-search:beam_width=4,selection=weighted,temperature=0.8 @ 16", "3/5",
            String(repeating: "word ", count: 30),
        ])
        let text = table.text(width: 70, folding: 0)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 70 }, "\(text)")
        #expect(text.contains("\n  selection=weighted,") || text.contains(",selection=weighted,"), "\(text)")
        #expect(text.contains("…"))
        #expect(text.replacing(/\s+/, with: "").contains("temperature=0.8@16"), "\(text)")
        #expect(table.text(width: 1000) == table.text)
    }

    @Test func csv() {
        let rows: [JSON] = [
            ["name": "a, \"b\"", "ci95": [0.25, 0.5], "cost": ["tokens": 3], "params": ["k": 1]],
            ["name": "c", "more": nil, "text": "x\ny"],
        ]
        #expect(
            CSVText.text(rows) == """
                name,ci95_low,ci95_high,cost_tokens,params,more,text
                "a, ""b""\",0.25,0.5,3,"{""k"":1}",,
                c,,,,,,"x
                y"

                """)
    }

    @Test func noAnswer() {
        var result = RunResult(
            problem: Problem(text: "x", answer: "3"), strategy: "s 1", params: [:], limits: Limits(generations: 1),
            seed: 0)
        result.wasCancelled = true
        let text = SolveReport(result: result, strategy: "s", isCorrect: false).text()
        #expect(text.hasPrefix("no answer: no solution was finished within the budget  (the reference answer is 3)\n"))
        #expect(text.hasSuffix("stopped early: this is the best so far\n"))
    }

    @Test func plugins() {
        let record = PluginRecord(
            path: "/p/b.so", name: "b", version: "", status: .refused, reason: "not an ELF file", sha256: "",
            strategies: [], functions: [])
        #expect(PluginsReport(records: [record]).text() == "refused  /p/b.so\n    not an ELF file\n\n")
    }

    @Test(arguments: [(80, 24), (40, 6), (20, 2), (10, 1), (200, 100)]) func liveTreeFitsTheScreen(
        width: Int, height: Int
    ) {
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
