import Reporting
import SearchCore
import Studies

/// One run of a store as the events of a search. A store has the solutions that a strategy ranked, so
/// the tree is theirs; what was given up on the way is in a trace, and the run says how to make one.
struct StoreRun: Sendable {
    var id: String
    var name: String
    var cell: StoredCell
    var problem: Problem
    var outcome: StoredOutcome
    var candidates: [StoredCandidate]
    var votes: [Vote]

    var events: [JSON] {
        let began: JSON = [
            "type": "run", "run": .string(id), "model": .string(name), "strategy": .string(cell.strategy),
            "budget": .string(cell.budget),
            "problem": .string(problem.text),
        ]
        let nodes: JSON = ["type": "nodes", "nodes": .array(nodes)]
        return [
            began, nodes, ["type": "result", "ranking": .array(candidates.map { .int($0.node) }), "report": report],
        ]
    }

    // MARK: The tree

    private var nodes: [JSON] {
        var nodes = [SearchEvents.node(Self.root(of: nil), root("", tokens: 0))]
        var known: Set<Int> = []
        for one in candidates.sorted(by: { $0.node < $1.node }) {
            if let previous = one.previous, known.insert(previous).inserted {
                let earlier = candidates.first { $0.node == previous }?.answer
                nodes.append(
                    SearchEvents.node(
                        Self.root(of: previous),
                        root(
                            earlier.map { "problem, and the attempt with \($0)" } ?? "problem, and an attempt",
                            tokens: 0)))
            }
            let parent = Self.root(of: one.previous)
            let texts = Self.steps(one)
            let node = SearchEvents.node(one.node, sampled(one, below: parent, texts))
            nodes.append(one.text == nil ? node.adding([.init("apart", true)]) : node)
        }
        return nodes
    }

    /// Nodes of answers are above 0: what a root shows is another's node, so that number is free below 0.
    private static func root(of previous: Int?) -> Int { previous.map { -$0 - 1 } ?? -1 }

    private func root(_ text: String, tokens: Int) -> SearchNode {
        SearchNode(kind: .root, parent: 0, problem: 0, depth: 0, text: Array(text.utf8), stepEnds: [], tokens: tokens)
    }

    private func sampled(_ one: StoredCandidate, below parent: Int, _ steps: [String]) -> SearchNode {
        var ends: [Int] = []
        for step in steps { ends.append((ends.last ?? 0) + step.utf8.count) }
        // One score a step; else the last step has that of the whole.
        var scores =
            one.stepScores.count == steps.count
            ? one.stepScores.map(Double.init) : [Double](repeating: .nan, count: steps.count)
        if one.stepScores.count != steps.count, let score = one.score, !scores.isEmpty {
            scores[scores.count - 1] = score
        }
        return SearchNode(
            kind: .sampled, parent: parent, problem: 0, depth: steps.count, text: Array(steps.joined().utf8),
            stepEnds: ends, tokens: one.tokens,
            ending: .finished, stepScores: scores, score: one.score, answer: one.answer)
    }

    /// A store does not say where a step ends, but how many the verifier saw: the delimiter that makes as many
    /// is taken, and where none does, the solution is one step.
    static func steps(_ one: StoredCandidate) -> [String] {
        guard let text = one.text, !text.isEmpty else {
            guard one.stepScores.count > 1 else { return ["a solution whose text was not kept"] }
            return one.stepScores.indices.map { "step \($0 + 1), whose text was not kept\n" }
        }
        let lines = split(text, at: "\n")
        if one.stepScores.isEmpty || lines.count == one.stepScores.count { return lines }
        let paragraphs = split(text, at: "\n\n")
        return paragraphs.count == one.stepScores.count ? paragraphs : [text]
    }

    /// Each part with the delimiter that ends it.
    private static func split(_ text: String, at delimiter: String) -> [String] {
        var parts: [String] = []
        var rest = text[...]
        while let end = rest.range(of: delimiter), end.upperBound < rest.endIndex {
            parts.append(String(rest[..<end.upperBound]))
            rest = rest[end.upperBound...]
        }
        return parts + [String(rest)]
    }

    // MARK: What came of it

    private var report: JSON {
        var more: [JSON.Field] = []
        if let expected = problem.answer {
            more += [.init("expected", .string(expected)), .init("correct", .bool(outcome.isCorrect))]
        }
        if let texts = outcome.texts, texts.truncated > 0 { more.append(.init("truncated", .int(texts.truncated))) }
        if let error = outcome.error { more.append(.init("error", JSON(error))) }
        if !candidates.isEmpty {
            more.append(
                .init(
                    "missing",
                    "A store keeps the solutions that a strategy ranked, and not the steps that it gave up. The same search again, with a trace, shows all of them (with the bundle, model or endpoint that the eval had):"
                ))
            more.append(.init("command", .string(command)))
        }
        let plain: JSON = [
            "answer": JSON(outcome.answer), "strategy": .string(cell.strategy), "budget": .string(cell.budget),
            "seed": SolveReport.seed(cell.seed),
            "votes": .array(votes.map(SolveReport.vote)), "cost": JSON(outcome.cost),
        ]
        return plain.adding(more)
    }

    /// The same search, since the same seed gives the same bytes.
    private var command: String {
        let parts = name.split(separator: "@").first?.split(separator: ":", maxSplits: 1) ?? []
        let params = parts.count > 1 ? parts[1].split(separator: ",").flatMap { ["--param", String($0)] } : []
        let words =
            ["stratagem", "solve", problem.text, "--strategy", cell.strategy] + params
            + ["--budget", cell.budget, "--seed", "\(cell.seed)", "--trace", "run.jsonl"]
        return words.map(ShellWord.quoted).joined(separator: " ") + " && stratagem view run.jsonl"
    }
}
