import Locking
import ScriptedModel
import SearchCore
import StrategyHost
import Testing

@testable import SearchRuntime

/// Equal text below one node is one prefix for a verifier: read and charged once, whoever asks.
@Suite struct EqualTextTests {
    private static let one = "problem What is 2 + 2?\n  #### 4 | end value 0.5"

    @Test(arguments: ["best-of-n", "beam-search", "lookahead"]) func equalAnswersAreReadOnce(strategy: String)
        async throws
    {
        let many = try await run(strategy, on: source(Self.one), limits: Limits(generations: 64))
        // Beams count equal siblings once, best-of-n each of its samples.
        #expect(many.error == nil && many.votes.first?.count == (strategy == "best-of-n" ? 64 : 1))
        // The problem's five tokens, and the answer's two with the token that ends it and the step.
        let single = try await run("best-of-n", on: source(Self.one), limits: Limits(generations: 1))
        #expect(many.cost.verifierTokens == single.cost.verifierTokens)
        #expect(many.candidates.allSatisfy { $0.score == 0.5 && $0.stepScores == [0.5] })
    }

    /// What is below equal nodes is equal again, an ask later and in another ask.
    @Test func childrenOfEqualsAreEqual() async throws {
        let script = "problem Q\n  a b c | value 0.4\n    #### 4 | end value 0.9"
        let found = Locked<[String]>([])
        let result = try await play(
            { stage in
                switch stage.tell.told.first?.tag {
                case nil:
                    return .asks([
                        Ask(tag: 1, body: .sample(SampleAsk(node: stage.roots[0], count: 3, steps: 1, temperature: 1)))
                    ])
                case 1:
                    return .asks(
                        stage.tell.told[0].nodes.enumerated().map {
                            Ask(tag: UInt64(2 + $0), body: .sample(SampleAsk(node: $1, count: 1, temperature: 1)))
                        })
                case 2:
                    let ends = stage.tell.told.flatMap(\.nodes)
                    return .asks([
                        Ask(tag: 8, body: .score(role: "prm", nodes: [ends[0]])),
                        Ask(tag: 9, body: .score(role: "prm", nodes: Array(ends[1...]))),
                    ])
                default:
                    found.withLock { $0 = stage.tell.told.flatMap(\.nodes).map { "\(stage.stepScores($0))" } }
                    return .done([])
                }
            }, on: source(script))[0]
        #expect(result.error == nil)
        #expect(found.withLock { $0 } == Array(repeating: "[0.4, 0.9]", count: 3))
        #expect(
            result.tree.nodes.dropFirst().prefix(3).map(\.score) == [0.4, 0.4, 0.4],
            "the steps on the way are scored too")
        let single = try await run(
            "best-of-n", on: source(script), limits: Limits(generations: 1), problem: Problem(text: "What is 2 + 2?"))
        #expect(result.cost.verifierTokens == single.cost.verifierTokens)
    }

    /// Other text, another way of ending, or another node above: read by itself.
    @Test func whatDiffersIsReadByItself() {
        var tree = SearchTree()
        func add(_ parent: Int, _ text: String, _ kind: SearchNode.Kind = .sampled, _ ending: SearchNode.Ending = .open)
            -> Int
        {
            tree.append(
                SearchNode(
                    kind: kind, parent: parent, problem: 0, depth: 1, text: Array(text.utf8),
                    stepEnds: [text.utf8.count], tokens: 1, ending: ending))
        }
        let (root, other) = (add(0, "", .root), add(0, "", .root))
        let nodes = [
            add(root, "a"), add(root, "a"), add(root, "b"), add(root, "a", .appended),
            add(root, "a", .sampled, .truncated), add(other, "a"),
        ]
        let below = [add(nodes[1], "c"), add(nodes[0], "c"), add(nodes[5], "c")]
        var texts = EqualTexts()
        #expect(below.map { texts.first(of: $0, in: tree) } == [below[0], below[0], below[2]])
        #expect(nodes.map { texts.first(of: $0, in: tree) } == [nodes[1], nodes[1]] + nodes[2...])
        var grafted = EqualTexts()
        grafted.graft(texts, offset: 0)
        #expect(nodes.map { grafted.first(of: $0, in: tree) } == [nodes[1], nodes[1]] + nodes[2...])
    }
}
