import Engine
import Hashing
import SearchCore

/// Puts a study together from single runs, in any order and from any number of stores.
public struct PolicyStudyBuilder: Sendable {
    /// One finished run.
    public struct Run: Sendable {
        /// Names the problem wherever it was measured: its hash.
        public var problem: String
        /// As one would type it.
        public var spec: String
        public var budget: Int
        public var isCorrect: Bool
        public var flops: Double

        public init(problem: String, spec: String, budget: Int, isCorrect: Bool, flops: Double) {
            self.problem = problem
            self.spec = spec
            self.budget = budget
            self.isCorrect = isCorrect
            self.flops = flops
        }
    }

    private struct Key: Hashable {
        var spec: String
        var budget: Int
    }
    private struct Tally {
        var runs: [Int] = []
        var right: [Int] = []
        var flops = 0.0
        /// Where it was to run: the problems of the stores that have the cell.
        var planned: Set<Int> = []

        mutating func add(_ run: Run, at place: Int) {
            while runs.count <= place {
                runs.append(0)
                right.append(0)
            }
            runs[place] += 1
            right[place] += run.isCorrect ? 1 : 0
            flops += run.flops
        }
    }

    private var places: [String: Int] = [:]
    private var tallies: [Key: Tally] = [:]
    /// By problem; nil: none was drawn.
    private var samples: [[Difficulty.Sample]?] = []

    public init() {}

    /// Of all problems of all stores, in whatever order they came.
    var problemsHash: String { SHA256.hex(Array(places.keys.sorted().joined().utf8)) }

    private mutating func place(of problem: String) -> Int {
        if let place = places[problem] { return place }
        places[problem] = samples.count
        samples.append(nil)
        return samples.count - 1
    }

    public mutating func add(_ run: Run) {
        let place = place(of: run.problem)
        tallies[Key(spec: run.spec, budget: run.budget), default: Tally()].add(run, at: place)
    }

    /// A cell of a store that has these problems.
    public mutating func plan(_ spec: String, budget: Int, on problems: [String]) {
        let places = problems.map { place(of: $0) }
        tallies[Key(spec: spec, budget: budget), default: Tally()].planned.formUnion(places)
    }

    /// In order of draw. Of a problem that was measured twice, the larger number of samples counts.
    public mutating func add(_ drawn: [Difficulty.Sample], of problem: String) {
        let place = place(of: problem)
        if let known = samples[place], known.count >= drawn.count { return }
        samples[place] = drawn
    }

    /// Stores may have different problems. A cell that a store has and that did not run on all of its problems is
    /// refused.
    /// - Parameter charge: the difficulties that it needs are told from fewer samples too.
    public func study(for charge: PolicyCharge = .free) throws(StratagemError) -> PolicyStudy {
        let missing = samples.count { $0 == nil }
        guard missing == 0 else {
            throw StratagemError(
                .user, .noDifficulty,
                "\(missing) of \(samples.count) problems have no samples to tell their difficulty from. Run best-of-n on them: its largest budget is what difficulty is taken from"
            )
        }
        // In order of the problems' names: the halves of cross-validation hang on it.
        let order = places.sorted { $0.key < $1.key }.map(\.value)
        var cells: [PolicyStudy.Cell] = []
        for (key, tally) in tallies {
            let right = order.map { place in
                guard place < tally.runs.count, tally.runs[place] > 0 else { return Double.nan }
                return Double(tally.right[place]) / Double(tally.runs[place])
            }
            let lacking = tally.planned.count - right.count { !$0.isNaN }
            guard lacking <= 0 else {
                throw StratagemError(
                    .user, .incompleteStore,
                    "\(key.spec) at \(key.budget) was not run on \(lacking) of \(tally.planned.count) problems. Finish it: the same stratagem eval with --resume"
                )
            }
            cells.append(
                .init(
                    run: key.spec, budget: key.budget, right: right,
                    flops: tally.flops / Double(max(1, tally.runs.reduce(0, +)))))
        }
        cells.sort { ($0.run, $0.budget) < ($1.run, $1.budget) }
        let drawn = order.compactMap { samples[$0] }
        var study = PolicyStudy(cells: cells, difficulties: drawn.map { Difficulty(of: $0, count: $0.count) })
        for count in Set(study.rowBudgets.compactMap(charge.samples)) {
            study.early[count] = drawn.map { Difficulty(of: $0.prefix(count), count: min(count, $0.count)) }
        }
        return study
    }
}
