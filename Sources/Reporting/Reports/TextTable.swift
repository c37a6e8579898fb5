import SearchCore

/// Columns of text, padded to the widest cell: the first to the left, all others to the right.
struct TextTable {
    private var rows: [[String]] = []

    init(header: [String]) { rows = [header.map(Self.cell)] }

    mutating func add(_ row: [String]) { rows.append(row.map(Self.cell)) }

    /// A cell is one line, whatever is in it: else it would pose as a row, or move others.
    private static func cell(_ text: String) -> String {
        let line = Plain.line(text.split(whereSeparator: \.isNewline).joined(separator: " "), max: 200)
        return line.replacing("\t", with: " ")
    }

    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            let line = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + padding : padding + cell
            }.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }
}
