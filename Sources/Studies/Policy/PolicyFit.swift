import Engine
import SearchCore

/// Fits a policy table: for every bin of difficulty and every budget, what serves best. `PolicyRule` says how it is
/// chosen, `PolicyCharge` what the budget pays for.
///
/// A row is made for every budget at which best-of-N was run (where it was not run at all: for every budget), from the
/// problems on which everything was run that this budget pays for.
///
/// **Cross-validation.** Choosing and scoring on the same problems is circular. So each bin is split in two; each half
/// is scored with what was chosen on the other. The best single choice, which the table is compared with, is chosen
/// and scored in the same way.
public struct PolicyFit: Sendable {
    public struct Choice: Sendable, Equatable {
        public var bin: Int
        public var budget: Int
        /// As one would type it.
        public var run: String
        /// Generations; the estimate of the difficulty comes off them.
        public var spend: Int
        /// Problems of the bin.
        public var problems: Int
        /// Cross-validated.
        public var accuracy: Double
        public var ci95: ClosedRange<Double>
        /// On the problems that it was chosen on: what one would have believed.
        public var accuracyInSample: Double
        /// On the same problems: best-of-N at this budget; nil: it was not run.
        public var baselineInSample: Double?
    }

    /// What all choices of one budget share.
    public struct Row: Sendable {
        public let budget: Int
        /// Of a problem, for its difficulty; nil: all that there are.
        public let samples: Int?
        public let bins: DifficultyBins
        /// By problem, from 1; 0: not everything was run on it.
        public let bin: [Int]
        /// By problem: how right the other half's choice was on it; NaN: not everything was run on it.
        public let crossValidated: [Double]
        /// The single choice for all bins that is best: the one chosen on all problems, and, by problem, how right the
        /// other half's was.
        public let single: (run: String, spend: Int, right: [Double])
        /// Best-of-N at this budget, by problem; nil: it was not run.
        public let baseline: [Double]?

        public var problems: [Int] { bin.indices.filter { bin[$0] > 0 } }
    }

    public let study: PolicyStudy
    public let kind: Difficulty.Kind
    public let rule: PolicyRule
    public let charge: PolicyCharge
    /// By rising budget.
    public private(set) var rows: [Row] = []
    /// Bin by bin, by rising budget.
    public private(set) var choices: [Choice] = []
    /// What users should know.
    public private(set) var warnings: [String] = []

    /// By budget, then by problem.
    public var crossValidated: [Int: [Double]] {
        Dictionary(rows.map { ($0.budget, $0.crossValidated) }) { one, _ in one }
    }

    /// - Parameters:
    ///   - bins: nil for quantiles.
    ///   - charge: of a difficulty that can be paid for; oracle difficulty cannot.
    public init(
        _ study: PolicyStudy, by kind: Difficulty.Kind, bins: DifficultyBins? = nil, binCount: Int = 5,
        rule: PolicyRule = .favoured, charge: PolicyCharge = .free
    ) throws(StratagemError) {
        try study.check()
        if kind == .predicted { try Difficulty.checkScores(study.difficulties) }
        self.study = study
        self.kind = kind
        self.rule = rule
        self.charge = kind == .oracle ? .free : charge
        // From the largest budget, whose difficulties are told from the most samples: what it cannot fill, none can.
        var count = binCount
        for budget in study.rowBudgets.reversed() {
            let offers = study.offers(at: budget, self.charge, whole: rule == .favoured)
            guard !offers.isEmpty else { continue }
            var made: (row: Row, choices: [Choice])?
            while made == nil {
                do {
                    made = try fit(budget, offers, bins: bins, count: count)
                } catch {
                    guard !rows.isEmpty, bins == nil, count > 1 else { throw error }
                    count -= 1
                }
            }
            guard let made else { continue }
            rows.insert(made.row, at: 0)
            choices += made.choices
        }
        guard !rows.isEmpty else {
            throw StratagemError(
                .user, .nothingToFit,
                """
                no budget pays for any run once the difficulty is paid for. Run best-of-n, or smaller budgets
                """)
        }
        choices.sort { ($0.bin, $0.budget) < ($1.bin, $1.budget) }
        warnings += whereNothingIsRight() + rows.compactMap(loss)
    }

    private func fit(_ budget: Int, _ offers: [PolicyOffer], bins given: DifficultyBins?, count: Int)
        throws(StratagemError) -> (row: Row, choices: [Choice])
    {
        let chooser = PolicyChooser(rule: rule, offers: offers)
        let measured = (0..<study.problems).filter { problem in offers.allSatisfy { !$0.right[problem].isNaN } }
        guard !measured.isEmpty else {
            throw StratagemError(
                .user, .incompleteStore,
                """
                at \(budget) there is no problem on which everything was run that this budget pays for. Run the same \
                strategies on the same problems
                """)
        }
        let samples = charge.samples(at: budget)
        let difficulties = study.difficulties(first: samples)
        let ease = measured.map { difficulties[$0].ease(kind) }
        let bins: DifficultyBins
        if let given { bins = given } else { bins = try DifficultyBins(quantilesOf: ease, count: count) }
        var bin = [Int](repeating: 0, count: study.problems)
        for (problem, ease) in zip(measured, ease) { bin[problem] = bins.bin(of: ease) }
        let members = (1...bins.count).map { number in measured.filter { bin[$0] == number } }
        if let few = members.firstIndex(where: { $0.count < 2 }) {
            throw StratagemError(
                .user, .tooFewProblems,
                """
                bin \(few + 1) of \(bins.count) has \(members[few].count) of \(measured.count) problems; two halves \
                need 2 at least. Measure more problems, or take fewer bins
                """)
        }
        // The data's order says nothing of difficulty: every other problem.
        let halves = [0, 1].map { half in members.map { bin in bin.indices.filter { $0 % 2 == half }.map { bin[$0] } } }
        var right = [Double](repeating: .nan, count: study.problems)
        var single = right
        for half in 0...1 {
            let chosen = chooser.choose(halves[1 - half])
            let best = chooser.best(on: halves[1 - half].flatMap(\.self))
            for (problems, offer) in zip(halves[half], chosen) {
                for problem in problems {
                    right[problem] = offers[offer].right[problem]
                    single[problem] = offers[best].right[problem]
                }
            }
        }
        let chosen = chooser.choose(members)
        let best = offers[chooser.best(on: measured)]
        let plain = study.cells.first { $0.run == PolicyStudy.baseline && $0.budget == budget }
        let choices = members.indices.map { index in
            let (problems, offer) = (members[index], offers[chosen[index]])
            let scored = problems.map { right[$0] }
            return Choice(
                bin: index + 1, budget: budget, run: offer.run, spend: offer.spend, problems: problems.count,
                accuracy: Bootstrap.mean(scored), ci95: Bootstrap.ci95(scored),
                accuracyInSample: Bootstrap.mean(problems.map { offer.right[$0] }),
                baselineInSample: plain.map { cell in Bootstrap.mean(problems.map { cell.right[$0] }) })
        }
        return (
            Row(
                budget: budget, samples: samples, bins: bins, bin: bin, crossValidated: right,
                single: (best.run, best.spend, single), baseline: plain?.right), choices
        )
    }

    /// Bins are the largest budget's here.
    private func whereNothingIsRight() -> [String] {
        guard let row = rows.last else { return [] }
        return (1...row.bins.count).compactMap { number in
            let members = row.problems.filter { row.bin[$0] == number }
            guard members.allSatisfy({ problem in study.cells.allSatisfy { !($0.right[problem] > 0) } }) else {
                return nil
            }
            let taken = rule == .favoured ? "best-of-n" : "the smallest choice"
            return "bin \(number): nothing was ever right, so \(taken) is taken at every budget"
        }
    }

    /// What is said of a row that is worse than doing the same for all problems: the best single choice as the other
    /// half knew it, or best-of-N, whichever is better.
    private func loss(_ row: Row) -> String? {
        var rivals = [("\(row.single.run) at \(row.single.spend)", row.single.right)]
        if let baseline = row.baseline { rivals.append(("\(PolicyStudy.baseline) at \(row.budget)", baseline)) }
        let losses = rivals.map { name, right in
            (name: name, by: row.problems.map { right[$0] - row.crossValidated[$0] })
        }
        guard let most = losses.max(by: { Bootstrap.mean($0.by) < Bootstrap.mean($1.by) }),
            Bootstrap.mean(most.by) > 1e-9
        else {
            return nil
        }
        let range = Bootstrap.ci95(most.by)
        func points(_ value: Double) -> String { Readable.fixed(value * 100, 1) }
        return """
            budget \(row.budget): the table loses to the best single choice, \(most.name), by \
            \(points(Bootstrap.mean(most.by))) points cross-validated (95 % interval \(points(range.lowerBound)) to \
            \(points(range.upperBound))). Measure more problems, or take fewer bins
            """
    }
}
