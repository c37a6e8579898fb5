import SearchCore
import Testing

@testable import SearchRuntime

/// Generations, counted as the paper does, against a count one step at a time.
@Suite struct GenerationCounts {
    private struct Plain {
        var depths = Array(repeating: 0, count: 64)
        mutating func add(_ count: Int, from depth: Int, steps: Int) {
            for level in (depth + 1)..<(steps == 0 ? 64 : depth + 1 + steps) { depths[level] += count }
        }
        var peak: Int { depths.max() ?? 0 }
    }

    @Test func thePapersCosts() {
        var bestOf = GenerationCount()
        bestOf.add(16, from: 0, steps: 0)
        #expect(bestOf.peak == 16)
        var beam = GenerationCount()
        for depth in 0..<10 { beam.add(16, from: depth, steps: 1) }
        #expect(beam.peak == 16)
        var lookahead = GenerationCount()
        for depth in 0..<10 {
            lookahead.add(4, from: depth, steps: 1)
            lookahead.add(4, from: depth + 1, steps: 3)
        }
        #expect(lookahead.peak == 16, "N·(k+1) for N = 4 and k = 3")
    }

    @Test func aFullSampleOccupiesEveryDepthBelow() {
        var count = GenerationCount()
        count.add(2, from: 3, steps: 0)
        count.add(1, from: 0, steps: 3)
        #expect(count.peak == 2)
        #expect(count.fitting(9, from: 0, steps: 3, limit: 4) == 3)
        #expect(count.fitting(9, from: 0, steps: 4, limit: 4) == 2, "its fourth step is at a depth where two are")
        #expect(count.fitting(9, from: 20, steps: 1, limit: 4) == 2)
        #expect(
            count.fitting(9, from: 0, steps: 0, limit: 2) == 0 && count.fitting(9, from: 0, steps: 0, limit: nil) == 9)
    }

    @Test func matchesAPlainCount() {
        for seed in 0..<3000 as Range<UInt64> {
            var dice = Dice(seed)
            var (fast, plain) = (GenerationCount(), Plain())
            let limit = 1 + dice.roll(20)
            for _ in 0..<12 {
                let (depth, steps, wanted) = (dice.roll(12), dice.roll(6), 1 + dice.roll(9))
                let fitting = fast.fitting(wanted, from: depth, steps: steps, limit: limit)
                var most = 0
                while most < wanted {
                    var more = plain
                    more.add(most + 1, from: depth, steps: steps)
                    // Only the depths that the sample occupies can be too full.
                    guard more.peak <= limit else { break }
                    most += 1
                }
                #expect(fitting == most, "seed \(seed)")
                fast.add(fitting, from: depth, steps: steps)
                plain.add(fitting, from: depth, steps: steps)
                #expect(fast.peak == plain.peak, "seed \(seed)")
            }
        }
    }

    @Test func runsAddUp() {
        for seed in 0..<500 as Range<UInt64> {
            var dice = Dice(seed)
            var (first, second, plain) = (GenerationCount(), GenerationCount(), Plain())
            for _ in 0..<6 {
                let (depth, steps, count) = (dice.roll(8), dice.roll(4), 1 + dice.roll(5))
                if dice.chance(50) {
                    first.add(count, from: depth, steps: steps)
                } else {
                    second.add(count, from: depth, steps: steps)
                }
                plain.add(count, from: depth, steps: steps)
            }
            first.add(second)
            #expect(first.peak == plain.peak, "seed \(seed)")
        }
    }
}

@Suite struct Ledgers {
    @Test func theWorstCaseIsReserved() {
        var ledger = Ledger(limits: Limits(tokens: 10))
        #expect(ledger.admit(tokens: 6) { _ in 0 } == .granted(tokens: 6))
        ledger.reserve(tokens: 6, flops: 0)
        #expect(ledger.admit(tokens: 5) { _ in 0 } == .wait, "4 are left and 6 may come back")
        #expect(ledger.admit(tokens: 4) { _ in 0 } == .granted(tokens: 4))
        ledger.release(tokens: 6, flops: 0)
        ledger.charge(tokens: 2)
        #expect(ledger.admit(tokens: 9) { _ in 0 } == .granted(tokens: 8), "nobody is before it: cut to what is left")
        ledger.charge(tokens: 8)
        #expect(ledger.admit(tokens: 1) { _ in 0 } == .exhausted)
    }

    @Test func flopsCutASampleToWhatFits() {
        var ledger = Ledger(limits: Limits(flops: 100))
        #expect(ledger.admit(tokens: 50) { Double($0 * 7) } == .granted(tokens: 14))
        ledger.reserve(tokens: 14, flops: 98)
        #expect(ledger.admit(tokens: 1) { Double($0 * 7) } == .wait)
        #expect(ledger.admit(flops: 2) == .granted(tokens: 0) && ledger.admit(flops: 3) == .wait)
        ledger.release(tokens: 14, flops: 98)
        ledger.charge(flops: 95)
        #expect(ledger.admit(tokens: 9) { Double($0 * 7) } == .exhausted && ledger.admit(flops: 6) == .exhausted)
    }

    @Test func sharesAreOfWhatIsLeft() {
        var ledger = Ledger(limits: Limits(generations: 10, tokens: 100, flops: 1000))
        ledger.charge(tokens: 20, flops: 200)
        ledger.chargeGenerations(2, from: 0, steps: 0)
        #expect(
            ledger.nestedLimits(share: 0.5, maxGenerations: nil, maxTokens: 30, secondsLeft: nil)
                == Limits(generations: 4, tokens: 30, flops: 400))
        ledger.reserve(nested: Limits(generations: 4, tokens: 30, flops: 400))
        #expect(
            ledger.nestedLimits(share: 1, maxGenerations: nil, maxTokens: nil, secondsLeft: 2)
                == Limits(generations: 4, tokens: 50, flops: 400, seconds: 2))
        ledger.reserve(nested: Limits(generations: 4, tokens: 50, flops: 400))
        #expect(ledger.nestedLimits(share: 1, maxGenerations: nil, maxTokens: nil, secondsLeft: nil) == nil)
    }

    @Test func limitsThatTheRunLacksCanBeSet() {
        let ledger = Ledger(limits: Limits())
        #expect(
            ledger.nestedLimits(share: 0.1, maxGenerations: 3, maxTokens: nil, secondsLeft: nil)
                == Limits(generations: 3))
    }
}
