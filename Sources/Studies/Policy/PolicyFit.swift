import Engine
import SearchCore

/// Fits a policy table: for every bin of difficulty and every budget, the cell that
/// serves best.
///
/// **The rule.** Of all cells that the budget pays for, take the one with the best
/// accuracy on the bin's problems; then take the *smallest* cell (fewest generations,
/// then fewest FLOPs) whose difference from it, paired by problem, is within one
/// standard error. So a larger choice never beats a smaller one by noise alone, and
/// where nothing is ever right nothing is spent.
///
/// **Cross-validation.** Choosing and scoring on the same problems is circular. So each
/// bin is split in two; each half is scored with what was chosen on the other.
public struct PolicyFit: Sendable {
    public struct Choice: Sendable, Equatable {
        public var bin: Int
        public var budget: Int
        /// Index into the study's cells.
        public var cell: Int
        /// Problems of the bin.
        public var problems: Int
        /// Cross-validated.
        public var accuracy: Double
        public var ci95: ClosedRange<Double>
        /// On the problems that it was chosen on: what one would have believed.
        public var accuracyInSample: Double
    }

    public let study: PolicyStudy
    public let kind: Difficulty.Kind
    public let bins: DifficultyBins
    /// By problem.
    public let bin: [Int]
    /// Bin by bin, by rising budget.
    public private(set) var choices: [Choice] = []
    /// By budget, then by problem: how right the other half's choice was on it.
    public private(set) var crossValidated: [Int: [Double]] = [:]
    /// What users should know.
    public private(set) var warnings: [String] = []
    private let standardErrors: Double
    /// Of the cells, smallest first.
    private let bySize: [Int]

    /// - Parameters:
    ///   - bins: nil for quantiles.
    ///   - standardErrors: of the rule.
    public init(_ study: PolicyStudy, by kind: Difficulty.Kind, bins: DifficultyBins? = nil, binCount: Int = 5,
                standardErrors: Double = 1) throws(StratagemError) {
        try study.check()
        if kind == .predicted { try Difficulty.checkScores(study.difficulties) }
        self.study = study
        self.kind = kind
        self.standardErrors = standardErrors
        let ease = study.difficulties.map { $0.ease(kind) }
        if let bins { self.bins = bins } else { self.bins = try DifficultyBins(quantilesOf: ease, count: binCount) }
        bin = ease.map { [bins = self.bins] in bins.bin(of: $0) }
        bySize = study.cells.indices.sorted {
            let (a, b) = (study.cells[$0], study.cells[$1])
            return (a.budget, a.flops, a.run) < (b.budget, b.flops, b.run)
        }
        for number in 1...self.bins.count { try fit(bin: number) }
    }

    private mutating func fit(bin number: Int) throws(StratagemError) {
        let members = bin.indices.filter { bin[$0] == number }
        guard members.count >= 2 else {
            throw StratagemError(.user, .tooFewProblems, "bin \(number) of \(bins.count) has \(members.count) of \(study.problems) problems; two halves need 2 at least. Measure more problems, or take fewer bins")
        }
        // The data's order says nothing of difficulty: every other problem.
        let halves = [0, 1].map { half in members.indices.filter { $0 % 2 == half }.map { members[$0] } }
        for budget in study.budgets {
            let cells = bySize.filter { study.cells[$0].budget <= budget }
            var right: [Double] = []
            for half in 0...1 {
                let chosen = choose(among: cells, on: halves[1 - half])
                for problem in halves[half] {
                    let value = study.cells[chosen].right[problem]
                    right.append(value)
                    crossValidated[budget, default: Array(repeating: .nan, count: study.problems)][problem] = value
                }
            }
            let chosen = choose(among: cells, on: members)
            choices.append(Choice(
                bin: number, budget: budget, cell: chosen, problems: members.count, accuracy: Bootstrap.mean(right),
                ci95: Bootstrap.ci95(right), accuracyInSample: Bootstrap.mean(members.map { study.cells[chosen].right[$0] })))
        }
        if members.allSatisfy({ problem in study.cells.allSatisfy { $0.right[problem] == 0 } }) {
            warnings.append("bin \(number): nothing was ever right, so the smallest choice is taken at every budget")
        }
    }

    /// - Parameter cells: smallest first.
    private func choose(among cells: [Int], on problems: [Int]) -> Int {
        var best = cells[0]
        var most = -Double.infinity
        for cell in cells {
            let mean = Bootstrap.mean(problems.map { study.cells[cell].right[$0] })
            if mean > most { (best, most) = (cell, mean) }
        }
        let smallest = cells.first { cell in
            let difference = problems.map { study.cells[best].right[$0] - study.cells[cell].right[$0] }
            return Bootstrap.mean(difference) <= standardErrors * Bootstrap.standardError(difference)
        }
        return smallest ?? best
    }
}
