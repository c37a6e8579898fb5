import Foundation
import LanguageModels
import Locking
import ScriptedModel
import SearchCore
import StrategyHost
import Testing

@testable import SearchRuntime

/// Models whose answers come from somewhere else: the lane sleeps meanwhile, and is woken.
@Suite struct Waiting {
    private static func source(latency: Double?, _ change: (inout ScriptedSource) -> Void = { _ in }) throws
        -> ScriptedSource
    {
        var models = ScriptedSource(try Script(parsing: sums))
        (models.modelBehavior.latency, models.verifierBehavior.latency) = (latency, latency)
        change(&models)
        return models
    }

    @Test(arguments: ["best-of-n", "beam-search", "majority"], [false, true])
    func resultsAreThoseOfAModelThatIsHere(strategy: String, sharesSamples: Bool) async throws {
        var options = RuntimeOptions()
        options.sharesSamples = sharesSamples
        let here = try await run(strategy, on: try Self.source(latency: nil), limits: Limits(generations: 8))
        let far = try await run(
            strategy, on: try Self.source(latency: 0.002), limits: Limits(generations: 8), options: options)
        #expect(far.error == nil && far.answer == here.answer && far.tree.nodes == here.tree.nodes)
        #expect(far.cost.tokens == here.cost.tokens && far.cost.verifierTokens == here.cost.verifierTokens)
    }

    /// A lane that asked again and again would call `advance` millions of times meanwhile.
    @Test func aLaneThatWaitsSleeps() async throws {
        let calls = Locked(0)
        let models = try Self.source(latency: 0.3) { $0.modelBehavior.onAdvance = { _ in calls.withLock { $0 += 1 } } }
        let result = try await run("majority", on: models, limits: Limits(generations: 4))
        #expect(result.error == nil && result.answer != nil)
        #expect(calls.withLock { $0 } <= 20, "\(calls.withLock { $0 }) calls for four samples")
    }

    /// Nothing wakes it but its deadline.
    @Test func aDeadlineEndsARunWhoseModelIsSilent() async throws {
        let result = try await run(
            "majority", on: try Self.source(latency: 3600), limits: Limits(generations: 4, seconds: 0.2))
        #expect(result.error == nil && result.wasCancelled && result.candidates.isEmpty)
    }

    @Test func scoresUnderWayAreCancelledWithTheirRun() async throws {
        let models = try Self.source(latency: nil) { $0.verifierBehavior.latency = 3600 }
        let told = Locked<[String]>([])
        let results = try await play(
            { stage in
                told.withLock { list in list += stage.tell.told.map { "\($0.outcome)" } }
                if stage.tell.event == .start { return .asks([.sample(0, 1, temperature: 0)]) }
                return stage.tell.event == .results ? .asks([.score(1, [2])]) : done([2])
            }, on: models, limits: Limits(seconds: 0.2))
        #expect(results.first?.wasCancelled == true && results.first?.error == nil)
        #expect(told.withLock { $0.last } == "cancelled", "\(told.withLock { $0 })")
    }
}
