import Engine
import SearchCore

/// What a policy table is fitted from: how well each strategy did on each problem.
public struct PolicyStudy: Sendable {
    /// One strategy with parameters at one budget.
    public struct Cell: Sendable, Equatable {
        /// As one would type it: `beam-search:beam_width=4`.
        public var run: String
        /// Generations.
        public var budget: Int
        /// By problem, the share of its runs (one a seed) that were right; NaN: not run.
        public var right: [Double]
        /// Mean of a run.
        public var flops: Double

        public init(run: String, budget: Int, right: [Double], flops: Double) {
            self.run = run
            self.budget = budget
            self.right = right
            self.flops = flops
        }
    }

    /// What a choice has to be better than.
    public static let baseline = StudyReader.sampler

    public var cells: [Cell]
    /// By problem: told from all samples.
    public var difficulties: [Difficulty]
    /// By number of samples, then by problem: told from the first ones only.
    public var early: [Int: [Difficulty]]

    public init(cells: [Cell], difficulties: [Difficulty], early: [Int: [Difficulty]] = [:]) {
        self.cells = cells
        self.difficulties = difficulties
        self.early = early
    }

    public var problems: Int { difficulties.count }
    /// Rising, each once.
    public var budgets: [Int] { Set(cells.map(\.budget)).sorted() }
    /// Those that a table has rows for: at which the baseline was run.
    public var rowBudgets: [Int] {
        let plain = cells.filter { $0.run == Self.baseline }
        return plain.isEmpty ? budgets : Set(plain.map(\.budget)).sorted()
    }

    /// - Parameter samples: nil for all.
    public func difficulties(first samples: Int?) -> [Difficulty] { samples.flatMap { early[$0] } ?? difficulties }

    /// Refuses what cannot be fitted.
    func check() throws(StratagemError) {
        guard !cells.isEmpty else {
            throw StratagemError(
                .user, .nothingToFit,
                "there is no finished run of any strategy with a budget in generations. Run stratagem eval --out first")
        }
        for cell in cells where cell.right.count != problems {
            throw StratagemError(
                .user, .incompleteStore,
                """
                \(cell.run) at \(cell.budget) has results of \(cell.right.count) problems, and there are difficulties of \
                \(problems). Give every cell one result a problem, NaN where it was not run
                """)
        }
    }
}
