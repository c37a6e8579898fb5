import Foundation
import Locking
import ScriptedModel
import SearchCore
import SearchRuntime
import StrategyHost
import Testing

/// Random plugins, of which most break the contract somewhere, in the host's own process and in a
/// worker: the same result to the byte, the same refusal, the same lines of log.
///
/// `make fuzz` runs many; `STRATAGEM_FUZZ_CASES` and `STRATAGEM_FUZZ_SEED` say how many and which.
@Suite struct WildTests {
    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
    private static let cases = number("STRATAGEM_FUZZ_CASES") ?? 3000
    private static let firstSeed = number("STRATAGEM_FUZZ_SEED") ?? 0
    private static let together = 16

    /// The runs of a side, in order, and what was logged of each.
    private final class Side: Sendable {
        let registry: PluginRegistry
        let runtime: SearchRuntime
        private let lines = Locked<[String]>([])

        init(_ options: IsolationOptions?) throws {
            registry = try Harness.registry([try Harness.folder(with: try Harness.plugin("wild.c"))], options)
            let lines = lines
            runtime = try Harness.runtime(registry) {
                $0.log = { level, text in lines.withLock { $0.append("\(level) \(text)") } }
            }
        }

        func results(_ seeds: [Int]) async throws -> [String] {
            var requests: [RunRequest] = []
            for seed in seeds {
                var request = try Harness.request(registry, "wild", ["seed": "\(seed)"], seed: UInt64(seed))
                request.limits = Limits(
                    generations: seed % 3 == 0 ? nil : 12, tokens: seed % 4 == 0 ? 150 : 4000,
                    flops: seed % 5 == 0 ? 300_000 : nil)
                requests.append(request)
            }
            return try await withThrowingTaskGroup(of: (Int, String).self) { group in
                for (index, request) in requests.enumerated() {
                    group.addTask { [runtime] in
                        var result = await runtime.run(request)[0]
                        // A worker is told START together with create: the trace shows it even where create fails.
                        if result.error?.message.contains(": create ") == true { result.trace?.rounds = [] }
                        return (index, try Harness.text(result))
                    }
                }
                return try await group.reduce(into: Array(repeating: "", count: seeds.count)) { $0[$1.0] = $1.1 }
            }
        }

        /// Which run said a line is not told: they are compared as a heap.
        func takeLines() -> [String] {
            lines.withLock { lines in
                defer { lines = [] }
                return lines.sorted()
            }
        }
    }

    @Test func aWorkerIsToldFromTheHostByNothing() async throws {
        let (here, there) = (try Side(nil), try Side(Harness.options()))
        #expect(
            try here.registry.strategy(named: "wild").isolated == nil
                && there.registry.strategy(named: "wild").isolated != nil)
        var codes: [String: Int] = [:]
        for first in stride(from: 0, to: Self.cases, by: Self.together) {
            let seeds = (first..<min(Self.cases, first + Self.together)).map { Self.firstSeed + $0 }
            let (one, other) = (try await here.results(seeds), try await there.results(seeds))
            for (index, seed) in seeds.enumerated() {
                let code =
                    one[index].prefix { $0 != "\n" }.firstMatch(of: /\[([a-z_0-9]+)\]\)?$/).map { String($0.1) }
                    ?? "none"
                codes[code, default: 0] += 1
                guard one[index] != other[index] else { continue }
                let differs = zip(one[index].split(separator: "\n"), other[index].split(separator: "\n")).first {
                    $0 != $1
                }
                let heads = [one[index], other[index]].map { String($0.prefix { $0 != "\n" }) }
                Issue.record("seed \(seed): \(String(describing: differs)), of\n\(heads.joined(separator: "\n"))")
            }
            #expect(here.takeLines() == there.takeLines(), "seeds from \(seeds[0])")
        }
        #expect(codes["none", default: 0] > Self.cases / 20 && (codes.count > 10 || Self.cases < 1000), "\(codes)")
    }
}
