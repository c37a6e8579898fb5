import Foundation
import SearchCore
import Testing

@Suite struct SearchTreePaths {
    private static func node(_ parent: Int, _ text: String, _ kind: SearchNode.Kind = .sampled) -> SearchNode {
        SearchNode(
            kind: kind, parent: parent, problem: 0, depth: parent == 0 ? 0 : 1, text: Array(text.utf8), stepEnds: [],
            tokens: 1)
    }

    /// Two roots, one below the other's nodes in order of making.
    private var tree: SearchTree {
        var tree = SearchTree()
        for made in [
            (0, "Q", .root), (1, "a", .sampled), (1, "b", .sampled), (2, "c", .appended), (0, "R", .root),
            (5, "d", .sampled),
            (4, "e", .sampled),
        ] as [(Int, String, SearchNode.Kind)] {
            _ = tree.append(Self.node(made.0, made.1, made.2))
        }
        return tree
    }

    @Test func idsCountFromOne() {
        var tree = SearchTree()
        #expect(!tree.contains(0) && !tree.contains(1))
        #expect(tree.append(Self.node(0, "Q", .root)) == 1)
        #expect(tree.append(Self.node(1, "a")) == 2)
        #expect(tree.contains(1) && tree.contains(2) && !tree.contains(3) && !tree.contains(0) && !tree.contains(-1))
        #expect(tree[2].text == Array("a".utf8))
        tree[2].score = 0.75
        #expect(tree.nodes[1].score == 0.75 && tree[1].score == nil)
    }

    @Test(arguments: [(1, [1]), (3, [1, 3]), (7, [1, 2, 4, 7]), (6, [5, 6])])
    func pathsRunFromTheRoot(_ id: Int, _ path: [Int]) {
        #expect(tree.path(to: id) == path)
    }

    @Test(arguments: [(1, ""), (2, "a"), (7, "ace"), (6, "d")])
    func textLeavesThePromptOut(_ id: Int, _ text: String) {
        #expect(tree.text(through: id) == Array(text.utf8))
    }

    @Test func deepPathsDoNotRecurse() {
        var tree = SearchTree()
        _ = tree.append(Self.node(0, "Q", .root))
        for parent in 1...100_000 { _ = tree.append(Self.node(parent, "x")) }
        #expect(tree.path(to: 100_001).count == 100_001 && tree.text(through: 100_001).count == 100_000)
    }
}

@Suite struct Documents {
    @Test func traceNodesKeepWhatANodeHas() throws {
        var node = SearchNode(
            kind: .sampled, parent: 3, problem: 1, depth: 2, text: Array("é\n".utf8), stepEnds: [3], tokens: 2,
            logProbability: -1.5, ending: .truncated, stepScores: [.nan, 0.5], answer: "7")
        let trace = TraceNode(id: 4, node: node)
        let json = try JSONEncoder().encode(trace)
        #expect(try JSONDecoder().decode(TraceNode.self, from: json) == trace)
        #expect(trace.stepScores == [nil, 0.5], "JSON has no NaN")
        node.text = [0xFF]
        #expect(TraceNode(id: 4, node: node).text == "\u{FFFD}")
    }

    @Test func parameterValuesSurviveJSON() throws {
        let values: [ParameterValue] = [
            .none, .int(-3), .int(.max), .float(0.5), .bool(true), .bool(false), .text("weighted"), .text(""),
        ]
        let json = try JSONEncoder().encode(values)
        #expect(String(decoding: json, as: UTF8.self) == #"[null,-3,9223372036854775807,0.5,true,false,"weighted",""]"#)
        #expect(try JSONDecoder().decode([ParameterValue].self, from: json) == values)
        #expect(
            try String(decoding: JSONEncoder().encode([ParameterValue.bytes([1, 2])]), as: UTF8.self) == #"["2 bytes"]"#
        )
    }

    @Test func costsAreSpeltAsTheDocumentsSay() throws {
        let cost = Cost(
            generations: 1, tokens: 2, promptTokens: 3, verifierTokens: 4, flops: 5, seconds: 6, wastedTokens: 7)
        let keys = try JSONSerialization.jsonObject(with: JSONEncoder().encode(cost)) as? [String: Int]
        #expect(
            keys == [
                "generations": 1, "tokens": 2, "prompt_tokens": 3, "verifier_tokens": 4, "flops": 5, "seconds": 6,
                "wasted_tokens": 7,
            ])
    }

    @Test func errorsSayWhoseFault() {
        #expect(
            "\(StratagemError(.verifier, .noScores, "the value is NaN"))" == "verifier: the value is NaN [no_scores]")
    }
}
