import SearchCore
import Studies

/// What `solve` prints for people: the answer, the solution that it stands in, the vote as bars, the cost.
extension SolveReport {
    /// - Parameters:
    ///   - width: columns that texts are broken at.
    ///   - emphasis: how the answer stands out, on a terminal.
    public func text(width: Int = 100, emphasis: (String) -> String = { $0 }) -> String {
        var lines: [String] = []
        if showsProblem { lines += Paragraph.lines("problem ", result.problem.text, width: width) }
        if let answer = result.answer {
            lines.append("answer  \(emphasis(Plain.line(answer, max: 1000)))\(verdict)")
        } else if result.error == nil {
            lines.append(
                "no answer: \(result.candidates.isEmpty ? "no solution was finished within the budget" : "no answer was found in the finished solutions")\(verdict)"
            )
        }
        if let share = result.texts.truncatedShare, share > EvalReport.truncatedMost {
            lines.append(
                "        \(Readable.count(result.texts.truncated)) of \(Readable.count(result.texts.ended, "text")) \(result.texts.truncated == 1 ? "was" : "were") cut by a limit (max_tokens, the budget's tokens, the context)"
            )
        }
        if isGuess, result.answer != nil {
            let best = result.candidates.compactMap(\.score).max() ?? 0
            lines.append(
                "        a guess: the verifier scores every solution near 0 (at most \(Readable.fixed(best, 2)))")
        }
        // Ranked first, and so what the answer was read from.
        if result.error == nil, let chosen = result.candidates.first {
            lines += Paragraph.lines("text    ", chosen.text, width: width)
        }
        lines += voteLines
        for (place, note) in result.notes.enumerated() {
            lines += Paragraph.lines(place == 0 ? "notes   " : "        ", note, width: width)
        }
        lines.append("cost    \(costLine(result.cost))")
        if let difficultyCost {
            lines.append("        and for measuring the difficulty, not charged: \(costLine(difficultyCost))")
        }
        if !result.caveats.isEmpty { lines.append("caveats \(result.caveats.joined(separator: "; "))") }
        if result.wasCancelled { lines.append("stopped early: this is the best so far") }
        return lines.joined(separator: "\n") + "\n"
    }

    private var verdict: String {
        guard let expected = result.problem.answer else { return "" }
        return switch isCorrect {
        case true?: "  (right)"
        default: "  (the reference answer is \(Plain.line(expected, max: 1000)))"
        }
    }

    private static func name(_ vote: Vote, _ width: Int) -> String {
        TreePicture.shorten(Plain.line(vote.answer, max: 200), width)
    }

    private var voteLines: [String] {
        let shown = result.votes.prefix(10)
        guard let most = shown.map(\.weight).max() else { return [] }
        // Against 1 where they mean nothing: the least of nothing is not a full bar.
        let heaviest = isGuess || most < Self.guessScore ? max(1, most) : most
        let wide = min(24, shown.map { Self.name($0, 24).count }.max() ?? 0)
        var lines = shown.enumerated().map { place, vote in
            let share = heaviest > 0 ? vote.weight / heaviest : 0
            let bar = Self.bar(share, width: 24)
            let name = Self.name(vote, wide)
            let padded = name + String(repeating: " ", count: wide - name.count)
            return
                "\(place == 0 ? "votes " : "      ")  \(padded)  \(bar)  \(Readable.fixed(vote.weight, 2))  \(vote.count == 1 ? "1 solution" : "\(vote.count) solutions")"
        }
        if result.votes.count > shown.count {
            lines.append("        and \(result.votes.count - shown.count) more answers")
        }
        return lines
    }

    /// Eighths of a block, so that small differences show.
    private static func bar(_ share: Double, width: Int) -> String {
        let eighths = Int((min(1, max(0, share)) * Double(width) * 8).rounded())
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        let bar = String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
        return bar + String(repeating: " ", count: width - bar.count)
    }

    private func costLine(_ cost: Cost) -> String {
        "\(Readable.count(cost.generations, "generation")), \(Readable.count(cost.tokens, "token"))"
            + " (and \(Readable.count(cost.promptTokens)) of prompt, \(Readable.count(cost.verifierTokens)) by the verifier),"
            + " \(Readable.flops(cost.flops)), \(Readable.seconds(cost.seconds))"
            + (cost.programCalls == 0
                ? ""
                : ", \(Readable.count(cost.programCalls, "program call")) in \(Readable.seconds(cost.programSeconds))")
    }
}
