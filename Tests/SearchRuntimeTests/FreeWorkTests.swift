import Locking
import ScriptedModel
import SearchCore
import SearchRuntime
import StrategyHost
import Testing

/// What costs nothing is bounded: no strategy continues for ever, or fills the memory, without
/// spending its budget.
@Suite struct FreeWorkTests {
    struct Loop: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code = "no_progress"
        var limits = Limits(generations: 1000, seconds: 1e6)
        var move: @Sendable (Int, Puppet.Stage) -> [Ask]
    }

    private static let nothing = Puppet.key { _ in done([]) }
    private static let appender = Puppet.key { stage in
        stage.tell.event.isStop ? done([]) : .asks([.append(0, 1, "so")])
    }
    private static let failing = Puppet.key { _ in throw StratagemError(.plugin, .strategyFailed, "no") }

    static let loops: [Loop] = [
        Loop(testDescription: "APPEND") { _, _ in [.append(0, 1, "so")] },
        Loop(testDescription: "APPEND below APPEND") { turn, stage in
            [.append(0, stage.tell.told.first?.nodes.first ?? 1, "so")]
        },
        Loop(testDescription: "REVISE") { _, _ in [.revise(0, [])] },
        Loop(testDescription: "RUN of nothing") { _, _ in [.run(0, "puppet-1", key: nothing)] },
        Loop(testDescription: "RUN that fails") { _, _ in [.run(0, "puppet-1", key: failing)] },
        Loop(testDescription: "RUN of APPEND for ever") { _, _ in [.run(0, "puppet-1", key: appender)] },
        Loop(testDescription: "SCORE of what is scored") { turn, _ in
            turn == 0 ? [.sample(0, 1, steps: 1)] : [.score(0, [2])]
        },
        Loop(testDescription: "SCORE of APPEND") { turn, stage in
            turn % 2 == 0 ? [.append(0, 1, "so\n")] : [.score(0, stage.tell.told.first?.nodes ?? [])]
        },
        Loop(testDescription: "SCORE of no node") { _, _ in [.score(0, [])] },
        Loop(testDescription: "empty batches between APPENDs") { turn, _ in turn % 50 == 0 ? [.append(0, 1, "so")] : []
        },
        Loop(testDescription: "a token now and then") { turn, _ in
            turn % 500 == 0 ? [.sample(0, 1, steps: 1, maxTokens: 1)] : [.append(0, 1, "so")]
        },
        Loop(testDescription: "SAMPLE where the context is full", limits: Limits(seconds: 1e6)) { turn, stage in
            [.sample(0, turn == 0 ? 1 : stage.tell.told[0].nodes[0])]
        },
        Loop(
            testDescription: "very many SAMPLEs where the context is full", code: "too_many_nodes",
            limits: Limits(seconds: 1e6)
        ) { turn, stage in
            turn == 0 ? [.sample(0, 1)] : [.sample(0, stage.tell.told[0].nodes[0], count: 1 << 16)]
        },
        Loop(testDescription: "very many APPENDs", code: "too_many_nodes") { _, _ in
            (0..<200_000).map { .append($0, 1, "so") }
        },
        Loop(testDescription: "many APPENDs a turn", code: "too_many_nodes") { _, _ in
            (0..<1000).map { .append($0, 1, "so") }
        },
        Loop(testDescription: "very many RUNs", code: "too_many_nodes") { _, _ in
            (0..<100_000).map { .run($0, "puppet-1", key: nothing) }
        },
        Loop(testDescription: "REVISE of very many attempts", code: "too_many_nodes") { turn, _ in
            turn == 0 ? [.sample(0, 1, steps: 1)] : [.revise(0, Array(repeating: 2, count: 1 << 20))]
        },
        Loop(testDescription: "long texts", code: "too_much_text") { _, _ in
            [.append(0, 1, String(repeating: "so ", count: 4 << 20))]
        },
    ]

    @Test(arguments: loops) func endsInSeconds(_ loop: Loop) async throws {
        let turnsTaken = Locked(0)
        let result = try await play(
            turns { turn, stage in
                turnsTaken.withLock { $0 = turn }
                return stage.tell.event.isStop ? done([]) : .asks(loop.move(turn, stage))
            }, on: source(endless) { $0.contextTokens = 64 }, limits: loop.limits)[0]
        #expect(
            result.error?.origin == .plugin && result.error?.code.rawValue == loop.code,
            "\(String(describing: result.error))")
        #expect(turnsTaken.withLock { $0 } < 4000, "it ended long before the limit of turns")
    }

    /// A search that makes something of what it appends meets no limit, however long it takes.
    @Test func whatIsSampledPaysForMore() async throws {
        let result = try await play(
            turns { turn, stage in
                if turn == 9000 { return done([]) }
                switch turn % 3 {
                case 0: return .asks([.revise(0, [])])
                case 1: return .asks([.append(0, stage.tell.told[0].nodes[0], "so")])
                default: return .asks([.sample(0, stage.tell.told[0].nodes[0], steps: 1)])
                }
            }, on: source(endless))[0]
        #expect(result.error == nil, "\(String(describing: result.error))")
        #expect(result.tree.nodes.count == 1 + 9000)
    }
}
