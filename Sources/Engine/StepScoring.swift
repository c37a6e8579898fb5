import Foundation
import LanguageModels
import Locking
import SearchCore

/// A given solution of a problem, divided into steps.
public struct GivenSolution: Sendable, Equatable {
    public var problem: String
    /// At least one, in order.
    public var steps: [String]

    public init(problem: String, steps: [String]) {
        self.problem = problem
        self.steps = steps
    }
}

/// A verifier's values for a given solution.
public struct ScoredSolution: Sendable, Equatable {
    /// One value in [0, 1] per step; empty if scoring failed.
    public var values: [Double] = []
    /// The cost of reading it.
    public var cost = Cost()
    /// Why there are no values.
    public var failure: String?
}

extension Engine {
    /// Scores given solutions step by step, with one of the bundle's verifiers. It uses its own threads, as many as the
    /// bundle has lanes; the values do not depend on what else runs.
    ///
    /// - Parameters:
    ///   - isStopped: asked before every solution; if true, the remaining ones are left out.
    ///   - observe: called with the number that are done; from any thread.
    /// - Returns: one for each solution, in order; nil for those that were left out.
    /// - Throws: if the bundle has no such verifier, or one that judges only whole answers.
    public func scoreSteps(
        of solutions: [GivenSolution], role: String = "prm", isStopped: @escaping @Sendable () -> Bool = { false },
        observe: @escaping @Sendable (_ done: Int) -> Void = { _ in }
    ) async throws(StratagemError) -> [ScoredSolution?] {
        guard models.verifierRoles.contains(role) else {
            let known = models.verifierRoles.sorted()
            throw StratagemError(
                .user, .noVerifier,
                "the bundle \(models.name) has no verifier '\(role)'; it has \(known.isEmpty ? "none" : known.joined(separator: ", ")). Name a bundle with [models.\(role)], or another role"
            )
        }
        let work = StepScoring(solutions: solutions, role: role, models: models, isStopped: isStopped, observe: observe)
        return try await work.run(threads: max(1, min(models.laneCount, solutions.count)))
    }
}

/// The threads of one call of ``Engine/scoreSteps(of:role:isStopped:observe:)``.
private final class StepScoring: Sendable {
    private struct State {
        var next = 0
        var done = 0
        var threads = 0
        var scored: [ScoredSolution?]
        var failure: StratagemError?
    }

    /// The number of jobs of one verifier at once, if it has room: enough to fill its decode calls.
    private static let window = 32

    private let solutions: [GivenSolution]
    private let role: String
    private let models: any ModelSource
    private let isStopped: @Sendable () -> Bool
    private let observe: @Sendable (Int) -> Void
    private let state: Locked<State>

    init(
        solutions: [GivenSolution], role: String, models: any ModelSource, isStopped: @escaping @Sendable () -> Bool,
        observe: @escaping @Sendable (Int) -> Void
    ) {
        (self.solutions, self.role, self.models) = (solutions, role, models)
        (self.isStopped, self.observe) = (isStopped, observe)
        state = Locked(State(scored: Array(repeating: nil, count: solutions.count)))
    }

    func run(threads: Int) async throws(StratagemError) -> [ScoredSolution?] {
        state.withLock { $0.threads = threads }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            for _ in 0..<threads {
                let thread = Thread { [self] in
                    do throws(StratagemError) { try work() } catch {
                        state.withLock { $0.failure = $0.failure ?? error }
                    }
                    let isLast = state.withLock { state in
                        state.threads -= 1
                        return state.threads == 0
                    }
                    if isLast { continuation.resume() }
                }
                thread.name = "stratagem-judge"
                thread.stackSize = 8 << 20
                thread.start()
            }
        }
        let (failure, scored) = state.withLock { ($0.failure, $0.scored) }
        if let failure { throw failure }
        return scored
    }

    private func take() -> Int? {
        guard !isStopped() else { return nil }
        return state.withLock { state in
            guard state.failure == nil, state.next < solutions.count else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    private func put(_ scored: ScoredSolution, _ item: Int) {
        let done = state.withLock { state in
            state.scored[item] = scored
            state.done += 1
            return state.done
        }
        observe(done)
    }

    private func work() throws(StratagemError) {
        // The models stay on this thread, as they do on a lane's.
        guard let verifier = try models.makeModels().verifiers[role] else { return }
        guard !verifier.judgesWholeAnswersOnly else {
            throw StratagemError(
                .user, .noVerifier,
                "the verifier '\(role)' of the bundle \(models.name) judges whole answers and not steps (kind = \"orm\"). Name a role of kind prm"
            )
        }
        var live: [UInt64: (root: PrefixHandle, tokens: Int)] = [:]
        while true {
            while live.count < Self.window, live.isEmpty || verifier.hasRoom, let item = take() {
                do throws(StratagemError) { live[UInt64(item)] = try begin(item, verifier) } catch {
                    put(ScoredSolution(failure: error.message), item)
                }
            }
            guard !live.isEmpty else { return }
            if isStopped() { for id in live.keys { verifier.cancel(job: id) } }
            var completions: [ScoreCompletion] = []
            if verifier.advance(into: &completions) == .waiting { usleep(1000) }
            for one in completions {
                guard let job = live.removeValue(forKey: one.id) else { continue }
                if one.failure == nil { verifier.release(one.prefix) }
                verifier.release(job.root)
                if !one.wasCancelled { put(scored(one, rootTokens: job.tokens, verifier), Int(one.id)) }
            }
        }
    }

    private func begin(_ item: Int, _ verifier: any Verifier) throws(StratagemError) -> (
        root: PrefixHandle, tokens: Int
    ) {
        let solution = solutions[item]
        let (root, tokens) = try verifier.makeRoot(problem: Array(solution.problem.utf8), attempts: [])
        let steps = solution.steps.enumerated().map { place, step in
            place == solution.steps.count - 1 ? Array(step.utf8) : ended(Array(step.utf8))
        }
        verifier.submit(ScoreJob(id: UInt64(item), prefix: root, steps: steps, isFinished: true))
        return (root, tokens)
    }

    /// A step that another step follows, with the text that ends a step in this bundle.
    private func ended(_ step: [UInt8]) -> [UInt8] {
        // Here the heading of the next step belongs to that step.
        if case .numbered = models.steps { return step.last == UInt8(ascii: "\n") ? step : step + Array("\n\n".utf8) }
        let end = models.steps.delimiter(of: step)
        if end.isEmpty { return step + [UInt8(ascii: " ")] }
        return step.suffix(end.count).elementsEqual(end) ? step : step + end
    }

    private func scored(_ one: ScoreCompletion, rootTokens: Int, _ verifier: any Verifier) -> ScoredSolution {
        var scored = ScoredSolution()
        scored.cost.verifierTokens = rootTokens + one.tokens
        let outputs = verifier.looksAtEveryToken ? one.tokens : one.values.count
        scored.cost.flops =
            verifier.shape.map {
                $0.flops(reading: rootTokens, from: 0, outputs: 0)
                    + (one.flops ?? $0.flops(reading: one.tokens, from: rootTokens, outputs: outputs))
            } ?? 0
        scored.cost.programCalls = one.calls
        scored.cost.programSeconds = one.seconds
        if let failure = one.failure {
            scored.failure = failure
        } else if one.values.count == solutions[Int(one.id)].steps.count,
            one.values.allSatisfy({ (0...1).contains($0) })
        {
            scored.values = one.values
        } else {
            scored.failure = "it gave \(one.values), but every step needs a value in [0, 1]"
        }
        return scored
    }
}
