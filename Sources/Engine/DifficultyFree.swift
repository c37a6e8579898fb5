import Locking
import SearchCore
import SearchRuntime
import StrategyHost

/// `--difficulty-free`: the difficulty is measured before the run and outside its budget, as in the paper; its cost is
/// kept and shown separately.
///
/// A strategy takes part by having a parameter `ease`.
public final class DifficultyFree: Sendable {
    /// The parameters for the difficulty and for the number of samples that estimate it.
    public static let parameter = "ease"
    static let samplesParameter = "difficulty_samples"
    static let samplesDefault = 16

    private let engine: Engine
    private let seed: UInt64
    private let spent = Locked(Cost())

    public init(_ engine: Engine, seed: UInt64) {
        self.engine = engine
        self.seed = seed
    }

    /// The cost of all measurements so far.
    public var cost: Cost { spent.withLock { $0 } }

    /// Marks the runs that take part, so that a store can distinguish them from charged runs.
    static let mark = ParameterValue.text("free")

    public static func mark(_ cases: [EvalCase], _ strategies: [LoadedStrategy]) throws(StratagemError) -> [EvalCase] {
        try check(strategies)
        return zip(cases, strategies).map { one, strategy in
            var one = one
            if takesPart(strategy), !isGiven(one.params) { one.params[parameter] = mark }
            return one
        }
    }

    public static func check(_ strategies: [LoadedStrategy]) throws(StratagemError) {
        guard !strategies.contains(where: { takesPart($0) }) else { return }
        throw StratagemError(
            .user, .noDifficulty,
            "--difficulty-free is for strategies that estimate the difficulty of a problem (parameter \(parameter)), such as compute-optimal; \(strategies.map(\.info.name).joined(separator: ", ")) does not"
        )
    }

    /// Whether the user gave the ease as a parameter.
    private static func isGiven(_ params: [String: ParameterValue]) -> Bool {
        if case .float = params[parameter] { true } else { false }
    }

    private static func takesPart(_ strategy: LoadedStrategy) -> Bool {
        strategy.info.params.contains { $0.id == parameter }
    }

    /// The request with its problem's ease filled in.
    /// - Returns: the request, or the error if measuring failed.
    public func prepare(_ request: RunRequest) async -> Result<RunRequest, StratagemError> {
        guard Self.takesPart(request.strategy), request.problems.count == 1, !Self.isGiven(request.params) else {
            return .success(request)
        }
        var samples = Self.samplesDefault
        if case .int(let wanted)? = request.params[Self.samplesParameter] { samples = Int(clamping: wanted) }
        do throws(StratagemError) {
            let runs = try DifficultyRuns(engine, samples: samples, seed: seed, needsScores: true)
            let result = await runs.run(request.problems[0])
            spent.withLock { $0.add(result.cost) }
            if let error = result.error { throw error }
            var request = request
            request.params[Self.parameter] = .float(Difficulty(of: result, grader: engine.grader).ease(.predicted))
            return .success(request)
        } catch {
            return .failure(error)
        }
    }

    /// Measures first, then runs.
    public func submit(_ request: RunRequest, onFinish: @escaping @Sendable ([RunResult]) -> Void) {
        Task {
            switch await prepare(request) {
            case .success(let request): engine.runtime.submit(request, onFinish: onFinish)
            case .failure(let error):
                onFinish(
                    request.problems.map { problem in
                        var result = RunResult(
                            problem: problem, strategy: request.strategy.info.name, params: request.params,
                            limits: request.limits, seed: request.seed)
                        result.error = error
                        return result
                    })
            }
        }
    }
}
