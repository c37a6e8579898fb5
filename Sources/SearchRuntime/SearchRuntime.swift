import Foundation
import LanguageModels
import SearchCore
import StrategyHost
import Locking
import Synchronization

/// What all lanes together have done so far.
public struct RuntimeStatistics: Sendable, Codable {
    public var policy = EngineStatistics()
    public var verifier = EngineStatistics()
    /// What `RuntimeOptions.sharesSamples` saved.
    public var sharing = SharingStatistics()
    /// The number of texts that ended, by the model or by a limit, and the number of their tokens from root to end.
    public var endedTexts = 0
    public var endedTokens = 0
    /// Processor time of the lanes' threads, in seconds, without waiting.
    public var busySeconds = 0.0
    /// Wall-clock time inside plugins' calls.
    public var pluginSeconds = 0.0
    /// The part of the lanes' processor time outside plugins' calls, decode calls and sampling; the making of contexts
    /// is not included.
    public var hostSeconds = 0.0
    /// The part of `hostSeconds` in `LanguageModel.advance` and `Verifier.advance`: the tree of prefixes, the cache.
    public var engineSeconds = 0.0
    public init() {}
}

/// Runs searches: owns the lanes and the queue that they take runs from.
///
/// A run begins when a lane has room for it, so thousands may be submitted at once. Safe to use from any thread.
/// Callbacks are called on a lane's thread and must return quickly.
public final class SearchRuntime: Sendable {
    let lanes: [LaneThread]
    private let watchdog: Watchdog?
    private let nextID = Atomic<Int>(1)
    private let queue = RunQueue()

    /// - Throws: if the bundle's models cannot be made, or if a function that it reads answers with is not among the
    ///   loaded plugins.
    public init(models: any ModelSource, registry: PluginRegistry, options: RuntimeOptions = RuntimeOptions())
        throws(StratagemError)
    {
        let reader = try AnswerReader(models.answerFunctions, prompt: models.prompt, registry: registry)
        let count = max(1, options.lanes ?? models.laneCount)
        var options = options
        options.sharedBytes /= count
        var lanes: [LaneThread] = []
        for index in 0..<count {
            lanes.append(
                try LaneThread(
                    index: index, of: count, queue: queue, models: models, registry: registry, reader: reader,
                    options: options))
        }
        self.lanes = lanes
        watchdog = options.onHang.map {
            Watchdog(watches: lanes.map(\.watch), seconds: options.watchdogSeconds, onHang: $0)
        }
    }

    deinit { shutdown() }

    /// - Parameters:
    ///   - observer: called after every turn; slows the run down a little.
    ///   - onFinish: one result per problem, exactly once.
    @discardableResult
    public func submit(
        _ request: RunRequest, observer: (@Sendable (RunEvent) -> Void)? = nil,
        onFinish: @escaping @Sendable ([RunResult]) -> Void
    ) -> RunID {
        submit(group: request.group) { [queue] id in
            .run(id, request, observer) { results in
                queue.ended(id)
                onFinish(results)
            }
        }
    }

    private func submit(group: UInt64? = nil, _ make: (RunID) -> LaneMessage) -> RunID {
        let id = RunID(raw: nextID.wrappingAdd(1, ordering: .relaxed).oldValue)
        queue.add(.init(id: id, group: group, message: make(id)))
        for lane in lanes { lane.wake() }
        return id
    }

    /// - Returns: one result per problem, when all are finished.
    public func run(_ request: RunRequest, observer: (@Sendable (RunEvent) -> Void)? = nil) async -> [RunResult] {
        await withCheckedContinuation { continuation in
            submit(request, observer: observer) { continuation.resume(returning: $0) }
        }
    }

    /// Samples solutions of a problem and rolls out from each of their steps.
    public func label(_ request: LabelRequest) async -> LabeledProblem {
        await withCheckedContinuation { continuation in
            _ = submit { [queue] id in
                .label(id, request) { result in
                    queue.ended(id)
                    continuation.resume(returning: result)
                }
            }
        }
    }

    /// Ends the run with its best answer so far.
    public func cancel(_ id: RunID) {
        guard let (lane, begin) = queue.place(of: id) else { return }
        if let begin { lanes[lane].send(begin) }
        lanes[lane].send(.cancel(id))
    }

    public func cancelAll() {
        for (lane, begin) in queue.placeAll(lanes: lanes.count) { lanes[lane].send(begin) }
        for lane in lanes { lane.send(.cancelAll) }
    }

    /// Whether any run waits or is in progress.
    public var hasRuns: Bool { !queue.isEmpty }

    /// Ends the lanes. Their runs are cancelled first, and do finish.
    public func shutdown() {
        watchdog?.stop()
        for (lane, begin) in queue.placeAll(lanes: lanes.count) { lanes[lane].send(begin) }
        for lane in lanes { lane.send(.stop) }
    }

    public var statistics: RuntimeStatistics {
        lanes.reduce(into: RuntimeStatistics()) { $0.add($1.statistics) }
    }
}

extension RuntimeStatistics {
    mutating func add(_ other: RuntimeStatistics) {
        policy.add(other.policy)
        verifier.add(other.verifier)
        sharing.add(other.sharing)
        endedTexts += other.endedTexts
        endedTokens += other.endedTokens
        busySeconds += other.busySeconds
        pluginSeconds += other.pluginSeconds
        hostSeconds += other.hostSeconds
        engineSeconds += other.engineSeconds
    }
}
