import LanguageModels
import Locking
import ScriptedModel
import SearchCore
import StrategyHost

/// Asks for anything at random, all kinds of ask in one batch, and runs other wanderers
/// below itself. It keeps to the contract, so nothing but a fault of ours can end its run badly.
final class Wanderer: Sendable {
    private struct State {
        var dice: Dice
        var turns: Int
        /// Nodes that may be continued from, that are finished, and that are not roots.
        var open: [UInt64] = []
        var finished: [UInt64] = []
        var inner: [UInt64] = []
        var children: [Int64] = []
    }

    private let state: Locked<State>
    /// Of the puppet that plays it: it may run those after it.
    private let level: Int

    init(_ seed: UInt64, level: Int = 0) {
        var dice = Dice(seed)
        state = Locked(State(dice: dice, turns: dice.roll(level == 0 ? 8 : 4)))
        self.level = level
    }

    func act(_ stage: Puppet.Stage) -> NextStep {
        state.withLock { state in
            if stage.tell.event == .start { state.open = stage.roots }
            for node in stage.tell.told.flatMap(\.nodes) { take(node, stage, &state) }
            state.turns -= 1
            guard !stage.tell.event.isStop, state.turns >= 0 else {
                state.children.forEach { Puppet.forget($0) }
                return .done(Set(state.finished).sorted().map { RankedAnswer(node: $0, weight: 1) })
            }
            return .asks((0..<state.dice.roll(6)).map { ask(UInt64($0 * 7 % 6), stage, &state) })
        }
    }

    private func take(_ node: UInt64, _ stage: Puppet.Stage, _ state: inout State) {
        guard let info = stage.node(node) else { return }
        if stage.isFinished(node) { state.finished.append(node) } else { state.open.append(node) }
        if info.parent != 0 { state.inner.append(node) }
    }

    private func ask(_ tag: UInt64, _ stage: Puppet.Stage, _ state: inout State) -> Ask {
        let problem = state.dice.roll(stage.roots.count)
        switch state.dice.roll(10) {
        case 0 where !state.inner.isEmpty, 1 where !state.inner.isEmpty:
            return .score(
                tag,
                (0..<state.dice.roll(4)).compactMap { _ in state.inner.isEmpty ? nil : state.dice.pick(state.inner) })
        case 2:
            return .append(
                tag, state.dice.pick(state.open), state.dice.pick(["Wait, ", "so\n", "a"]), role: role(&state))
        case 3:
            return .revise(
                tag, problem: problem,
                (0..<state.dice.roll(3)).compactMap { _ in state.inner.isEmpty ? nil : state.dice.pick(state.inner) })
        case 4, 5, 6: return run(tag, problem, &state)
        default:
            return .sample(
                tag, state.dice.pick(state.open), count: 1 + state.dice.roll(5), steps: state.dice.roll(4),
                maxTokens: state.dice.chance(40) ? 0 : 1 + state.dice.roll(12), temperature: state.dice.pick([0, 1]),
                role: role(&state))
        }
    }

    private func role(_ state: inout State) -> String { state.dice.pick(["policy", "policy", "reviser"]) }

    /// Another wanderer, one of our strategies, or one that fails.
    private func run(_ tag: UInt64, _ problem: Int, _ state: inout State) -> Ask {
        let share = state.dice.pick([0.01, 0.3, 1])
        let generations = state.dice.chance(20) ? 1 + state.dice.roll(4) : nil
        let tokens = state.dice.chance(20) ? 1 + state.dice.roll(40) : nil
        guard level < 4, state.dice.chance(70) else {
            let name = state.dice.pick(["best-of-n", "majority", "greedy", "hostile"])
            // Without a limit of generations ours take none.
            return .run(tag, name, problem: problem, share: share, generations: generations ?? 3, tokens: tokens)
        }
        let child = Wanderer(UInt64(state.dice.roll(1 << 30)), level: level + 1)
        let key = Puppet.key(child.act)
        state.children.append(key)
        return .run(
            tag, "puppet-\(level + 1)", problem: problem, key: key, share: share, generations: generations,
            tokens: tokens)
    }
}
