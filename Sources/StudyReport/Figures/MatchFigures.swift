import Engine
import Studies

/// The small model with test-time compute against the larger one, at equal total FLOPs.
struct FLOPsMatching {
    /// How the small model's share is reckoned.
    enum Formula: String, CaseIterable, Sendable {
        /// The paper's two, from parameters.
        case v1, iclr = "ICLR"
        /// From the FLOPs that the store has of every run, verifier and attention included.
        case counted

        /// Of the paper's formula; nil: not by it.
        var constant: Double? {
            switch self {
            case .v1: 3
            case .iclr: 1.5
            case .counted: nil
            }
        }

        var ink: Ink {
            switch self {
            case .v1: .optimal
            case .iclr: .optimalICLR
            case .counted: .charged
            }
        }
    }

    /// What equal FLOPs buy, and what of it was run.
    struct Purchase: Sendable {
        var ratio: Double
        var formula: Formula
        /// Generations that equal FLOPs buy.
        var bought: Double
        /// The largest budget of the store within that.
        var budget: Int
        /// Nothing larger was run, though more was bought.
        var isShort: Bool
        /// By problem.
        var right: [Double]
    }

    let analysis: Analysis
    let policies: Policies
    let large: MeasuredStudy.Cell
    /// The larger model's parameters over the smaller's.
    let sizeRatio: Double

    init?(_ analysis: Analysis, _ policies: Policies) {
        func parameters(_ role: String) -> Double? {
            analysis.data.models.first { $0.role == role }.map { Double($0.parameters) }
        }
        guard let large = analysis.large, let many = parameters("large"), let few = parameters("policy"), few > 0,
            many > few
        else { return nil }
        self.analysis = analysis
        self.policies = policies
        self.large = large
        sizeRatio = many / few
    }

    func purchases(_ pool: Pool) -> [Purchase] {
        FLOPsMatch.ratios.flatMap { ratio in Formula.allCases.compactMap { purchase(pool, ratio, $0) } }
    }

    private func purchase(_ pool: Pool, _ ratio: Double, _ formula: Formula) -> Purchase? {
        guard let policy = policies.oracle[pool], let most = policy.right.keys.max() else { return nil }
        let price: (Int) -> Double
        let share: Double
        if let constant = formula.constant {
            price = { Double($0) }
            share = FLOPsMatch.multiplier(sizeRatio: sizeRatio, ratio: ratio, constant: constant)
        } else {
            // The costliest strategy of the pool, whichever was chosen: at most what it says.
            let costs = Dictionary(analysis.cells(pool).map { ($0.budget, $0.flops) }, uniquingKeysWith: max)
            guard let allowed = allowance(ratio), let last = costs[most], last > 0 else { return nil }
            price = { (costs[$0] ?? .infinity) / last * Double(most) }
            share = allowed / last * Double(most)
        }
        // 256 is within 255.7.
        guard let budget = policy.right.keys.filter({ price($0) <= share * 1.01 }).max(),
            let right = policy.right[budget]
        else { return nil }
        return Purchase(
            ratio: ratio, formula: formula, bought: share, budget: budget,
            isShort: budget == most && price(most) * 2 <= share, right: right)
    }

    /// FLOPs that the small model may spend on a problem: the large one's answer, and what its training
    /// cost more. For every token served 1 / R were trained on, forward once and twice as much back.
    private func allowance(_ ratio: Double) -> Double? {
        guard let small = analysis.small else { return nil }
        func forward(_ cell: MeasuredStudy.Cell) -> Double { cell.flops / (cell.tokens + cell.promptTokens) }
        let allowed = large.flops + 3 * (forward(large) - forward(small)) * large.tokens / ratio
        return allowed.isFinite ? allowed : nil
    }

    static func name(_ ratio: Double) -> String {
        ratio < 0.5 ? "R = \(ratio) (≪ 1)" : ratio < 2 ? "R = \(ratio) (≈ 1)" : "R = \(Words.number(ratio)) (≫ 1)"
    }
}

extension Analysis {
    /// What this store lacks for the comparison; nil if it can be drawn.
    func whyNotMatched(_ policies: Policies) -> String? {
        guard large != nil else { return "has no run of the larger model (greedy:role=large)" }
        func parameters(_ role: String) -> Int { data.models.first { $0.role == role }?.parameters ?? 0 }
        let few = parameters("policy"), many = parameters("large")
        guard few > 0, many > 0 else { return "does not say how many parameters the models have" }
        guard many > few else {
            return
                "has a 'large' model of \(Readable.count(many)) parameters, which is not larger than the policy of \(Readable.count(few))"
        }
        guard bin != nil else { return "has problems that cannot be sorted by difficulty (\(binTrouble ?? "too few"))" }
        let matching = FLOPsMatching(self, policies)
        guard [Pool.revisions, .search].contains(where: { matching?.purchases($0).isEmpty == false }) else {
            return "has no budget of the small model's strategies that costs the same FLOPs"
        }
        return nil
    }

    /// - Parameter source: the store, where it is not the report's own.
    func flopsMatched(_ policies: Policies, of source: String? = nil) -> Drawn {
        let id = "flops-matched", title = "A small model with more test-time compute against a larger one"
        let matching = FLOPsMatching(self, policies)
        let pools = [Pool.revisions, .search].filter { matching?.purchases($0).isEmpty == false }
        guard let matching, !pools.isEmpty, bin != nil else {
            return .missing(
                id: id, title: title,
                needs:
                    "the larger model's answers (greedy:role=large, here or in a store that --pair names), the parameters of both models, and the cells of the figure on compute-optimal"
            )
        }
        let panels = pools.flatMap { pool in FLOPsMatch.ratios.map { matching.panel(pool, $0) } }
        return .figure(
            Figure(
                id: id, title: title,
                about:
                    "Accuracy by difficulty of the small model, compute-optimal with as many generations as the same total FLOPs of training and serving allow, and of a model \(Readable.fixed(matching.sizeRatio, 1)) times larger that answers greedily (the paper's figure 9). R is tokens served over tokens trained on.",
                panels: panels, columns: 3,
                x: XAxis(label: "bin of difficulty", scale: .names(binNumbers.map(String.init))),
                seen: pools.flatMap(matching.seen),
                notes: (source.map { ["From another store, \($0), with its own models and bins."] } ?? [])
                    + matching.notes + binNotes, tables: [matching.table(pools)]))
    }
}

extension FLOPsMatching {
    private func byBin(_ name: String, _ ink: Ink, _ line: Series.Line, _ values: [Double]) -> Series {
        Series(
            name, ink, line,
            analysis.binNumbers.compactMap { number in
                analysis.resampling.mean(only(values, where: analysis.members(number))).map {
                    .init(Double(number - 1), $0)
                }
            })
    }

    func panel(_ pool: Pool, _ ratio: Double) -> Panel {
        let bought = purchases(pool).filter { $0.ratio == ratio }
        let small = bought.map {
            byBin("small, compute-optimal, \($0.formula.rawValue)", $0.formula.ink, .none, $0.right)
        }
        let one =
            analysis.baseline(pool).first { $0.budget == 1 }.map {
                [byBin("small, one sample", pool == .search ? .bestOfN : .parallel, .none, $0.right)]
            } ?? []
        let spent = bought.map { "\($0.budget)\($0.isShort ? " of \(Int($0.bought))" : "") (\($0.formula.rawValue))" }
            .joined(separator: ", ")
        return Panel(
            title: "\(pool.name), \(Self.name(ratio))",
            series: [byBin("large, greedy", .large, .none, large.right)] + one + small, note: "N = \(spent)")
    }

    /// How the small model does beside the large one on easy, medium and hard problems.
    func change(_ purchase: Purchase, _ bins: [Int]) -> Estimate? {
        let belongs = analysis.members(of: bins)
        return analysis.resampling.relativeChange(
            only(purchase.right, where: belongs), only(large.right, where: belongs))
    }

    func seen(_ pool: Pool) -> [String] {
        purchases(pool).filter { $0.formula == .v1 }.compactMap { purchase in
            let parts = analysis.thirds.compactMap { third -> String? in
                guard
                    let difference = analysis.difference(purchase.right, large.right, analysis.members(of: third.bins))
                else { return nil }
                let word = difference.low > 0 ? "above" : difference.high < 0 ? "below" : "not distinguishable from"
                return
                    "\(word) it on \(third.name) problems (\(Words.signed(difference.value * 100)) points, \(Words.signed(difference.low * 100)) to \(Words.signed(difference.high * 100)))"
            }
            return parts.isEmpty
                ? nil
                : "\(Self.name(purchase.ratio)), \(pool.name) at N = \(purchase.budget): against the larger model the small one is \(Words.list(parts))."
        }
    }

    func table(_ pools: [Pool]) -> Table {
        var table = Table(
            caption:
                "Relative change of accuracy, small model against large, per cent; with the paper's values (easy, medium and hard there; here \(analysis.thirds.map { "\($0.name) is bin \(Words.list($0.bins))" }.joined(separator: ", ")))",
            header: ["", "N bought", "N run"] + analysis.thirds.flatMap { [$0.name, "paper"] }, rows: [])
        for pool in pools {
            for purchase in purchases(pool) {
                let paper = PaperNumbers.relativeChange.first { $0.ratio == purchase.ratio }
                let theirs = pool == .search ? paper?.search : paper?.revisions
                let cells = analysis.thirds.enumerated().flatMap { index, third -> [String] in
                    let ours = change(purchase, third.bins).map {
                        "\(Words.signed($0.value * 100)) (\(Words.signed($0.low * 100)) to \(Words.signed($0.high * 100)))"
                    }
                    let known = theirs.flatMap {
                        $0.indices.contains(index) && purchase.formula == .v1 ? Words.signed($0[index]) : nil
                    }
                    return [ours ?? "large is never right", known ?? "–"]
                }
                table.rows.append(
                    [
                        "\(pool.name), \(Self.name(purchase.ratio)), \(purchase.formula.rawValue)",
                        Readable.fixed(purchase.bought, 1), "\(purchase.budget)",
                    ] + cells)
            }
        }
        return table
    }

    var notes: [String] {
        let short = [Pool.search, .revisions].flatMap(purchases).filter(\.isShort)
        let missing =
            short.isEmpty
            ? []
            : [
                "The largest budget in the store is below what equal FLOPs allow at \(Words.list(Set(short.map { Self.name($0.ratio) }).sorted())): the small model spends less there than it could, so these values are lower bounds."
            ]
        return [
            "Generations bought: M + 3 (M − 1) / R with M = \(Readable.fixed(sizeRatio, 1)) (arXiv v1), 1.5 instead of 3 if the verifier is counted (ICLR). Counted: as many generations as the FLOPs of the store's own runs pay for, including the verifier and attention. The paper's relative changes are in the table and not in the figure, because their scale is different. Difficulty is the oracle's and not charged, as in the paper."
        ] + missing
    }
}
