import SearchCore
import Studies

/// A search while it runs, as lines of a terminal: for every depth a row of
/// scores, and the steps that lead.
public struct LiveTreeView: Sendable {
    private typealias Step = TreePicture.Step

    private var title: String
    private var nodes = 0
    private var boxes = StepBoxes()
    private var rounds = 0
    private var cost = Cost()

    public init(strategy: String, limits: Limits) { title = "\(strategy), budget \(limits)" }

    public mutating func update(_ changed: [SearchNode.ID: SearchNode]) {
        // A parent is older than its children.
        for (id, node) in changed.sorted(by: { $0.key < $1.key }) {
            nodes = max(nodes, id)
            boxes.add(node, id: id)
        }
    }

    public mutating func update(rounds: Int, cost: Cost) {
        self.rounds = rounds
        self.cost = cost
    }

    /// At most `height` lines of at most `width` characters, with marks (``Emphasis``) for colours.
    public func lines(width: Int, height: Int, seconds: Double, colour: Bool) -> [String] {
        let paint = TerminalPaint(isOn: colour)
        let head =
            "\(title)  ·  round \(rounds)  ·  \(Readable.count(nodes)) nodes  ·  \(Readable.count(cost.tokens)) tokens  ·  \(Readable.seconds(seconds))"
        var lines = [paint.bold(String(head.prefix(width)))]
        let steps = boxes.steps
        let continued = Set(steps.compactMap(\.parent))
        let depths = depths(of: steps)
        // At least one line a depth; if there are more depths than lines, the latest.
        let room = max(1, height - 1)
        let shown = depths.suffix(depths.count > room ? max(1, room - 1) : room)
        if shown.count < depths.count { lines.append(paint.dim("  … \(depths.count - shown.count) depths above")) }
        let free = max(0, height - lines.count - shown.count)
        for depth in shown.indices {
            let ranked = shown[depth].sorted { (steps[$0].score ?? -1, $1) > (steps[$1].score ?? -1, $0) }
            lines.append(row(depth + 1, ranked.map { (steps[$0], continued.contains($0)) }, width: width, paint))
            // What cannot be shared equally goes to the depth at work.
            let share = free / shown.count + (depth == shown.endIndex - 1 ? free % shown.count : 0)
            for place in ranked.prefix(min(4, share)) {
                let siblings = shown[depth].filter { steps[$0].parent == steps[place].parent }
                let labels = StepLabel.labels(
                    of: siblings.map { Plain.text(steps[$0].text).replacing("\u{FFFD}", with: "?") })
                let label = zip(siblings, labels).first { $0.0 == place }?.1 ?? StepLabel.none
                lines.append(leader(steps[place], label, width: width, paint))
            }
        }
        return Array(lines.prefix(max(1, height)))
    }

    /// Places of sampled steps by depth, the first below the roots first.
    private func depths(of steps: [Step]) -> [[Int]] {
        var depths: [[Int]] = []
        var depth = [Int](repeating: 0, count: steps.count)
        for (place, step) in steps.enumerated() {
            depth[place] = step.parent.map { depth[$0] + (steps[$0].kind == .sampled ? 1 : 0) } ?? 0
            guard step.kind == .sampled else { continue }
            while depths.count <= depth[place] { depths.append([]) }
            depths[depth[place]].append(place)
        }
        return depths
    }

    private func row(_ depth: Int, _ ranked: [(step: Step, isContinued: Bool)], width: Int, _ paint: TerminalPaint)
        -> String
    {
        let number = String(depth)
        let name = "depth \(number)\(String(repeating: " ", count: max(0, 3 - number.count)))"
        let all = ranked.reduce(0) { $0 + $1.step.count }
        let count = "\(all) step\(all == 1 ? "" : "s")\(all == ranked.count ? "" : ", \(ranked.count) different")"
        let room = max(0, width - name.count - count.count - 5)
        let bars = ranked.prefix(room).map { step, isContinued in
            let bar = step.score.map { Self.bars[ScoreColour.bucket($0) * (Self.bars.count - 1) / 10] } ?? "·"
            let isAlive = isContinued || step.ending == .finished
            return isAlive ? paint.score(step.score, bar) : paint.dim(bar)
        }
        return "\(name) \(bars.joined())\(ranked.count > room ? "…" : "")  \(paint.dim(count))"
    }

    private static let bars = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    private func leader(_ step: Step, _ label: StepLabel, width: Int, _ paint: TerminalPaint) -> String {
        let score = step.score.map { Readable.fixed($0, 2) } ?? "  · "
        let end =
            switch step.ending {
            case .open: ""
            case .finished:
                step.answer.map { "  = \(TreePicture.shorten(Plain.line($0, max: 64), 16))" } ?? "  no answer"
            case .truncated: "  cut off"
            }
        let times = step.count > 1 ? "\(step.count)× " : ""
        let room = max(1, width - 12 - end.count - times.count)
        return "    \(paint.score(step.score, score))  \(times)\(label.text(room))\(paint.bold(end))"
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
