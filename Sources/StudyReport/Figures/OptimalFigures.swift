/// Choosing by difficulty, and all three ways of spending together.
extension Analysis {
    func computeOptimal(_ policies: Policies) -> Drawn {
        let id = "compute-optimal", title = "Compute-optimal: the strategy chosen by difficulty"
        let pools = [Pool.search, .revisions].filter { pool in
            policies.oracle[pool]?.right.isEmpty == false && !baseline(pool).isEmpty
                && Set(cells(pool).map(\.run)).count > 1
        }
        guard !pools.isEmpty else {
            let why = policies.oracle[.search]?.trouble.map { " (\($0))" } ?? ""
            return .missing(
                id: id, title: title,
                needs:
                    "finished cells of best-of-n and beam-search, or of revise and revise-parallel, at several budgets on the same problems\(why)"
            )
        }
        let panels = pools.map { pool in Panel(title: pool.name, series: optimalSeries(pool, policies)) }
        return .figure(
            Figure(
                id: id, title: title,
                about:
                    "For each bin of difficulty the best strategy at each budget, against best-of-N at the same budget (the paper's figures 4 and 8). Two-fold cross-validated: chosen on one half of a bin, measured on the other.",
                panels: panels, columns: 2, x: .budget, seen: pools.flatMap { optimalSeen($0, policies) },
                notes: optimalNotes(policies) + [PaperNumbers.note]))
    }

    private func optimalSeries(_ pool: Pool, _ policies: Policies) -> [Series] {
        func line(_ name: String, _ ink: Ink, _ kind: Series.Line, _ policy: Policy?) -> Series {
            Series(name, ink, kind, curve((policy?.right ?? [:]).map { ($0.key, $0.value) }))
        }
        let base = Series(
            pool == .search ? "best-of-N" : "N parallel revisions", pool == .search ? .bestOfN : .parallel, .solid,
            curve(baseline(pool)))
        let grey =
            pool == .search
            ? [PaperNumbers.bestOfN.series, PaperNumbers.optimalSearch.series]
            : [PaperNumbers.parallelRevisions.series, PaperNumbers.optimalRevisions.series]
        let run = Series(
            "as the strategy compute-optimal ran (charged)", .ran, .none,
            pool == .search ? curve(data.runs(of: "compute-optimal").first ?? []) : [])
        return [
            base, line("compute-optimal, oracle difficulty", .optimal, .solid, policies.oracle[pool]),
            line("compute-optimal, predicted difficulty", .predicted, .dashed, policies.predicted[pool]),
            line("compute-optimal, predicted and charged", .charged, .dotted, policies.charged[pool]), run,
        ].filter { !$0.points.isEmpty } + grey
    }

    /// Of a policy at N less the baseline at four times N: how it is named, and what it came to.
    func fourfold(_ policy: Policy?, _ base: [MeasuredStudy.Cell]) -> [(budget: Int, difference: Estimate)] {
        [4, 16, 64].compactMap { budget in
            guard let mine = policy?.right[budget], let other = base.first(where: { $0.budget == 4 * budget }),
                let difference = difference(mine, other.right)
            else { return nil }
            return (budget, difference)
        }
    }

    private func optimalSeen(_ pool: Pool, _ policies: Policies) -> [String] {
        var bases = [(pool == .search ? "best-of-N" : "parallel revisions", baseline(pool))]
        // Plain best-of-N has another proposer than parallel revisions.
        if pool == .revisions { bases.append(("plain best-of-N", main(Strategies.bestOfN))) }
        let ran = Policy(
            right: Dictionary((data.runs(of: "compute-optimal").first ?? []).map { ($0.budget, $0.right) }) { one, _ in
                one
            })
        let all =
            [("oracle", policies.oracle[pool]), ("predicted, charged", policies.charged[pool])]
            + (pool == .search ? [("as the strategy ran", ran)] : [])
        var seen: [String] = []
        for (base, cells) in bases {
            for (name, policy) in all {
                for (budget, difference) in fourfold(policy, cells) {
                    seen.append(
                        "\(Words.sentence(pool.name).dropLast()), \(name): "
                            + Words.compare("compute-optimal at N = \(budget)", "\(base) at \(4 * budget)", difference)
                            + ".")
                }
            }
        }
        let budgets =
            (policies.oracle[pool]?.right.keys).map {
                Set($0).intersection(policies.predicted[pool]?.right.keys.map { $0 } ?? [])
            } ?? []
        if let most = budgets.max(), let oracle = policies.oracle[pool]?.right[most],
            let predicted = policies.predicted[pool]?.right[most],
            let gap = difference(predicted, oracle)
        {
            seen.append(
                "\(Words.sentence(pool.name).dropLast()), N = \(most): "
                    + Words.compare("predicted difficulty", "oracle difficulty", gap) + ".")
        }
        return seen
    }

    private func optimalNotes(_ policies: Policies) -> [String] {
        let troubles = Set(
            [policies.oracle, policies.predicted, policies.charged].flatMap {
                [$0[.search]?.trouble, $0[.revisions]?.trouble]
            }.compactMap(\.self))
        return [
            "Charged: difficulty is predicted from a quarter of N, \(Self.samplesMost) samples at most, and these are part of N. Best-of-N continues from them; other strategies get the rest, and their accuracy is interpolated between the two nearest budgets that were run. Oracle difficulty needs the reference answers, which are not available in practice; it and the uncharged line do not pay for their samples.",
            "Intervals come from resampling the problems, with the choices held fixed.",
        ]
            + troubles.sorted().map { "Fewer bins than \(Self.binsWanted), or none, in some places: \($0)." }
    }

    // MARK: - revisions, search, and both

    /// The policy whose figures the combination is compared by.
    static func preferred(_ policies: Policies, _ pool: Pool) -> (name: String, policy: Policy)? {
        if let predicted = policies.predicted[pool], !predicted.right.isEmpty { return ("predicted", predicted) }
        if let oracle = policies.oracle[pool], !oracle.right.isEmpty { return ("oracle", oracle) }
        return nil
    }

    func combination(_ policies: Policies) -> Drawn {
        let id = "revise-search", title = "Revisions with search over their steps, compared with each method alone"
        let both = main(Strategies.reviseSearch)
        guard !both.isEmpty, let search = Self.preferred(policies, .search),
            let revisions = Self.preferred(policies, .revisions), let all = Self.preferred(policies, .all)
        else {
            return .missing(
                id: id, title: title,
                needs: "cells of revise-search, and those of search and of revisions, at the same budgets")
        }
        func line(_ name: String, _ ink: Ink, _ kind: Series.Line, _ policy: Policy) -> Series {
            Series(name, ink, kind, curve(policy.right.map { ($0.key, $0.value) }))
        }
        let series = [
            Series("best-of-N", .bestOfN, .dotted, curve(main(Strategies.bestOfN))),
            Series("revise-search", .reviseSearch, .solid, curve(both)),
            line("search, compute-optimal", .beam, .dashed, search.policy),
            line("revisions, compute-optimal", .revise, .dashed, revisions.policy),
            line("all together, compute-optimal", .optimal, .solid, all.policy),
        ]
        return .figure(
            Figure(
                id: id, title: title,
                about:
                    "Named but not tried in the paper: revisions and search together, as one strategy and chosen by difficulty (\(all.name), cross-validated) among all others. The paper has no such line.",
                panels: [Panel(title: "all \(data.problems) problems", series: series)], x: .budget,
                seen: combinationSeen(all.policy, search.policy, revisions.policy),
                notes: ["Intervals come from resampling the problems, with the choices held fixed."]))
    }

    private func combinationSeen(_ all: Policy, _ search: Policy, _ revisions: Policy) -> [String] {
        [("search alone", search), ("revisions alone", revisions)].compactMap { name, alone in
            guard let budget = Set(all.right.keys).intersection(alone.right.keys).filter({ $0 <= 64 }).max(),
                let one = all.right[budget], let other = alone.right[budget]
            else { return nil }
            return difference(one, other).map { "At N = \(budget) " + Words.compare("all together", name, $0) + "." }
        }
    }
}
