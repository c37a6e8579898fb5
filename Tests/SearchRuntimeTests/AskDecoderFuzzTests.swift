import CStratagem
import SearchCore
import Testing

@testable import StrategyHost

/// Random bytes where a plugin's `next` leaves its result. Pointers are NULL or
/// real ones (in process nothing can be checked behind a wild one); all else is fair.
@Suite struct AskDecoderFuzz {
    private static let cases = 100_000 / scale

    /// A number that is likely to be a border of something.
    private static func number(_ dice: inout Dice) -> UInt64 {
        let borders: [UInt64] = [
            0, 1, 2, 3, 5, 7, 152, 153, 160, 4096, 1 << 20, 1 << 20 + 1, 1 << 31, 1 << 32 - 1, 1 << 32, .max >> 1, .max,
        ]
        return dice.chance(85) ? dice.pick(borders) : UInt64(dice.roll(1 << 30))
    }

    private static func double(_ dice: inout Dice) -> Double {
        dice.pick([0, 1, 0.5, -1, 2, .nan, .infinity, -.infinity, -0.0, 1e308, 1e-300, .signalingNaN])
    }

    /// Memory that really holds what the counts may say.
    private final class Arena {
        let bytes = UnsafeMutableBufferPointer<CChar>.allocate(capacity: 64)
        let nodes = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 8)
        let values = UnsafeMutableBufferPointer<stg_named_value>.allocate(capacity: 4)
        let asks = UnsafeMutableRawBufferPointer.allocate(byteCount: 5 * 4096, alignment: 8)
        let answers = UnsafeMutableBufferPointer<stg_answer>.allocate(capacity: 8)
        deinit {
            bytes.deallocate()
            nodes.deallocate()
            values.deallocate()
            asks.deallocate()
            answers.deallocate()
        }

        func text(_ dice: inout Dice) -> stg_str {
            let start = bytes.baseAddress!
            let length = dice.roll(64)
            switch dice.roll(6) {
            case 0: return stg_str(data: nil, size: Int(truncatingIfNeeded: AskDecoderFuzz.number(&dice) & 0xFF))
            case 1: return stg_str(data: start, size: .max)
            default:
                for index in 0..<length {
                    bytes[index] = CChar(truncatingIfNeeded: dice.chance(95) ? 97 + dice.roll(4) : dice.roll(256))
                }
                return stg_str(data: start, size: length)
            }
        }

        /// A count that the memory has, or one so large or at NULL that it must be refused.
        func list<T>(_ buffer: UnsafeMutableBufferPointer<T>, _ dice: inout Dice) -> (UnsafePointer<T>?, Int) {
            switch dice.roll(8) {
            case 0: (nil, Int(truncatingIfNeeded: AskDecoderFuzz.number(&dice) & 0xFFFF))
            case 1: (UnsafePointer(buffer.baseAddress), dice.pick([1 << 20 + 1, .max, -1, .min]))
            default: (UnsafePointer(buffer.baseAddress), dice.roll(buffer.count + 1))
            }
        }
    }

    private static func ask(_ arena: Arena, _ dice: inout Dice, size: UInt32) -> stg_ask {
        var ask = stg_ask()
        ask.struct_size = dice.chance(97) ? size : UInt32(truncatingIfNeeded: number(&dice))
        ask.kind = dice.chance(95) ? Int32(1 + dice.roll(5)) : Int32(truncatingIfNeeded: number(&dice))
        ask.tag = dice.chance(50) ? UInt64(dice.roll(1000)) : number(&dice)
        ask.role = dice.chance(70) ? stg_str() : arena.text(&dice)
        ask.node = number(&dice)
        ask.count = dice.chance(70) ? 3 : UInt32(truncatingIfNeeded: number(&dice))
        ask.steps = dice.chance(70) ? 1 : UInt32(truncatingIfNeeded: number(&dice))
        ask.max_tokens = UInt32(truncatingIfNeeded: number(&dice))
        ask.problem = UInt32(truncatingIfNeeded: number(&dice))
        ask.temperature = dice.chance(70) ? 1 : double(&dice)
        ask.top_p = dice.chance(70) ? 1 : double(&dice)
        ask.min_p = dice.chance(70) ? 0 : double(&dice)
        (ask.nodes, ask.node_count) = arena.list(arena.nodes, &dice)
        ask.text = arena.text(&dice)
        (ask.params, ask.param_count) = arena.list(arena.values, &dice)
        ask.share = dice.chance(60) ? 0.5 : double(&dice)
        ask.max_generations = number(&dice)
        ask.max_tokens_total = number(&dice)
        return ask
    }

    private static func next(_ arena: Arena, _ dice: inout Dice) -> stg_next {
        for index in arena.nodes.indices { arena.nodes[index] = number(&dice) }
        for index in arena.answers.indices {
            arena.answers[index] = stg_answer(
                node: dice.chance(80) ? UInt64(index) : number(&dice), weight: dice.chance(80) ? 1 : double(&dice))
        }
        for index in arena.values.indices {
            var value = stg_named_value()
            value.name = arena.text(&dice)
            value.value.kind = dice.chance(90) ? Int32(dice.roll(6)) : Int32(truncatingIfNeeded: number(&dice))
            value.value.i = Int64(bitPattern: number(&dice))
            value.value.f = double(&dice)
            value.value.s = arena.text(&dice)
            arena.values[index] = value
        }
        let size = UInt32(dice.pick([MemoryLayout<stg_ask>.size, MemoryLayout<stg_ask>.size, 160, 4096]))
        for index in 0..<4 {
            arena.asks.storeBytes(of: ask(arena, &dice, size: size), toByteOffset: index * Int(size), as: stg_ask.self)
        }
        var next = stg_next()
        next.kind = dice.chance(95) ? Int32(1 + dice.roll(2)) : Int32(truncatingIfNeeded: number(&dice))
        (next.answers, next.answer_count) = arena.list(arena.answers, &dice)
        let asks = UnsafeMutableBufferPointer(
            start: arena.asks.baseAddress!.assumingMemoryBound(to: stg_ask.self), count: 4)
        (next.asks, next.ask_count) = arena.list(asks, &dice)
        return next
    }

    @Test func whateverComesIsRefusedOrInRange() {
        let arena = Arena()
        var (accepted, refusals): (Int, [String: Int]) = (0, [:])
        for seed in 0..<UInt64(Self.cases) {
            var dice = Dice(seed)
            do {
                let step = try AskDecoder.decode(Self.next(arena, &dice))
                accepted += 1
                if let wrong = Self.outOfRange(step) { Issue.record("seed \(seed): \(wrong)") }
            } catch {
                refusals[error.code.rawValue, default: 0] += 1
                if error.origin != .plugin || error.message.isEmpty { Issue.record("seed \(seed): \(error)") }
            }
        }
        #expect(accepted > Self.cases / 20, "too much is refused to say anything: \(refusals)")
        let codes: Set = [
            "bad_next", "bad_answers", "bad_weight", "duplicate_answer", "bad_asks", "bad_struct_size", "duplicate_tag",
            "unknown_ask",
            "bad_count", "bad_steps", "bad_temperature", "bad_filter", "bad_share", "bad_params", "bad_nodes",
            "bad_append", "bad_text",
            "bad_utf8",
        ]
        #expect(scale > 1 || codes.subtracting(refusals.keys) == [], "never seen; seen: \(refusals)")
    }

    private static func outOfRange(_ step: NextStep) -> String? {
        switch step {
        case .done(let answers):
            let isFine =
                answers.allSatisfy { $0.weight.isFinite && $0.weight >= 0 }
                && Set(answers.map(\.node)).count == answers.count
            return isFine ? nil : "\(answers)"
        case .asks(let asks):
            if Set(asks.map(\.tag)).count != asks.count { return "tags \(asks.map(\.tag))" }
            return asks.first { !isInRange($0) }.map { "\($0)" }
        }
    }

    private static func isInRange(_ ask: Ask) -> Bool {
        switch ask.body {
        case .sample(let sample):
            (1...Int(STG_MAX_COUNT)).contains(sample.count) && (0...1 << 20).contains(sample.steps)
                && sample.maxTokens >= 0
                && sample.temperature.isFinite && sample.temperature >= 0 && sample.topP > 0 && sample.topP <= 1
                && (0...1).contains(sample.minP)
        case .score(_, let nodes): nodes.count <= 8
        case .append(_, _, let text): !text.isEmpty && text.count <= 64
        case .revise(_, let problem, let attempts): problem >= 0 && attempts.count <= 8
        case .run(let run): run.share > 0 && run.share <= 1 && run.maxGenerations ?? 1 > 0 && run.maxTokens ?? 1 > 0
        }
    }
}
