import SearchCore

/// Columns of text, padded to the widest cell: the first to the left, all others to the right, unless they are texts.
struct TextTable {
    private var rows: [[String]] = []
    /// Columns of texts, which stand to the left.
    private let texts: Set<Int>

    init(header: [String], texts: Set<Int> = []) {
        self.texts = texts.union([0])
        rows = [header.map(Self.cell)]
    }

    mutating func add(_ row: [String]) { rows.append(row.map(Self.cell)) }

    /// A cell is one line, whatever is in it: else it would pose as a row, or move others.
    private static func cell(_ text: String) -> String {
        let line = Plain.line(text.split(whereSeparator: \.isNewline).joined(separator: " "), max: cellMost)
        return line.replacing("\t", with: " ")
    }

    private static let cellMost = 400

    var text: String { lines(rows, widths) }

    private var widths: [Int] {
        let columns = rows.map(\.count).max() ?? 0
        return (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    }

    /// In lines of `width` at most, as far as that goes. A wide column `folded` goes on in further lines; of other
    /// wide ones what is too much is cut, the widest first.
    func text(width: Int, folding folded: Int? = nil) -> String {
        var widths = widths
        let gaps = 2 * max(0, widths.count - 1)
        func tooMuch() -> Int { widths.reduce(gaps, +) - width }
        func cut(to least: Int) {
            while tooMuch() > 0,
                let widest = widths.indices.filter({ $0 != folded }).max(by: { widths[$0] < widths[$1] }),
                widths[widest] > least
            {
                widths[widest] -= 1
            }
        }
        if let folded, folded < widths.count {
            cut(to: Self.enough)
            if tooMuch() > 0 { widths[folded] = max(Self.least, widths[folded] - tooMuch()) }
        }
        cut(to: Self.least)
        cut(to: Self.few)
        let shown = rows.flatMap { row -> [[String]] in
            var cut = row.enumerated().map { column, cell in column == folded ? cell : Self.cut(cell, widths[column]) }
            guard let folded, folded < row.count else { return [cut] }
            let pieces = Self.folded(row[folded], widths[folded])
            cut[folded] = pieces[0]
            let blank = [String](repeating: "", count: folded)
            return [cut] + pieces.dropFirst().map { blank + [$0] }
        }
        return lines(shown, widths)
    }

    /// Narrower no column is made where all have room so; nor than enough while there is one to fold; nor ever than a
    /// few.
    private static let least = 12, enough = 40, few = 3

    /// In pieces; those after the first are set in.
    private static func folded(_ cell: String, _ width: Int) -> [String] {
        guard cell.count > width else { return [cell] }
        // Names of strategies have no spaces: they are broken behind what parts their parameters.
        let marked = cell.replacing(",", with: ",\u{0}").replacing(":", with: ":\u{0}").replacing(" ", with: " \u{0}")
        var pieces: [String] = [], line = ""
        for part in marked.split(separator: "\u{0}") {
            let indent = pieces.isEmpty ? 0 : 2
            if !line.isEmpty, indent + line.count + part.filter({ $0 != " " }).count > width {
                pieces.append(String(repeating: " ", count: indent) + line)
                line = ""
            }
            line += part
        }
        if !line.isEmpty { pieces.append((pieces.isEmpty ? "" : "  ") + line) }
        // What cannot be broken is cut.
        return pieces.map { cut(String($0.reversed().drop { $0 == " " }.reversed()), width) }
    }

    private static func cut(_ text: String, _ width: Int) -> String {
        text.count <= width ? text : text.prefix(max(1, width - 1)) + "…"
    }

    private func lines(_ rows: [[String]], _ widths: [Int]) -> String {
        rows.map { row in
            let line = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: max(0, widths[column] - cell.count))
                return texts.contains(column) ? cell + padding : padding + cell
            }.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }
}
