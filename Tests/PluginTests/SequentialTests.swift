import StrategyKit
import Testing

/// Beam search as one function: what the paper's pseudo-code says, line by line.
private struct SequentialBeam: SequentialStrategy {
    static let info = StrategyInfo(
        id: "org.example.sequential", name: "sequential", version: "1.0.0", summary: "for tests",
        parameters: [Standard.n])
    let host: Host
    let root: NodeID
    let n: Int
    var finished: [NodeID] = []

    init(_ setup: Setup) throws {
        host = setup.host
        root = setup.problem.root
        n = try setup.generations()
    }

    mutating func search(_ ask: Asker) async throws {
        var living = [root]
        for _ in 1...40 {
            let steps = host.harvest(
                try await ask(spread(n, over: living).map { .sample($0.element, count: $0.count, steps: 1) }),
                distinct: true)
            finished += steps.finished
            if steps.open.isEmpty && steps.finished.isEmpty { return }
            _ = try await ask([.score(steps.open + steps.finished)])
            living = host.best(max(1, n / squareRoot(n)), of: steps.open)
            if living.isEmpty { return }
        }
    }

    func answer() -> [Answer] { host.rank(finished, by: .weighted) }
}

/// Alive as long as the strategy that holds it.
private final class Canary: @unchecked Sendable {
    nonisolated(unsafe) static weak var last: Canary?
    init() { Canary.last = self }
}

/// Fails in the way that its parameter says.
private struct Failing: SequentialStrategy {
    enum Way: String, CaseIterable, Sendable { case error, sleep, swallow }
    static let way = Parameter.choice("way", "how to fail", default: Way.error)
    static let info = StrategyInfo(
        id: "org.example.failing", name: "failing", version: "1.0.0", summary: "for tests", parameters: [way])
    let root: NodeID
    let way: Way
    let canary: Canary

    init(_ setup: Setup) throws {
        root = setup.problem.root
        canary = Canary()
        way = try setup[Self.way]
    }

    mutating func search(_ ask: Asker) async throws {
        _ = try await ask([.sample(root, steps: 1)])
        switch way {
        case .error: throw StrategyError("on purpose")
        case .sleep: await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        case .swallow: while (try? await ask([.sample(root, steps: 1)])) != nil {}
        }
    }
    func answer() -> [Answer] { [] }
}

@Suite(.serialized) struct SequentialTests {
    private static let plugin = Plugin(
        name: "sequential", version: "1.0.0",
        strategies: [Sequential<SequentialBeam>.self, Sequential<Failing>.self])
    private func beam(_ host: FakeHost) -> Run { Run(Self.plugin.block.pointee.strategies[0]!, host) }
    private func failing(_ way: String) -> Run {
        Run(
            Self.plugin.block.pointee.strategies[1]!, FakeHost(BeamSearchTests.tree, generations: 4),
            ["way": .text(way)])
    }

    @Test func doesWhatTheStateMachineDoes() throws {
        for generations in 1...9 as ClosedRange<UInt64> {
            let expected = try Run("beam-search", FakeHost(EveryStrategyTests.tree, generations: generations))()
            #expect(try beam(FakeHost(EveryStrategyTests.tree, generations: generations))() == expected)
        }
    }

    /// Two of one plugin, turn about, and on two threads: each has its own function.
    @Test func instancesDoNotMeet() async throws {
        let expected = try beam(FakeHost(EveryStrategyTests.tree, generations: 4))()
        try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try Run(
                        Self.plugin.block.pointee.strategies[0]!, FakeHost(EveryStrategyTests.tree, generations: 4))()
                }
            }
            for try await log in group { #expect(log == expected) }
        }
    }

    /// Stopped in any turn it gives its best so far, that of the last batch included.
    @Test(arguments: 1...7) func stopped(_ round: Int) throws {
        let machine = try Run("beam-search", FakeHost(BeamSearchTests.tree, generations: 4))
        let function = beam(FakeHost(BeamSearchTests.tree, generations: 4))
        machine.stop = (round, STG_EVENT_CANCELLED)
        function.stop = (round, STG_EVENT_CANCELLED)
        #expect(try function() == machine())
    }

    /// Destroyed in mid-search: the function ends, and everything that it held is let go.
    @Test func destroyedInMidSearch() throws {
        let run = failing("swallow")
        run.host.fault = { round, _ in round == 3 ? STG_OUTCOME_MODEL_FAILED : nil }
        run.roundsMax = 5
        #expect(throws: Failure.self) { try run() }
        #expect(Canary.last != nil)
        run.destroy()
        #expect(Canary.last == nil)
    }

    @Test func itsErrorIsTheRunsError() throws {
        let error = try #require(throws: Failure.self) { try failing("error")() }
        #expect("\(error)" == "on purpose")
    }

    @Test func awaitingSomethingElseIsAnError() throws {
        let error = try #require(throws: Failure.self) { try failing("sleep")() }
        #expect("\(error)" == "the strategy awaits something other than its asks")
    }

    /// It has no state to save, and says so.
    @Test func cannotBeSaved() {
        #expect(Self.plugin.block.pointee.strategies[0]!.pointee.save == nil)
        #expect(Self.plugin.block.pointee.strategies[0]!.pointee.restore == nil)
    }
}

@Suite struct SwiftFunctionTests {
    private static let plugin = Plugin(
        name: "functions", version: "1.0.0",
        functions: [
            .aggregateSteps("first") { values, _ in values?.pointee ?? 0 },
            .answersEqual("never") { _, _, _, _ in 0 },
            .extractAnswer("nothing") { _, _, _ in STG_NOT_FOUND },
            .verify("short") { _, _, _, size in size < 10 ? 1 : 0 },
        ])

    @Test func areCalledByTheirSignatures() throws {
        let block = Self.plugin.block.pointee
        #expect(block.strategy_count == 0 && block.function_count == 4)
        let functions = (0..<4).map { block.functions[$0]!.pointee }
        #expect(
            functions.map { string($0.hook) } == [
                "stratagem.aggregate_steps/1", "stratagem.answers_equal/1", "stratagem.extract_answer/1",
                "stratagem.verify/1",
            ])
        #expect(
            functions.map { string($0.signature) } == [
                "f64(ptr,u64)", "i32(ptr,u64,ptr,u64)", "i32(ptr,u64,ptr)", "f64(ptr,u64,ptr,u64)",
            ])
        #expect(functions.map { string($0.name) } == ["first", "never", "nothing", "short"])
        #expect(unsafeBitCast(functions[0].address, to: Function.AggregateSteps.self)([0.25, 0.5], 2) == 0.25)
        #expect(unsafeBitCast(functions[3].address, to: Function.Verify.self)(nil, 0, nil, 3) == 1)
    }
}
