import Reporting
import SearchCore

/// One page with all in it: no other file, no script, no network.
public struct ReportPage {
    private let report: Report
    private let pictures: [String: Drawing]

    /// Draws every figure.
    public init(_ report: Report, by gnuplot: Gnuplot) throws(StratagemError) {
        self.report = report
        var pictures: [String: Drawing] = [:]
        for figure in report.drawn { pictures[figure.id] = Drawing(figure, svg: try gnuplot.draw(figure)) }
        self.pictures = pictures
    }

    /// Files of their own, by name.
    public var svgs: [(name: String, text: String)] {
        report.drawn.compactMap { figure in pictures[figure.id].map { ("\(figure.id).svg", $0.file) } }
    }

    public var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Test-time compute: \(Markup.escaped(report.source))</title>
        <style>
        \(PageStyle.css)</style>
        </head>
        <body>
        <header>
        <h1>Scaling test-time compute</h1>
        <p>The study of Snell et al. 2024 (<a href="https://arxiv.org/abs/2408.03314">arXiv 2408.03314</a>), done again on the runs in \(Markup.escaped(report.source)).</p>
        \(report.warnings.map { "<p class=\"warning\">\(Markup.escaped($0))</p>" }.joined(separator: "\n"))
        <dl>\(report.facts.map { "<div><dt>\(Markup.escaped($0.name))</dt><dd>\(Markup.escaped($0.value))</dd></div>" }.joined(separator: "\n"))</dl>
        </header>
        <nav aria-label="Figures"><ol>\(report.figures.map(link).joined(separator: "\n"))</ol></nav>
        <main>
        <section id="findings">
        <h2>What was found</h2>
        \(findings)
        <p class="note">Held: all of the 95 % interval is on the claim's side. Within chance: the interval has both sides in it. Intervals are a bootstrap by problem (\(Resampling.resamples) resamples, a fixed seed), each on its own: of twenty, one is wrong by chance.</p>
        </section>
        \(report.figures.enumerated().map { section($0 + 1, $1) }.joined(separator: "\n"))
        </main>
        <footer><p>Made by stratagem report. Drawn by gnuplot.</p></footer>
        </body>
        </html>

        """
    }

    private func link(_ drawn: Drawn) -> String {
        switch drawn {
        case .figure(let figure): "<li><a href=\"#\(figure.id)\">\(Markup.escaped(figure.title))</a></li>"
        case .missing(let id, let title, _):
            "<li class=\"missing\"><a href=\"#\(id)\">\(Markup.escaped(title))</a> (no runs)</li>"
        }
    }

    private var findings: String {
        let rows = report.findings.map { finding in
            "<tr><th scope=\"row\">\(Markup.escaped(finding.claim))</th><td>\(Markup.escaped(finding.paper))</td><td>\(Markup.escaped(finding.ours))</td>"
                + "<td class=\"\(Self.tone(finding.verdict))\">\(Markup.escaped(finding.verdict.rawValue))</td><td class=\"why\">\(Markup.escaped(finding.why))</td></tr>"
        }
        return """
            <div class="scroll"><table class="findings">
            <thead><tr><th scope="col">finding</th><th scope="col">the paper</th><th scope="col">here</th><th scope="col">verdict</th><th scope="col">by</th></tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table></div>
            """
    }

    private static func tone(_ verdict: Finding.Verdict) -> String {
        switch verdict {
        case .held: "held"
        case .notHeld: "failed"
        case .leaning, .doubtful: "open"
        case .unknown: "unknown"
        }
    }

    private func section(_ number: Int, _ drawn: Drawn) -> String {
        switch drawn {
        case .missing(let id, let title, let needs):
            return """
                <section id="\(id)">
                <h2>\(number). \(Markup.escaped(title))</h2>
                <p class="missing">Left out: this store has no runs for it. It needs \(Markup.escaped(needs)).</p>
                </section>
                """
        case .figure(let figure):
            let seen =
                figure.seen.isEmpty
                ? "" : "<ul>\(figure.seen.map { "<li>\(Markup.escaped($0))</li>" }.joined(separator: "\n"))</ul>"
            return """
                <section id="\(figure.id)">
                <h2>\(number). \(Markup.escaped(figure.title))</h2>
                <p>\(Markup.escaped(figure.about))</p>
                <figure><div class="scroll">\(pictures[figure.id]?.element ?? "")</div></figure>
                \(seen)
                <p class="note">\(figure.notes.map(Markup.escaped).joined(separator: " "))</p>
                \(figure.tables.map(table).joined(separator: "\n"))
                \(figure.listsPoints ? "<details><summary>The numbers</summary>\(table(figure.numbers))</details>" : "")
                </section>
                """
        }
    }

    private func table(_ table: Table) -> String {
        let head = table.header.map { "<th scope=\"col\">\(Markup.escaped($0))</th>" }.joined()
        let rows = table.rows.map { row in
            "<tr>"
                + row.enumerated().map {
                    $0 == 0 ? "<th scope=\"row\">\(Markup.escaped($1))</th>" : "<td>\(Markup.escaped($1))</td>"
                }.joined() + "</tr>"
        }
        return
            "<div class=\"scroll\"><table><caption>\(Markup.escaped(table.caption))</caption><thead><tr>\(head)</tr></thead><tbody>\(rows.joined(separator: "\n"))</tbody></table></div>"
    }
}
