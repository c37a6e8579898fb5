import CStratagem
import SearchCore

/// Draws scenarios from a seed: everything that can happen to a strategy in one
/// search, in combinations that nobody would write down.
struct SequenceGenerator {
    private let random: SampleRandom
    private var drawn: UInt64 = 0

    init(seed: UInt64, index: Int) {
        random = SampleRandom(seed: StableHash(seed).combining(UInt64(index)).combining(0x5EED).value)
    }

    private mutating func draw(_ count: Int) -> Int {
        drawn += 1
        return Int(random.bits(drawn) % UInt64(max(1, count)))
    }

    private mutating func chance(_ oneIn: Int) -> Bool { draw(oneIn) == 0 }

    mutating func scenario(_ strategy: StrategyView) -> Scenario {
        var scenario = Scenario(seed: UInt64(1 + draw(1 << 30)), limits: Limits())
        switch draw(8) {
        case 0: scenario.limits.tokens = 1 + draw(40)
        case 1:
            scenario.limits.generations = 1 + draw(12)
            scenario.limits.tokens = 1 + draw(120)
        case 2: break
        default: scenario.limits.generations = [1, 2, 3, 4, 5, 7, 8, 12, 16, 33][draw(10)]
        }
        if strategy.takesBatch, chance(2) { scenario.problems = SequenceText.problems(2 + draw(3)) }
        for _ in 0..<[0, 0, 1, 1, 2, 4][draw(6)] {
            let kinds = Scenario.Fault.Kind.allCases
            scenario.faults.append(
                .init(round: chance(4) ? nil : draw(6), ask: chance(3) ? nil : draw(4), kind: kinds[draw(kinds.count)]))
        }
        if chance(3) { scenario.stop = .init(round: draw(6), event: chance(3) ? 4 : 3, share: [0, 0.5, 1][draw(3)]) }
        scenario.opaqueIDs = chance(3)
        scenario.unanswered = chance(8)
        scenario.hostileText = chance(8)
        scenario.poisonsUnscored = chance(3)
        drawParams(strategy, &scenario)
        scenario.offersExtensions = chance(3)
        return scenario
    }

    private mutating func drawParams(_ strategy: StrategyView, _ scenario: inout Scenario) {
        for param in strategy.params where chance(4) {
            guard let id = text(param.id) else { continue }
            switch param.kind {
            case STG_PARAM_INT:
                // Within the range, and not where one batch would take all day.
                let low = max(param.min, -1000), high = min(param.max, max(low, 64))
                if low <= high { scenario.params[id] = .int(Int64(low) + Int64(draw(Int(high - low) + 1))) }
            case STG_PARAM_FLOAT:
                let low = max(param.min, -1000), high = min(param.max, 1000)
                if low <= high { scenario.params[id] = .float(low + (high - low) * Double(draw(5)) / 4) }
            case STG_PARAM_BOOL: scenario.params[id] = .bool(chance(2))
            case STG_PARAM_CHOICE:
                guard let choices = param.choices, (1...1024).contains(param.choice_count) else { continue }
                if let choice = text(choices[draw(param.choice_count)]) { scenario.params[id] = .text(choice) }
            default: continue
            }
        }
    }
}
