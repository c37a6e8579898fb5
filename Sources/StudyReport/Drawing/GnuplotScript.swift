import Foundation

/// A figure in gnuplot's words. Text of the store is put between single quotes, where
/// gnuplot substitutes nothing, and all numbers are ours.
struct GnuplotScript {
    private static let width = 900.0
    private static let legendRow = 24.0

    let figure: Figure
    private let lowest: Double
    private let highest: Double
    private let xs: [Double]
    private let legendRows: Int

    init(_ figure: Figure) {
        self.figure = figure
        let points = figure.panels.flatMap(\.series).flatMap(\.points)
        let factor = figure.y.isPercent ? 100.0 : 1
        let low = (points.map(\.y.low).min() ?? 0) * factor, high = (points.map(\.y.high).max() ?? 1) * factor
        let room = max((high - low) * 0.05, figure.y.isPercent ? 1 : 0.01)
        lowest = low >= 0 ? max(0, low - room) : low - room
        highest = figure.y.isPercent && high <= 100 ? min(100.5, high + room) : high + room
        xs = Set(points.map(\.x)).sorted()
        var seen: Set<String> = []
        let entries = figure.panels.flatMap(\.series).filter { !$0.points.isEmpty && seen.insert($0.name).inserted }
        legendRows = (Self.places(entries).last?.row ?? 0) + 1
    }

    private var columns: Int { max(1, min(figure.columns, figure.panels.count)) }
    private var rows: Int { (figure.panels.count + columns - 1) / columns }
    private var hasNotes: Bool { figure.panels.contains { !$0.note.isEmpty } }
    private var panelHeight: Double { (columns == 1 ? 370 : columns == 2 ? 320 : 250) + (hasNotes ? 16 : 0) }

    /// Of the whole, in pixels.
    private var height: Double { Double(rows) * panelHeight + Double(legendRows) * Self.legendRow + 8 }

    var text: String {
        var lines = [
            "set terminal svg size \(Int(Self.width)),\(Int(height)) dynamic noenhanced font 'sans-serif,13' background rgb '\(Ink.page.light)'",
            "set encoding utf8",
            "set border 3 lc rgb '\(Ink.axis.light)'",
            "set tics nomirror scale 0.5 textcolor rgb '\(Ink.text.light)'",
            "set grid ytics lt 1 lw 1 lc rgb '\(Ink.grid.light)'",
            "set yrange [\(number(lowest)):\(number(highest))]",
            xAxis,
        ]
        for (panel, name) in zip(figure.panels, panelNames) { lines += data(panel, name) }
        lines.append("set multiplot")
        for (index, panel) in figure.panels.enumerated() { lines += plot(panel, index) }
        lines += legend
        lines.append("unset multiplot")
        return lines.joined(separator: "\n") + "\n"
    }

    private var panelNames: [String] { figure.panels.indices.map { "p\($0)" } }

    // MARK: - axes

    private var xAxis: String {
        guard let first = xs.first, let last = xs.last else { return "set xrange [0:1]" }
        let marks = xs.filter { $0 == $0.rounded() }
        // Beside others a panel has no room for nine names: every second mark has one.
        let step = figure.columns >= 3 && marks.count > 8 ? 2 : 1
        let ticks = marks.enumerated().map {
            "'\($0.offset % step == 0 ? Self.quoted(figure.x.name($0.element)) : "")' \(number($0.element))"
        }.joined(separator: ",")
        let some = ticks.isEmpty ? "" : "set xtics (\(ticks))\n"
        switch figure.x.scale {
        case .doubling:
            return some
                + "set logscale x 2\nset xrange [\(number(first / 1.15)):\(number(max(last, first * 2) * 1.15))]"
        case .linear:
            let most = xs.count > 12 ? "set xtics autofreq\n" : some
            return most + "set xrange [\(number(first - 0.2)):\(number(max(last, first + 1) + 0.2))]"
        case .names(let names): return some + "set xrange [-0.5:\(number(Double(max(1, names.count)) - 0.5))]"
        case .ratio: return some + "set xrange [\(number(first - 0.3)):\(number(max(last, first + 1) + 0.3))]"
        }
    }

    // MARK: - panels

    private func data(_ panel: Panel, _ name: String) -> [String] {
        let factor = figure.y.isPercent ? 100.0 : 1
        return panel.series.enumerated().flatMap { index, series -> [String] in
            let shift = offset(index, in: panel)
            let rows = series.points.map { point -> String in
                let values: [Double] = [
                    point.x + shift, point.y.value * factor, point.y.low * factor, point.y.high * factor,
                ]
                return values.map(number).joined(separator: " ")
            }
            return ["$\(name)s\(index) << EOD"] + rows + ["EOD"]
        }
    }

    /// Marks with bars stand beside each other.
    private func offset(_ index: Int, in panel: Panel) -> Double {
        guard case .names = figure.x.scale, panel.series.count > 1 else { return 0 }
        return (Double(index) - Double(panel.series.count - 1) / 2) * 0.18
    }

    private func plot(_ panel: Panel, _ index: Int) -> [String] {
        let column = Double(index % columns), row = Double(index / columns)
        let cell = Self.width / Double(columns)
        let top = Double(legendRows) * Self.legendRow + row * panelHeight
        // A title takes room above; the axis's label below.
        let left = column * cell + (columns == 1 ? 56 : 62), right = (column + 1) * cell - 14
        let upper = top + (hasNotes ? 54 : 38), lower = top + panelHeight - 46
        func screenX(_ x: Double) -> String { number(x / Self.width) }
        func screenY(_ y: Double) -> String { number(1 - y / height) }
        var plots: [String] = []
        for (number, series) in panel.series.enumerated() where !series.isPaper && !series.points.isEmpty {
            plots.append(spread("$p\(index)s\(number)", series))
        }
        for (number, series) in panel.series.enumerated() where !series.points.isEmpty {
            plots.append("$p\(index)s\(number) using 1:2 with \(style(series)) notitle")
        }
        return [
            "set lmargin at screen \(screenX(left))", "set rmargin at screen \(screenX(right))",
            "set tmargin at screen \(screenY(upper))", "set bmargin at screen \(screenY(lower))",
            "unset key", "unset label",
            panel.note.isEmpty
                ? ""
                : "set label 1 '\(Self.quoted(panel.note))' at graph 0.5,1.07 center font ',11' textcolor rgb '\(Ink.axis.light)'",
            "set title '\(Self.quoted(panel.title))' textcolor rgb '\(Ink.text.light)' offset 0,\(hasNotes ? 0.4 : -0.6)",
            "set xlabel '\(Self.quoted(figure.x.label))' textcolor rgb '\(Ink.text.light)' offset 0,0.4",
            column == 0
                ? "set ylabel '\(Self.quoted(figure.y.label))' textcolor rgb '\(Ink.text.light)' offset 1.6,0"
                : "unset ylabel",
            plots.isEmpty ? "plot NaN notitle" : "plot " + plots.joined(separator: ", \\\n  "),
        ]
    }

    /// The interval: a band along a line, a bar through a lone mark.
    private func spread(_ data: String, _ series: Series) -> String {
        if series.line == .none || series.points.count == 1 {
            return "\(data) using 1:3:4:(0) with vectors nohead lw 1.5 lc rgb '\(series.ink.light)' notitle"
                .replacing("1:3:4:(0)", with: "1:3:(0):($4-$3)")
        }
        return
            "\(data) using 1:3:4 with filledcurves fs transparent solid 0.13 noborder lc rgb '\(series.ink.light)' notitle"
    }

    private func style(_ series: Series) -> String {
        let colour = "lc rgb '\(series.ink.light)'"
        let dash =
            switch series.line {
            case .solid, .none: "dt 1"
            case .dashed: "dt (9,5)"
            case .dotted: "dt (2,4)"
            }
        if series.isPaper {
            return series.line == .none ? "points pt 2 ps 0.8 lw 1 \(colour)" : "lines lw 1.2 \(dash) \(colour)"
        }
        let mark = "pt \(series.ink.mark) ps 0.65"
        return series.line == .none ? "points \(mark) lw 1.5 \(colour)" : "linespoints lw 2 \(dash) \(mark) \(colour)"
    }

    // MARK: - legend

    /// One entry for each name, above all panels.
    private var entries: [Series] {
        var seen: Set<String> = []
        return figure.panels.flatMap(\.series).filter { !$0.points.isEmpty && seen.insert($0.name).inserted }
    }

    /// Where each entry stands, in pixels from the left, and in which row. gnuplot's own key gives all
    /// entries the width of the longest and spills over the panels.
    private static func places(_ entries: [Series]) -> [(x: Double, row: Int)] {
        var places: [(x: Double, row: Int)] = []
        var x = 20.0, row = 0
        for entry in entries {
            let width = Double(entry.name.count) * 7.3 + 70
            if x > 20, x + width > Self.width { (x, row) = (20, row + 1) }
            places.append((x, row))
            x += width
        }
        return places
    }

    private var legend: [String] {
        guard !entries.isEmpty else { return [] }
        let tall = Double(legendRows) * Self.legendRow
        var lines = [
            "set lmargin at screen 0", "set rmargin at screen 1", "set tmargin at screen 1",
            "set bmargin at screen \(number(1 - tall / height))",
            "unset title", "unset xlabel", "unset ylabel", "unset tics", "unset border", "unset grid", "unset logscale",
            "unset label", "unset key",
            "set xrange [0:\(number(Self.width))]", "set yrange [0:\(number(tall))]",
        ]
        var plots: [String] = []
        for (index, (entry, place)) in zip(entries, Self.places(entries)).enumerated() {
            let y = tall - (Double(place.row) + 0.6) * Self.legendRow
            lines += ["$k\(index) << EOD"] + [0, 17, 34].map { "\(number(place.x + $0)) \(number(y))" } + ["EOD"]
            lines.append(
                "set label \(index + 1) '\(Self.quoted(entry.name))' at \(number(place.x + 42)),\(number(y)) left textcolor rgb '\(Ink.text.light)'"
            )
            let rows = entry.line == .none ? " every 1::1::1" : ""
            plots.append(
                "$k\(index)\(rows) using 1:2 with \(style(entry).replacing("linespoints", with: "lines")) notitle")
            if !entry.isPaper, entry.line != .none {
                plots.append(
                    "$k\(index) every 1::1::1 using 1:2 with points pt \(entry.ink.mark) ps 0.65 lw 2 lc rgb '\(entry.ink.light)' notitle"
                )
            }
        }
        return lines + ["plot " + plots.joined(separator: ", \\\n  ")]
    }

    // MARK: - text

    private func number(_ value: Double) -> String { value.isFinite ? String(format: "%.6g", value) : "NaN" }

    /// For between single quotes: a quote is doubled, and nothing else means anything.
    static func quoted(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) }).replacing(
            "'", with: "''")
    }
}
