import SearchCore
import Studies

/// A search tree as an SVG image that stands alone.
///
/// Colours are attributes, so that every viewer shows them; class names let the
/// HTML page restyle the same drawing for dark screens.
public struct TreeSVG {
    private let picture: TreePicture
    private let layout: TreeLayout
    private let margin = 24.0
    private let header: Double
    private var text = ""

    public static func draw(_ picture: TreePicture) -> String {
        var svg = TreeSVG(picture, withHeader: true)
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svg.drawn()
    }

    /// For the HTML page, which says in its own words what the header would.
    static func element(_ picture: TreePicture) -> String {
        var svg = TreeSVG(picture, withHeader: false)
        return svg.drawn()
    }

    private init(_ picture: TreePicture, withHeader: Bool) {
        self.picture = picture
        layout = TreeLayout(picture)
        header = withHeader ? 84 : 0
    }

    private var width: Double { max(header > 0 ? 640 : 320, layout.width) + 2 * margin }
    private var height: Double { header + layout.height + 2 * margin + 28 }

    private func n(_ value: Double) -> String { Markup.number(value) }

    private mutating func drawn() -> String {
        text = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(n(width))" height="\(n(height))" viewBox="0 0 \(n(width)) \(n(height))" \
            font-family="system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="11" role="img">
            <title>\(Markup.escaped("Search tree: " + picture.title))</title>
            <rect class="page" width="100%" height="100%" fill="#ffffff"/>

            """
        if header > 0 { drawHeader() }
        text += "<g transform=\"translate(\(n(margin)) \(n(margin + header)))\">\n"
        // Winning lines last, so that they lie on top.
        for fate in [TreePicture.Fate.dropped, .kept, .won] {
            for (index, step) in picture.steps.enumerated() where step.fate == fate { drawLine(index, step) }
        }
        for (index, step) in picture.steps.enumerated() { drawStep(index, step) }
        text += "</g>\n"
        drawLegend()
        text += "</svg>\n"
        return text
    }

    private mutating func drawHeader() {
        let answer = picture.answer.map { "answer \($0)" } ?? "no answer"
        let cost = picture.cost
        let paid =
            "\(Readable.count(cost.generations, "generation")), \(Readable.count(cost.tokens, "token")), \(Readable.count(cost.verifierTokens)) verifier tokens"
        text +=
            "<text class=\"ink\" x=\"\(n(margin))\" y=\"34\" font-size=\"16\" font-weight=\"600\" fill=\"#1c1e22\">\(Markup.escaped(picture.title)): \(Markup.escaped(TreePicture.shorten(answer, 60)))</text>\n"
        let room = Int((width - 2 * margin) / 6.4)
        text +=
            "<text class=\"ink\" x=\"\(n(margin))\" y=\"57\" font-size=\"12\" fill=\"#1c1e22\">\(Markup.escaped(TreePicture.shorten(picture.problem, room)))</text>\n"
        text += "<text class=\"faint\" x=\"\(n(margin))\" y=\"77\" fill=\"#6b7078\">\(paid)</text>\n"
    }

    private static func line(_ fate: TreePicture.Fate) -> (colour: String, width: String) {
        switch fate {
        case .won: ("#00796b", "2.5")
        case .kept: ("#8b929c", "1.4")
        case .dropped: ("#d3d6db", "1")
        }
    }

    private mutating func drawLine(_ index: Int, _ step: TreePicture.Step) {
        guard let parent = step.parent else { return }
        let from = layout.columns[picture.steps[parent].column]
        let start = (x: from.x + from.width, y: layout.y[parent])
        let end = (x: layout.columns[step.column].x, y: layout.y[index])
        let bend = (end.x - start.x) / 2
        let style = Self.line(step.fate)
        text +=
            "<path class=\"line \(step.fate)\" d=\"M\(n(start.x)) \(n(start.y))C\(n(start.x + bend)) \(n(start.y)) \(n(end.x - bend)) \(n(end.y)) \(n(end.x)) \(n(end.y))\" fill=\"none\" stroke=\"\(style.colour)\" stroke-width=\"\(style.width)\"/>\n"
    }

    private mutating func drawStep(_ index: Int, _ step: TreePicture.Step) {
        text +=
            "<g class=\"step \(step.fate)\" data-step=\"\(index)\"\(step.fate == .dropped ? " opacity=\"0.6\"" : "")>"
        text += "<title>\(Markup.escaped(picture.detail(step)))</title>"
        if layout.metrics.showsText { drawBox(index, step) } else { drawDot(index, step) }
        drawAnswer(index, step)
        text += "</g>\n"
    }

    /// Class and fill of a step's shape.
    private func paint(_ step: TreePicture.Step) -> String {
        guard let score = step.score else { return "class=\"shape\" fill=\"#f1f2f4\"" }
        let bucket = ScoreColour.bucket(score)
        return
            "class=\"shape s\(bucket)\" fill=\"\(ScoreColour(bucket: bucket).mixed(with: .white, layout.metrics.tint).hex)\""
    }

    private mutating func drawBox(_ index: Int, _ step: TreePicture.Step) {
        let x = layout.columns[step.column].x
        let limit = layout.metrics.labelLimit
        let label = picture.label(step, limit: limit)
        let width = layout.columns[step.column].width
        let y = layout.y[index]
        let style = Self.line(step.fate)
        let dashes = step.kind == .appended || step.ending == .truncated ? " stroke-dasharray=\"4 3\"" : ""
        text +=
            "<rect x=\"\(n(x))\" y=\"\(n(y - 11))\" width=\"\(n(width))\" height=\"22\" rx=\"5\" \(paint(step)) stroke=\"\(style.colour)\" stroke-width=\"\(step.fate == .won ? "2" : "1")\"\(dashes)/>"
        text +=
            "<text class=\"ink\" x=\"\(n(x + 8))\" y=\"\(n(y + 4))\" fill=\"#1c1e22\">\(Markup.escaped(label))</text>"
        if let score = step.score {
            text +=
                "<text class=\"ink\" x=\"\(n(x + width - 7))\" y=\"\(n(y + 4))\" font-size=\"10\" font-weight=\"600\" text-anchor=\"end\" fill=\"#1c1e22\">\(Readable.fixed(score, 2))</text>"
        }
    }

    private mutating func drawDot(_ index: Int, _ step: TreePicture.Step) {
        let style = Self.line(step.fate)
        text +=
            "<circle cx=\"\(n(layout.columns[step.column].x + 5))\" cy=\"\(n(layout.y[index]))\" r=\"4.2\" \(paint(step)) stroke=\"\(style.colour)\" stroke-width=\"\(step.fate == .won ? "2" : "0.8")\"/>"
    }

    private mutating func drawAnswer(_ index: Int, _ step: TreePicture.Step) {
        guard let word = picture.verdict(step) else { return }
        let column = layout.columns[step.column]
        let isBest = step.answer != nil && step.answer == picture.answer
        let size = layout.metrics.verdictSize
        text +=
            "<text class=\"\(isBest ? "best" : "faint")\" x=\"\(n(column.x + column.width + 7))\" y=\"\(n(layout.y[index] + size / 3))\" font-size=\"\(n(size))\" font-weight=\"\(isBest ? "700" : "400")\" fill=\"\(isBest ? "#00796b" : "#6b7078")\">\(Markup.escaped(word))</text>"
    }

    private mutating func drawLegend() {
        let y = height - 26
        var x = margin
        text +=
            "<g class=\"legend\"><text class=\"faint\" x=\"\(n(x))\" y=\"\(n(y + 9))\" fill=\"#6b7078\">score 0</text>"
        x += 48
        for bucket in ScoreColour.buckets {
            text +=
                "<rect class=\"shape s\(bucket)\" x=\"\(n(x))\" y=\"\(n(y))\" width=\"12\" height=\"11\" fill=\"\(ScoreColour(bucket: bucket).mixed(with: .white, layout.metrics.tint).hex)\"/>"
            x += 12
        }
        text += "<text class=\"faint\" x=\"\(n(x + 6))\" y=\"\(n(y + 9))\" fill=\"#6b7078\">1</text>"
        x += 30
        for (fate, word) in [(TreePicture.Fate.won, "chosen"), (.kept, "kept"), (.dropped, "dropped")] {
            let style = Self.line(fate)
            text +=
                "<path class=\"line \(fate)\" d=\"M\(n(x)) \(n(y + 6))h26\" stroke=\"\(style.colour)\" stroke-width=\"\(style.width)\"/><text class=\"faint\" x=\"\(n(x + 31))\" y=\"\(n(y + 9))\" fill=\"#6b7078\">\(word)</text>"
            x += 86
        }
        if picture.hidden > 0 {
            text +=
                "<text class=\"faint\" x=\"\(n(x))\" y=\"\(n(y + 9))\" fill=\"#6b7078\">\(Readable.count(picture.hidden)) more steps not shown</text>"
        }
        text += "</g>\n"
    }
}
