import Foundation
import Locking
import ScriptedModel
import SearchCore
import SearchRuntime
import StrategyHost
import Testing

/// Thousands of runs at once.
@Suite(.serialized) struct LiveRuns {
    @Test func tenThousandAtOnce() async throws {
        let count = 10_000 / scale
        let turns = 20
        let models = try source(endless)
        let runtime = try SearchRuntime(models: models, registry: Plugins.registry)
        let walker = try Plugins.registry.strategy(named: "walker")
        let params = try walker.check(parameters: ["turns": "\(turns)", "score": "0"])
        let results = Locked<[UInt64: Int]>([:])
        let clock = ContinuousClock()
        let start = clock.now
        await withCheckedContinuation { continuation in
            for seed in 0..<UInt64(count) {
                runtime.submit(
                    RunRequest(
                        problems: [sum], strategy: walker, params: params, limits: Limits(generations: 1000), seed: seed
                    )
                ) { done in
                    let isLast = results.withLock {
                        $0[seed] = done[0].error == nil ? done[0].cost.tokens : -1
                        return $0.count == count
                    }
                    if isLast { continuation.resume() }
                }
            }
        }
        let seconds = (clock.now - start) / .seconds(1)
        let tokens = results.withLock { $0 }
        #expect(tokens.count == count && tokens.values.allSatisfy { $0 > 0 })
        // The same runs by themselves cost the same.
        for seed in [0, 1, count / 2, count - 1].map(UInt64.init) {
            let alone = try await run(
                "walker", ["turns": "\(turns)", "score": "0"], on: models, limits: Limits(generations: 1000), seed: seed
            )
            #expect(alone.cost.tokens == tokens[seed])
        }
        print("\(count) live runs: \(Int(Double(count * turns) / seconds)) asks a second")
    }

    /// Every prefix is given back: 2000 runs of 21 each, 20 at once, in a model that
    /// holds 1000. Runs that fail and runs that nest give theirs back too.
    @Test func prefixesAreGivenBack() async throws {
        var models = try source(endless) { $0.prefixesMax = 1000 }
        models.verifierBehavior.prefixesMax = 1000
        let runtime = try SearchRuntime(models: models, registry: Plugins.registry)
        let walker = try Plugins.registry.strategy(named: "walker")
        let params = try walker.check(parameters: ["turns": "40"])
        let inner = Puppet.key(Self.failing)
        let strategy = try Plugins.registry.strategy(named: "puppet-0")
        let nesting = try Puppet.request(
            turns { turn, stage in
                stage.tell.event == .start
                    ? .asks([.run(0, "walker"), .run(1, "puppet-1", key: inner), .sample(2, 1, steps: 1)])
                    : .asks([.sample(0, 99)])
            }, strategy, limits: Limits(), seed: 1, problems: [sum])
        for _ in 0..<100 {
            let failures = await withTaskGroup(of: [String].self) { group in
                for seed in 0..<20 as Range<UInt64> {
                    group.addTask {
                        let walk = await runtime.run(
                            RunRequest(problems: [sum], strategy: walker, params: params, limits: Limits(), seed: seed))
                        let nest = await runtime.run(nesting)
                        return walk.compactMap(\.error?.message)
                            + (nest.first?.error?.code == .foreignNode ? [] : ["\(nest)"])
                            + (walk.first?.cost.tokens == 0 ? ["nothing sampled"] : [])
                    }
                }
                return await group.reduce(into: [String]()) { $0 += $1 }
            }
            #expect(failures.isEmpty, "\(failures.prefix(2))")
            if !failures.isEmpty { break }
        }
    }

    @Sendable private static func failing(_ stage: Puppet.Stage) -> NextStep {
        stage.tell.event == .start ? .asks([.sample(0, 1, count: 3, steps: 1)]) : .asks([.sample(0, 99)])
    }
}
