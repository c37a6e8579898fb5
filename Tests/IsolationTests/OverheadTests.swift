import Foundation
import SearchCore
import SearchRuntime
import StrategyHost
import Testing

/// Figures, printed and not asserted: they are the machine's as much as ours.
@Suite struct OverheadTests {
    @Test func roundTrips() throws {
        let registry = try Harness.registry([try Harness.folder(with: try Harness.plugin())])
        let loaded = try registry.strategy(named: "hostile")
        let image = try #require(loaded.isolated)
        for bytes in [256, 65536, 1 << 20] {
            let environment = StillEnvironment(text: Array(repeating: 0x61, count: bytes))
            let gate = DispatchSemaphore(value: 0)
            let instance = try IsolatedInstance(
                loaded, in: image, environment: environment, problems: [("p", 1)],
                params: try loaded.check(parameters: ["deed": "echo"]),
                seed: 1, onReply: { gate.signal() })
            var times: [UInt64] = []
            for turn in 0..<1000 {
                let start = DispatchTime.now().uptimeNanoseconds
                instance.send(Tell(event: turn == 0 ? .start : .results, told: []))
                gate.wait()
                _ = try #require(instance.takeReply()).get()
                times.append(DispatchTime.now().uptimeNanoseconds - start)
            }
            times.sort()
            print(
                "round trip with \(bytes) bytes told: median \(times[500] / 1000) µs, nine in ten below \(times[900] / 1000) µs, best \(times[0] / 1000) µs"
            )
        }
    }

    /// Of runs whose model costs nothing: the boundary's price a turn.
    @Test func turnsOfABeam() async throws {
        for (name, options) in [("in process", Harness.options()), ("isolated", Harness.options { $0.scope = .all })] {
            let registry = try Harness.registry([], options)
            let runtime = try Harness.runtime(registry)
            let begin = ContinuousClock.now
            var rounds = 0
            for seed in UInt64(0)..<50 {
                let result = await runtime.run(
                    try Harness.request(registry, "beam-search", generations: 64, seed: seed))[0]
                rounds += result.trace?.rounds.count ?? 0
            }
            let spent = ContinuousClock.now - begin
            print(
                "beam-64 on a scripted model, one after the other, \(name): \(spent / max(1, rounds)) a turn, \(rounds) turns"
            )
        }
    }
}
