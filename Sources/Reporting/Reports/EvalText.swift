import SearchCore
import Studies

/// The tables that `eval` prints for people.
extension EvalReport {
    public var text: String {
        var parts = groups.isEmpty ? resultParts : groupParts
        if let failure = tallies.flatMap(\.finished).lazy.compactMap(\.error).first {
            let failed = tallies.reduce(0) { $0 + $1.failed }
            parts.append(
                "\(Readable.count(failed, "run")) failed and count\(failed == 1 ? "s" : "") as wrong. The first: \(failure)\n"
            )
        }
        parts += textNotes
        if let references, references.chosenBy == .data || references.chosenBy == .option {
            let why = references.chosenBy == .data ? "the data look like MATH" : "by option"
            parts.append(
                "Answers are found with \(references.extract) and compared with \(references.equal): \(why).\n")
        }
        if repeated > 0 {
            parts.append(
                "\(Readable.count(repeated, "problem")) \(repeated == 1 ? "occurs" : "occur") more than once: intervals and differences count each text once.\n"
            )
        }
        if let cost = difficultyCost {
            parts.append(
                "For measuring difficulty, not charged: \(Readable.count(cost.tokens)) tokens, \(Readable.count(cost.verifierTokens)) by the verifier, \(Readable.flops(cost.flops))\n"
            )
        }
        if let sharing, totalCost.flops > 0, sharing.samples + sharing.scores > 0 {
            let share = Readable.percent(sharing.flops / totalCost.flops)
            parts.append(
                "Of the work that \(stored == 0 ? "is charged above" : Self.thisCall(stored)), \(share) was computed once and shared: \(Readable.count(sharing.samples)) samples, \(Readable.count(sharing.scores)) scores.\n"
            )
        }
        if !isComplete { parts.append("Stopped early: these are partial results.\n") }
        return parts.joined(separator: "\n")
    }

    /// What is shared is known of this call alone.
    private static func thisCall(_ stored: Int) -> String {
        "this call charged, for the runs that the store did not have (it had \(Readable.count(stored)))"
    }

    private var resultParts: [String] {
        var parts = [resultsTable]
        let pairs = shownComparisons
        if !pairs.isEmpty { parts.append(comparisonsTable(pairs)) }
        return parts + Self.leftOut(comparisons.count - pairs.count)
    }

    private var groupParts: [String] {
        var parts = [groupsTable]
        let all = groupComparisons
        let pairs = Self.readable(all) { $0.first.cases.first?.limits == $0.second.cases.first?.limits }
        if !pairs.isEmpty { parts.append(groupComparisonsTable(pairs)) }
        return parts + Self.leftOut(all.count - pairs.count)
    }

    private static func leftOut(_ count: Int) -> [String] {
        count > 0
            ? ["\(Readable.count(count, "comparison")) \(count == 1 ? "is" : "are") left out: --json has them all.\n"]
            : []
    }

    /// More of a cell's texts than this cut short, and its figures say more of the limit than of the strategy.
    public static let truncatedMost = 0.1

    private var textNotes: [String] {
        func list(_ notes: [String]) -> [String] {
            notes.count <= 5
                ? notes
                : notes.prefix(4) + ["The same is true of \(notes.count - 4) more cells: --json has them all.\n"]
        }
        let all = zip(cases, tallies).compactMap { one, tally in tally.texts.map { (one.name, $0) } }
        return list(
            all.compactMap { name, texts in
                guard let share = texts.truncatedShare, share > Self.truncatedMost else { return nil }
                return "\(name): \(Self.truncatedNote(texts, share)).\n"
            })
            + list(
                all.compactMap { name, texts in
                    texts.unscored == 0 ? nil : "\(name): \(Self.unscoredNote(texts)).\n"
                })
    }

    static func truncatedNote(_ texts: TextCount, _ share: Double) -> String {
        "\(Readable.percent(share)) of \(Readable.count(texts.ended, "text")) were cut by a limit and have no answer. Raise the limit (max_tokens, the budget's tokens, the bundle's context), or make texts end earlier (the bundle's stop)"
    }

    static func unscoredNote(_ texts: TextCount) -> String {
        "the verifier gave no number from 0 to 1 for \(Readable.count(texts.unscored, "text")) (it gave NaN, or failed): answers there were chosen without it"
    }

    private var resultsTable: String {
        var table = TextTable(header: [
            "strategy @ budget", "right", "accuracy", "95 % interval", "pass@N", "cut short", "tokens", "verifier",
            "FLOPs", "tokens/s",
        ])
        for (one, tally) in zip(cases, tallies) {
            guard let accuracy = tally.accuracy else {
                table.add([one.name, "0/0", "–"])
                continue
            }
            let cost = Dictionary(uniqueKeysWithValues: tally.meanCost.map { ($0.name, $0.value ?? 0) })
            table.add([
                one.name, "\(tally.correct)/\(tally.finished.count)", Readable.percent(accuracy),
                Self.range(tally.ci95),
                tally.oracle.map(Readable.percent) ?? "–", tally.texts?.truncatedShare.map(Readable.percent) ?? "–",
                Readable.count(Int(cost["tokens"] ?? 0)), Readable.count(Int(cost["verifier_tokens"] ?? 0)),
                Readable.flops(cost["flops"] ?? 0), tally.tokensPerSecond.map { Readable.count(Int($0)) } ?? "–",
            ])
        }
        return table.text
    }

    /// All pairs if they are few, else those at the same budget, and of a whole grid none:
    /// nobody reads a thousand lines.
    private var shownComparisons: [(first: Int, second: Int, pair: PairedDifference)] {
        Self.readable(comparisons) { cases[$0.first].limits == cases[$0.second].limits }
    }

    private static func readable<Pair>(_ all: [Pair], sameBudget: (Pair) -> Bool) -> [Pair] {
        guard all.count > 10 else { return all }
        let pairs = all.filter(sameBudget)
        return pairs.count <= 100 ? pairs : []
    }

    private func comparisonsTable(_ pairs: [(first: Int, second: Int, pair: PairedDifference)]) -> String {
        var table = TextTable(header: [
            "difference in accuracy", "points", "95 % interval", "only the first", "only the second", "p (McNemar)",
        ])
        for (first, second, pair) in pairs {
            table.add([
                "\(cases[first].name)  −  \(cases[second].name)", Self.points(pair.difference),
                "\(Self.points(pair.ci95.lowerBound)) … \(Self.points(pair.ci95.upperBound))",
                "\(pair.firstOnly)", "\(pair.secondOnly)", Readable.probability(pair.midP),
            ])
        }
        return table.text
    }
}
