import Foundation
import SearchCore
import SearchRuntime
import StrategyHost
import Testing

/// What a plugin may do wrong in its asks, its answers and its errors costs it the same
/// in a worker as in the host's own process: its own run, with the same words.
@Suite struct RefusalTests {
    private static let fixture = "../../SearchRuntimeTests/Fixtures/hostile.c"

    /// Every mode that the fixture knows: whoever adds one there has it compared here.
    static let modes: [String] = {
        let source =
            (try? String(contentsOf: Harness.here.appendingPathComponent("Fixtures/" + fixture), encoding: .utf8)) ?? ""
        let found = source.matches(of: /is\(self, "([a-z0-9-]+)"\)/).map { String($0.1) }
        // A million turns; and what is about the clock.
        return Set(found).subtracting(["score-for-ever", "slow"]).union(["create-fails", "create-null"]).sorted()
    }()

    private static func error(_ mode: String, _ options: IsolationOptions?) async throws -> (
        StratagemError?, isIsolated: Bool
    ) {
        let registry = try Harness.registry([try Harness.folder(with: try Harness.plugin(fixture))], options)
        let request = try Harness.request(registry, "hostile", ["mode": mode])
        return (await (try Harness.runtime(registry)).run(request)[0].error, request.strategy.isolated != nil)
    }

    @Test func thereIsACorpus() { #expect(Self.modes.count > 80 && Self.modes.contains("role-bytes"), "\(Self.modes)") }

    @Test(arguments: modes) func aRefusalIsTheSameInAWorker(_ mode: String) async throws {
        let here = try await Self.error(mode, nil)
        let there = try await Self.error(mode, Harness.options())
        #expect(!here.isIsolated && there.isIsolated)
        #expect(there.0 == here.0)
        if mode != "append-bytes" { #expect(here.0 != nil, "it got away with it") }
    }

    /// Not even once does the worker die of it: five times would take all other runs along.
    @Test func aBadTextIsNoCrash() async throws {
        let registry = try Harness.registry(
            [try Harness.folder(with: try Harness.plugin(Self.fixture))], Harness.options { $0.crashesMax = 1 })
        let runtime = try Harness.runtime(registry)
        for mode in ["role-bytes", "run-bytes", "param-name-bytes", "param-name-long", "error-long", "error-bytes"] {
            let error = await runtime.run(try Harness.request(registry, "hostile", ["mode": mode]))[0].error
            #expect(
                [.badUtf8, .badParams, .strategyFailed].contains(error?.code), "\(mode): \(String(describing: error))")
        }
    }
}
