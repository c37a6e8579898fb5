import Foundation
import Locking
@testable import Server
import Testing

@Suite(.timeLimit(.minutes(5))) struct NoteQueueTests {
    /// The writer waits for a reader that does not come until everything is said: what fits is kept, in its order, and
    /// the rest is counted.
    @Test func whoSaysSomethingWaitsForNobody() async throws {
        let written = Locked<[String]>([])
        let reader = DispatchSemaphore(value: 0)
        let queue = NoteQueue { text in
            reader.wait()
            reader.signal()
            written.withLock { $0.append(text) }
        } gap: {
            "gap of \($0)"
        }
        let long = String(repeating: "x", count: NoteQueue.bytesMost / 4)
        for number in 0..<10 { queue.add("\(number) \(long.dropLast(2))") }
        queue.add("short, and behind the gap")
        reader.signal()
        try await blocking { queue.flush(seconds: 120) }
        #expect(
            written.withLock { $0.map { String($0.prefix(8)) } } == [
                "0 xxxxxx", "1 xxxxxx", "2 xxxxxx", "3 xxxxxx", "gap of 7",
            ])
        queue.add("there is room again")
        try await blocking { queue.flush(seconds: 120) }
        #expect(written.withLock { $0.last } == "there is room again")
    }

    /// Whoever ends the process does not wait for ever.
    @Test func aFlushEndsWithoutAReader() async throws {
        let reader = DispatchSemaphore(value: 0)
        let queue = NoteQueue { _ in
            reader.wait()
        } gap: {
            "\($0)"
        }
        queue.add("nobody reads this")
        try await blocking { queue.flush(seconds: 0.05) }
        reader.signal()
    }
}
