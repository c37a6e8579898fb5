import Foundation
import ScriptedModel
import SearchCore
import SearchRuntime
import StrategyHost
import Testing

/// Same seed, same inputs: same bytes out, whatever else is in the batch and in
/// whatever order work is completed.
@Suite struct Determinism {
    /// A result as bytes, without the clock. Costs in FLOPs are sums in the order of
    /// completion and are compared to 12 digits.
    private static func bytes(_ result: RunResult) throws -> String {
        var result = result
        result.cost.seconds = 0
        let flops = result.cost.flops
        result.cost.flops = 0
        var trace = try #require(result.trace)
        for index in trace.rounds.indices {
            (trace.rounds[index].cost.seconds, trace.rounds[index].cost.flops) = (0, 0)
        }
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        encoder.outputFormatting = .sortedKeys
        return try String(
            decoding: encoder.encode(trace) + encoder.encode(result.candidates) + encoder.encode(result.votes)
                + encoder.encode(result.cost), as: UTF8.self) + String(format: "%.11e", flops)
    }

    private static let runs = 40

    private static func request(_ index: Int) throws -> RunRequest {
        let seed = UInt64(index)
        var dice = Dice(seed &+ 5000)
        if index % 4 == 3 {
            let name = dice.pick(["majority", "best-of-n", "beam-search", "lookahead"])
            let strategy = try Plugins.registry.strategy(named: name)
            return RunRequest(
                problems: [sum], strategy: strategy, params: try strategy.check(parameters: [:]),
                limits: Limits(generations: 2 + dice.roll(10), tokens: dice.chance(50) ? 40 + dice.roll(100) : nil),
                seed: seed, keepTree: true, keepTrace: true)
        }
        let player = RandomPlayer(seed, turns: 8, usesEverything: true)
        return try Puppet.request(
            player.act, Plugins.registry.strategy(named: "puppet-0"), limits: .random(&dice), seed: seed,
            problems: [sum],
            keepTrace: true)
    }

    private static func source(_ change: (inout ScriptedSource) -> Void = { _ in }) -> ScriptedSource {
        var models = ScriptedSource(.random(3))
        models.modelBehavior.contextTokens = 80
        change(&models)
        return models
    }

    private static func alone(_ index: Int) async throws -> String {
        let runtime = try SearchRuntime(models: source(), registry: Plugins.registry)
        return try bytes(#require(await runtime.run(request(index)).first)).replacing(#/"key":\d+/#, with: "")
    }

    private static func together(_ models: ScriptedSource, lanes: Int = 1) async throws -> [String] {
        var options = RuntimeOptions()
        options.lanes = lanes
        let runtime = try SearchRuntime(models: models, registry: Plugins.registry, options: options)
        return try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for index in 0..<runs {
                group.addTask {
                    let result = try #require(await runtime.run(request(index)).first)
                    return (index, try bytes(result).replacing(#/"key":\d+/#, with: ""))
                }
            }
            return try await group.reduce(into: Array(repeating: "", count: runs)) { $0[$1.0] = $1.1 }
        }
    }

    @Test func anyCompanyAndAnyOrder() async throws {
        var expected: [String] = []
        for index in 0..<Self.runs { expected.append(try await Self.alone(index)) }
        #expect(Set(expected).count == Self.runs)
        let variants: [(String, ScriptedSource, Int)] = [
            ("together", Self.source(), 1),
            ("on two lanes", Self.source(), 2),
            ("shuffled", Self.source { ($0.modelBehavior.shuffle, $0.verifierBehavior.shuffle) = (4, 5) }, 1),
            ("two at a time", Self.source { ($0.modelBehavior.batchMax, $0.verifierBehavior.batchMax) = (2, 1) }, 1),
            (
                "a token at a time, shuffled",
                Self.source { ($0.modelBehavior.tokensPerAdvance, $0.modelBehavior.shuffle) = (1, 6) }, 1
            ),
            (
                "late",
                Self.source {
                    ($0.modelBehavior.delay, $0.verifierBehavior.delay, $0.modelBehavior.batchMax) = (3, 5, 7)
                }, 1
            ),
        ]
        for (name, models, lanes) in variants {
            let got = try await Self.together(models, lanes: lanes)
            for index in 0..<Self.runs {
                #expect(got[index] == expected[index], "run \(index) \(name)")
            }
        }
    }

    @Test func otherSeedsDiffer() async throws {
        var texts: Set<String> = []
        for seed in 0..<20 as Range<UInt64> {
            let result = try await run("majority", on: Self.source(), limits: Limits(generations: 8), seed: seed)
            texts.insert(result.tree.nodes.map { String(decoding: $0.text, as: UTF8.self) }.joined(separator: "|"))
        }
        #expect(texts.count > 15)
    }

    /// The i-th sample of a node does not depend on how many are drawn in all, nor
    /// on how they are asked for.
    @Test func samplesAreCountedByNode() async throws {
        func texts(_ asks: [[Int]]) async throws -> [String] {
            let result = try await play(
                turns { turn, _ in
                    guard turn < asks.count else { return done([]) }
                    return .asks(asks[turn].enumerated().map { .sample(UInt64($0.offset), 1, count: $0.element) })
                }, on: Self.source(), seed: 7)[0]
            return result.tree.nodes.dropFirst().map { String(decoding: $0.text, as: UTF8.self) }
        }
        let eight = try await texts([[8]])
        #expect(try await texts([[3], [5]]) == eight)
        #expect(try await texts([[2, 2], [1, 3]]) == eight)
        #expect(try await texts([[4]]) == Array(eight.prefix(4)))
    }

    @Test func theStrategysRandomBitsAreSeeded() async throws {
        func bits(_ seed: UInt64) async throws -> String {
            let result = try await play(
                turns { turn, stage in
                    turn == 2 ? done([]) : .asks([.append(0, 1, "\(stage.random) \(stage.random)")])
                }, on: Self.source(), seed: seed)[0]
            #expect(result.tree.nodes.count == 3)
            return result.tree.nodes.prefix(3).map { String(decoding: $0.text, as: UTF8.self) }.joined(separator: "|")
        }
        #expect(try await bits(1) == bits(1))
        #expect(try await bits(1) != bits(2))
    }
}
