import SearchCore
import SearchRuntime
import StrategyHost

/// Samples problems to see how hard they are: best-of-N runs, whose verifier scores
/// every sample.
public struct DifficultyRuns: Sendable {
    private let engine: Engine
    private let loaded: LoadedStrategy
    private let params: [String: ParameterValue]
    private let samples: Int
    private let seed: UInt64

    /// The result for the samples of one problem.
    public struct Measured: Sendable, Equatable {
        public var problem: Problem
        public var difficulty: Difficulty
        public var cost: Cost

        public init(problem: Problem, difficulty: Difficulty, cost: Cost) {
            self.problem = problem
            self.difficulty = difficulty
            self.cost = cost
        }
    }

    /// - Parameters:
    ///   - samples: the number for each problem.
    ///   - needsScores: whether predicted difficulty is wanted.
    /// - Throws: if there is no strategy `best-of-n`.
    public init(_ engine: Engine, samples: Int, seed: UInt64, needsScores: Bool) throws(StratagemError) {
        self.engine = engine
        self.samples = samples
        self.seed = seed
        loaded = try engine.registry.strategy(named: "best-of-n")
        params = try loaded.check(parameters: needsScores ? [:] : ["selection": "majority"])
    }

    func run(_ problem: Problem) async -> RunResult {
        await engine.runtime.run(
            RunRequest(
                problems: [problem], strategy: loaded, params: params,
                limits: Limits(generations: samples), seed: seed))[0]
    }

    /// Samples all problems, at any time as many as are needed to fill the decode calls.
    ///
    /// - Parameters:
    ///   - isStopped: asked before every problem; true leaves the others out.
    ///   - observe: called with the number that are done, on the caller's task.
    /// - Returns: one for each problem, in order; fewer if measuring was stopped: those that were done by then.
    /// - Throws: the error of the first run that failed.
    public func measure(
        _ problems: [Problem], isStopped: @escaping @Sendable () -> Bool = { false },
        observe: (_ done: Int) -> Void = { _ in }
    ) async throws -> [Measured] {
        // Enough live samples to fill every decode call.
        let window = max(8, 1024 / max(1, samples))
        return try await withThrowingTaskGroup(of: (Int, RunResult).self) { group in
            var rows = [Measured?](repeating: nil, count: problems.count)
            var next = 0
            var done = 0
            func add() {
                guard next < problems.count, !isStopped() else { return }
                let index = next
                next += 1
                group.addTask { (index, await run(problems[index])) }
            }
            for _ in 0..<window { add() }
            while let (index, result) = try await group.next() {
                if let error = result.error, !result.wasCancelled { throw error }
                guard !result.wasCancelled else { continue }
                done += 1
                rows[index] = Measured(
                    problem: problems[index], difficulty: Difficulty(of: result, grader: engine.grader),
                    cost: result.cost)
                observe(done)
                add()
            }
            return rows.compactMap { $0 }
        }
    }
}
