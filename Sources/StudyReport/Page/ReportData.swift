import SearchCore

extension Report {
    /// As documented in docs/json.md.
    public var json: JSON {
        [
            "store": .string(source),
            "facts": .object(facts.map { .init($0.name, .string($0.value)) }),
            "warnings": .array(warnings.map(JSON.string)),
            "findings": .array(
                findings.map { finding in
                    [
                        "claim": .string(finding.claim), "paper": .string(finding.paper), "here": .string(finding.ours),
                        "verdict": .string(finding.verdict.rawValue), "by": .string(finding.why),
                    ]
                }),
            "figures": .array(figures.map(Self.json)),
        ]
    }

    private static func json(_ drawn: Drawn) -> JSON {
        switch drawn {
        case .missing(let id, let title, let needs):
            ["id": .string(id), "title": .string(title), "needs": .string(needs)]
        case .figure(let figure):
            [
                "id": .string(figure.id), "title": .string(figure.title), "about": .string(figure.about),
                "x": .string(figure.x.label),
                "y": .string(figure.y.label), "panels": .array(figure.panels.map { json($0, figure) }),
                "seen": .array(figure.seen.map(JSON.string)), "notes": .array(figure.notes.map(JSON.string)),
            ]
        }
    }

    private static func json(_ panel: Panel, _ figure: Figure) -> JSON {
        [
            "title": .string(panel.title),
            "series": .array(
                panel.series.map { series in
                    [
                        "name": .string(series.name), "paper": .bool(series.isPaper),
                        "points": .array(
                            series.points.map { point in
                                let x: JSON =
                                    switch figure.x.scale {
                                    case .names, .ratio: .string(figure.x.name(point.x))
                                    case .doubling, .linear: JSON(point.x)
                                    }
                                var fields: [JSON.Field] = [.init("x", x), .init("y", JSON(point.y.value))]
                                if !series.isPaper {
                                    fields.append(.init("ci95", .array([JSON(point.y.low), JSON(point.y.high)])))
                                }
                                return .object(fields)
                            }),
                    ]
                }),
        ]
    }

    /// For a terminal: what was found, a claim a paragraph.
    public var text: String {
        let width = findings.map(\.verdict.rawValue.count).max() ?? 0
        let lines = findings.map { finding in
            let verdict = finding.verdict.rawValue
            let indent = String(repeating: " ", count: width + 2)
            return verdict + String(repeating: " ", count: width - verdict.count + 2) + finding.claim + "\n"
                + (finding.verdict == .unknown
                    ? "" : "\(indent)here:  \(finding.ours)\n\(indent)paper: \(finding.paper)\n")
        }
        let missing = figures.count - drawn.count
        return lines.joined() + "\n\(drawn.count) figures"
            + (missing > 0 ? "; \(missing) left out, for which the store has no runs" : "") + "\n"
    }

    /// The tables of docs/reproduction.md.
    public var markdown: String {
        var text = "<!-- Made by stratagem report; do not edit. -->\n\n"
        for warning in warnings { text += "> \(warning)\n\n" }
        text +=
            "| | |\n|---|---|\n" + facts.map { "| \(Self.cell($0.name)) | \(Self.cell($0.value)) |\n" }.joined() + "\n"
        text += "## Findings\n\n| finding | the paper | here | verdict | by |\n|---|---|---|---|---|\n"
        for finding in findings {
            text +=
                "| "
                + [finding.claim, finding.paper, finding.ours, finding.verdict.rawValue, finding.why].map(Self.cell)
                .joined(separator: " | ") + " |\n"
        }
        for (index, drawn) in figures.enumerated() { text += "\n" + Self.markdown(index + 1, drawn) }
        // Names of data and roles come from a store, and people read this file in terminals too.
        return Plain.text(text)
    }

    private static func markdown(_ number: Int, _ drawn: Drawn) -> String {
        switch drawn {
        case .missing(_, let title, let needs):
            return "## \(number). \(title)\n\nLeft out: this store has no runs for it. It needs \(needs).\n"
        case .figure(let figure):
            let tables = (figure.tables + (figure.listsPoints ? [figure.numbers] : [])).map(markdown)
            let seen = figure.seen.map { "- \($0)\n" }.joined()
            return "## \(number). \(figure.title)\n\n\(figure.about)\n\n\(seen)\n\(tables.joined(separator: "\n"))"
        }
    }

    private static func markdown(_ table: Table) -> String {
        func row(_ cells: [String]) -> String { "| " + cells.map(cell).joined(separator: " | ") + " |\n" }
        let rule = "|" + String(repeating: "---|", count: table.header.count) + "\n"
        return "\(table.caption):\n\n" + row(table.header) + rule + table.rows.map(row).joined()
    }

    /// Text of a table's cell: a bar or a line's end would break the row.
    private static func cell(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 }).replacing("\\", with: "\\\\").replacing("|", with: "\\|")
            .replacing("<", with: "&lt;")
    }
}
