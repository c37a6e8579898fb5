import SearchCore

/// Hand-made results to draw and report.
enum Samples {
    /// Two rounds of beam search over four: two survive, one of them is chosen.
    static var beam: RunResult {
        var result = RunResult(
            problem: Problem(text: "Ann has 3 apples & buys 4 <more>. How many?", answer: "7"),
            strategy: "beam-search 1.0.0",
            params: [
                "beam_width": .int(2), "temperature": .float(0.8), "selection": .text("weighted"), "table": .none,
            ],
            limits: Limits(generations: 4), seed: 7)
        var tree = SearchTree()
        let root = tree.append(
            SearchNode(kind: .root, parent: 0, problem: 0, depth: 0, text: [], stepEnds: [], tokens: 12))
        func step(
            _ parent: Int, _ depth: Int, _ text: String, _ score: Double, _ ending: SearchNode.Ending = .open,
            answer: String? = nil
        ) -> Int {
            let bytes = Array(text.utf8)
            return tree.append(
                SearchNode(
                    kind: .sampled, parent: parent, problem: 0, depth: depth, text: bytes, stepEnds: [bytes.count],
                    tokens: 9, logProbability: -1.25, ending: ending, stepScores: [score], answer: answer))
        }
        let first = step(root, 1, "She has 3 + 4 = 7 apples.\n", 0.93)
        _ = step(root, 1, "She has 3 + 4 = 8 apples.\n", 0.08)
        let second = step(root, 1, "3 apples \u{1} and 4 apples\n", 0.64)
        _ = step(root, 1, "Bob has none.\n", 0.21)
        let best = step(first, 2, "#### 7", 0.97, .finished, answer: "7")
        _ = step(first, 2, "So there are still", 0.3, .truncated)
        let other = step(second, 2, "#### 12", 0.4, .finished, answer: "12")
        let late = step(second, 2, "#### 7", 0.55, .finished, answer: "7")
        result.tree = tree
        result.answer = "7"
        result.votes = [Vote(answer: "7", weight: 1.52, count: 2), Vote(answer: "12", weight: 0.4, count: 1)]
        result.candidates = [
            Candidate(answer: "7", score: 0.97, text: "She has 3 + 4 = 7 apples.\n#### 7", node: best),
            Candidate(answer: "7", score: 0.55, text: "3 apples \u{1} and 4 apples\n#### 7", node: late),
            Candidate(answer: "12", score: 0.4, text: "3 apples \u{1} and 4 apples\n#### 12", node: other),
        ]
        result.cost = Cost(
            generations: 4, tokens: 72, promptTokens: 12, verifierTokens: 80, flops: 1.5e9, seconds: 0.25,
            wastedTokens: 27)
        return result
    }

    /// Best-of-n: whole answers of three steps each.
    static func wide(_ count: Int) -> RunResult {
        var result = RunResult(
            problem: Problem(text: "What is 2 + 2?"), strategy: "best-of-n 1.0.0", params: [:],
            limits: Limits(generations: count), seed: 1)
        var tree = SearchTree()
        let root = tree.append(
            SearchNode(kind: .root, parent: 0, problem: 0, depth: 0, text: [], stepEnds: [], tokens: 9))
        for sample in 0..<count {
            let steps = ["First we look at sample \(sample).\n", "Then 2 + 2 = \(sample % 5).\n", "#### \(sample % 5)"]
            let ends = steps.indices.map { steps[...$0].reduce(0) { $0 + $1.utf8.count } }
            let score = Double(sample % 11) / 10
            let id = tree.append(
                SearchNode(
                    kind: .sampled, parent: root, problem: 0, depth: 3, text: Array(steps.joined().utf8),
                    stepEnds: ends,
                    tokens: 30, ending: .finished, stepScores: [0.5, score, score], answer: "\(sample % 5)"))
            result.candidates.append(Candidate(answer: "\(sample % 5)", score: score, text: steps.joined(), node: id))
        }
        result.answer = "0"
        result.tree = tree
        return result
    }
}
