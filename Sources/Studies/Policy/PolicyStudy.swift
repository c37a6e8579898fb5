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

    public var cells: [Cell]
    /// By problem.
    public var difficulties: [Difficulty]

    public init(cells: [Cell], difficulties: [Difficulty]) {
        self.cells = cells
        self.difficulties = difficulties
    }

    public var problems: Int { difficulties.count }
    /// Rising, each once.
    public var budgets: [Int] { Set(cells.map(\.budget)).sorted() }

    /// Refuses what cannot be fitted.
    func check() throws(StratagemError) {
        guard !cells.isEmpty else {
            throw StratagemError(.user, .nothingToFit, "there is no finished run of any strategy with a budget in generations. Run stratagem eval --out first")
        }
        for cell in cells {
            let missing = cell.right.count { $0.isNaN }
            guard cell.right.count == problems, missing == 0 else {
                throw StratagemError(.user, .incompleteStore, "\(cell.run) at \(cell.budget) was not run on \(missing + problems - cell.right.count) of \(problems) problems. Finish it: the same stratagem eval with --resume")
            }
        }
    }
}
