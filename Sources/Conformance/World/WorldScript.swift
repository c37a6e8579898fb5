import LanguageModels
import ScriptedModel
import SearchCore

/// Trees for the scripted model, drawn from a seed: up to four steps deep, three
/// wide, with answers that agree now and then.
enum WorldScript {
    private static let words = [
        "add", "the", "sum", "of", "both", "is", "then", "take", "half", "times", "seven", "so",
    ]

    static func make(seed: UInt64, hostile: Bool) -> Script {
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
                return ScriptedStep("#### \(4 + draw(3))", weight: weight, value: value, isFinished: true)
            }
            var made = ScriptedStep(
                (0...draw(4)).map { _ in words[draw(words.count)] }.joined(separator: " ") + " \(depth)\(place)\n",
                weight: weight, value: value,
                children: (0..<3).map { step(depth: depth + 1, place: $0) })
            if hostile { made.text = hostileText(depth: depth, place: place) }
            return made
        }
        return Script((0..<3).map { step(depth: 1, place: $0) })
    }

    private static func hostileText(depth: Int, place: Int) -> [UInt8] {
        switch place {
        case 0: [0x61, 0, 0x62, 0, 0x0A]
        case 1: [0xC3, 0x28, 0xFF, 0xFE, 0xED, 0xA0, 0x80, 0x0A]
        default: Array(repeating: 0xE2, count: depth == 1 ? 60_000 : 7) + [0x0A]
        }
    }
}
