import Foundation
import Locking
import ScriptedModel
import SearchCore
import SearchRuntime
import StrategyHost
import Testing

/// Stopping a run: it is told once, gives its best so far, and pays for what was done.
@Suite struct Cancellation {
    /// Starts a run, cancels it when `isReached` says so, and waits for its end.
    private func cancelled(_ act: @escaping Puppet.Act, on models: ScriptedSource, limits: Limits = Limits(),
                           when isReached: @escaping @Sendable (RunEvent) -> Bool) async throws -> RunResult {
        let runtime = try SearchRuntime(models: models, registry: Plugins.registry)
        let strategy = try Plugins.registry.strategy(named: "puppet-0")
        let request = try Puppet.request(act, strategy, limits: limits, seed: 1, problems: [sum])
        let id = Locked<RunID?>(nil)
        return try await withCheckedThrowingContinuation { continuation in
            let observer: @Sendable (RunEvent) -> Void = { event in
                guard isReached(event) else { return }
                // From a thread of its own, as a signal handler's would be.
                Thread.detachNewThread {
                    while id.withLock({ $0 == nil }) { Thread.sleep(forTimeInterval: 0.001) }
                    if let id = id.withLock({ $0 }) { runtime.cancel(id) }
                }
            }
            let submitted = runtime.submit(request, observer: observer) { results in continuation.resume(returning: results[0]) }
            id.withLock { $0 = submitted }
        }
    }

    private static let slow = "problem\n  " + Array(repeating: "word", count: 3000).joined(separator: " ") + "\n    #### 1 | end"

    @Test func cutsWhatIsUnderWayAndChargesIt() async throws {
        let events = Locked<[String]>([])
        let result = try await cancelled({ stage in
            events.withLock { $0.append("\(stage.tell.event) \(stage.tell.told.map { "\($0.outcome) \($0.nodes)" })") }
            return stage.tell.event == .start ? .asks([.sample(0, 1, count: 3), .append(1, 1, "more")]) : done([])
        }, on: source(Self.slow) { $0.tokensPerAdvance = 1 }, when: { if case .round = $0 { true } else { false } })
        #expect(result.error == nil && result.wasCancelled)
        #expect(events.withLock { $0.count } == 2)
        #expect(events.withLock { $0.last?.hasPrefix("cancelled") } == true, "\(events.withLock { $0 })")
        #expect(result.cost.tokens < 9000, "the samples were cut")
        #expect(result.cost.wastedTokens == result.cost.tokens, "what was sampled before the cut is paid for and wasted")
        #expect(result.tree.nodes.filter { $0.kind == .sampled }.isEmpty)
    }

    @Test func answersSoFarSurvive() async throws {
        let result = try await cancelled(turns { turn, stage in
            if stage.tell.event == .cancelled { return done([2]) }
            return turn == 0 ? .asks([.sample(0, 1, temperature: 0)]) : .asks([.append(0, 1, "so")])
        }, on: source(sums), when: { if case .round(let rounds, _) = $0 { rounds == 5 } else { false } })
        #expect(result.wasCancelled && result.error == nil && result.answer == "5" && result.candidates.map(\.node) == [2])
    }

    @Test func ignoringItIsAnError() async throws {
        let result = try await cancelled({ _ in .asks([.append(0, 1, "so")]) }, on: source(sums),
                                         when: { if case .round(let rounds, _) = $0 { rounds == 5 } else { false } })
        #expect(result.error?.code == "ignored_stop" && result.error?.message.contains("CANCELLED") == true)
    }

    @Test func nestedRunsAreToldFirst() async throws {
        let order = Locked<[String]>([])
        let child = Puppet.key { stage in
            order.withLock { $0.append("child \(stage.tell.event)") }
            return stage.tell.event == .cancelled ? done([]) : .asks([.sample(0, 1, count: 2)])
        }
        let result = try await cancelled({ stage in
            order.withLock { $0.append("parent \(stage.tell.event) \(stage.tell.told.map(\.outcome))") }
            return stage.tell.event == .cancelled ? done([]) : .asks([.run(0, "puppet-1", key: child)])
        }, on: source(Self.slow) { $0.tokensPerAdvance = 1 }, when: { if case .round = $0 { true } else { false } })
        #expect(result.wasCancelled && result.error == nil)
        #expect(order.withLock { $0 } == ["parent start []", "child start", "child cancelled", "parent cancelled [SearchRuntimeTests.Puppet.Outcome.cancelled]"]
            || order.withLock { $0.last?.hasPrefix("parent cancelled") } == true)
        #expect(order.withLock { $0.contains("child cancelled") })
    }

    @Test func cancelAllEndsEverything() async throws {
        let runtime = try SearchRuntime(models: source(endless) { $0.delay = 2 }, registry: Plugins.registry)
        let walker = try Plugins.registry.strategy(named: "walker")
        let params = try walker.check(parameters: ["turns": "1000000000", "score": "0"])
        let results = await withTaskGroup(of: RunResult?.self) { group in
            for seed in 0..<50 as Range<UInt64> {
                group.addTask {
                    await runtime.run(RunRequest(problems: [sum], strategy: walker, params: params, limits: Limits(), seed: seed)).first
                }
            }
            group.addTask {
                // Submitted is not yet begun: again and again until all are over.
                for _ in 0..<100 {
                    try? await Task.sleep(for: .milliseconds(20))
                    runtime.cancelAll()
                }
                return nil
            }
            return await group.reduce(into: [RunResult]()) { if let result = $1 { $0.append(result) } }
        }
        #expect(results.count == 50 && results.allSatisfy { $0.error == nil })
        #expect(results.allSatisfy { $0.wasCancelled })
    }

    @Test func shutdownFinishesLiveRuns() async throws {
        let models = try source(endless) { $0.delay = 2 }
        let walker = try Plugins.registry.strategy(named: "walker")
        let request = RunRequest(problems: [sum], strategy: walker, params: try walker.check(parameters: ["turns": "1000000000", "score": "0"]), limits: Limits())
        let result: RunResult = try await withCheckedThrowingContinuation { continuation in
            do {
                // Nobody keeps the runtime: its end is the runs' end.
                let runtime = try SearchRuntime(models: models, registry: Plugins.registry)
                runtime.submit(request) { continuation.resume(returning: $0[0]) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
        #expect(result.wasCancelled && result.error == nil)
    }

    @Test func secondsAreADeadline() async throws {
        let result = try await run("walker", ["turns": "1000000000", "score": "0"], on: source(endless) { $0.contextTokens = 1 << 40 },
                                   limits: Limits(seconds: 0.2))
        #expect(result.wasCancelled && result.error == nil)
        // No upper bound: a busy machine may take its time, and without the deadline it would take for ever.
        #expect(result.cost.seconds >= 0.2)
    }

    @Test func aDeadlineHoldsForNestedRunsToo() async throws {
        let child = Puppet.key { stage in stage.tell.event.isStop ? done([]) : .asks([.sample(0, 1, steps: 1, maxTokens: 3)]) }
        let outcome = Locked<String>("")
        let result = try await play({ stage in
            outcome.withLock { $0 = "\(stage.tell.event) \(stage.tell.told.map { "\($0.outcome)" })" }
            return stage.tell.event == .start ? .asks([.run(0, "puppet-1", key: child, share: 0.5)]) : done([])
        }, on: source(endless), limits: Limits(seconds: 0.3))[0]
        #expect(result.error == nil)
        #expect(result.cost.tokens > 0, "half of 0.3 s is still something: \(outcome.withLock { $0 })")
    }
}
