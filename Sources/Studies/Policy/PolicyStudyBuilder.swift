import Engine
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
    private var difficulties: [Difficulty?] = []

    public init() {}

    private mutating func place(of problem: String) -> Int {
        if let place = places[problem] { return place }
        places[problem] = difficulties.count
        difficulties.append(nil)
        return difficulties.count - 1
    }

    public mutating func add(_ run: Run) {
        let place = place(of: run.problem)
        tallies[Key(spec: run.spec, budget: run.budget), default: Tally()].add(run, at: place)
    }

    /// Of a problem that was measured twice, the larger number of samples counts.
    public mutating func add(_ difficulty: Difficulty, of problem: String) {
        let place = place(of: problem)
        if let known = difficulties[place], known.samples >= difficulty.samples { return }
        difficulties[place] = difficulty
    }

    public func study() throws(StratagemError) -> PolicyStudy {
        let missing = difficulties.count { $0 == nil }
        guard missing == 0 else {
            throw StratagemError(.user, .noDifficulty, "\(missing) of \(difficulties.count) problems have no samples to tell their difficulty from. Run best-of-n on them: its largest budget is what difficulty is taken from")
        }
        // In order of the problems' names: the halves of cross-validation hang on it.
        let order = places.sorted { $0.key < $1.key }.map(\.value)
        let cells = tallies.map { key, tally in
            PolicyStudy.Cell(
                run: key.spec, budget: key.budget,
                right: order.map { place in
                    guard place < tally.runs.count, tally.runs[place] > 0 else { return .nan }
                    return Double(tally.right[place]) / Double(tally.runs[place])
                },
                flops: tally.flops / Double(max(1, tally.runs.reduce(0, +))))
        }
        return PolicyStudy(cells: cells.sorted { ($0.run, $0.budget) < ($1.run, $1.budget) }, difficulties: order.compactMap { difficulties[$0] })
    }
}
