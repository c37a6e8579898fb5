import Foundation
import SearchCore
import Testing
@testable import Reporting

/// What pictures show of a step, and which steps are one box.
struct LabelTests {
    private struct Case: Decodable {
        var name: String
        var limit: Int
        var siblings: [String]
        var labels: [String]
    }

    /// The page's own labels are held to the same table (Tests/PageTests).
    @Test func theTableOfLabels() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../PageTests/labels.json")
        let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
        #expect(cases.count > 8)
        for one in cases {
            let labels = StepLabel.labels(of: one.siblings).map { $0.text(one.limit) }
            #expect(labels == one.labels, "\(one.name)")
            #expect(labels.allSatisfy { $0.count <= one.limit })
        }
    }

    /// Whatever the room: as long as there is some for each fork, siblings that differ look different.
    @Test func differentSiblingsLookDifferent() {
        let beginnings = [
            "Jack and David arrive at the school with", "Jack and David leave the school with", "They have",
        ]
        let texts = beginnings.flatMap { begin in
            (0..<12).map { "\(begin) \(100 + $0) - 24 = \(76 + $0) minutes left to get to the library." }
        }
        for limit in [30, 40, 60, 200] {
            let labels = StepLabel.labels(of: texts).map { $0.text(limit) }
            #expect(Set(labels).count == texts.count, "\(limit): \(labels)")
        }
    }

    /// Samples of whole solutions: 2 equal ones, and one that parts from them in its second step.
    private var tree: (tree: SearchTree, ids: [Int]) {
        var tree = SearchTree()
        let root = tree.append(
            SearchNode(kind: .root, parent: 0, problem: 0, depth: 0, text: [], stepEnds: [], tokens: 9))
        let solutions = [
            ("We count all the red apples in the basket: 7\n", "#### 7", "7"),
            ("We count all the red apples in the basket: 7\n", "#### 7", "7"),
            ("We count all the red apples in the basket: 7\n", "#### 8", "8"),
            ("We count all the red apples in the basket: 9\n", "#### 9", "9"),
        ]
        let ids = solutions.map { first, second, answer in
            tree.append(
                SearchNode(
                    kind: .sampled, parent: root, problem: 0, depth: 2, text: Array((first + second).utf8),
                    stepEnds: [first.utf8.count, (first + second).utf8.count], tokens: 12, ending: .finished,
                    stepScores: [0.5, 0.9], answer: answer))
        }
        return (tree, ids)
    }

    private var result: RunResult {
        var result = RunResult(
            problem: Problem(text: "How many?"), strategy: "best-of-n 1.0.0", params: [:],
            limits: Limits(generations: 4), seed: 1)
        result.tree = tree.tree
        result.candidates = tree.ids.map { Candidate(answer: tree.tree[$0].answer, score: 0.9, text: "", node: $0) }
        result.answer = "7"
        return result
    }

    @Test func equalSolutionsAreOnePath() {
        let picture = TreePicture(result: result, strategy: "best-of-n")
        #expect(picture.steps.map(\.count) == [1, 3, 2, 1, 1, 1])
        #expect(picture.steps.map(\.fate) == [.won, .won, .won, .kept, .kept, .kept])
        #expect(picture.steps.compactMap(\.answer) == ["7", "8", "9"])
        #expect(
            picture.steps.map { picture.label($0, limit: 24) } == [
                "problem", "3× …apples in the basket: 7", "2× #### 7", "#### 8", "…apples in the basket: 9", "#### 9",
            ])
    }

    @Test func everyPictureShowsThem() {
        let picture = TreePicture(result: result, strategy: "best-of-n")
        #expect(TreeSVG.draw(picture).contains(">3× …all the red apples in the basket: 7<"))
        #expect(TreeHTML.draw(picture).contains(">3× …all the red apples in the basket: 7<"))
        #expect(TreeDOT.draw(picture).contains("label=\"2× #### 7\\n0.90\\n= 7\""))
        var view = LiveTreeView(strategy: "best-of-n", limits: Limits(generations: 4))
        let nodes = tree.tree.nodes.enumerated().map { ($0.offset + 1, $0.element) }
        // As they come: not all at once.
        for (id, node) in nodes { view.update([id: node]) }
        let lines = view.lines(width: 48, height: 12, seconds: 1, colour: false).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        #expect(lines.contains { $0.hasPrefix("depth 1") && $0.hasSuffix("4 steps, 2 different") })
        #expect(lines.contains("0.50  3× …the red apples in the basket: 7"))
        #expect(lines.contains("0.90  2× #### 7  = 7"))
    }

    /// A verifier that speaks later changes the box, and makes no new one.
    @Test func newScoresReachTheirBoxes() {
        var boxes = StepBoxes()
        var node = tree.tree[2]
        node.stepScores = []
        boxes.add(tree.tree[1], id: 1)
        boxes.add(node, id: 2)
        #expect(boxes.steps.map(\.score) == [nil, nil, nil])
        boxes.add(tree.tree[2], id: 2)
        #expect(boxes.steps.map(\.score) == [nil, 0.5, 0.9])
        #expect(boxes.steps.map(\.count) == [1, 1, 1])
    }

    /// A cut text is no finished one, even where their letters are the same.
    @Test func anEndTellsStepsApart() {
        var boxes = StepBoxes()
        var node = tree.tree[2]
        boxes.add(tree.tree[1], id: 1)
        boxes.add(node, id: 2)
        (node.ending, node.answer) = (.truncated, nil)
        boxes.add(node, id: 3)
        #expect(boxes.steps.map(\.ending) == [.open, .open, .finished, .truncated])
        #expect(boxes.steps.map(\.count) == [1, 2, 1, 1])
    }
}
