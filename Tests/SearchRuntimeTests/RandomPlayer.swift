import LanguageModels
import Locking
import ScriptedModel
import SearchCore
import StrategyHost

/// Random trees, limits and moves, all from seeds.
struct Dice {
    private let random: SampleRandom
    private var index: UInt64 = 0
    init(_ seed: UInt64) { random = SampleRandom(seed: StableHash(seed).combining(77).value) }

    mutating func roll(_ bound: Int) -> Int {
        index += 1
        return Int(random.bits(index) % UInt64(bound))
    }
    mutating func pick<T>(_ list: [T]) -> T { list[roll(list.count)] }
    mutating func chance(_ percent: Int) -> Bool { roll(100) < percent }
}

extension Script {
    /// A tree without end, of steps of 1 to 6 tokens.
    static func random(_ seed: UInt64) -> Script {
        var dice = Dice(seed)
        func step(_ level: Int) -> ScriptedStep {
            let isFinished = level > 0 && dice.chance(25)
            let words = (0...dice.roll(6)).map { _ in dice.pick(["a", "bb", "ccc", "="]) }.joined(separator: " ")
            var step = ScriptedStep(
                isFinished ? "#### \(dice.roll(4))" : words + "\n", weight: Double(1 + dice.roll(5)),
                value: Double(dice.roll(101)) / 100, isFinished: isFinished)
            if !isFinished {
                if level == 3 { step.goto = "again" } else { step.children = steps(level + 1) }
            }
            return step
        }
        func steps(_ level: Int) -> [ScriptedStep] { (0...1 + dice.roll(2)).map { _ in step(level) } }
        return Script(roots: [Root(problem: "", name: "again", children: steps(0))])
    }
}

extension Limits {
    static func random(_ dice: inout Dice) -> Limits {
        var limits = Limits()
        if dice.chance(50) { limits.generations = 1 + dice.roll(12) }
        if dice.chance(50) { limits.tokens = 1 + dice.roll(120) }
        if dice.chance(40) { limits.flops = Double(1 + dice.roll(40_000)) }
        return limits
    }
}

/// Plays asks at random, writes down what it was granted, and checks each tell
/// against what was asked.
final class RandomPlayer: Sendable {
    struct Grant {
        var depth: Int
        var steps: Int
        var count: Int
    }
    struct State {
        var dice: Dice
        var open: [UInt64] = []
        var finished: [UInt64] = []
        var sampled: [UInt64] = []
        var asks: [Ask] = []
        var turns: Int
        var grants: [Grant] = []
        var asked = 0
        var complaints: [String] = []
    }
    private let state: Locked<State>
    private let usesEverything: Bool

    /// - Parameter usesEverything: APPEND, REVISE and nested runs too, else SAMPLE and SCORE.
    init(_ seed: UInt64, turns: Int = 6, usesEverything: Bool = false) {
        state = Locked(State(dice: Dice(seed), turns: turns))
        self.usesEverything = usesEverything
    }

    var complaints: [String] { state.withLock { $0.complaints } }
    var asked: Int { state.withLock { $0.asked } }
    var grants: [Grant] { state.withLock { $0.grants } }

    func act(_ stage: Puppet.Stage) -> NextStep {
        state.withLock { state in
            if stage.tell.event == .start { state.open = stage.roots } else { take(stage, &state) }
            state.turns -= 1
            if stage.tell.event.isStop || state.turns < 0 || state.open.isEmpty { return finish(&state) }
            state.asks = move(&state)
            state.asked += state.asks.count
            return .asks(state.asks)
        }
    }

    private func finish(_ state: inout State) -> NextStep {
        let answers = state.finished.filter { _ in state.dice.chance(60) }
        return .done(answers.map { RankedAnswer(node: $0, weight: 0.5) })
    }

    private func move(_ state: inout State) -> [Ask] {
        let count = 1 + state.dice.roll(4)
        // Tags neither start at 0 nor rise.
        let first = UInt64(state.dice.roll(1000) * 10)
        return (0..<count).map { index in
            let tag = first + UInt64((index * 3 + 1) % (count * 3 + 1))
            let kind = state.dice.roll(usesEverything ? 10 : 8)
            if kind >= 5, kind < 8, !state.sampled.isEmpty {
                return .score(tag, (0...state.dice.roll(3)).map { _ in state.dice.pick(state.sampled) })
            }
            if kind == 8 { return .append(tag, state.dice.pick(state.open), state.dice.pick(["Wait, ", "so\n", "a"])) }
            if kind == 9, !state.finished.isEmpty { return .revise(tag, [state.dice.pick(state.finished)]) }
            return .sample(
                tag, state.dice.pick(state.open), count: 1 + state.dice.roll(4), steps: state.dice.roll(4),
                maxTokens: state.dice.chance(30) ? 0 : 1 + state.dice.roll(12),
                temperature: state.dice.pick([0, 0.7, 1]))
        }
    }

    private func take(_ stage: Puppet.Stage, _ state: inout State) {
        let asks = state.asks.sorted { $0.tag < $1.tag }
        if stage.tell.told.map(\.tag) != asks.map(\.tag) {
            state.complaints.append("told \(stage.tell.told.map(\.tag)), asked \(asks.map(\.tag))")
        }
        for (ask, told) in zip(asks, stage.tell.told) {
            switch ask.body {
            case .sample(let sample):
                check(sample, told, stage, &state)
                for node in told.nodes {
                    state.sampled.append(node)
                    if stage.isFinished(node) { state.finished.append(node) } else { state.open.append(node) }
                }
            case .score(_, let nodes):
                if told.nodes != nodes { state.complaints.append("scored \(nodes), told \(told.nodes)") }
                for node in nodes where told.outcome == .ok && (stage.node(node)?.flags ?? 0) & 4 == 0 {
                    state.complaints.append("node \(node) was scored and has no score")
                }
            case .append, .revise: state.open += told.nodes
            case .run: break
            }
        }
    }

    private func check(_ sample: SampleAsk, _ told: Told, _ stage: Puppet.Stage, _ state: inout State) {
        func complain(_ what: String) { state.complaints.append("\(sample): \(told): \(what)") }
        let depth = Int(stage.node(sample.node)?.depth ?? 0)
        state.grants.append(Grant(depth: depth, steps: sample.steps, count: told.nodes.count))
        if told.nodes.count > sample.count { complain("more than asked") }
        if told.nodes.count < sample.count, told.outcome == .ok || told.outcome == .truncated { complain("too few") }
        for id in told.nodes {
            guard let node = stage.node(id) else { complain("no node \(id)"); continue }
            if node.parent != sample.node { complain("parent \(node.parent)") }
            if sample.maxTokens > 0, node.tokens > sample.maxTokens { complain("\(node.tokens) tokens") }
            if sample.steps > 0, node.steps > sample.steps { complain("\(node.steps) steps") }
            if node.flags & 3 == 3 { complain("finished and truncated") }
            if node.flags & 2 != 0, told.outcome == .ok { complain("a truncated node and OK") }
            if sample.steps == 0, node.flags & 3 == 0 { complain("a full sample that did not end") }
        }
    }
}
