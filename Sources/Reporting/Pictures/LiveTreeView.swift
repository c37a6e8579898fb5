import SearchCore
import Studies

/// A search while it runs, as lines of a terminal: for every depth a row of
/// scores, and the steps that lead.
public struct LiveTreeView: Sendable {
    private struct Step {
        var score: Double?
        var text: String
        var ending: SearchNode.Ending
        var answer: String?
        /// Something was sampled below it.
        var isContinued: Bool
    }

    private var title: String
    private var nodes: [SearchNode.ID: SearchNode] = [:]
    private var continued: Set<SearchNode.ID> = []
    private var rounds = 0
    private var cost = Cost()

    public init(strategy: String, limits: Limits) { title = "\(strategy), budget \(limits)" }

    public mutating func update(_ changed: [SearchNode.ID: SearchNode]) {
        nodes.merge(changed) { $1 }
        for node in changed.values where node.parent > 0 { continued.insert(node.parent) }
    }

    public mutating func update(rounds: Int, cost: Cost) {
        self.rounds = rounds
        self.cost = cost
    }

    /// At most `height` lines of at most `width` characters, with marks (``Emphasis``) for colours.
    public func lines(width: Int, height: Int, seconds: Double, colour: Bool) -> [String] {
        let paint = TerminalPaint(isOn: colour)
        let head = "\(title)  ·  round \(rounds)  ·  \(Readable.count(nodes.count)) nodes  ·  \(Readable.count(cost.tokens)) tokens  ·  \(Readable.seconds(seconds))"
        var lines = [paint.bold(String(head.prefix(width)))]
        let depths = steps()
        // At least one line a depth; if there are more depths than lines, the latest.
        let room = max(1, height - 1)
        let shown = depths.suffix(depths.count > room ? max(1, room - 1) : room)
        if shown.count < depths.count { lines.append(paint.dim("  … \(depths.count - shown.count) depths above")) }
        let free = max(0, height - lines.count - shown.count)
        for depth in shown.indices {
            let ranked = shown[depth].sorted { ($0.score ?? -1) > ($1.score ?? -1) }
            lines.append(row(depth + 1, ranked, width: width, paint))
            // What cannot be shared equally goes to the depth at work.
            let share = free / shown.count + (depth == shown.endIndex - 1 ? free % shown.count : 0)
            for step in ranked.prefix(min(4, share)) { lines.append(leader(step, width: width, paint)) }
        }
        return Array(lines.prefix(max(1, height)))
    }

    /// Steps by depth, the first below the roots first.
    private func steps() -> [[Step]] {
        var depths: [[Step]] = []
        for id in nodes.keys.sorted() {
            guard let node = nodes[id], node.kind == .sampled else { continue }
            let ends = node.stepEnds.isEmpty ? [node.text.count] : node.stepEnds
            var begin = 0
            for (place, end) in ends.enumerated() {
                let isLast = place == ends.count - 1
                let depth = max(0, node.depth - ends.count + place)
                while depths.count <= depth { depths.append([]) }
                let bytes = begin <= end && end <= node.text.count ? node.text[begin..<end] : []
                let score = place < node.stepScores.count ? node.stepScores[place] : nil
                depths[depth].append(Step(
                    score: score.flatMap { $0.isNaN ? nil : $0 }, text: String(decoding: bytes, as: UTF8.self),
                    ending: isLast ? node.ending : .open, answer: isLast ? node.answer : nil,
                    isContinued: !isLast || continued.contains(id)))
                begin = end
            }
        }
        return depths
    }

    private func row(_ depth: Int, _ ranked: [Step], width: Int, _ paint: TerminalPaint) -> String {
        let number = String(depth)
        let name = "depth \(number)\(String(repeating: " ", count: max(0, 3 - number.count)))"
        let count = "\(ranked.count) step\(ranked.count == 1 ? "" : "s")"
        let room = max(0, width - name.count - count.count - 5)
        let bars = ranked.prefix(room).map { step in
            let bar = step.score.map { Self.bars[ScoreColour.bucket($0) * (Self.bars.count - 1) / 10] } ?? "·"
            let isAlive = step.isContinued || step.ending == .finished
            return isAlive ? paint.score(step.score, bar) : paint.dim(bar)
        }
        return "\(name) \(bars.joined())\(ranked.count > room ? "…" : "")  \(paint.dim(count))"
    }

    private static let bars = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    private func leader(_ step: Step, width: Int, _ paint: TerminalPaint) -> String {
        let score = step.score.map { Readable.fixed($0, 2) } ?? "  · "
        let end = switch step.ending {
        case .open: ""
        case .finished: step.answer.map { "  = \(TreePicture.shorten(Plain.line($0, max: 64), 16))" } ?? "  no answer"
        case .truncated: "  cut off"
        }
        let text = Plain.text(step.text).replacing("\u{FFFD}", with: "?")
        let room = max(1, width - 12 - end.count)
        return "    \(paint.score(step.score, score))  \(TreePicture.shorten(text, room))\(paint.bold(end))"
    }
}

/// Colours that 256-colour terminals have.
private struct TerminalPaint {
    var isOn: Bool

    func bold(_ text: String) -> String { wrap("1", text) }
    func dim(_ text: String) -> String { wrap("2", text) }

    func score(_ score: Double?, _ text: String) -> String {
        guard let score else { return text }
        let palette = [166, 172, 179, 144, 108, 72, 36]
        return wrap("38;5;\(palette[ScoreColour.bucket(score) * (palette.count - 1) / 10])", text)
    }

    private func wrap(_ code: String, _ text: String) -> String {
        isOn ? Emphasis.mark(text, code) : text
    }
}
