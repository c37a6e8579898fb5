import Engine
import Foundation
import Locking
import Logging
import SearchCore
import SearchRuntime

/// Runs searches for clients: each with a place in the queue, within its key's limits and
/// before its deadline. Whatever ends one, its record says what came of it.
final class Searches: Sendable {
    /// Why a search was ended before its time.
    enum Reason: String, Sendable { case clientGone = "client_gone", deadline, stopped, shutdown }

    private let engine: Engine
    private let options: ServerOptions
    private let metrics: ServerMetrics
    private let logger: Logger
    private let limits = KeyLimits()
    private let live = Locked<[ObjectIdentifier: Handle]>([:])
    let queue: SearchQueue
    let store: RunStore

    init(_ engine: Engine, _ options: ServerOptions, _ metrics: ServerMetrics, _ logger: Logger) {
        (self.engine, self.options, self.metrics, self.logger) = (engine, options, metrics, logger)
        queue = SearchQueue(atOnce: options.limits.atOnce, waiting: options.limits.waiting)
        store = RunStore(options.limits)
    }

    /// A search that was let in. What it holds is given back when it has run, or when nobody
    /// has it any more.
    final class Admission: Sendable {
        let record: RunRecord
        fileprivate let key: APIKey
        fileprivate let place: SearchQueue.Place
        fileprivate let generations: Int
        private let limits: KeyLimits
        private let isOver = Locked(false)

        fileprivate init(
            _ record: RunRecord, _ key: APIKey, _ place: SearchQueue.Place, _ generations: Int, _ limits: KeyLimits
        ) {
            (self.record, self.key, self.place, self.generations, self.limits) = (
                record, key, place, generations, limits
            )
        }

        fileprivate func end(tokens: Int) {
            let wasOver = isOver.withLock { isOver in
                defer { isOver = true }
                return isOver
            }
            guard !wasOver else { return }
            place.leave()
            limits.end(key, generations: generations, tokens: tokens)
        }

        deinit { end(tokens: 0) }
    }

    /// Lets a search in, or says at once why not.
    func admit(_ order: SearchOrder, _ key: APIKey) throws(Refusal) -> Admission {
        let generations = try limits.begin(key, order.limits)
        do throws(Refusal) {
            let place = try queue.enter()
            let record = RunRecord(order, owner: key.name)
            store.add(record)
            return Admission(record, key, place, generations, limits)
        } catch {
            limits.end(key, generations: generations, tokens: 0)
            throw error
        }
    }

    /// Runs it to its end. Cancelling the task ends the search: its client has gone away.
    func run(_ admission: Admission) async throws(Refusal) -> RunResult {
        let record = admission.record
        let arrived = ContinuousClock.now
        let handle = Handle(engine.runtime, admission.place)
        record.whenStopped { handle.cancel(.stopped) }
        live.withLock { $0[ObjectIdentifier(handle)] = handle }
        let timer = Task { [deadline = options.limits.deadline] in
            try await Task.sleep(for: deadline)
            handle.cancel(.deadline)
        }
        var waited = Duration.zero
        let result: RunResult? = await withTaskCancellationHandler {
            guard await admission.place.wait() else { return nil }
            waited = .now - arrived
            return await search(record, handle)
        } onCancel: {
            handle.cancel(.clientGone)
        }
        timer.cancel()
        live.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(handle)) }
        let reason = handle.reason
        admission.end(tokens: result.map { $0.cost.tokens + $0.cost.promptTokens + $0.cost.verifierTokens } ?? 0)
        tell(record, admission.key, result, reason, waited: waited, whole: .now - arrived)
        if let refusal = refusal(record, result, reason) {
            record.finish(result.map { .result($0) } ?? .refused(refusal))
            throw refusal
        }
        guard let result else { throw .server("no_result", "the search had no result", status: .internalServerError) }
        record.finish(.result(result))
        return result
    }

    private func search(_ record: RunRecord, _ handle: Handle) async -> RunResult? {
        await withCheckedContinuation { continuation in
            let id = engine.runtime.submit(record.order.request(), observer: { [weak record] in record?.add($0) }) {
                continuation.resume(returning: $0.first)
            }
            handle.began(id)
        }
    }

    /// Ends all searches that are at work or wait.
    func cancelAll(_ reason: Reason) {
        for handle in live.withLock({ Array($0.values) }) { handle.cancel(reason) }
    }

    /// What a client is told in place of an answer.
    private func refusal(_ record: RunRecord, _ result: RunResult?, _ reason: Reason?) -> Refusal? {
        var refusal: Refusal
        switch reason {
        case .clientGone:
            refusal = .server(
                "client_gone", "the client has gone away, and the search was ended",
                status: .init(code: 499, reasonPhrase: "Client Closed Request"))
        case .deadline:
            refusal = .server(
                "deadline_exceeded",
                "the search was ended at this server's deadline of \(options.limits.deadline.components.seconds) s. Ask for less, or bound it yourself: a budget with +seconds=S answers with the best so far",
                status: .gatewayTimeout)
        case .shutdown:
            refusal = .server(
                "shutting_down", "the server ends, and the search was ended with it", status: .serviceUnavailable)
        case .stopped where result == nil:
            refusal = .server("stopped", "the search was stopped before it began", status: .serviceUnavailable)
        case .stopped, nil:
            guard let error = result?.error else { return nil }
            refusal = .of(error)
            // Found when the run began: nothing has been sampled.
            if refusal.status.code < 500 { return refusal }
        }
        refusal.report = result.map { Replies.report($0, record) }
        return refusal
    }

    private func tell(
        _ record: RunRecord, _ key: APIKey, _ result: RunResult?, _ reason: Reason?, waited: Duration, whole: Duration
    ) {
        let outcome = reason?.rawValue ?? (result?.error == nil ? "done" : "failed")
        let cost = result?.cost ?? Cost()
        metrics.searchEnded(
            strategy: record.order.strategy.info.name, outcome: outcome, cost: cost, seconds: whole.seconds)
        var metadata: Logger.Metadata = [
            "run": "\(record.id)", "key": "\(key.name)", "model": "\(record.order.name)",
            "seed": "\(record.order.seed)", "outcome": "\(outcome)",
            "seconds": .stringConvertible(whole.seconds), "waited": .stringConvertible(waited.seconds),
            "generations": .stringConvertible(cost.generations), "tokens": .stringConvertible(cost.tokens),
            "prompt_tokens": .stringConvertible(cost.promptTokens),
            "verifier_tokens": .stringConvertible(cost.verifierTokens),
        ]
        if let error = result?.error { metadata["error"] = "\(error.code)" }
        if options.logsProblems { metadata["problem"] = "\(record.order.problem.text)" }
        logger.info("search", metadata: metadata)
    }

    /// A search on its way, to be ended from anywhere, whether it has begun or not.
    private final class Handle: Sendable {
        private let runtime: SearchRuntime
        private let place: SearchQueue.Place
        private let state = Locked<(id: RunID?, reason: Reason?)>((nil, nil))

        init(_ runtime: SearchRuntime, _ place: SearchQueue.Place) { (self.runtime, self.place) = (runtime, place) }

        var reason: Reason? { state.withLock { $0.reason } }

        func began(_ id: RunID) {
            let isCancelled = state.withLock { state in
                state.id = id
                return state.reason != nil
            }
            if isCancelled { runtime.cancel(id) }
        }

        /// The first reason counts.
        func cancel(_ reason: Reason) {
            let id = state.withLock { state in
                if state.reason == nil { state.reason = reason }
                return state.id
            }
            place.giveUp()
            if let id { runtime.cancel(id) }
        }
    }
}

extension Duration {
    /// As logs and metrics count, to the microsecond.
    var seconds: Double {
        let parts = components
        return (Double(parts.seconds) * 1e6 + (Double(parts.attoseconds) / 1e12).rounded()) / 1e6
    }
}
