import Foundation
import SearchCore

/// A script laid out for walking: a place is where a step (or a prompt) ends,
/// by its index. Each lane has one of its own: lanes then share no reference
/// counts, which would cost more than all the rest.
struct Places {
    struct Place {
        var text: [UInt8] = []
        /// Offset in `text` just past each of its tokens.
        var tokenEnds: [Int] = []
        /// `[text.count]`, ready to be handed out.
        var stepEnds: [Int] = []
        /// Of its tokens, the one that ends the answer included: the choice of the
        /// step is the first token's, the others are certain.
        var logProbabilities: [Float] = []
        /// What each of them is drawn from: the first from the step and its siblings, by their weights, the others
        /// from themselves alone.
        var distributions: [TokenDistribution] = []
        var value = 0.5
        var weight = 1.0
        var isFinished = false
        var modelFails = false
        var verifierFails = false
        var children: [Int] = []
        var childWeight = 0.0
        /// The most likely child, the first on a tie.
        var heaviest = 0

        /// What the step costs: its text, and one to end.
        var tokens: Int { logProbabilities.count }
    }

    private(set) var all: [Place] = []
    private var roots: [(problem: [UInt8], isRevision: Bool, place: Int)] = []
    private var named: [String: Int] = [:]
    private var jumps: [(from: Int, to: String)] = []
    /// Of steps that say how many they have; the others have no more than their text.
    private var statedTokens = 0
    private static let statedTokensMost = 1 << 21

    init(_ script: Script) throws(StratagemError) {
        guard script.roots.contains(where: { !$0.isRevision }) else { throw Self.refusal("it has no 'problem'") }
        for root in script.roots {
            all.append(Place())
            roots.append((Array(root.problem.utf8), root.isRevision, all.count - 1))
            if let name = root.name { named[name] = all.count - 1 }
            try addChildren(root.children, to: all.count - 1)
        }
        for jump in jumps {
            guard let target = named[jump.to] else { throw Self.refusal("goto '\(jump.to)': no step has that name") }
            all[jump.from].children = all[target].children
            all[jump.from].childWeight = all[target].childWeight
            all[jump.from].heaviest = all[target].heaviest
        }
    }

    private static func refusal(_ why: String) -> StratagemError {
        StratagemError(.user, .badScript, "script: \(why)")
    }

    private mutating func addChildren(_ steps: [ScriptedStep], to parent: Int) throws(StratagemError) {
        let sum = steps.reduce(0) { $0 + $1.weight }
        guard sum.isFinite else { throw Self.refusal("the weights of siblings add up to \(sum)") }
        let choice = Self.distribution(steps.map { $0.weight / sum })
        for step in steps {
            guard step.weight.isFinite, step.weight > 0 else {
                throw Self.refusal("weight \(step.weight) is not above 0")
            }
            statedTokens += step.tokens.map { min(max(0, $0), Self.statedTokensMost) } ?? 0
            guard step.tokens ?? 1 > 0, step.tokens ?? 1 <= ScriptedStep.tokensMost,
                statedTokens <= Self.statedTokensMost
            else {
                throw Self.refusal(
                    "'tokens \(step.tokens ?? 0)': a step has from 1 to \(ScriptedStep.tokensMost) of them, and all such steps together at most \(Self.statedTokensMost)"
                )
            }
            var place = Place(
                text: step.text, value: step.value, weight: step.weight, isFinished: step.isFinished,
                modelFails: step.modelFails, verifierFails: step.verifierFails)
            place.tokenEnds = Self.tokenEnds(of: step.text, count: step.tokens)
            place.stepEnds = [step.text.count]
            place.logProbabilities = Array(repeating: 0, count: place.tokenEnds.count + (step.isFinished ? 1 : 0))
            guard !place.logProbabilities.isEmpty else { throw Self.refusal("a step without tokens") }
            place.logProbabilities[0] = Float(log(step.weight / sum))
            place.distributions = Array(repeating: .certain, count: place.logProbabilities.count)
            place.distributions[0] = choice
            all.append(place)
            let index = all.count - 1
            all[parent].children.append(index)
            if all[parent].children.count == 1 || step.weight > all[all[parent].heaviest].weight {
                all[parent].heaviest = index
            }
            if let name = step.name { named[name] = index }
            if let target = step.goto {
                guard step.children.isEmpty else { throw Self.refusal("goto '\(target)' on a step that has children") }
                jumps.append((index, target))
            }
            try addChildren(step.children, to: index)
        }
        all[parent].childWeight = sum
    }

    /// Of a token that is drawn from these probabilities: all are above 0.
    static func distribution(_ probabilities: [Double]) -> TokenDistribution {
        guard !probabilities.isEmpty else { return .certain }
        let logs = probabilities.map { log($0) }.sorted(by: >)
        let top = logs.prefix(TokenDistribution.top)
        let count = Double(logs.count)
        return TokenDistribution(
            topMean: Float(top.reduce(0, +) / Double(top.count)),
            selfCertainty: Float(max(0, -logs.reduce(0, +) / count - log(count))),
            entropy: Float(-probabilities.reduce(0) { $0 + $1 * log($1) }))
    }

    /// The tree for a problem, or the first one.
    func root(problem: some Sequence<UInt8>, isRevision: Bool = false) -> Int {
        let wanted = Array(problem)
        let match =
            roots.first { $0.isRevision == isRevision && $0.problem == wanted }
            ?? roots.first { !$0.isRevision && $0.problem == wanted }
        // The initialiser has seen to it that there is a plain one.
        return match?.place ?? roots.first { !$0.isRevision }?.place ?? 0
    }

    /// The place after literal text: a child that says just this, or where we are.
    func place(after text: [UInt8], at place: Int) -> Int {
        all[place].children.first { all[$0].text == text } ?? place
    }

    /// The child of `place` that a number in [0, 1) chooses, with the model's own
    /// distribution bent by temperature, then cut by `minP` and `topP`.
    func draw(at place: Int, _ uniform: Double, temperature: Double, topP: Double, minP: Double) -> Int {
        let children = all[place].children
        guard temperature > 0 else { return all[place].heaviest }
        guard temperature != 1 || topP < 1 || minP > 0 else {
            var left = uniform * all[place].childWeight
            for child in children {
                left -= all[child].weight
                if left < 0 { return child }
            }
            return children[children.count - 1]
        }
        let top = all[all[place].heaviest].weight
        let weights = children.map { pow(all[$0].weight / top, 1 / temperature) }
        let ranked = children.indices.sorted { (weights[$0], $1) > (weights[$1], $0) }
        var kept = 0.0
        var chosen: [Int] = []
        let sum = weights.reduce(0, +)
        for index in ranked where weights[index] >= minP {
            if !chosen.isEmpty && kept >= topP * sum { break }
            kept += weights[index]
            chosen.append(index)
        }
        var left = uniform * kept
        for index in chosen.sorted() {
            left -= weights[index]
            if left < 0 { return children[index] }
        }
        return children[chosen.max() ?? 0]
    }

    /// Where tokens end: after each word, white space belonging to the word that
    /// follows it and at the end to the last; or spread evenly over a stated count.
    static func tokenEnds(of text: [UInt8], count: Int?) -> [Int] {
        if let count { return (0..<count).map { text.count * ($0 + 1) / count } }
        var ends: [Int] = []
        for index in text.indices where !isSpace(text[index]) && (index + 1 == text.count || isSpace(text[index + 1])) {
            ends.append(index + 1)
        }
        if ends.isEmpty { return text.isEmpty ? [] : [text.count] }
        ends[ends.count - 1] = text.count
        return ends
    }

    static func countTokens(_ text: [UInt8]) -> Int {
        var words = 0
        var inWord = false
        for byte in text {
            let space = isSpace(byte)
            if !space && !inWord { words += 1 }
            inWord = !space
        }
        return words == 0 && !text.isEmpty ? 1 : words
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

extension TokenDistribution {
    /// Of the only token that there is.
    static let certain = TokenDistribution(topMean: 0, selfCertainty: 0, entropy: 0)
}
