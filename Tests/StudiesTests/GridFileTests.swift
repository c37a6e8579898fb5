import SearchCore
import Testing
@testable import Studies

@Suite struct GridFileTests {
    @Test func linesMultiply() throws {
        let grid = try GridFile.parse(
            """
            seeds = [0, 1]
            [[cells]]
            strategy = "beam-search"
            budgets = [4, "16+seconds=5"]
            params = { beam_width = [2, 4], selection = ["weighted", "naive"], temperature = 0.7 }
            [[cells]]
            strategy = "greedy"
            budgets = 1
            seeds = [7]
            """, file: "g")
        #expect(grid.lines.map(\.count) == [16, 1])
        #expect(grid.count == 17)
        #expect(grid.lines[0].budgets == ["4", "16+seconds=5"])
        #expect(grid.lines[0].choices.count == 4)
        #expect(grid.lines[0].choices[1] == ["beam_width": "2", "selection": "naive", "temperature": "0.7"])
        #expect(grid.lines[1].choices == [[:]])
        #expect(grid.lines[1].seeds == [7])
    }

    @Test(arguments: [
        ("", "no [[cells]]"), ("x = 1", "unknown key 'x'"), ("[[cells]]\nbudgets = [1]", "strategy must be"),
        ("[[cells]]\nstrategy = \"s\"", "budgets must be"),
        ("[[cells]]\nstrategy = \"s\"\nbudgets = []", "budgets must be"),
        ("[[cells]]\nstrategy = \"s\"\nbudgets = [1]\nparam = 1", "unknown key 'param'"),
        ("[[cells]]\nstrategy = \"s\"\nbudgets = [1]\nparams = { k = [] }", "params.k"),
        ("seeds = [-1]\n[[cells]]", "seed '-1'"), ("[[", "not TOML"),
    ]) func refused(text: String, message: String) {
        #expect { try GridFile.parse(text, file: "g") } throws: {
            ($0 as? StratagemError)?.message.contains(message) == true
        }
    }

    @Test func hugeGridsAreCountedNotMade() throws {
        let many = "[" + (0..<1000).map(String.init).joined(separator: ",") + "]"
        let params = (0..<12).map { "p\($0) = \(many)" }.joined(separator: ", ")
        let grid = try GridFile.parse(
            "[[cells]]\nstrategy = \"s\"\nbudgets = \(many)\nparams = { \(params) }", file: "g")
        #expect(grid.count == .max)
    }
}
