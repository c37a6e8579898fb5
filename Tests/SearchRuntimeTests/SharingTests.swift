import Foundation
import LanguageModels
import ScriptedModel
import SearchCore
import StrategyHost
import Testing

@testable import SearchRuntime

/// What several runs ask for is computed once, and none of them can tell.
@Suite struct Sharing {
    /// All that a run found and paid, without the clock.
    private static func bytes(_ result: RunResult) throws -> String {
        var result = result
        result.cost.seconds = 0
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let nodes = result.tree.nodes.map { "\($0)" }.joined(separator: "\n")
        return try String(
            decoding: encoder.encode(result.candidates) + encoder.encode(result.votes) + encoder.encode(result.cost),
            as: UTF8.self)
            + (result.error?.code.rawValue ?? "") + nodes
    }

    /// The cells of a grid on one problem with one seed, and players that ask for anything.
    private static func requests() throws -> [RunRequest] {
        var requests: [RunRequest] = []
        for (name, params) in [
            ("majority", [:]), ("best-of-n", [:]), ("best-of-n", ["selection": "naive"]), ("beam-search", [:]),
            ("beam-search", ["beam_width": "2"]), ("lookahead", [:]), ("greedy", [:]),
        ] {
            let strategy = try Plugins.registry.strategy(named: name)
            for budget in [1, 2, 4, 9, 16] {
                requests.append(
                    RunRequest(
                        problems: [sum], strategy: strategy, params: try strategy.check(parameters: params),
                        limits: Limits(generations: budget), seed: 5, keepTree: true))
            }
        }
        for seed in 0..<20 as Range<UInt64> {
            var dice = Dice(seed &+ 900)
            let player = RandomPlayer(seed % 7, turns: 8, usesEverything: true)
            requests.append(
                try Puppet.request(
                    player.act, Plugins.registry.strategy(named: "puppet-0"), limits: .random(&dice), seed: 5,
                    problems: [sum]))
        }
        return requests
    }

    private static func source(_ change: (inout ScriptedSource) -> Void = { _ in }) -> ScriptedSource {
        var models = ScriptedSource(.random(3))
        models.modelBehavior.contextTokens = 80
        change(&models)
        return models
    }

    private static func runtime(_ models: ScriptedSource, shares: Bool) throws -> SearchRuntime {
        var options = RuntimeOptions()
        options.lanes = 1
        options.sharesSamples = shares
        return try SearchRuntime(models: models, registry: Plugins.registry, options: options)
    }

    private static func together(_ runtime: SearchRuntime) async throws -> [String] {
        let requests = try requests()
        return try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask { try await (index, bytes(#require(runtime.run(request).first))) }
            }
            return try await group.reduce(into: Array(repeating: "", count: requests.count)) { $0[$1.0] = $1.1 }
        }
    }

    @Test func resultsAndCostsAreThoseOfEachRunAlone() async throws {
        var expected: [String] = []
        var decoded = 0
        for request in try Self.requests() {
            let runtime = try Self.runtime(Self.source(), shares: false)
            expected.append(try await Self.bytes(#require(runtime.run(request).first)))
            decoded += runtime.statistics.policy.decodedTokens
        }
        let variants: [(String, ScriptedSource)] = [
            ("together", Self.source()),
            ("shuffled", Self.source { ($0.modelBehavior.shuffle, $0.verifierBehavior.shuffle) = (4, 5) }),
            ("two at a time", Self.source { ($0.modelBehavior.batchMax, $0.verifierBehavior.batchMax) = (2, 1) }),
            (
                "a token at a time",
                Self.source { ($0.modelBehavior.tokensPerAdvance, $0.modelBehavior.shuffle) = (1, 6) }
            ),
            ("late", Self.source { ($0.modelBehavior.delay, $0.verifierBehavior.delay) = (3, 5) }),
        ]
        for (name, models) in variants {
            let runtime = try Self.runtime(models, shares: true)
            let got = try await Self.together(runtime)
            for index in expected.indices {
                #expect(got[index] == expected[index], "run \(index) \(name)")
            }
            let statistics = runtime.statistics
            #expect(
                statistics.sharing.samples > 100 && statistics.sharing.scores > 50, "\(name): \(statistics.sharing)")
            let computed = statistics.policy.decodedTokens
            let saved = statistics.sharing.tokens + statistics.sharing.promptTokens
            #expect(
                computed + saved == decoded && 2 * saved > computed, "\(name): computed \(computed), saved \(saved)")
        }
    }

    /// A run that comes when the others have ended finds what they left.
    @Test func laterRunsShareToo() async throws {
        let runtime = try Self.runtime(Self.source(), shares: true)
        for request in try Self.requests().prefix(10) { _ = await runtime.run(request) }
        #expect(runtime.statistics.sharing.samples > 40)
    }

    @Test func whatNobodyHoldsIsLetGoOf() throws {
        let script = try Script(parsing: sums)
        let backend = try ScriptedModel(script)
        let model = SharingModel(backend, idle: IdleMemory(bytesMax: 0))
        var completions: [SampleCompletion] = []
        func draw(_ ids: Range<UInt64>, from prefix: PrefixHandle, seed: UInt64) {
            for id in ids {
                model.submit(
                    SampleJob(id: id, prefix: prefix, until: .steps(1), maxTokens: 50, temperature: 1, seed: seed))
            }
            while model.hasWork { model.advance(into: &completions) }
        }
        let prompt = [PromptPart(text: Array("What is 2 + 2?".utf8))]
        let first = try model.makePrefix(parent: nil, text: prompt).0
        let second = try model.makePrefix(parent: nil, text: prompt).0
        draw(1..<4, from: first, seed: 1)
        draw(4..<7, from: second, seed: 2)
        let appended = try model.makePrefix(parent: first, text: [PromptPart(text: Array("Add".utf8))]).0
        #expect(completions.count == 6 && Set(completions.map(\.prefix)).count == 6)
        #expect(model.sharing.samples == 4)
        // Two samples, a prompt and what was put below it.
        #expect(backend.livePrefixes == 4)
        for prefix in [first, appended] + completions.map(\.prefix) { model.release(prefix) }
        #expect(backend.livePrefixes == 4)
        model.release(second)
        #expect(backend.livePrefixes == 0)
        // Once each: a handle that was given back takes nothing with it.
        let third = try model.makePrefix(parent: nil, text: prompt).0
        model.release(second)
        #expect(backend.livePrefixes == 1)
        model.release(third)
        #expect(backend.livePrefixes == 0)
    }

    /// One of two runs is stopped: the other gets all it would have had.
    @Test func cancellingOneLeavesTheOther() throws {
        let backend = try ScriptedModel(
            Script(parsing: sums),
            behavior: {
                var slow = ScriptedBehavior(); slow.delay = 3; return slow
            }())
        let model = SharingModel(backend, idle: IdleMemory(bytesMax: 0))
        let root = try model.makePrefix(parent: nil, text: [PromptPart(text: Array("What is 2 + 2?".utf8))]).0
        func submit(_ id: UInt64) {
            model.submit(SampleJob(id: id, prefix: root, until: .end, maxTokens: 50, temperature: 1, seed: 9))
        }
        var completions: [SampleCompletion] = []
        func finish() { while model.hasWork { model.advance(into: &completions) } }
        submit(1)
        submit(2)
        model.cancel(job: 1)
        finish()
        #expect(
            completions.first { $0.id == 1 }?.ending == .cancelled
                && completions.first { $0.id == 2 }?.ending == .finished)
        // The last one that wants it is stopped, and another comes before that is carried out.
        for prefix in completions.map(\.prefix) + [root] { model.release(prefix) }
        completions = []
        let again = try model.makePrefix(parent: nil, text: [PromptPart(text: Array("What is 2 + 2?".utf8))]).0
        model.submit(SampleJob(id: 3, prefix: again, until: .end, maxTokens: 50, temperature: 1, seed: 9))
        model.cancel(job: 3)
        model.submit(SampleJob(id: 4, prefix: again, until: .end, maxTokens: 50, temperature: 1, seed: 9))
        finish()
        #expect(
            completions.first { $0.id == 3 }?.ending == .cancelled
                && completions.first { $0.id == 4 }?.ending == .finished)
        for prefix in completions.map(\.prefix) + [again] { model.release(prefix) }
        #expect(backend.livePrefixes == 0)
    }
}
