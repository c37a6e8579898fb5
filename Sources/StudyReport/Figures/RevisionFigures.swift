import Foundation

/// Revisions: one long chain, many short ones, and what happens along a chain.
extension Analysis {
    func sequentialAgainstParallel() -> Drawn {
        let id = "sequential-parallel", title = "Sequential against parallel revisions"
        let one = sequential(majority: false), many = parallel(majority: false)
        guard Self.common(one, many).contains(where: { $0 > 1 }) else {
            return .missing(
                id: id, title: title, needs: "cells of revise and of revise-parallel:chains=N at the same budgets N")
        }
        let series = [
            Series("sequential, verifier", .revise, .solid, curve(one)),
            Series("parallel, verifier", .parallel, .solid, curve(many)),
            Series("sequential, majority", .revise, .dashed, curve(sequential(majority: true))),
            Series("parallel, majority", .parallel, .dashed, curve(parallel(majority: true))),
        ]
        return .figure(
            Figure(
                id: id, title: title,
                about:
                    "N attempts of the reviser: in one chain, where each sees the last four, or in parallel (the paper's figure 6, right).",
                panels: [
                    Panel(
                        title: "all \(data.problems) problems",
                        series: series.filter { !$0.points.isEmpty } + [PaperNumbers.parallelRevisions.series])
                ],
                x: .budget, seen: sequentialSeen(one, many), notes: [PaperNumbers.note]))
    }

    private func sequentialSeen(_ one: [MeasuredStudy.Cell], _ many: [MeasuredStudy.Cell]) -> [String] {
        let budgets = Self.common(one, many).filter { $0 > 1 }
        return Set([budgets.first, budgets.last].compactMap(\.self)).sorted().compactMap { budget in
            difference(one, many, at: budget).map {
                "At N = \(budget) " + Words.compare("one chain", "N in parallel", $0) + "."
            }
        } + ["In the paper, one chain is slightly above N parallel attempts, with a verifier and with majority."]
    }

    // MARK: - the ratio

    /// The largest budget at which three or more ratios were run.
    var ratioBudget: Int? {
        let all = revisions(majority: false)
        let most = all.values.map(\.count).max() ?? 0
        return most < 3 ? nil : all.filter { $0.value.count >= max(3, most - 1) }.keys.max()
    }

    func ratioByBin() -> Drawn {
        let id = "ratio-by-bin", title = "The ratio of sequential to parallel, by difficulty"
        guard let budget = ratioBudget else {
            return .missing(
                id: id, title: title,
                needs: "cells of revise-parallel at three or more numbers of chains (chains=1, …, N) at one budget N")
        }
        let panels =
            [Panel(title: "all \(data.problems) problems", series: ratioSeries(budget, members(nil)))]
            + binNumbers.map { Panel(title: binTitle($0), series: ratioSeries(budget, members($0))) }
        return .figure(
            Figure(
                id: id, title: title,
                about:
                    "N = \(budget) attempts of the reviser, divided into chains: ratio of attempts per chain to chains (the paper's figure 7). At the left all are parallel, at the right there is one chain.",
                panels: panels, columns: 3, x: XAxis(label: "sequential : parallel", scale: .ratio),
                seen: binNumbers.compactMap { ratioSeen(budget, $0) } + [
                    "The paper, at N = 128: easy bins do best fully sequential, hard ones at a ratio between the ends. It gives no figures to compare with."
                ],
                notes: binNotes))
    }

    private func ratioSeries(_ budget: Int, _ belongs: [Bool]) -> [Series] {
        [(false, "verifier", Series.Line.solid), (true, "majority", .dashed)].compactMap { majority, name, line in
            let cells = revisions(majority: majority)[budget] ?? [:]
            let points = cells.sorted { $0.key > $1.key }.compactMap { chains, cell in
                resampling.mean(only(cell.right, where: belongs)).map {
                    Series.Point(Self.ratioPower(budget, chains: chains), $0)
                }
            }
            return points.count > 1 ? Series(name, majority ? .majority : .revise, line, points) : nil
        }
    }

    /// Length to chains, as a power of 2.
    private static func ratioPower(_ budget: Int, chains: Int) -> Double {
        log2(Double(budget)) - 2 * log2(Double(chains))
    }

    struct BestRatio: Sendable {
        /// Of all problems of the bin.
        var chains: Int
        var isInterior: Bool
        /// The best ratio between the ends less the better end: chosen on one half of the
        /// problems, measured on the other, so that choosing is not an advantage.
        var interiorGain: Estimate
    }

    func bestRatio(_ numbers: [Int], budget: Int) -> BestRatio? {
        let cells = revisions(majority: false)[budget] ?? [:]
        let chains = cells.keys.sorted()
        guard let first = chains.first, let last = chains.last, chains.count >= 3, first == 1, last == budget else {
            return nil
        }
        let members = self.members(of: numbers)
        let all = members.indices.filter { members[$0] && cells.values.allSatisfy { !$0.right.isEmpty } }
        func best(_ candidates: [Int], on problems: [Int]) -> Int? {
            candidates.max { a, b in Self.sum(cells[a], problems) < Self.sum(cells[b], problems) }
        }
        guard all.count >= 4, let whole = best(chains, on: all) else { return nil }
        let halves = [0, 1].map { half in all.indices.filter { $0 % 2 == half }.map { all[$0] } }
        var gain = [Double](repeating: .nan, count: data.problems)
        for half in 0...1 {
            guard let inner = best(chains.filter { $0 != first && $0 != last }, on: halves[1 - half]),
                let outer = best([first, last], on: halves[1 - half]),
                let one = cells[inner], let other = cells[outer]
            else { return nil }
            for problem in halves[half] { gain[problem] = one.right[problem] - other.right[problem] }
        }
        guard let estimate = difference(gain, Array(repeating: 0, count: gain.count)) else { return nil }
        return BestRatio(chains: whole, isInterior: whole != first && whole != last, interiorGain: estimate)
    }

    private static func sum(_ cell: MeasuredStudy.Cell?, _ problems: [Int]) -> Double {
        problems.reduce(0) { total, problem in
            total + (cell.map { $0.right[problem].isNaN ? 0 : $0.right[problem] } ?? 0)
        }
    }

    func ratioText(_ budget: Int, chains: Int) -> String {
        chains == 1
            ? "one chain of \(budget)"
            : chains == budget ? "\(budget) in parallel" : "\(chains) chains of \(budget / max(1, chains))"
    }

    private func ratioSeen(_ budget: Int, _ number: Int) -> String? {
        guard let best = bestRatio([number], budget: budget) else { return nil }
        let sure =
            best.interiorGain.low > 0
            ? "a ratio between the ends is better than either"
            : best.interiorGain.high < 0
                ? "an end is better than any ratio between" : "ends and ratios between cannot be distinguished"
        return
            "Bin \(number): best seen is \(ratioText(budget, chains: best.chains)); cross-validated, \(sure): \(Words.points(best.interiorGain))."
    }

    // MARK: - along the chain

    /// By position in the chain: of its attempts, the share that is right.
    func chainAccuracy(_ bins: [Int]? = nil) -> [Series.Point] {
        chainGroups(chainLength).compactMap { places in
            let counts = attempts(bins) { Self.right(in: $0, places) }
            return resampling.ratio(counts.top, counts.bottom).map { .init(Double(places.lowerBound + 1), $0) }
        }
    }

    /// Single places in a short chain; in a long one 1, 2, 3 to 4, 5 to 8 and so on, which many
    /// attempts make readable.
    func chainGroups(_ length: Int) -> [Range<Int>] {
        guard length > 16 else { return (0..<max(0, length)).map { $0..<($0 + 1) } }
        var groups = [0..<1]
        var start = 1
        while start < length {
            groups.append(start..<min(2 * start, length))
            start *= 2
        }
        return groups
    }

    private static func right(in chain: [Bool], _ places: Range<Int>) -> (Int, Int)? {
        let seen = chain.dropFirst(places.lowerBound).prefix(places.count)
        return seen.isEmpty ? nil : (seen.count { $0 }, seen.count)
    }

    /// Of right answers, the share that is wrong one attempt later; or of wrong ones, the
    /// share that is right then. At one place, or over all of the chain.
    func turned(from right: Bool, at places: Range<Int>? = nil) -> Estimate? {
        let counts = attempts { chain in
            let all = 0..<max(0, chain.count - 1)
            let before = (places.map { $0.clamped(to: all) } ?? all).filter { chain[$0] == right }
            return (before.count { chain[$0 + 1] != right }, before.count)
        }
        return resampling.ratio(counts.top, counts.bottom)
    }

    /// Last place less first.
    func chainGain(_ bins: [Int]? = nil) -> Estimate? {
        let groups = chainGroups(chainLength)
        guard groups.count > 1, let first = groups.first, let last = groups.last else { return nil }
        func mean(_ places: Range<Int>) -> [Double] {
            let counts = attempts(bins) { Self.right(in: $0, places) }
            return zip(counts.top, counts.bottom).map { $1 > 0 ? $0 / $1 : .nan }
        }
        return difference(mean(last), mean(first))
    }

    /// Places that most problems have: the end of the chain would rest on few otherwise.
    var chainLength: Int {
        let lengths = data.chains.compactMap { $0.map(\.count).max() }.sorted()
        return lengths.isEmpty ? 0 : lengths[lengths.count / 10]
    }

    private func attempts(_ bins: [Int]? = nil, _ count: ([Bool]) -> (Int, Int)?) -> (top: [Double], bottom: [Double]) {
        var top: [Double] = [], bottom: [Double] = []
        let belongs = bins.map(members) ?? members(nil)
        for (chains, isMeant) in zip(data.chains, belongs) {
            let counts = isMeant ? chains.compactMap(count) : []
            top.append(Double(counts.reduce(0) { $0 + $1.0 }))
            bottom.append(Double(counts.reduce(0) { $0 + $1.1 }))
        }
        return (top, bottom)
    }

    func alongTheChain() -> Drawn {
        let id = "along-the-chain", title = "Along the chain of revisions"
        let length = chainLength
        guard length > 1, data.chains.count == data.problems else {
            return .missing(
                id: id, title: title, needs: "cells of revise (or revise-parallel) with chains of at least two attempts"
            )
        }
        let isLong = chainGroups(length).count < length
        func turns(_ right: Bool) -> [Series.Point] {
            chainGroups(length - 1).compactMap { places in
                turned(from: right, at: places).map { .init(Double(places.lowerBound + 1), $0) }
            }
        }
        func flat(_ name: String, _ values: [(Double, Double)]) -> Series {
            Series(
                name, .paper, .dotted,
                values.map {
                    .init($0.0, Estimate(value: $0.1 / 100, low: $0.1 / 100, high: $0.1 / 100, problems: 500))
                }, isPaper: true)
        }
        let gain = flat(
            "paper: from about 18 to 24 % (≈)",
            [(1, PaperNumbers.firstAttempt), (Double(length), PaperNumbers.lastAttempt)])
        let broken = flat(
            "paper: about 38 % broken (≈)", [(1, PaperNumbers.broken), (Double(length), PaperNumbers.broken)])
        return .figure(
            Figure(
                id: id, title: title,
                about:
                    "Share of attempts that are right, by their position in the chain (the paper's figure 6, left): of all problems, and by difficulty. Then how often the next attempt changes a right or a wrong answer.",
                panels: [
                    Panel(
                        title: "right at this position (pass@1)",
                        series: [Series("right", .revise, .solid, chainAccuracy()), gain])
                ] + byDifficulty + [
                    Panel(
                        title: "changed by the next attempt",
                        series: [
                            Series("right answers broken", .beam, .solid, turns(true)),
                            Series("wrong answers corrected", .lookahead, .dashed, turns(false)), broken,
                        ])
                ],
                columns: byDifficulty.count + 2,
                x: XAxis(
                    label: isLong ? "position in the chain, to the next mark" : "position in the chain",
                    scale: isLong ? .doubling : .linear), y: YAxis(label: "share (%)", isPercent: true),
                seen: chainSeen,
                notes: [PaperNumbers.note]))
    }

    private var byDifficulty: [Panel] {
        let lines: [Series.Line] = [.solid, .dashed, .dotted]
        let series = zip(thirds, lines).map { third, line in
            Series(
                "\(third.name) (\(third.bins.count == 1 ? "bin" : "bins") \(Words.list(third.bins)))", .revise, line,
                chainAccuracy(third.bins))
        }
        return series.isEmpty ? [] : [Panel(title: "the same by difficulty", series: series)]
    }

    /// "on easy problems −4.0 points (…), …"
    var chainGainByDifficulty: String? {
        let parts = thirds.compactMap { third in
            chainGain(third.bins).map { "on \(third.name) problems \(Words.points($0))" }
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    private var chainSeen: [String] {
        var seen: [String] = []
        if let gain = chainGain() {
            let verb = gain.low > 0 ? "climbs" : gain.high < 0 ? "falls" : "does not change beyond chance"
            seen.append(
                "From the first position to the last of \(chainLength) (in long chains, the last half) pass@1 \(verb): \(Words.points(gain)). The paper: from about 18 to about 24 %."
            )
            if let parts = chainGainByDifficulty {
                seen.append("By difficulty: \(parts). Breaking right answers costs most where most are right.")
            }
        }
        if let broken = turned(from: true) {
            seen.append(
                "The next attempt breaks \(Words.share(broken)) % of right answers. The paper: about 38 %. So the answer is chosen from the whole chain."
            )
        }
        if let mended = turned(from: false) { seen.append("It corrects \(Words.share(mended)) % of wrong ones.") }
        return seen
    }
}
