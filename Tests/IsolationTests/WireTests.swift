import Foundation
import SearchCore
@testable import StrategyHost
import Testing

/// What a worker sends may be anything: it is refused, or it is in range.
@Suite struct WireTests {
    private static let reply: [UInt8] = {
        var writer = WireWriter()
        IsolatedReply.next(
            .asks([
                Ask(
                    tag: 1,
                    body: .sample(SampleAsk(node: 1, count: 4, steps: 1, temperature: 0.8, topP: 0.9, minP: 0.1))),
                Ask(tag: 2, body: .score(role: "prm", nodes: [2, 3, 4])),
                Ask(tag: 3, body: .append(role: "reviser", node: 5, text: Array("Wait".utf8))),
                Ask(tag: 4, body: .revise(role: "policy", problem: 0, attempts: [6, 7])),
                Ask(
                    tag: 5,
                    body: .run(
                        RunAsk(
                            strategy: "beam-search", problem: 0, params: ["n": .int(3), "t": .float(0.5)], share: 0.5,
                            maxGenerations: nil, maxTokens: 9))),
            ])
        ).put(&writer)
        return writer.bytes
    }()

    private static func read(_ bytes: [UInt8]) throws -> IsolatedReply {
        try bytes.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            return try IsolatedReply(&reader)
        }
    }

    @Test func aReplyIsReadAsItWasWritten() throws {
        guard case .next(.asks(let asks)) = try Self.read(Self.reply) else {
            Issue.record("no asks")
            return
        }
        #expect(asks.count == 5)
        var again = WireWriter()
        IsolatedReply.next(.asks(asks)).put(&again)
        #expect(again.bytes == Self.reply)
    }

    @Test func aReplyThatIsCutShortOrTooLongIsRefused() {
        for count in 0..<Self.reply.count {
            #expect(throws: WireProblem.self) { try Self.read(Array(Self.reply[..<count])) }
        }
        #expect(throws: WireProblem.self) { try Self.read(Self.reply + [0]) }
    }

    /// Whatever gets through is what a strategy could have asked.
    @Test func damagedRepliesAreRefusedOrInRange() throws {
        let random = SampleRandom(seed: 7)
        var (index, taken) = (UInt64(0), 0)
        func draw(_ below: Int) -> Int {
            index += 1
            return Int(random.bits(index) % UInt64(below))
        }
        for _ in 0..<4_000 {
            var bytes = Self.reply
            for _ in 0...draw(3) { bytes[draw(bytes.count)] = UInt8(draw(256)) }
            guard let reply = try? Self.read(bytes) else { continue }
            taken += 1
            if case .next(.asks(let asks)) = reply { for ask in asks { Self.check(ask.body) } }
            if case .next(.done(let answers)) = reply {
                #expect(answers.allSatisfy { $0.weight.isFinite && $0.weight >= 0 })
            }
        }
        #expect(taken > 20, "the test tests something")
    }

    private static func check(_ body: Ask.Body) {
        switch body {
        case .sample(let sample):
            #expect((1...1_048_576).contains(sample.count) && sample.steps <= 4096)
            #expect(
                sample.temperature.isFinite && sample.temperature >= 0 && sample.topP > 0 && sample.topP <= 1
                    && (0...1).contains(sample.minP))
        case .append(_, _, let text): #expect(!text.isEmpty)
        case .run(let run): #expect(run.share > 0 && run.share <= 1)
        case .score(let role, _), .revise(let role, _, _): #expect(!role.isEmpty)
        }
    }

    /// Room in the shared memory is never given out twice, nor lost.
    @Test func theRingNeverGivesOutRoomTwice() throws {
        let size = 1 << 16
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
        defer { memory.deallocate() }
        let random = SampleRandom(seed: 3)
        var ring = IsolatedRing(start: memory, size: size)
        var live: [(piece: IsolatedRing.Piece, range: Range<Int>, byte: UInt8)] = []
        var given = 0
        for step in UInt64(0)..<6_000 {
            if random.bits(3 * step) % 5 < 3 {
                let (count, byte) = (Int(random.bits(3 * step + 1) % 20_000) + 1, UInt8(truncatingIfNeeded: step))
                guard let piece = ring.put(Array(repeating: byte, count: count)) else {
                    #expect(!live.isEmpty, "an empty ring takes what fits")
                    continue
                }
                let range = piece.offset..<piece.offset + count
                #expect(range.upperBound <= size && !live.contains { $0.range.overlaps(range) })
                live.append((piece, range, byte))
                given += 1
            } else if !live.isEmpty {
                let first = live.removeFirst()
                let bytes = UnsafeRawBufferPointer(start: memory, count: size)[first.range]
                #expect(
                    bytes.first == first.byte && bytes.last == first.byte
                        && bytes[bytes.startIndex + bytes.count / 2] == first.byte)
                ring.giveBack(first.piece)
            }
        }
        #expect(given > 1_000)
        #expect(ring.put(Array(repeating: 0, count: size + 1)) == nil)
    }
}
