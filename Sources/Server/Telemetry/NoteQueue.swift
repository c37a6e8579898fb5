import Dispatch
import Locking

/// Writes messages one after the other, for whoever must not wait for their reader: a server answers whether or not
/// somebody reads its log. What finds no room is dropped, and how much that was is said at its place.
public final class NoteQueue: Sendable {
    /// That many bytes wait for their reader.
    static let bytesMost = 1 << 20

    private struct State {
        var bytes = 0
        var dropped = 0
    }

    private let state = Locked(State())
    private let queue = DispatchQueue(label: "stratagem.notes")
    private let write: @Sendable (String) -> Void
    private let gap: @Sendable (Int) -> String

    /// - Parameters:
    ///   - write: may wait as long as it likes.
    ///   - gap: the message for so many that were dropped.
    public init(_ write: @escaping @Sendable (String) -> Void, gap: @escaping @Sendable (Int) -> String) {
        (self.write, self.gap) = (write, gap)
    }

    /// Waits for nobody.
    public func add(_ text: String) {
        let size = text.utf8.count
        let fits = state.withLock { state in
            // Behind a gap nothing is let in before all that stands in front of it is written, so that the gap is
            // told at its place.
            guard state.dropped == 0, state.bytes + size <= Self.bytesMost else {
                state.dropped += 1
                return false
            }
            state.bytes += size
            return true
        }
        guard fits else { return }
        queue.async { [self] in
            write(text)
            let dropped = state.withLock { state in
                state.bytes -= size
                guard state.bytes == 0 else { return 0 }
                defer { state.dropped = 0 }
                return state.dropped
            }
            if dropped > 0 { write(gap(dropped)) }
        }
    }

    /// Returns when all that was added is written, or after that time.
    public func flush(seconds: Double) {
        let isWritten = DispatchSemaphore(value: 0)
        queue.async { isWritten.signal() }
        _ = isWritten.wait(timeout: .now() + seconds)
    }
}
