import Testing
@testable import StrategyKit

/// The kit's own parts; what it does across the boundary is tested in PluginTests.
@Suite struct KitTests {
    @Test func spreadGivesTheRestToTheFirst() {
        #expect(spread(7, over: ["a", "b", "c"]).map(\.count) == [3, 2, 2])
        #expect(spread(6, over: ["a", "b", "c"]).map(\.count) == [2, 2, 2])
        #expect(spread(2, over: ["a", "b", "c"]).map(\.element) == ["a", "b"])
        #expect(spread(5, over: [String]()).isEmpty)
        for total in 1...40 {
            for many in 1...40 {
                let shares = spread(total, over: Array(0..<many)).map(\.count)
                #expect(shares.reduce(0, +) == total)
                #expect(shares.max()! - shares.min()! <= 1)
            }
        }
    }

    @Test func squareRootIsTheFloor() {
        for n in 0...1000 {
            let root = squareRoot(n)
            #expect(root * root <= n && (root + 1) * (root + 1) > n)
        }
        #expect(squareRoot(1 << 40) == 1 << 20)
        #expect(squareRoot((1 << 40) - 1) == (1 << 20) - 1)
    }

    @Test func outboxKeepsEveryPiece() throws {
        let outbox = Outbox()
        for _ in 0..<3 {  // the same memory is used again
            let asks = try #require(
                outbox.fill([
                    .sample(
                        NodeID(7), count: 3, steps: 2, Sampling(temperature: 0.5, topP: 0.9, minP: 0.1, maxTokens: 40),
                        role: "large"),
                    .score([NodeID(8), NodeID(9)]),
                    .append("Wait", to: NodeID(8)),
                    .revise([NodeID(9)], problem: 1, role: "reviser"),
                    .run(
                        "beam-search", parameters: [("n", .int(4)), ("selection", .text("naive"))], share: 0.5,
                        maxGenerations: 8),
                ]))
            #expect((0..<5).map { asks[$0].tag } == [0, 1, 2, 3, 4])
            #expect(asks[0].node == 7 && asks[0].count == 3 && asks[0].steps == 2 && asks[0].max_tokens == 40)
            #expect(asks[0].temperature == 0.5 && asks[0].top_p == 0.9 && asks[0].min_p == 0.1)
            #expect(String(Text(asks[0].role)) == "large")
            #expect(asks[1].node_count == 2 && asks[1].nodes[0] == 8 && asks[1].nodes[1] == 9 && asks[1].role.size == 0)
            #expect(asks[2].node == 8 && String(Text(asks[2].text)) == "Wait")
            #expect(asks[3].problem == 1 && asks[3].nodes[0] == 9 && String(Text(asks[3].role)) == "reviser")
            #expect(String(Text(asks[4].text)) == "beam-search" && asks[4].share == 0.5 && asks[4].max_generations == 8)
            #expect(
                asks[4].param_count == 2 && String(Text(asks[4].params[0].name)) == "n"
                    && asks[4].params[0].value.i == 4)
            #expect(
                String(Text(asks[4].params[1].name)) == "selection"
                    && String(Text(asks[4].params[1].value.s)) == "naive")
        }
        #expect(outbox.fill([Ask]()) == nil)
    }

    @Test func hugeNumbersAreClampedNotTrapped() {
        let ask = Ask.sample(NodeID(1), count: .max, steps: .max, Sampling(maxTokens: .max))
        #expect(ask.raw.count == .max && ask.raw.steps == .max && ask.raw.max_tokens == .max)
    }

    @Test func stateRoundTrips() throws {
        var writer = StateWriter()
        writer.write(-3)
        writer.write(0.25)
        writer.write([NodeID(5), NodeID(.max)])
        try writer.bytes.withUnsafeBytes { bytes in
            var reader = StateReader(bytes)
            #expect(try reader.readInt(in: -5...5) == -3)
            #expect(try reader.readDouble() == 0.25)
            #expect(try reader.readNodes() == [NodeID(5), NodeID(.max)])
            try reader.finish()
        }
    }

    /// Every prefix of a state, and a list that claims to be longer than the bytes are.
    @Test func damagedStateThrows() {
        var writer = StateWriter()
        writer.write([NodeID(5), NodeID(6)])
        for size in 0..<writer.bytes.count {
            writer.bytes.prefix(size).withUnsafeBytes { bytes in
                var reader = StateReader(bytes)
                #expect(throws: StrategyError.self) { try reader.readNodes() }
            }
        }
        var liar = StateWriter()
        liar.write(Int.max)
        liar.bytes.withUnsafeBytes { bytes in
            var reader = StateReader(bytes)
            #expect(throws: StrategyError.self) { try reader.readNodes() }
        }
    }
}
