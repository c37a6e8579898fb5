import Foundation
import LanguageModels
import SearchCore
import StrategyHost
import Locking
import Synchronization

/// What the lanes have done so far, all of them together.
public struct RuntimeStatistics: Sendable, Codable {
    public var policy = EngineStatistics()
    public var verifier = EngineStatistics()
    /// Inside plugins' calls.
    public var pluginSeconds = 0.0
    /// Lanes' time outside models and plugins.
    public var hostSeconds = 0.0
    public init() {}
}

/// Runs searches: owns the lanes, hands every run to the one with the least to do.
///
/// Safe to use from any thread. Callbacks come on a lane's thread and must be quick.
public final class SearchRuntime: Sendable {
    private let lanes: [LaneThread]
    private let watchdog: Watchdog?
    private let nextID = Atomic<Int>(1)
    /// Which lane has a run.
    private let places = Locked<[RunID: Int]>([:])

    /// - Throws: if the bundle's models cannot be made, or a function that it
    ///   reads answers with is not among the loaded plugins.
    public init(models: any ModelSource, registry: PluginRegistry, options: RuntimeOptions = RuntimeOptions()) throws(StratagemError) {
        let reader = try AnswerReader(models.answerFunctions, registry: registry)
        let count = max(1, options.lanes ?? models.laneCount)
        var lanes: [LaneThread] = []
        for _ in 0..<count {
            lanes.append(try LaneThread(models: models, registry: registry, reader: reader, options: options))
        }
        self.lanes = lanes
        watchdog = options.onHang.map { Watchdog(watches: lanes.map(\.watch), seconds: options.watchdogSeconds, onHang: $0) }
    }

    deinit { shutdown() }

    /// - Parameters:
    ///   - observer: told of every turn; slows the run down a little.
    ///   - onFinish: one result a problem, exactly once.
    @discardableResult
    public func submit(_ request: RunRequest, observer: (@Sendable (RunEvent) -> Void)? = nil,
                       onFinish: @escaping @Sendable ([RunResult]) -> Void) -> RunID {
        submit { id in
            .run(id, request, observer) { [weak self] results in
                self?.places.withLock { _ = $0.removeValue(forKey: id) }
                onFinish(results)
            }
        }
    }

    private func submit(_ make: (RunID) -> LaneMessage) -> RunID {
        let id = RunID(raw: nextID.wrappingAdd(1, ordering: .relaxed).oldValue)
        let index = lanes.indices.min { lanes[$0].load < lanes[$1].load } ?? 0
        places.withLock { $0[id] = index }
        lanes[index].send(make(id), isRun: true)
        return id
    }

    public func run(_ request: RunRequest) async -> [RunResult] {
        await withCheckedContinuation { continuation in
            submit(request) { continuation.resume(returning: $0) }
        }
    }

    /// Samples a problem's solutions and rolls out from each of their steps.
    public func label(_ request: LabelRequest) async -> LabeledProblem {
        await withCheckedContinuation { continuation in
            _ = submit { id in
                .label(request) { [weak self] result in
                    self?.places.withLock { _ = $0.removeValue(forKey: id) }
                    continuation.resume(returning: result)
                }
            }
        }
    }

    /// The run ends with its best so far.
    public func cancel(_ id: RunID) {
        guard let lane = places.withLock({ $0[id] }) else { return }
        lanes[lane].send(.cancel(id), isRun: false)
    }

    public func cancelAll() {
        for lane in lanes { lane.send(.cancelAll, isRun: false) }
    }

    /// Ends the lanes; live runs are cancelled first and do finish.
    public func shutdown() {
        watchdog?.stop()
        for lane in lanes { lane.send(.stop, isRun: false) }
    }

    public var statistics: RuntimeStatistics {
        lanes.reduce(into: RuntimeStatistics()) { $0.add($1.statistics) }
    }
}

extension RuntimeStatistics {
    mutating func add(_ other: RuntimeStatistics) {
        policy.add(other.policy)
        verifier.add(other.verifier)
        pluginSeconds += other.pluginSeconds
        hostSeconds += other.hostSeconds
    }
}

extension EngineStatistics {
    mutating func add(_ other: EngineStatistics) {
        decodedTokens += other.decodedTokens
        redecodedTokens += other.redecodedTokens
        neededTokens += other.neededTokens
        decodeCalls += other.decodeCalls
        decodeSeconds += other.decodeSeconds
        samplingSeconds += other.samplingSeconds
    }
}
