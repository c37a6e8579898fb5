import Foundation
import LanguageModels
import SearchCore
import StrategyHost
import Locking

/// What a lane is told from outside.
enum LaneMessage: Sendable {
    case run(RunID, RunRequest, (@Sendable (RunEvent) -> Void)?, @Sendable ([RunResult]) -> Void)
    case label(LabelRequest, @Sendable (LabeledProblem) -> Void)
    case cancel(RunID)
    case cancelAll
    case stop
    /// A worker has answered the run of this number.
    case reply(UInt64)
}

/// A thread with a lane on it, and its mailbox. The lane itself never leaves the
/// thread; this is the part that others may touch.
final class LaneThread: Sendable {
    private struct Box: Sendable {
        var messages: [LaneMessage] = []
        var load = 0
        var statistics = RuntimeStatistics()
        var startError: StratagemError?
        var isStarted = false
        var isStopping = false
    }

    let watch = HangWatch()
    /// NSCondition guards `box`: the lane sleeps on it when there is nothing to do.
    private let condition = NSCondition()
    private let box = Locked(Box())

    /// Starts the thread and waits until its models are made.
    init(models: any ModelSource, registry: PluginRegistry, reader: AnswerReader, options: RuntimeOptions) throws(StratagemError) {
        let thread = Thread { [self] in
            do throws(StratagemError) {
                let lane = Lane(models: try models.makeModels(), source: models, registry: registry, answerReader: reader,
                                options: options, watch: watch)
                lane.post = { [weak self] number in self?.send(.reply(number), isRun: false) }
                publish { $0.isStarted = true }
                work(lane)
            } catch {
                publish { ($0.isStarted, $0.startError) = (true, error) }
            }
        }
        thread.name = "stratagem-lane"
        // Plugins run on it, and llama.cpp: a main thread's stack.
        thread.stackSize = 8 << 20
        thread.start()
        condition.lock()
        while !box.withLock({ $0.isStarted }) { condition.wait() }
        condition.unlock()
        if let error = box.withLock({ $0.startError }) { throw error }
    }

    private func publish(_ change: (inout Box) -> Void) {
        condition.lock()
        box.withLock { change(&$0) }
        condition.broadcast()
        condition.unlock()
    }

    /// Runs submitted and not finished.
    var load: Int { box.withLock { $0.load } }
    var statistics: RuntimeStatistics { box.withLock { $0.statistics } }

    func send(_ message: LaneMessage, isRun: Bool) {
        publish {
            $0.messages.append(message)
            if isRun { $0.load += 1 }
        }
    }

    private func work(_ lane: Lane) {
        var runs: [RunID: Run] = [:]
        while true {
            let messages = box.withLock { box in
                defer { box.messages.removeAll() }
                return box.messages
            }
            for message in messages { take(message, lane, &runs) }
            let isBusy = lane.round()
            if lane.isIdle || messages.contains(where: \.isStop) { report(lane) }
            if isBusy { continue }
            if box.withLock({ $0.isStopping && $0.messages.isEmpty }), lane.isIdle { return }
            sleepUnlessAwaited(lane)
        }
    }

    private func sleepUnlessAwaited(_ lane: Lane) {
        condition.lock()
        defer { condition.unlock() }
        // A run may be waiting for nothing but its deadline.
        if box.withLock({ $0.messages.isEmpty }) {
            _ = condition.wait(until: Date(timeIntervalSinceNow: lane.isIdle ? 3600 : 0.01))
        }
    }

    private func report(_ lane: Lane) {
        let statistics = lane.statistics
        box.withLock { $0.statistics = statistics }
    }

    private func take(_ message: LaneMessage, _ lane: Lane, _ runs: inout [RunID: Run]) {
        switch message {
        case .run(let id, let request, let observer, let onFinish):
            runs = runs.filter { !$0.value.isFinished }
            runs[id] = lane.start(request, observer: observer) { [self] results in
                report(lane)
                box.withLock { $0.load -= 1 }
                onFinish(results)
            }
        case .label(let request, let onFinish):
            lane.start(request) { [self] result in
                box.withLock { $0.load -= 1 }
                onFinish(result)
            }
        case .reply(let number): lane.replied(number)
        case .cancel(let id): runs[id]?.cancel()
        case .cancelAll: for run in lane.liveRuns where run.parent == nil { run.cancel() }
        case .stop:
            for run in lane.liveRuns where run.parent == nil { run.cancel() }
            box.withLock { $0.isStopping = true }
        }
    }
}

extension LaneMessage {
    fileprivate var isStop: Bool {
        if case .stop = self { true } else { false }
    }
}
