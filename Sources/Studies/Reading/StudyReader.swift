import Engine
import SearchCore
import StrategyHost

/// Reads a study out of an eval store: the one place that says which cells are one strategy, what a run of it came
/// to, and which samples a problem's difficulty is computed from. `report`, `fit` and `difficulty` all ask it.
public struct StudyReader {
    /// Whose samples say how hard a problem is, with its default parameters.
    public static let sampler = "best-of-n"

    public let store: EvalStore
    /// In order of run and budget; those without a budget in generations last.
    public let cells: [MeasuredCell]

    public var study: Study { store.study }
    public var problems: Int { store.study.problems.count }

    /// - Parameter plugins: asked only for a cell whose defaults the store does not know (version 1). A plugin that is
    ///   not there has none: then every parameter is named.
    public init(_ path: String, plugins: () -> PluginRegistry) throws(StratagemError) {
        try self.init(EvalStore.reading(path), plugins: plugins)
    }

    /// With no plugin at hand.
    public init(_ path: String) throws(StratagemError) { try self.init(path) { PluginRegistry(folders: []) } }

    public init(_ store: EvalStore, plugins: () -> PluginRegistry) throws(StratagemError) {
        self.store = store
        var registry: PluginRegistry?
        func defaults(_ strategy: String) -> [String: ParameterValue] {
            let known = registry ?? plugins()
            registry = known
            return (try? known.strategy(named: strategy)).map { StoredCell.defaults($0.info) } ?? [:]
        }
        let same = Dictionary(grouping: try store.cells()) { [$0.strategyID, $0.params, $0.budget] }
        var cells: [MeasuredCell] = []
        for group in same.values { if let cell = try MeasuredCell(group, defaults: defaults) { cells.append(cell) } }
        self.cells = cells.sorted {
            ($0.run, $0.generations ?? .max, $0.budget, $0.strategyID) < (
                $1.run, $1.generations ?? .max, $1.budget, $1.strategyID
            )
        }
    }

    // MARK: - runs

    public func tally(_ cell: MeasuredCell) throws(StratagemError) -> CellTally {
        var (right, runs) = ([Double](repeating: 0, count: problems), [Int](repeating: 0, count: problems))
        var (believed, scored) = (right, runs)
        var total = Cost()
        var tally = CellTally(right: [], believed: [])
        for stored in cell.cells {
            for outcome in try store.outcomes(of: stored) {
                right[outcome.problem] += outcome.isCorrect ? 1 : 0
                runs[outcome.problem] += 1
                total.add(outcome.cost)
                tally.failed += outcome.error == nil ? 0 : 1
            }
            for (problem, score) in try store.chosenScores(of: stored) {
                guard let score, (0...1).contains(score) else { continue }
                believed[problem] += score
                scored[problem] += 1
            }
        }
        func means(_ sums: [Double], _ counts: [Int]) -> [Double] {
            zip(sums, counts).map { $1 == 0 ? .nan : $0 / Double($1) }
        }
        (tally.right, tally.believed) = (means(right, runs), means(believed, scored))
        tally.runs = runs.reduce(0, +)
        guard tally.runs > 0 else { return tally }
        let each = 1 / Double(tally.runs)
        (tally.flops, tally.tokens) = (total.flops * each, Double(total.tokens) * each)
        (tally.promptTokens, tally.verifierTokens) = (
            Double(total.promptTokens) * each, Double(total.verifierTokens) * each
        )
        return tally
    }

    // MARK: - samples

    /// Of the cells that have as many problems as any, the one with the largest budget.
    ///
    /// - Parameter isMeant: which cells are looked at; only those with a budget in generations.
    public func fullest(_ isMeant: (MeasuredCell) -> Bool) throws(StratagemError) -> MeasuredCell? {
        var best: (cell: MeasuredCell, problems: Int)?
        for cell in cells where cell.generations != nil && isMeant(cell) {
            var measured: Set<Int> = []
            for stored in cell.cells { measured.formUnion(try store.outcomes(of: stored).map(\.problem)) }
            guard !measured.isEmpty else { continue }
            if let known = best,
                (known.problems, known.cell.generations ?? 0) >= (measured.count, cell.generations ?? 0)
            {
                continue
            }
            best = (cell, measured.count)
        }
        return best?.cell
    }

    /// The samples that say how hard problems are: of plain best-of-N at the largest budget that most problems have,
    /// all its seeds, the first seed first, in order of draw. Runs that failed have none.
    ///
    /// - Parameter body: given nil for a sample that was cut: drawn, and no answer.
    public func eachSample(_ body: (_ problem: Int, _ sample: StoredCandidate?) -> Void) throws(StratagemError) {
        guard let cell = try fullest({ $0.strategy == Self.sampler && $0.given.isEmpty }), let count = cell.generations
        else { return }
        for stored in cell.cells {
            var drawn = Set(try store.outcomes(of: stored).filter { $0.error == nil }.map(\.problem))
            try store.eachRun(of: stored) { problem, candidates in
                guard drawn.remove(problem) != nil else { return }
                // Nodes are numbered by birth: the root is 1, the i-th sample from 0 is i + 2.
                var all = [StoredCandidate?](repeating: nil, count: count)
                for one in candidates where all.indices.contains(one.node - 2) { all[one.node - 2] = one }
                for one in all { body(problem, one) }
            }
            for problem in drawn.sorted() { for _ in 0..<count { body(problem, nil) } }
        }
    }

    /// Of every problem; without samples where none was drawn.
    /// - Parameter first: only so many samples, if it is given.
    public func difficulties(first: Int? = nil) throws(StratagemError) -> [Difficulty] {
        try samples(first: first).map { Difficulty(of: $0, count: $0.count) }
    }

    /// The same samples, as difficulty sees them, in order of draw.
    func samples(first: Int? = nil) throws(StratagemError) -> [[Difficulty.Sample]] {
        var drawn = [[Difficulty.Sample]](repeating: [], count: problems)
        try eachSample { problem, sample in
            guard drawn[problem].count < first ?? .max else { return }
            drawn[problem].append(
                .init(isCorrect: sample?.answer == nil ? nil : sample?.isCorrect, score: sample?.score))
        }
        return drawn
    }
}
