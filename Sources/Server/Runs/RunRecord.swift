import Foundation
import Locking
import SearchCore
import SearchRuntime

/// A search as it can be looked at, while it runs and when it is over: what it told of its
/// tree, in order, and what came of it. Texts are spelt out when somebody reads them.
final class RunRecord: Sendable {
    enum Note: Sendable {
        case nodes([(id: SearchNode.ID, node: SearchNode)])
        case round(Int, Cost)
    }

    /// What became of it.
    enum Outcome: Sendable {
        case result(RunResult)
        /// It never began.
        case refused(Refusal)
    }

    private struct State {
        var notes: [Note] = []
        var bytes = 0
        var isCut = false
        var outcome: Outcome?
        var isOver = false
        var readers: [UInt64: AsyncStream<Signal>.Continuation] = [:]
        var nextReader: UInt64 = 0
    }

    enum Signal: Sendable { case news, tick }

    /// Of one run: a search that samples for minutes is shown as far as this goes.
    static let bytesMost = 32 << 20

    let id = RandomName.make()
    /// The name of the key that made it.
    let owner: String
    let order: SearchOrder
    let created = Date()
    private let state = Locked(State())
    private let stopper = Locked<(@Sendable () -> Void)?>(nil)

    init(_ order: SearchOrder, owner: String) { (self.order, self.owner) = (order, owner) }

    /// Called on a lane's thread.
    func add(_ event: RunEvent) {
        let note: Note
        var bytes = 64
        switch event {
        case .nodes(let nodes):
            note = .nodes(nodes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
            for node in nodes.values { bytes += 240 + node.text.count + 16 * node.stepEnds.count }
        case .round(let count, let cost): note = .round(count, cost)
        }
        state.withLock { state in
            guard !state.isCut else { return }
            state.bytes += bytes
            if state.bytes > Self.bytesMost { state.isCut = true } else { state.notes.append(note) }
            for reader in state.readers.values { reader.yield(.news) }
        }
    }

    func finish(_ outcome: Outcome) {
        state.withLock { state in
            state.outcome = outcome
            state.isOver = true
            for reader in state.readers.values { reader.yield(.news) }
        }
    }

    /// Who runs the search says how to stop it.
    func whenStopped(_ body: @escaping @Sendable () -> Void) { stopper.withLock { $0 = body } }

    /// The search ends with its best so far.
    func stop() { stopper.withLock { $0 }?() }

    var bytes: Int { state.withLock { $0.bytes } }
    var outcome: Outcome? { state.withLock { $0.outcome } }
    var isOver: Bool { state.withLock { $0.isOver } }

    /// What was told since the first `count` notes.
    func notes(after count: Int) -> (notes: ArraySlice<Note>, isOver: Bool, isCut: Bool) {
        state.withLock { ($0.notes.dropFirst(count), $0.isOver, $0.isCut) }
    }

    /// Yields when there may be news, and at once; and a tick every `interval`.
    func signals(tickEvery interval: Duration) -> AsyncStream<Signal> {
        let (stream, continuation) = AsyncStream<Signal>.makeStream(bufferingPolicy: .bufferingNewest(2))
        let number = state.withLock { state in
            state.nextReader += 1
            state.readers[state.nextReader] = continuation
            return state.nextReader
        }
        continuation.yield(.news)
        let ticker = Task {
            while !Task.isCancelled {
                try await Task.sleep(for: interval)
                continuation.yield(.tick)
            }
        }
        continuation.onTermination = { [weak self] _ in
            ticker.cancel()
            // Not under the lock that yields above hold.
            Task { self?.forget(number) }
        }
        return stream
    }

    private func forget(_ number: UInt64) { state.withLock { _ = $0.readers.removeValue(forKey: number) } }
}
