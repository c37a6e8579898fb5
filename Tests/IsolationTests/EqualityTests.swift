import Foundation
import SearchCore
import SearchRuntime
import StrategyHost
import Testing

/// A strategy cannot tell where it runs, and neither can its result.
@Suite struct EqualityTests {
    @Test(arguments: ["best-of-n", "beam-search"]) func resultsAreTheSameInProcessAndIsolated(strategy: String) async throws {
        let here = try Harness.registry()
        let there = try Harness.registry([], Harness.options { $0.scope = .all })
        #expect(try here.strategy(named: strategy).isolated == nil)
        #expect(try there.strategy(named: strategy).isolated != nil)
        let (first, second) = (try Harness.runtime(here), try Harness.runtime(there))
        for seed in UInt64(1)...20 {
            let inProcess = await first.run(try Harness.request(here, strategy, generations: 8, seed: seed))
            let isolated = await second.run(try Harness.request(there, strategy, generations: 8, seed: seed))
            #expect(inProcess[0].error == nil)
            #expect(inProcess[0].tree.count > 4)
            let (one, other) = (try Harness.text(inProcess[0]), try Harness.text(isolated[0]))
            let differs = zip(one.split(separator: "\n"), other.split(separator: "\n")).first { $0 != $1 }
            #expect(one == other, "\(String(describing: differs))")
        }
    }
}
