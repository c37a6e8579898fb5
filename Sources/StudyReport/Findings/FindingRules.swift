import Studies

/// The table at the top of the report: worked out from the store, never written by hand.
struct FindingRules {
    let analysis: Analysis
    let policies: Policies
    /// Of the store that has the larger model.
    let matching: FLOPsMatching?

    var all: [Finding] {
        [
            beamOnEasy, beamOnMiddle, overOptimised, reviserBreaks, chainClimbs, interiorRatio, fourfold(.revisions),
            fourfold(.search), asItRan, predictedIsClose,
            smallBeatsLarge, processVerifier, lastStep, combination,
        ]
    }

    private func finding(_ claim: String, paper: String, ours: String?, _ verdict: Finding.Verdict, why: String)
        -> Finding
    {
        Finding(claim: claim, paper: paper, ours: ours ?? "–", verdict: ours == nil ? .unknown : verdict, why: why)
    }

    private func third(_ name: String) -> [Int] { analysis.thirds.first { $0.name == name }?.bins ?? [] }

    private func named(_ bins: [Int]) -> String {
        bins.isEmpty ? "" : "bin\(bins.count > 1 ? "s" : "") \(Words.list(bins))"
    }

    // MARK: - search

    private var beamOnEasy: Finding {
        let easy = third("easy")
        let trend = easy.isEmpty ? nil : analysis.beamTrend(easy)
        return finding(
            "Beam search gets worse with N on easy problems", paper: "bins 1 and 2: falls as N grows",
            ours: trend.map { "\(named(easy)), N = \($0.from) to \($0.to): \(Words.points($0.change))" },
            Finding.Verdict(trend?.change.times(-1)),
            why: "Its accuracy at the largest N less that at the smallest from 4 on must be below 0.")
    }

    /// Bins 3 and 4 of five, as in the paper.
    private var middle: [Int] { analysis.binNumbers.count == 5 ? [3, 4] : third("medium") }

    private var beamOnMiddle: Finding {
        let gap = middle.isEmpty ? nil : analysis.beamGap(middle)
        return finding(
            "Beam search beats best-of-N on problems of middle difficulty", paper: "bins 3 and 4: at every N",
            ours: gap.map { "\(named(middle)), mean over N from 4: \(Words.points($0))" },
            Finding.Verdict(gap), why: "Beam search less best-of-N, paired by problem, must be above 0.")
    }

    private var overOptimised: Finding {
        let easy = third("easy")
        let drifts = easy.compactMap { number in analysis.beliefDrift(Strategies.beam, number).map { (number, $0) } }
        let parts = drifts.map {
            Finding.Verdict.all([Finding.Verdict($0.1.score), Finding.Verdict($0.1.truth.times(-1))])
        }
        return finding(
            "Search over-optimises the verifier on easy problems",
            paper: "shown by examples: high scores for repeated or too short solutions",
            ours: drifts.isEmpty
                ? nil
                : drifts.map {
                    "bin \($0.0), N = \($0.1.from) to \($0.1.to): score \(Words.signed($0.1.score.value * 100)), truth \(Words.points($0.1.truth))"
                }.joined(separator: "; "),
            Finding.Verdict.any(parts),
            why:
                "In an easy bin the score of beam search's answer must rise with N while the share that is right falls."
        )
    }

    private var processVerifier: Finding {
        let prm = analysis.main(Strategies.bestOfN), orm = analysis.bestOfN(verifier: "orm")
        let budget = Analysis.common(prm, orm).last { $0 > 1 }
        let gap = budget.flatMap { analysis.difference(prm, orm, at: $0) }
        return finding(
            "A process verifier selects better than an outcome verifier",
            paper: "~31.8 against ~30.6 at N = 32, ~38.0 against ~34.4 at 512 (read off)",
            ours: gap.map { "N = \(budget ?? 0): \(Words.points($0))" }, Finding.Verdict(gap),
            why: "Best-of-N with the PRM less best-of-N with the ORM must be above 0.")
    }

    private var lastStep: Finding {
        let budget = Analysis.doublings(to: analysis.data.sharedSamples).last ?? 1
        let isKnown = budget > 1 && analysis.data.samples.contains { $0.contains { !$0.product.isNaN } }
        let last = isKnown ? analysis.aggregated(.last, budget) : []
        let gaps =
            isKnown
            ? [Analysis.Aggregator.least, .product].map { analysis.difference(last, analysis.aggregated($0, budget)) }
            : []
        let ours = gaps.compactMap(\.self).map(Words.points)
        return finding(
            "The last step's value ranks answers better than the least or the product", paper: "last, with soft labels",
            ours: ours.count == 2 ? "N = \(budget): over least \(ours[0]); over product \(ours[1])" : nil,
            Finding.Verdict.all(gaps.map { Finding.Verdict($0) }), why: "Both differences must be above 0.")
    }

    // MARK: - revisions

    private var reviserBreaks: Finding {
        let broken = analysis.turned(from: true)
        return finding(
            "The reviser breaks right answers, so the last one is not taken",
            paper: "~38 % of right answers become wrong",
            ours: broken.map { "\(Words.share($0)) %" }, (broken?.low ?? 0) > 0 ? .held : .notHeld,
            why: "Of right answers in a chain, the share that is wrong one attempt later must be above 0.")
    }

    private var chainClimbs: Finding {
        let gain = analysis.chainGain()
        let parts = analysis.chainGainByDifficulty.map { "; \($0)" } ?? ""
        return finding(
            "pass@1 climbs along the chain", paper: "~18 to ~24 %",
            ours: gain.map {
                "first place to the last of \(analysis.chainLength) (in long chains, the last half): \(Words.points($0))\(parts)"
            },
            Finding.Verdict(gain), why: "Accuracy at the last place less that at the first must be above 0.")
    }

    private var interiorRatio: Finding {
        let budget = analysis.ratioBudget
        func best(_ name: String) -> Analysis.BestRatio? {
            let bins = third(name)
            return bins.isEmpty ? nil : budget.flatMap { analysis.bestRatio(bins, budget: $0) }
        }
        let easy = best("easy"), hard = best("hard")
        var ours: String?
        if let budget, let easy, let hard {
            ours =
                "N = \(budget): easy, \(analysis.ratioText(budget, chains: easy.chains)); hard, \(analysis.ratioText(budget, chains: hard.chains)); on hard ones a ratio between the ends less the better end: \(Words.points(hard.interiorGain))"
        }
        return finding(
            "Easy problems want one chain, hard ones a ratio between",
            paper: "fully sequential on easy bins, interior on hard ones",
            ours: ours,
            Finding.Verdict.all([
                easy.map { $0.chains == 1 ? .held : .doubtful } ?? .unknown, Finding.Verdict(hard?.interiorGain),
            ]),
            why:
                "Easy: the best seen must be one chain. Hard: the best interior ratio less the better end, cross-validated, must be above 0."
        )
    }

    // MARK: - choosing by difficulty

    private func fourfold(_ pool: Pool) -> Finding {
        let charged = analysis.fourfold(policies.charged[pool], analysis.baseline(pool))
        let free = analysis.fourfold(policies.oracle[pool], analysis.baseline(pool))
        let plain =
            pool == .revisions ? analysis.fourfold(policies.charged[pool], analysis.main(Strategies.bestOfN)) : []
        func text(_ name: String, _ all: [(budget: Int, difference: Estimate)]) -> String? {
            all.isEmpty
                ? nil
                : "\(name): "
                    + all.map { "\($0.budget) against \(4 * $0.budget): \(Words.points($0.difference))" }.joined(
                        separator: ", ")
        }
        let ours = [
            text("charged, predicted", charged), text("free, oracle", free),
            text("charged, against the policy's own best-of-N", plain),
        ].compactMap(\.self)
        return finding(
            "Compute-optimal \(pool.name) as good as best-of-N with four times the budget",
            paper: pool == .revisions
                ? "64 against 256: 41.3 and 40.4" : "16 against 64: 33.3 and ~33.8; not at 64 against 256",
            ours: ours.isEmpty ? nil : ours.joined(separator: "; "),
            Finding.Verdict.any(charged.map { Finding.Verdict($0.difference, orEqual: true) }),
            why: "Judged with difficulty charged: at one N at least the difference must not be below 0.")
    }

    /// Paid for, and by a table that was fitted on other problems: the strongest form of the claim.
    private var asItRan: Finding {
        let ran = Policy(
            right: Dictionary((analysis.data.runs(of: "compute-optimal").first ?? []).map { ($0.budget, $0.right) }) {
                one, _ in one
            })
        let all = analysis.fourfold(ran, analysis.main(Strategies.bestOfN))
        return finding(
            "The strategy compute-optimal, as it ran, as good as best-of-N with four times the budget",
            paper: "not run as one strategy; difficulty was not charged",
            ours: all.isEmpty
                ? nil
                : all.map { "\($0.budget) against \(4 * $0.budget): \(Words.points($0.difference))" }.joined(
                    separator: ", "),
            Finding.Verdict.any(all.map { Finding.Verdict($0.difference, orEqual: true) }),
            why:
                "It estimates difficulty itself, out of its budget, and chooses by a table; at one N at least the difference must not be below 0."
        )
    }

    private var predictedIsClose: Finding {
        var gap: (Pool, Int, Estimate)?
        for pool in [Pool.revisions, .search] {
            guard let oracle = policies.oracle[pool]?.right, let predicted = policies.predicted[pool]?.right,
                let budget = Set(oracle.keys).intersection(predicted.keys).filter({ $0 <= 16 }).max(),
                let one = predicted[budget], let other = oracle[budget],
                let difference = analysis.difference(one, other)
            else { continue }
            if gap.map({ difference.value < $0.2.value }) ?? true { gap = (pool, budget, difference) }
        }
        var verdict = Finding.Verdict.unknown
        if let gap = gap?.2 {
            // Close is within 2 points: certainly, in the mean, or not.
            if gap.low > -0.02, abs(gap.value) <= 0.02 {
                verdict = .held
            } else if abs(gap.value) <= 0.02 {
                verdict = .leaning
            } else {
                verdict = gap.high < 0 ? .notHeld : .doubtful
            }
        }
        return finding(
            "Predicted difficulty serves as well as the oracle's at small budgets", paper: "close at small budgets",
            ours: gap.map { "\($0.0.name), N = \($0.1): predicted less oracle \(Words.points($0.2))" }, verdict,
            why:
                "Close is within 2 points, and surely so if the interval does not reach below −2; the pool where it is furthest below counts."
        )
    }

    private var smallBeatsLarge: Finding {
        let easy = matching?.analysis.thirds.first { $0.name == "easy" }?.bins ?? []
        var parts: [String] = []
        var verdicts: [Finding.Verdict] = []
        for pool in [Pool.revisions, .search] where !easy.isEmpty {
            for purchase in matching?.purchases(pool).filter({ $0.ratio == FLOPsMatch.ratios[0] && $0.formula != .iclr }
            ) ?? [] {
                guard let matching,
                    let gap = matching.analysis.difference(
                        purchase.right, matching.large.right, matching.analysis.members(of: easy))
                else { continue }
                let easiest =
                    matching.analysis.difference(
                        purchase.right, matching.large.right, matching.analysis.members(of: [1])
                    ).map { "; bin 1 alone \(Words.points($0))" } ?? ""
                parts.append(
                    "\(pool.name), \(named(easy)), N = \(purchase.budget) (\(purchase.formula.rawValue)): \(Words.points(gap))\(easiest)"
                )
                if purchase.formula == .v1 { verdicts.append(Finding.Verdict(gap)) }
            }
        }
        return finding(
            "At R ≪ 1 the small model with test-time compute beats the larger one on easy problems",
            paper: "revisions +21.6 %, search +19.1 % (relative)",
            ours: parts.isEmpty ? nil : parts.joined(separator: "; "), Finding.Verdict.any(verdicts),
            why:
                "At equal total FLOPs (v1), small less large on the easy bins must be above 0, for revisions or for search."
        )
    }

    private var combination: Finding {
        let pools = [Pool.all, .search, .revisions].map { Analysis.preferred(policies, $0)?.policy.right ?? [:] }
        let budget = pools.dropFirst().reduce(Set(pools[0].keys)) { $0.intersection($1.keys) }.filter { $0 <= 64 }.max()
        var gaps: [Estimate?] = []
        if let budget, !analysis.main(Strategies.reviseSearch).isEmpty, let all = pools[0][budget] {
            gaps = pools.dropFirst().map { pool in pool[budget].flatMap { analysis.difference(all, $0) } }
        }
        let words = gaps.compactMap(\.self).map(Words.points)
        return finding(
            "Revisions, search and both, chosen by difficulty, are as good as each alone", paper: "not tried",
            ours: words.count == 2
                ? "N = \(budget ?? 0): less search alone \(words[0]); less revisions alone \(words[1])" : nil,
            Finding.Verdict.all(gaps.map { Finding.Verdict($0, orEqual: true) }),
            why: "Neither difference may be below 0.")
    }
}
