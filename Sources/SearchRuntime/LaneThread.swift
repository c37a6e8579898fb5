import Foundation
import LanguageModels
import SearchCore
import StrategyHost
import Locking

/// Messages to a lane from other threads.
enum LaneMessage: Sendable {
    case run(RunID, RunRequest, (@Sendable (RunEvent) -> Void)?, @Sendable ([RunResult]) -> Void)
    case label(RunID, LabelRequest, @Sendable (LabeledProblem) -> Void)
    case cancel(RunID)
    case cancelAll
    case stop
    /// A worker has replied to the run with this number.
    case reply(UInt64)
}

/// A thread with a lane on it, and its mailbox. The lane itself never leaves the thread; this object is the part that
/// other threads may use.
final class LaneThread: Sendable {
    private struct Box: Sendable {
        var messages: [LaneMessage] = []
        var isAsleep = false
        /// Whether it sleeps until a run's deadline, and not indefinitely.
        var isTimed = false
        var clock: clockid_t?
        /// Whether a model that waited has something to do.
        var isWoken = false
        var statistics = RuntimeStatistics()
        var startError: StratagemError?
        var isStarted = false
        var isStopping = false
    }

    let watch = HangWatch()
    private let index: Int
    private let laneCount: Int
    private let queue: RunQueue
    /// NSCondition guards `box`: the lane sleeps on it when there is nothing to do.
    private let condition = NSCondition()
    private let box = Locked(Box())

    /// Starts the thread and waits until its models are made.
    init(
        index: Int, of laneCount: Int, queue: RunQueue, models: any ModelSource, registry: PluginRegistry,
        reader: AnswerReader,
        options: RuntimeOptions
    ) throws(StratagemError) {
        (self.index, self.laneCount, self.queue) = (index, laneCount, queue)
        let thread = Thread { [self] in
            var clock = clockid_t()
            if pthread_getcpuclockid(pthread_self(), &clock) == 0 { box.withLock { $0.clock = clock } }
            do throws(StratagemError) {
                let lane = Lane(
                    models: try models.makeModels { [weak self] in self?.wakeModels() }, source: models,
                    registry: registry, answerReader: reader,
                    options: options, watch: watch)
                lane.post = { [weak self] number in self?.send(.reply(number)) }
                publish { $0.isStarted = true }
                work(lane)
            } catch {
                publish { ($0.isStarted, $0.startError) = (true, error) }
            }
        }
        thread.name = "stratagem-lane"
        // Plugins and llama.cpp run on it, so it has a stack as large as the main thread's.
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

    /// Whether only a message can wake it.
    var isAsleepForGood: Bool {
        box.withLock { $0.isAsleep && !$0.isTimed && !$0.isWoken && $0.messages.isEmpty } && !queue.hasRun(for: index)
    }

    /// The processor time of its thread so far. A wall clock would also count the time of other programs.
    var processorSeconds: Double {
        var time = timespec()
        guard let clock = box.withLock({ $0.clock }), clock_gettime(clock, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    var statistics: RuntimeStatistics { box.withLock { $0.statistics } }

    func send(_ message: LaneMessage) { publish { $0.messages.append(message) } }

    /// Says that there may be a run in the queue.
    func wake() {
        condition.lock()
        if box.withLock({ $0.isAsleep }) { condition.broadcast() }
        condition.unlock()
    }

    /// Says that a model that waited has something to do. Often called again before the lane has looked, which costs
    /// next to nothing.
    private func wakeModels() {
        guard !box.withLock({ $0.isWoken }) else { return }
        publish { $0.isWoken = true }
    }

    private func work(_ lane: Lane) {
        while true {
            let messages = box.withLock { box in
                defer { (box.messages, box.isWoken) = ([], false) }
                return box.messages
            }
            for message in messages { take(message, lane) }
            begin(lane)
            let isBusy = lane.round()
            reportNowAndThen(lane, always: lane.isIdle || messages.contains(where: \.isStop))
            if isBusy || lane.endStuckRuns() { continue }
            if box.withLock({ $0.isStopping && $0.messages.isEmpty }), lane.isIdle { return }
            sleepUnlessAwaited(lane)
        }
    }

    /// Begins runs from the queue while there is room, but at most this lane's share: it must not take all of them
    /// while another lane is inside a decode call.
    private func begin(_ lane: Lane) {
        var most = (queue.count + laneCount - 1) / laneCount
        while most > 0, lane.hasRoom, let message = queue.take(lane: index) {
            take(message, lane)
            most -= 1
        }
    }

    private func sleepUnlessAwaited(_ lane: Lane) {
        condition.lock()
        defer { condition.unlock() }
        box.withLock { $0.isAsleep = true }
        defer { box.withLock { ($0.isAsleep, $0.isTimed) = (false, false) } }
        // This is checked last: if a run is added later, its sender finds the lane asleep and wakes it.
        guard !(queue.hasRun(for: index) && lane.hasRoom) else { return }
        // A run may be waiting only for its deadline.
        if box.withLock({ $0.messages.isEmpty && !$0.isWoken }) {
            let seconds = lane.secondsToDeadline
            box.withLock { $0.isTimed = seconds != nil }
            _ = condition.wait(until: Date(timeIntervalSinceNow: min(3600, seconds ?? 3600)))
        }
    }

    private func report(_ lane: Lane) {
        let statistics = lane.statistics
        box.withLock { $0.statistics = statistics }
    }

    /// Publishes the statistics a few times a second.
    private func reportNowAndThen(_ lane: Lane, always: Bool) {
        let now = Lane.now
        guard always || now - lane.reported > 200_000_000 else { return }
        lane.reported = now
        report(lane)
    }

    private func take(_ message: LaneMessage, _ lane: Lane) {
        switch message {
        case .run(let id, let request, let observer, let onFinish):
            lane.start(request, id: id, observer: observer) { [self] results in
                report(lane)
                onFinish(results)
            }
        case .label(let id, let request, let onFinish): lane.start(request, id: id, onFinish: onFinish)
        case .reply(let number): lane.replied(number)
        case .cancel(let id): lane.cancel(id)
        case .cancelAll: lane.cancelAll()
        case .stop:
            lane.cancelAll()
            box.withLock { $0.isStopping = true }
        }
    }
}

extension LaneMessage {
    fileprivate var isStop: Bool {
        if case .stop = self { true } else { false }
    }
}
