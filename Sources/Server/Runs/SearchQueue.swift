import Foundation
import Locking

/// So many searches at work, so many that wait for them, and no more: whoever comes then is
/// told when to come again. First come, first served.
final class SearchQueue: Sendable {
    /// A search's place: at work, or on the way to it. To be given back by ``leave()``, once.
    final class Place: Sendable {
        private let queue: SearchQueue
        fileprivate let number: UInt64
        /// Yields once, when it is this search's turn.
        private let turn: AsyncStream<Void>
        private let continuation: AsyncStream<Void>.Continuation

        fileprivate init(
            _ queue: SearchQueue, _ number: UInt64, _ turn: AsyncStream<Void>,
            _ continuation: AsyncStream<Void>.Continuation
        ) {
            (self.queue, self.number, self.turn, self.continuation) = (queue, number, turn, continuation)
        }

        /// Returns when the search may begin.
        ///
        /// - Returns: false if the wait was given up, or the task is cancelled.
        func wait() async -> Bool {
            for await _ in turn { return true }
            return false
        }

        /// Ends a wait.
        func giveUp() { continuation.finish() }

        func leave() { queue.leave(number) }
    }

    private struct State {
        var nextNumber: UInt64 = 0
        /// When each began.
        var working: [UInt64: Double] = [:]
        var waiting: [(number: UInt64, turn: AsyncStream<Void>.Continuation)] = []
        /// A moving mean of how long searches take.
        var meanSeconds = 1.0
        var isClosed = false
    }

    private let atOnce: Int
    private let mostWaiting: Int
    private let state = Locked(State())

    init(atOnce: Int, waiting: Int) { (self.atOnce, mostWaiting) = (max(1, atOnce), max(0, waiting)) }

    /// A place, at once.
    func enter() throws(Refusal) -> Place {
        try state.withLock { state throws(Refusal) in
            guard !state.isClosed else {
                throw .server("shutting_down", "the server is about to end", status: .serviceUnavailable)
            }
            let isFree = state.working.count < atOnce
            guard isFree || state.waiting.count < mostWaiting else {
                let seconds = state.meanSeconds * Double(state.waiting.count + 1) / Double(atOnce)
                throw .busy(
                    "queue_full",
                    "\(state.working.count) searches are at work and \(state.waiting.count) wait: that is all that this server takes",
                    retryAfter: Int(min(60, seconds.rounded(.up))))
            }
            let number = state.nextNumber
            state.nextNumber += 1
            let (turn, continuation) = AsyncStream<Void>.makeStream()
            if isFree {
                state.working[number] = Self.now
                continuation.yield()
            } else {
                state.waiting.append((number, continuation))
            }
            return Place(self, number, turn, continuation)
        }
    }

    private func leave(_ number: UInt64) {
        state.withLock { state in
            if let began = state.working.removeValue(forKey: number) {
                state.meanSeconds += (Self.now - began - state.meanSeconds) / 16
            } else {
                state.waiting.removeAll { $0.number == number }
            }
            while state.working.count < atOnce, !state.waiting.isEmpty {
                let next = state.waiting.removeFirst()
                state.working[next.number] = Self.now
                next.turn.yield()
            }
        }
    }

    /// Takes nobody in any more. Who has a place keeps it.
    func close() { state.withLock { $0.isClosed = true } }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    var counts: (working: Int, waiting: Int) { state.withLock { ($0.working.count, $0.waiting.count) } }

    private static var now: Double { ProcessInfo.processInfo.systemUptime }
}
