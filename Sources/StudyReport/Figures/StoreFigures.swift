import Studies

/// Whatever the store holds, a stranger's strategies too: accuracy over the budget, and over what it cost.
extension Analysis {
    /// Runs that one figure draws: more could not be distinguished. The tables have all.
    private static let runsDrawn = 12
    private static let inks: [Ink] = [
        .bestOfN, .beam, .lookahead, .majority, .revise, .parallel, .reviseSearch, .predicted, .charged, .ran, .large,
        .optimalICLR,
    ]

    private var everyCell: [MeasuredStudy.Cell] {
        (data.cells + data.otherCells).filter { $0.right.contains { !$0.isNaN } }
    }

    /// The runs that are drawn, those that come furthest first, and each one's colour.
    private var drawnRuns: [(run: String, ink: Ink)] {
        var best: [String: Double] = [:]
        for cell in everyCell { best[cell.run] = max(best[cell.run] ?? 0, accuracy(cell)?.value ?? 0) }
        let order = best.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key).prefix(Self.runsDrawn)
        return zip(order, Self.inks).map { (run: $0, ink: $1) }
    }

    private func accuracy(_ cell: MeasuredStudy.Cell) -> Estimate? { resampling.mean(cell.right) }

    func everyStrategy() -> Drawn {
        let id = "every-strategy", title = "Every strategy of the store, over the budget"
        let runs = drawnRuns
        let series = runs.compactMap { run, ink -> Series? in
            let points = curve(data.cells.filter { $0.run == run })
            return points.isEmpty ? nil : Series(run, ink, .solid, points)
        }
        guard !series.isEmpty else {
            return .missing(id: id, title: title, needs: "cells with a budget in generations")
        }
        let all = Set(data.cells.map(\.run)).count
        return .figure(
            Figure(
                id: id, title: title,
                about: "Accuracy of all measured strategies, with those of their parameters that are not defaults.",
                panels: [Panel(title: "all \(data.problems) problems", series: series)], x: .budget, seen: furthest,
                notes: all > series.count
                    ? [
                        "Of \(all) strategies with parameters the best \(series.count) are drawn; the next figure's table has all."
                    ] : []))
    }

    /// Which strategies end highest, at the largest budget, and whether chance may have put one before another.
    private var furthest: [String] {
        guard let budget = data.cells.map(\.budget).max() else { return [] }
        let there = data.cells.filter { $0.budget == budget }.compactMap { cell in
            accuracy(cell).map { (run: cell.run, accuracy: $0) }
        }
        .sorted { ($1.accuracy.value, $0.run) < ($0.accuracy.value, $1.run) }
        guard let first = there.first else { return [] }
        func percent(_ value: Double) -> String { Readable.fixed(value * 100, 1) }
        let interval = "\(percent(first.accuracy.low)) to \(percent(first.accuracy.high))"
        let near = there.dropFirst().filter { $0.accuracy.value >= first.accuracy.low }
        let rest =
            there.count == 1
            ? "No other strategy was measured there."
            : "Of the \(Readable.count(there.count - 1, "other")) there, \(near.count) \(near.count == 1 ? "is" : "are") inside that interval."
        return [
            "At N = \(budget), the largest budget, \(first.run) is highest with \(percent(first.accuracy.value)) % (\(interval)). \(rest)"
        ]
    }

    // MARK: - what it costs

    private struct Priced {
        var cell: MeasuredStudy.Cell
        var accuracy: Estimate
        var cost: Double
        var isOnFrontier = false
    }

    /// FLOPs count everything, verifiers and prompts too; where those of more cells are not known, sampled tokens must
    /// do.
    private var costsFLOPs: Bool { everyCell.count { $0.flops > 0 } >= everyCell.count { $0.tokens > 0 } }

    private var priced: [Priced] {
        var found = everyCell.compactMap { cell -> Priced? in
            let cost = costsFLOPs ? cell.flops : cell.tokens
            guard cost > 0, let accuracy = accuracy(cell) else { return nil }
            return Priced(cell: cell, accuracy: accuracy, cost: cost)
        }
        found.sort { ($0.cost, -$0.accuracy.value, $0.cell.run) < ($1.cost, -$1.accuracy.value, $1.cell.run) }
        // Accuracies on other problems say nothing of each other.
        let most = found.map(\.accuracy.problems).max() ?? 0
        let full = found.indices.filter { found[$0].accuracy.problems == most }
        let isOn = ParetoFrontier.members(full.map { (found[$0].cost, found[$0].accuracy.value) })
        for (index, isOn) in zip(full, isOn) { found[index].isOnFrontier = isOn }
        return found
    }

    func frontier() -> Drawn {
        let id = "frontier", title = "Accuracy over cost: every strategy of the store, and the frontier"
        let priced = priced
        guard !priced.isEmpty else {
            return .missing(id: id, title: title, needs: "cells whose FLOPs or tokens are known")
        }
        let edge = priced.filter(\.isOnFrontier)
        let unit = costsFLOPs ? Self.unit(priced.map(\.cost).min() ?? 1) : (1, "tokens sampled")
        func points(_ list: [Priced]) -> [Series.Point] { list.map { .init($0.cost / unit.0, $0.accuracy) } }
        let series =
            [Series("frontier", .optimal, .dotted, points(edge))]
            + drawnRuns.map { run, ink in Series(run, ink, .none, points(priced.filter { $0.cell.run == run })) }.filter
        { !$0.points.isEmpty }
        var figure = Figure(
            id: id, title: title,
            about:
                "Accuracy over the mean cost of a problem, one mark per budget. A cell is on the frontier if no cell of the same or a lower cost has a higher accuracy.",
            panels: [Panel(title: "all \(data.problems) problems", series: series)],
            x: XAxis(label: "mean cost of a problem (\(unit.1))", scale: .doubling),
            seen: [Self.seen(edge)], notes: frontierNotes(priced), tables: [table(priced)])
        figure.listsPoints = false
        return .figure(figure)
    }

    static func unit(_ least: Double) -> (Double, String) {
        let units: [(Double, String)] = [(1e12, "TFLOP"), (1e9, "GFLOP"), (1e6, "MFLOP")]
        return units.first { least >= $0.0 } ?? (1, "FLOP")
    }

    private static func name(_ cell: MeasuredStudy.Cell) -> String {
        cell.budget > 0 ? "\(cell.run) at N = \(cell.budget)" : "\(cell.run) at \(cell.budgetText)"
    }

    private static func seen(_ edge: [Priced]) -> String {
        "From the cheapest cell, the frontier is "
            + Words.list(edge.map { "\(name($0.cell)) (\(Readable.fixed($0.accuracy.value * 100, 1)) %)" }) + "."
    }

    private func frontierNotes(_ priced: [Priced]) -> [String] {
        var notes = [
            "The frontier is computed from means: neighbours on it may differ only by chance; the table has the intervals."
        ]
        let most = priced.map(\.accuracy.problems).max() ?? 0
        let partial = priced.count { $0.accuracy.problems < most }
        if partial > 0 {
            notes.append(
                "\(Readable.count(partial, "cell")) measured on fewer problems than others \(partial == 1 ? "is" : "are") left out of the frontier."
            )
        }
        let unknown = everyCell.count - priced.count
        if unknown > 0 {
            notes.append(
                "\(Readable.count(unknown, "cell")) \(unknown == 1 ? "is" : "are") left out: the cost is not known in \(costsFLOPs ? "FLOPs" : "tokens")."
            )
        }
        if !costsFLOPs {
            notes.append(
                "The cost is in sampled tokens, since the FLOPs of some runs are not known: prompts and verifiers are not included."
            )
        }
        return notes
    }

    private func table(_ priced: [Priced]) -> Table {
        Table(
            caption: "Every cell of the store, the cheapest first; accuracy in per cent, 95 % interval in brackets",
            header: ["strategy", "budget", "accuracy", "problems", "tokens", "FLOPs", "on the frontier"],
            rows: priced.map { one in
                [
                    one.cell.run, one.cell.budgetText, Words.share(one.accuracy), "\(one.accuracy.problems)",
                    one.cell.tokens.isNaN ? "–" : Readable.count(Int(one.cell.tokens.rounded())),
                    Readable.flops(one.cell.flops), one.isOnFrontier ? "yes" : "",
                ]
            })
    }
}
