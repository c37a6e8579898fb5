import Engine
import SearchCore

/// What a report is made from: an eval store, by problem. Small beside the store: its
/// candidates are kept as a few bytes each, and their text not at all.
public struct MeasuredStudy: Sendable {
    /// One strategy with parameters at one budget.
    public struct Cell: Sendable {
        /// As one would type it: `beam-search:beam_width=4`.
        public var run: String
        public var strategy: String
        /// Those that were given; defaults are left out.
        public var params: [String: String]
        /// With the defaults.
        public var allParams: [String: String]
        /// Generations; 0: the budget is another one.
        public var budget: Int
        /// As it is typed: "16+seconds=5".
        public var budgetText: String
        /// By problem: the share of its runs (one a seed) that were right; NaN: not run.
        public var right: [Double]
        /// By problem: the verifier's score of the answer that was chosen; NaN: none.
        public var believed: [Double]
        /// Mean of a run, verifier included.
        public var flops: Double
        /// Means of a run: sampled, and read as prompts.
        public var tokens: Double
        public var promptTokens: Double

        public init(
            run: String, strategy: String, params: [String: String], allParams: [String: String]? = nil, budget: Int,
            budgetText: String? = nil, right: [Double], believed: [Double] = [], flops: Double = .nan,
            tokens: Double = .nan,
            promptTokens: Double = .nan
        ) {
            self.run = run
            self.strategy = strategy
            self.params = params
            self.allParams = allParams ?? params
            self.budget = budget
            self.budgetText = budgetText ?? "\(budget)"
            self.right = right
            self.believed = believed
            self.flops = flops
            self.tokens = tokens
            self.promptTokens = promptTokens
        }

        var isComplete: Bool { !right.contains { $0.isNaN } }
    }

    /// One sample of best-of-N, as drawn.
    public struct Sample: Sendable, Equatable {
        /// Equal answers of a problem share a number; -1 for none.
        public var answer: Int32
        public var isRight: Bool
        /// The verifier's values of its steps, put together in three ways.
        public var last: Float
        public var least: Float
        public var product: Float

        public init(answer: Int32, isRight: Bool, last: Float, least: Float, product: Float) {
            self.answer = answer
            self.isRight = isRight
            self.last = last
            self.least = least
            self.product = product
        }
    }

    /// A model that the runs were made with.
    public struct Model: Sendable, Equatable {
        public var role: String
        public var name: String
        public var sha256: String
        public var parameters: Int

        public init(role: String, name: String, sha256: String, parameters: Int) {
            self.role = role
            self.name = name
            self.sha256 = sha256
            self.parameters = parameters
        }
    }

    public var source: String
    public var dataName: String
    public var dataHash: String
    public var problems: Int
    public var seeds: [UInt64]
    public var models: [Model]
    /// Those with a budget in generations and nothing else: what the paper's figures are of.
    public var cells: [Cell]
    /// All others.
    public var otherCells: [Cell] = []
    /// By problem; empty if no best-of-N was stored.
    public var samples: [[Sample]]
    /// By problem, by chain: whether each attempt in turn was right.
    public var chains: [[[Bool]]]
    /// Runs that the study has, and those that are there.
    public var runsPlanned: Int
    public var runsDone: Int
    /// Runs that ended in an error; they count as wrong.
    public var runsFailed: Int
    /// Of every cell that the store knows it of, whatever its budget: its name, and what became of its texts.
    public var texts: [(cell: String, count: TextCount)] = []
    /// By problem, a number that problems with the same text share; nil if all are different.
    public var clusters: [Int]?

    public init(
        source: String = "", dataName: String = "", dataHash: String = "", problems: Int, seeds: [UInt64] = [0],
        models: [Model] = [],
        cells: [Cell], samples: [[Sample]] = [], chains: [[[Bool]]] = [], runsPlanned: Int = 0, runsDone: Int = 0,
        runsFailed: Int = 0
    ) {
        self.source = source
        self.dataName = dataName
        self.dataHash = dataHash
        self.problems = problems
        self.seeds = seeds
        self.models = models
        self.cells = cells
        self.samples = samples
        self.chains = chains
        self.runsPlanned = runsPlanned
        self.runsDone = runsDone
        self.runsFailed = runsFailed
    }

    // MARK: - what figures ask for

    /// Runs of a strategy, the one without parameters first, then by name; each with its
    /// cells by rising budget.
    func runs(of strategy: String, where isWanted: (Cell) -> Bool = { _ in true }) -> [[Cell]] {
        let found = Dictionary(grouping: cells.filter { $0.strategy == strategy && isWanted($0) }, by: \.run)
        return found.values.map { $0.sorted { $0.budget < $1.budget } }
            .sorted { ($0[0].params.count, $0[0].run) < ($1[0].params.count, $1[0].run) }
    }

    /// How hard each problem is for the policy, from its samples.
    /// - Parameter first: only so many of them, if it is given.
    func difficulties(first: Int? = nil) -> [Difficulty] {
        samples.map { all in
            let used = all.prefix(first ?? all.count)
            return Difficulty(
                of: used.map {
                    .init(isCorrect: $0.answer < 0 ? nil : $0.isRight, score: $0.last.isNaN ? nil : Double($0.last))
                },
                count: used.count)
        }
    }

    /// Samples that every problem has at least, of those that have any: a store may not be finished.
    var sharedSamples: Int { samples.count == problems ? samples.lazy.map(\.count).filter { $0 > 0 }.min() ?? 0 : 0 }
}
