/// Search against a verifier: over the budget, and by difficulty.
extension Analysis {
    private static let lines: [Series.Line] = [.solid, .dashed, .dotted]

    /// Best-of-N, majority, beam search and lookahead, on some of the problems.
    private func searchSeries(_ belongs: [Bool]? = nil) -> [Series] {
        Strategies.search.flatMap { kind in
            // More than three of one colour could not be distinguished; tables of `query` have all.
            zip(runs(kind), Self.lines).map { run, line in
                let params =
                    run.first?.params.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
                    ?? ""
                return Series(
                    params.isEmpty ? kind.name : "\(kind.name) (\(params))", kind.ink, line, curve(run, belongs))
            }
        }
    }

    func searchOverBudget() -> Drawn {
        let id = "search-over-budget", title = "Search against a verifier, over the budget"
        let series = searchSeries()
        guard !main(Strategies.bestOfN).isEmpty, series.count > 1 else {
            return .missing(
                id: id, title: title,
                needs:
                    "cells of best-of-n and of at least one of majority, beam-search and lookahead, at several budgets")
        }
        let grey = [PaperNumbers.bestOfN.series, PaperNumbers.majority.series]
        return .figure(
            Figure(
                id: id, title: title,
                about: "Accuracy of four ways to spend a budget of N generations (the paper's figure 3, left).",
                panels: [Panel(title: "all \(data.problems) problems", series: series + grey)], x: .budget,
                seen: comparisons([
                    (Strategies.bestOfN, Strategies.majority), (Strategies.beam, Strategies.bestOfN),
                    (Strategies.lookahead, Strategies.beam),
                ]),
                notes: ["Lookahead pays for its roll-outs: N counts them, as in the paper.", PaperNumbers.note]))
    }

    /// At the smallest budget where a choice can matter, and at the largest.
    private func comparisons(_ pairs: [(Strategies.Kind, Strategies.Kind)]) -> [String] {
        pairs.flatMap { first, second -> [String] in
            let (one, other) = (main(first), main(second))
            let budgets = Self.common(one, other).filter { $0 >= 4 }
            return Set([budgets.first, budgets.last].compactMap(\.self)).sorted().compactMap { budget in
                difference(one, other, at: budget).map {
                    "At N = \(budget) " + Words.compare(first.name, second.name, $0) + "."
                }
            }
        }
    }

    func searchByBin() -> Drawn {
        let id = "search-by-bin", title = "Search by difficulty"
        guard bin != nil, !main(Strategies.bestOfN).isEmpty, !main(Strategies.beam).isEmpty else {
            let why = binTrouble.map { " (\($0))" } ?? ""
            return .missing(
                id: id, title: title,
                needs:
                    "cells of best-of-n and beam-search at several budgets, and problems that differ in difficulty\(why)"
            )
        }
        let panels = binNumbers.map { Panel(title: binTitle($0), series: searchSeries(members($0))) }
        return .figure(
            Figure(
                id: id, title: title,
                about:
                    "The same in \(binCount) bins of difficulty: quantiles of pass@1 over \(data.sharedSamples) samples a problem (the paper's figure 3, right).",
                panels: panels, columns: 3, x: .budget, seen: beamByBin, notes: binNotes))
    }

    private var beamByBin: [String] {
        let (beam, plain) = (main(Strategies.beam), main(Strategies.bestOfN))
        return binNumbers.compactMap { number -> String? in
            guard let gap = beamGap([number]) else { return nil }
            var text = "Bin \(number), mean over N from 4: " + Words.compare("beam search", "best-of-N", gap)
            if let fall = beamTrend([number]) {
                text += "; from N = \(fall.from) to \(fall.to) beam search changes by " + Words.points(fall.change)
            }
            return text + "."
        }
            + (beam.isEmpty || plain.isEmpty
                ? [] : ["In the paper, beam search falls with N in bins 1 and 2, and wins in bins 3 and 4."])
    }

    /// Beam search less best-of-N, mean over the budgets from 4 on.
    func beamGap(_ numbers: [Int]) -> Estimate? {
        let (beam, plain) = (main(Strategies.beam), main(Strategies.bestOfN))
        let budgets = Self.common(beam, plain).filter { $0 >= 4 }
        guard !budgets.isEmpty else { return nil }
        func mean(_ cells: [MeasuredStudy.Cell]) -> [Double] {
            Self.average(cells.filter { budgets.contains($0.budget) }.map(\.right))
        }
        return difference(mean(beam), mean(plain), members(of: numbers))
    }

    /// How beam search changes from a small budget to the largest.
    func beamTrend(_ numbers: [Int]) -> (from: Int, to: Int, change: Estimate)? {
        let beam = main(Strategies.beam).filter { $0.budget >= 4 }
        guard let first = beam.first, let last = beam.last, first.budget < last.budget,
            let change = difference(last.right, first.right, members(of: numbers))
        else { return nil }
        return (first.budget, last.budget, change)
    }

    /// What every figure with bins must say.
    var binNotes: [String] {
        var notes = [
            "Bins are computed from the same samples as best-of-N, as in the paper: chance in a problem's samples moves its bin and its best-of-N in the same direction."
        ]
        if binCount < Self.binsWanted, let binTrouble { notes.append("Only \(binCount) bins: \(binTrouble).") }
        let empty = binNumbers.filter { number in
            let belongs = members(number)
            return data.cells.allSatisfy { cell in zip(cell.right, belongs).allSatisfy { !$1 || !($0 > 0) } }
        }
        if !empty.isEmpty { notes.append("In bin \(Words.list(empty)) no strategy ever gave a right answer.") }
        return notes
    }

    /// What the verifier believes of the answer it chose, beside the truth.
    func overOptimisation() -> Drawn {
        let id = "over-optimisation", title = "Over-optimisation: the verifier's score against the truth"
        let kinds = [Strategies.bestOfN, Strategies.beam].filter { kind in
            main(kind).contains { $0.believed.contains { !$0.isNaN } }
        }
        guard bin != nil, kinds.count == 2 else {
            return .missing(
                id: id, title: title,
                needs:
                    "scored cells of best-of-n and beam-search at several budgets, and problems that differ in difficulty"
            )
        }
        let panels = binNumbers.map { number in
            Panel(
                title: binTitle(number),
                series: kinds.flatMap { kind in
                    [
                        Series("\(kind.name): right", kind.ink, .solid, curve(main(kind), members(number))),
                        Series(
                            "\(kind.name): score of the chosen answer", kind.ink, .dashed,
                            curve(main(kind), members(number)) { $0.believed }),
                    ]
                })
        }
        return .figure(
            Figure(
                id: id, title: title,
                about:
                    "Share of answers that are right (solid) and the verifier's mean score of the answers it chose (dashed). If the dashed line rises and the solid one does not, search finds answers that the verifier prefers instead of right ones (the paper shows examples of this in appendix E).",
                panels: panels, columns: 3, x: .budget, y: YAxis(label: "share, score (%)", isPercent: true),
                seen: beliefs(kinds), notes: binNotes))
    }

    private func beliefs(_ kinds: [Strategies.Kind]) -> [String] {
        kinds.flatMap { kind in
            binNumbers.compactMap { number -> String? in
                guard let drift = beliefDrift(kind, number) else { return nil }
                return
                    "\(kind.name), bin \(number), N = \(drift.from) to \(drift.to): the score moves by \(Words.signed(drift.score.value * 100)), the truth by \(Words.signed(drift.truth.value * 100)) points"
                    + (drift.truth.high < 0 && drift.score.low > 0
                        ? ": over-optimisation." : drift.gap.low > 0 ? ": the score grows faster than the truth." : ".")
            }
        }
    }

    struct Drift {
        var from: Int
        var to: Int
        var score: Estimate
        var truth: Estimate
        /// Score's change less the truth's.
        var gap: Estimate
    }

    func beliefDrift(_ kind: Strategies.Kind, _ number: Int) -> Drift? {
        let cells = main(kind).filter { $0.budget >= 4 && $0.believed.count == data.problems }
        let belongs = members(number)
        guard let first = cells.first, let last = cells.last, first.budget < last.budget,
            let score = difference(last.believed, first.believed, belongs),
            let truth = difference(last.right, first.right, belongs)
        else { return nil }
        func less(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }
        guard let gap = difference(less(last.believed, first.believed), less(last.right, first.right), belongs) else {
            return nil
        }
        return Drift(from: first.budget, to: last.budget, score: score, truth: truth, gap: gap)
    }
}
