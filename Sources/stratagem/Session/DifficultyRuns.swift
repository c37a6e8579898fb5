import Evaluation
import Foundation
import SearchCore
import SearchRuntime
import StrategyHost

/// Samples problems to see how hard they are: best-of-N runs, whose verifier scores
/// every sample.
struct DifficultyRuns: Sendable {
    let session: Session
    let loaded: LoadedStrategy
    let params: [String: ParameterValue]
    let samples: Int
    let seed: UInt64

    /// - Parameter needsScores: predicted difficulty is wanted.
    init(_ session: Session, samples: Int, seed: UInt64, needsScores: Bool) throws(StratagemError) {
        self.session = session
        self.samples = samples
        self.seed = seed
        loaded = try session.registry.strategy(named: "best-of-n")
        params = try loaded.check(parameters: needsScores ? [:] : ["selection": "majority"])
    }

    func measure(_ problem: Problem) async -> RunResult {
        let request = RunRequest(problems: [problem], strategy: loaded, params: params, limits: Limits(generations: samples), seed: seed)
        return await session.runtime.run(request)[0]
    }

    /// - Returns: nil for what was interrupted.
    func measure(_ problems: [Problem], progress: Progress) async throws -> [DifficultyReport.Row]? {
        // Enough live samples to fill every decode call.
        let window = max(8, 1024 / max(1, samples))
        return try await withThrowingTaskGroup(of: (Int, RunResult).self) { group in
            var rows = [DifficultyReport.Row?](repeating: nil, count: problems.count)
            var next = 0
            var done = 0
            func add() {
                guard next < problems.count, !Interrupt.isRequested else { return }
                let index = next
                next += 1
                group.addTask { (index, await measure(problems[index])) }
            }
            for _ in 0..<window { add() }
            while let (index, result) = try await group.next() {
                if let error = result.error, !result.wasCancelled { throw error }
                done += 1
                rows[index] = .init(problem: problems[index], difficulty: Difficulty(of: result, grader: session.grader), cost: result.cost)
                progress.show("\(Progress.bar(Double(done) / Double(problems.count), width: 20)) \(done)/\(problems.count) problems")
                add()
            }
            progress.clear()
            return Interrupt.isRequested ? nil : rows.compactMap { $0 }
        }
    }
}
