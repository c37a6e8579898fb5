import Foundation
import Testing

/// The pictures of a real search of the reference models.
struct TreePictureTests {
    private let command: Command
    init() throws { command = try Command() }

    /// Of a dot file: each node's label, by its name, and the children of each node.
    private func read(_ dot: String) throws -> (labels: [String: String], children: [String: [String]]) {
        var labels: [String: String] = [:], children: [String: [String]] = [:]
        for line in dot.split(separator: "\n") {
            if let match = line.firstMatch(of: #/^  (s\d+) \[label="(.*?)", tooltip=/#) {
                labels[String(match.1)] = String(match.2)
            } else if let match = line.firstMatch(of: #/^  (s\d+) -> (s\d+)/#) {
                children[String(match.1), default: []].append(String(match.2))
            }
        }
        return (labels, children)
    }

    @Test(arguments: ["beam-search", "best-of-n", "dvts"]) func siblingsLookDifferent(strategy: String) throws {
        defer { command.remove() }
        // With the reference models: `Command.start` would give it a hand-made tree.
        func draw(_ ending: String) throws -> String {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: Command.program)
            process.arguments = [
                "solve", "--example", "42", "--strategy", strategy, "--tree", command.path("t.\(ending)"),
            ]
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0)
            return try String(contentsOfFile: command.path("t.\(ending)"), encoding: .utf8)
        }
        let (labels, children) = try read(draw("dot"))
        #expect(labels.count > 5)
        for family in children.values {
            let shown = family.compactMap { labels[$0] }
            #expect(shown.count == family.count && Set(shown).count == shown.count, "\(strategy): \(shown)")
        }
        #expect(labels.values.contains { $0.firstMatch(of: #/^\d+× /#) != nil }, "equal steps are one box")
        // Where boxes are narrow: the first steps of all samples are siblings, and stand in the second column.
        let svg = try draw("svg")
        let boxes = svg.matches(of: #/<text class="ink" x="([^"]*)" y="[^"]*" fill="#1c1e22">(?:\d+× )?([^<]*)</text>/#)
            .map { (x: Double($0.1) ?? 0, text: String($0.2)) }
        let columns = Dictionary(grouping: boxes, by: \.x).sorted { $0.key < $1.key }.map { $0.value.map(\.text) }
        try #require(columns.count > 2 && columns[1].count > 1)
        #expect(Set(columns[1]).count == columns[1].count, "\(columns[1])")
    }
}
