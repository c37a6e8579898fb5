import LanguageModels
import Locking
import ScriptedModel
import SearchCore

/// Trees for the scripted model, drawn from a seed: up to four steps deep, three
/// wide, with answers that agree now and then.
enum WorldScript {
    private static let words = [
        "add", "the", "sum", "of", "both", "is", "then", "take", "half", "times", "seven", "so",
    ]

    /// All that a tree depends on.
    private struct Key: Hashable {
        var seed: UInt64
        var isHostile: Bool
        var pathSteps: Int?
        var longAnswers: Scenario.LongAnswers?
        var briefAnswers: Scenario.BriefAnswers?
        var endsSilently: Bool
    }

    private static let made = Locked<[Key: Script]>([:])

    /// A check runs many searches in few trees.
    static func of(_ scenario: Scenario) -> Script {
        let key = Key(
            seed: scenario.seed, isHostile: scenario.hostileText, pathSteps: scenario.pathSteps,
            longAnswers: scenario.longAnswers, briefAnswers: scenario.briefAnswers, endsSilently: scenario.endsSilently)
        if let known = made.withLock({ $0[key] }) { return known }
        let script = make(scenario)
        made.withLock { made in
            if made.count >= 64 { made = [:] }
            made[key] = script
        }
        return script
    }

    private static func make(_ scenario: Scenario) -> Script {
        if let steps = scenario.pathSteps { return paths(steps, seed: scenario.seed) }
        if let brief = scenario.briefAnswers { return leaves(brief, seed: scenario.seed) }
        let (seed, hostile) = (scenario.seed, scenario.hostileText)
        var counter: UInt64 = 0
        let random = SampleRandom(seed: StableHash(seed).combining(17).value)
        func draw(_ count: Int) -> Int {
            counter += 1
            return Int(random.bits(counter) % UInt64(count))
        }
        func step(depth: Int, place: Int) -> ScriptedStep {
            // Place 0 ends late and place 2 early, so that every tree has both.
            let ends = depth >= 4 || (depth >= 2 && draw(3) < place)
            let value = Double(5 + draw(90)) / 100
            let weight = Double(1 + draw(4))
            if ends {
                return ScriptedStep(
                    "#### \(answer(4 + draw(3), scenario.longAnswers))", weight: weight, value: value,
                    isFinished: true)
            }
            var made = ScriptedStep(
                (0...draw(4)).map { _ in words[draw(words.count)] }.joined(separator: " ") + " \(depth)\(place)\n",
                weight: weight, value: value,
                children: scenario.endsSilently && depth >= 2 && place == 1
                    ? [] : (0..<3).map { step(depth: depth + 1, place: $0) })
            if hostile { made.text = hostileText(depth: depth, place: place) }
            return made
        }
        return Script((0..<3).map { step(depth: 1, place: $0) })
    }

    private static let filling = String(repeating: "x", count: 1023)

    /// Answers that are as long as each other, whichever byte tells them apart: all else of a search stays the same.
    private static func answer(_ number: Int, _ long: Scenario.LongAnswers?) -> String {
        switch long {
        case nil: "\(number)"
        case .differAtTheStart: "\(number)\(filling)"
        case .differAtTheEnd: "\(filling)\(number)"
        }
    }

    /// Three paths of so many steps.
    private static func paths(_ steps: Int, seed: UInt64) -> Script {
        let random = SampleRandom(seed: StableHash(seed).combining(23).value)
        return Script(
            (0..<3).map { path in
                var below: [ScriptedStep] = [
                    ScriptedStep("#### \(4 + path)", weight: 1, value: 0.5, isFinished: true)
                ]
                for depth in (1..<max(2, steps)).reversed() {
                    let value = Double(5 + random.bits(UInt64(path * steps + depth)) % 90) / 100
                    below = [
                        ScriptedStep(
                            "\(words[depth % words.count]) \(depth) \(path)\n", weight: 1, value: value, children: below
                        )
                    ]
                }
                return below[0]
            })
    }

    /// Three answers, three times each, and what the verifier says of all of them is the same: only how often each is
    /// drawn tells them apart.
    private static func leaves(_ brief: Scenario.BriefAnswers, seed: UInt64) -> Script {
        let random = SampleRandom(seed: StableHash(seed).combining(29).value)
        let answers =
            switch brief {
            case .oneText, .threeTexts: ["4", "5", "6"]
            case .prefixes: ["4", "45", "456"]
            case .cases: ["ab", "aB", "AB"]
            case .numbers: ["4", "4.0", "04"]
            case .tails: ["4", "5", "6"].map { filling + $0 }
            case .nuls: ["4\0a", "4\0b", "4\0c"]
            case .spaces: ["4 5", "45", "4  5"]
            }
        return Script(
            (0..<9).map { leaf in
                let word = brief == .threeTexts ? words[leaf / 3] : "so"
                return ScriptedStep(
                    "\(word) #### \(answers[leaf % 3])", weight: Double(1 + random.bits(UInt64(leaf)) % 4), value: 0.5,
                    isFinished: true)
            })
    }

    private static func hostileText(depth: Int, place: Int) -> [UInt8] {
        switch place {
        case 0: [0x61, 0, 0x62, 0, 0x0A]
        case 1: [0xC3, 0x28, 0xFF, 0xFE, 0xED, 0xA0, 0x80, 0x0A]
        default: Array(repeating: 0xE2, count: depth == 1 ? 60_000 : 7) + [0x0A]
        }
    }
}
