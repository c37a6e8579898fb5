import Studies

/// Numbers beside a figure, for those who cannot or will not read a picture.
public struct Table: Sendable, Equatable {
    public var caption: String
    public var header: [String]
    public var rows: [[String]]
}

extension Figure {
    /// Everything that is drawn, a row a line: made from the figure itself, so that the two cannot differ.
    var numbers: Table {
        let xs = Set(panels.flatMap(\.series).flatMap(\.points).map(\.x)).sorted()
        let isOne = panels.count == 1
        var table = Table(
            caption: "\(y.label), 95 % interval in brackets, over \(x.label)",
            header: [isOne ? "" : "where", "what"] + xs.map(x.name), rows: [])
        if isOne { table.header.removeFirst() }
        for panel in panels {
            for series in panel.series where !series.points.isEmpty {
                let values = xs.map { value in series.point(at: value).map { cell($0, isPaper: series.isPaper) } ?? "–"
                }
                table.rows.append((isOne ? [] : [panel.title]) + [series.name] + values)
            }
        }
        return table
    }

    private func cell(_ estimate: Estimate, isPaper: Bool) -> String {
        let value = y.isPercent ? estimate.times(100) : estimate
        let digits = y.isPercent ? 1 : 2
        let mean = Readable.fixed(value.value, digits)
        return isPaper ? mean : "\(mean) (\(Readable.fixed(value.low, digits))–\(Readable.fixed(value.high, digits)))"
    }
}
