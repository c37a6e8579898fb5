import Foundation
import Locking
import ScriptedModel
import SearchCore
import SearchRuntime
import StrategyHost
import Testing

/// Stopping a run: it is told once, gives its best so far, and pays for what was done.
@Suite struct Cancellation {
    /// When to cancel: at a known moment, not at a time, so that a busy machine
    /// changes nothing. The mailbox is read before the next advance of the model, and
    /// at the latest a few turns later.
    private enum Moment {
        case afterTurn(Int)
        case inAdvance(Int)
    }

    private func cancelled(
        _ act: @escaping Puppet.Act, on script: String, at moment: Moment,
        _ change: (inout ScriptedBehavior) -> Void = { _ in }
    ) async throws -> RunResult {
        let cancel = Locked<(@Sendable () -> Void)?>(nil)
        // On the lane's thread, which may be here before `submit` has returned.
        let now: @Sendable () -> Void = {
            while true {
                if let cancel = cancel.withLock({ $0 }) { return cancel() }
                Thread.sleep(forTimeInterval: 0.001)
            }
        }
        var observer: (@Sendable (RunEvent) -> Void)?
        let models = try source(script) { behavior in
            change(&behavior)
            if case .inAdvance(let wanted) = moment { behavior.onAdvance = { if $0 == wanted { now() } } }
        }
        if case .afterTurn(let wanted) = moment {
            observer = { if case .round(wanted, _) = $0 { now() } }
        }
        let runtime = try SearchRuntime(models: models, registry: Plugins.registry)
        let request = try Puppet.request(
            act, Plugins.registry.strategy(named: "puppet-0"), limits: Limits(), seed: 1, problems: [sum])
        let result: RunResult = await withCheckedContinuation { continuation in
            let id = runtime.submit(request, observer: observer) { results in continuation.resume(returning: results[0])
            }
            cancel.withLock { $0 = { runtime.cancel(id) } }
        }
        // The closure holds the runtime, which holds the model, which holds the closure.
        cancel.withLock { $0 = nil }
        return result
    }

    private static let slow =
        "problem\n  " + Array(repeating: "word", count: 3000).joined(separator: " ") + "\n    #### 1 | end"

    @Test func cutsWhatIsUnderWayAndChargesIt() async throws {
        let events = Locked<[String]>([])
        let result = try await cancelled(
            { stage in
                events.withLock {
                    $0.append("\(stage.tell.event) \(stage.tell.told.map { "\($0.outcome) \($0.nodes)" })")
                }
                return stage.tell.event == .start ? .asks([.sample(0, 1, count: 3), .append(1, 1, "more")]) : done([])
            }, on: Self.slow, at: .inAdvance(5)
        ) { $0.tokensPerAdvance = 1 }
        #expect(result.error == nil && result.wasCancelled)
        #expect(events.withLock { $0.count } == 2)
        #expect(events.withLock { $0.last?.hasPrefix("cancelled") } == true, "\(events.withLock { $0 })")
        #expect(result.cost.tokens == 3 * 5, "three samples, cut after five tokens each")
        #expect(
            result.cost.wastedTokens == result.cost.tokens, "what was sampled before the cut is paid for and wasted")
        #expect(result.tree.nodes.filter { $0.kind == .sampled }.isEmpty)
    }

    @Test func answersSoFarSurvive() async throws {
        let result = try await cancelled(
            turns { turn, stage in
                if stage.tell.event == .cancelled { return done([2]) }
                return turn == 0 ? .asks([.sample(0, 1, temperature: 0)]) : .asks([.append(0, 1, "so")])
            }, on: sums, at: .afterTurn(5))
        #expect(
            result.wasCancelled && result.error == nil && result.answer == "5" && result.candidates.map(\.node) == [2])
    }

    @Test func ignoringItIsAnError() async throws {
        let result = try await cancelled({ _ in .asks([.append(0, 1, "so")]) }, on: sums, at: .afterTurn(5))
        #expect(result.error?.code == .ignoredStop && result.error?.message.contains("CANCELLED") == true)
    }

    @Test func nestedRunsAreToldFirst() async throws {
        let order = Locked<[String]>([])
        let child = Puppet.key { stage in
            order.withLock { $0.append("child \(stage.tell.event)") }
            return stage.tell.event == .cancelled ? done([]) : .asks([.sample(0, 1, count: 2)])
        }
        let result = try await cancelled(
            { stage in
                order.withLock {
                    $0.append("parent \(stage.tell.event)" + stage.tell.told.map { " \($0.outcome)" }.joined())
                }
                return stage.tell.event == .cancelled ? done([]) : .asks([.run(0, "puppet-1", key: child)])
            }, on: Self.slow, at: .inAdvance(5)
        ) { $0.tokensPerAdvance = 1 }
        #expect(result.wasCancelled && result.error == nil && result.cost.tokens == 2 * 5)
        #expect(
            order.withLock { $0 } == ["parent start", "child start", "child cancelled", "parent cancelled cancelled"])
    }

    @Test func cancelAllEndsEverything() async throws {
        let cancel = Locked<(@Sendable () -> Void)?>(nil)
        let models = try source(endless) { behavior in
            // All 50 are at work by then: the lane takes in its mail before it works.
            behavior.onAdvance = { if $0 >= 100 { cancel.withLock { $0 }?() } }
        }
        let runtime = try SearchRuntime(models: models, registry: Plugins.registry)
        let walker = try Plugins.registry.strategy(named: "walker")
        let params = try walker.check(parameters: ["turns": "1000000000", "score": "0"])
        let results = await withTaskGroup(of: RunResult?.self) { group in
            for seed in 0..<50 as Range<UInt64> {
                group.addTask {
                    await runtime.run(
                        RunRequest(problems: [sum], strategy: walker, params: params, limits: Limits(), seed: seed)
                    ).first
                }
            }
            cancel.withLock { $0 = { runtime.cancelAll() } }
            return await group.reduce(into: [RunResult]()) { if let result = $1 { $0.append(result) } }
        }
        cancel.withLock { $0 = nil }
        #expect(results.count == 50 && results.allSatisfy { $0.error == nil })
        #expect(results.allSatisfy { $0.wasCancelled })
    }

    @Test func shutdownFinishesLiveRuns() async throws {
        let models = try source(endless) { $0.delay = 2 }
        let walker = try Plugins.registry.strategy(named: "walker")
        let request = RunRequest(
            problems: [sum], strategy: walker,
            params: try walker.check(parameters: ["turns": "1000000000", "score": "0"]), limits: Limits())
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
        let result = try await run(
            "walker", ["turns": "1000000000", "score": "0"], on: source(endless) { $0.contextTokens = 1 << 40 },
            limits: Limits(seconds: 0.2))
        #expect(result.wasCancelled && result.error == nil)
        // No upper bound: a busy machine may take its time, and without the deadline it would take for ever.
        #expect(result.cost.seconds >= 0.2)
    }

    @Test func aDeadlineHoldsForNestedRunsToo() async throws {
        let child = Puppet.key { stage in
            stage.tell.event.isStop ? done([]) : .asks([.sample(0, 1, steps: 1, maxTokens: 3)])
        }
        let outcome = Locked<String>("")
        let result = try await play(
            { stage in
                outcome.withLock { $0 = "\(stage.tell.event) \(stage.tell.told.map { "\($0.outcome)" })" }
                return stage.tell.event == .start ? .asks([.run(0, "puppet-1", key: child, share: 0.5)]) : done([])
            }, on: source(endless), limits: Limits(seconds: 0.3))[0]
        #expect(result.error == nil)
        #expect(result.cost.tokens > 0, "half of 0.3 s is still something: \(outcome.withLock { $0 })")
    }
}
