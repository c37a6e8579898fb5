import LanguageModels
import ScriptedModel
import SearchCore
import Testing

@testable import SearchRuntime
@testable import StrategyHost

/// A model whose shape is not known, as a server's: nobody can count its FLOPs.
@Suite struct UnknownFLOPsTests {
    private func shapeless(_ role: String = "policy") throws -> ScriptedSource {
        var models = try source(sums)
        if role == "policy" { models.modelBehavior.shape = nil } else { models.verifierBehavior.shape = nil }
        return models
    }

    @Test func theyAreNullInResults() async throws {
        let result = try await run("majority", on: shapeless(), limits: Limits(generations: 4))
        #expect(result.error == nil && result.cost.tokens > 0 && result.cost.flops.isNaN)
        #expect(JSON(result.cost).line.contains("\"flops\":null"))
        #expect(result.caveats == ["policy: FLOPs unknown"])
        // A role that was not used is not missed: majority asks no verifier.
        let known = try await run("majority", on: shapeless("prm"), limits: Limits(generations: 4))
        #expect(known.cost.flops > 0 && known.caveats.isEmpty)
        let scored = try await run("best-of-n", on: shapeless("prm"), limits: Limits(generations: 4))
        #expect(scored.error == nil && scored.cost.flops.isNaN && scored.cost.verifierTokens > 0)
    }

    @Test func aLimitOnThemIsRefusedBeforeTheRun() async throws {
        let limits = Limits(generations: 4, flops: 1e12)
        let refused = try await run("best-of-n", on: shapeless("prm"), limits: limits)
        #expect(refused.error?.code == .noShape && refused.error?.origin == .user && refused.cost.tokens == 0)
        #expect(refused.error?.message.contains("role 'prm'") == true)
        let loaded = try Plugins.registry.strategy(named: "majority")
        let params = try loaded.check(parameters: [:])
        #expect(throws: StratagemError.self) { try shapeless().complete(params, of: loaded, limits: limits) }
        #expect(throws: Never.self) { try shapeless().complete(params, of: loaded, limits: Limits(generations: 4)) }
        // It says which roles it uses, and the verifier is none of them.
        #expect(try await run("majority", on: shapeless("prm"), limits: limits).error == nil)
    }
}
