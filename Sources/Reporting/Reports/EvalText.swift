import SearchCore
import Studies

/// The tables that `eval` prints for people.
extension EvalReport {
    public var text: String {
        var parts = [resultsTable]
        let pairs = shownComparisons
        if !pairs.isEmpty { parts.append(comparisonsTable(pairs)) }
        if pairs.count < comparisons.count {
            parts.append("\(comparisons.count - pairs.count) comparisons are left out: --json has them all.\n")
        }
        if let failure = tallies.flatMap(\.finished).lazy.compactMap(\.error).first {
            let failed = tallies.reduce(0) { $0 + $1.failed }
            parts.append("\(Readable.count(failed, "run")) failed and count\(failed == 1 ? "s" : "") as wrong. The first: \(failure)\n")
        }
        if let cost = difficultyCost {
            parts.append("To measure difficulties, not charged: \(Readable.count(cost.tokens)) tokens, \(Readable.count(cost.verifierTokens)) by the verifier, \(Readable.flops(cost.flops))\n")
        }
        if let sharing, totalCost.flops > 0, sharing.samples + sharing.scores > 0 {
            parts.append("Of the work that is charged above, \(Readable.percent(sharing.flops / totalCost.flops)) was computed once and shared: \(Readable.count(sharing.samples)) samples, \(Readable.count(sharing.scores)) scores.\n")
        }
        if !isComplete { parts.append("Stopped early: these are partial results.\n") }
        return parts.joined(separator: "\n")
    }

    private var resultsTable: String {
        var table = TextTable(header: ["strategy @ budget", "right", "accuracy", "95 % interval", "tokens", "verifier", "FLOPs", "tokens/s"])
        for (one, tally) in zip(cases, tallies) {
            guard let accuracy = tally.accuracy else {
                table.add([one.name, "0/0", "–"])
                continue
            }
            let cost = Dictionary(uniqueKeysWithValues: tally.meanCost.map { ($0.name, $0.value ?? 0) })
            table.add([
                one.name, "\(tally.correct)/\(tally.finished.count)", Readable.percent(accuracy),
                "\(Readable.fixed(tally.ci95.lowerBound * 100, 1)) – \(Readable.fixed(tally.ci95.upperBound * 100, 1))",
                Readable.count(Int(cost["tokens"] ?? 0)), Readable.count(Int(cost["verifier_tokens"] ?? 0)),
                Readable.flops(cost["flops"] ?? 0), tally.tokensPerSecond.map { Readable.count(Int($0)) } ?? "–",
            ])
        }
        return table.text
    }

    /// All pairs if they are few, else those at the same budget, and of a whole grid none:
    /// nobody reads a thousand lines.
    private var shownComparisons: [(first: Int, second: Int, pair: PairedDifference)] {
        let all = comparisons
        guard all.count > 10 else { return all }
        let pairs = all.filter { cases[$0.first].limits == cases[$0.second].limits }
        return pairs.count <= 100 ? pairs : []
    }

    private func comparisonsTable(_ pairs: [(first: Int, second: Int, pair: PairedDifference)]) -> String {
        var table = TextTable(header: ["difference in accuracy", "points", "95 % interval", "only the first", "only the second", "p (McNemar)"])
        func points(_ value: Double) -> String { (value < 0 ? "" : "+") + Readable.fixed(value * 100, 1) }
        for (first, second, pair) in pairs {
            table.add([
                "\(cases[first].name)  −  \(cases[second].name)", points(pair.difference),
                "\(points(pair.ci95.lowerBound)) … \(points(pair.ci95.upperBound))",
                "\(pair.firstOnly)", "\(pair.secondOnly)", Readable.probability(pair.midP),
            ])
        }
        return table.text
    }
}
