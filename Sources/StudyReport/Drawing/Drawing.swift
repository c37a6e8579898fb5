import Reporting

/// What gnuplot drew, made fit for a page: colours that follow the theme, ids that
/// are this figure's own, words for those who cannot see it.
struct Drawing {
    private let body: String
    private let size: String
    private let figure: Figure

    init(_ figure: Figure, svg: String) {
        self.figure = figure
        size = svg.firstMatch(of: /viewBox="([0-9 .]+)"/).map { String($0.1) } ?? "0 0 900 400"
        var text = svg
        if let start = text.range(of: "<g id=\"gnuplot_canvas\">"),
            let end = text.range(of: "</svg>", options: .backwards)
        {
            text = String(text[start.lowerBound..<end.lowerBound])
        }
        // gnuplot's text boxes, which we have none of.
        text.replace(/<filter id='(textbox|greybox)'[\s\S]*?<\/filter>/, with: "")
        text.replace(/rgb\( *([0-9]+), *([0-9]+), *([0-9]+)\)/) { match in
            "#" + [match.1, match.2, match.3].map { Self.hex($0) }.joined()
        }
        text.replace(/(fill|stroke|color) = '/) { "\($0.1)='" }
        text.replace(/<title>gnuplot_plot_[0-9a-z]*<\/title>/, with: "")
        text.replace(/<g fill="none"[^>]*>\s*<\/g>\n?/, with: "")
        // Many figures share one page, and an id may be there once.
        for name in ["gpPt", "gpDot", "gnuplot_"] {
            text.replace("'\(name)", with: "'\(figure.id)-\(name)")
            text.replace("\"\(name)", with: "\"\(figure.id)-\(name)")
            text.replace("#\(name)", with: "#\(figure.id)-\(name)")
        }
        body = text
    }

    /// For inside a page, which has the colours (`rules`).
    var element: String { wrapped(style: "") }

    /// A file of its own: light, and dark where the reader's system is.
    var file: String {
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
            + wrapped(
                style:
                    "<style>@media screen and (prefers-color-scheme: dark) {\n\(Self.rules("") { $0.dark })}</style>\n")
            + "\n"
    }

    /// CSS that gives every ink the colour that `colour` names. Rules outrank the
    /// attributes that gnuplot wrote.
    static func rules(_ scope: String, _ colour: (Ink) -> String) -> String {
        Ink.allCases.map { ink in
            ["fill", "stroke", "color"].map { "\(scope)[\($0)=\"\(ink.light)\"] { \($0): \(colour(ink)) }" }.joined(
                separator: " ") + "\n"
        }.joined()
    }

    private func wrapped(style: String) -> String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="\(size)" role="img" aria-labelledby="\(figure.id)-title \(figure.id)-desc">
        <title id="\(figure.id)-title">\(Markup.escaped(figure.title))</title>
        <desc id="\(figure.id)-desc">\(Markup.escaped(([figure.about] + figure.seen).joined(separator: " ")))</desc>
        \(style)\(body)</svg>
        """
    }

    private static func hex(_ digits: Substring) -> String {
        let value = min(255, Int(digits) ?? 0)
        return (value < 16 ? "0" : "") + String(value, radix: 16)
    }
}
