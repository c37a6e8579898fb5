import Foundation
import Locking
import SearchCore
import SearchRuntime
import StrategyHost
import Testing

/// A strategy cannot tell where it runs, and neither can its result.
@Suite struct EqualityTests {
    @Test(arguments: ["best-of-n", "beam-search"]) func resultsAreTheSameInProcessAndIsolated(strategy: String)
        async throws
    {
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

    /// Every kind of ask, every getter on every node, random numbers, the budget.
    @Test func everyGetterSaysTheSameInProcessAndIsolated() async throws {
        let folder = try Harness.folder(with: try Harness.plugin())
        var found: [(text: String, lines: [String])] = []
        for options in [nil, Harness.options()] {
            let registry = try Harness.registry([folder], options)
            let lines = Locked<[String]>([])
            let runtime = try Harness.runtime(registry) { $0.log = { _, text in lines.withLock { $0.append(text) } } }
            var text = ""
            for seed in UInt64(1)...5 {
                let result = await runtime.run(
                    try Harness.request(registry, "hostile", ["deed": "everything"], generations: 16, seed: seed))[0]
                #expect(result.error == nil)
                text += try Harness.text(result)
            }
            found.append((text, lines.withLock { $0 }))
        }
        #expect(found[0].lines.count > 100)
        // Known of what was sampled; of roots and appended text nothing is.
        let confidence = found[0].lines.filter { $0.contains("confidence of ") }
        #expect(
            confidence.contains { $0.firstMatch(of: /status 0 tokens [1-9]\d* mean -0x/) != nil }
                && confidence.contains { $0.contains("confidence of 1: status 5 tokens 0") })
        // Every figure of what was sampled; unknown figures, and nodes that were not, are refused.
        let figures = found[0].lines.filter { $0.contains("figure ") }
        for figure in 1...4 {
            #expect(figures.contains { $0.contains("figure \(figure) of ") && $0.contains("status 0 count") })
        }
        #expect(
            figures.contains { $0.contains("figure 3 of 1: status 5") }
                && figures.contains { $0.contains("figure 5 of 1: status 3") })
        #expect(figures.contains { $0.firstMatch(of: /figure 4 of \d+: status 0 count [1-9]\d* 0x1\./) != nil })
        let promises = found[0].lines.filter { $0.contains("promises ") }
        #expect(
            promises.contains { $0.contains("role policy: status 0 promises 127") }
                && promises.contains { $0.contains("role none: status 5") })
        // All 16 of one depth before, 11 after five whole samples; nothing of what is not a node.
        let left = found[0].lines.filter { $0.contains("left at ") }
        #expect(
            left.contains { $0.contains("left at 1: 0 16 0 16 0 16 0 16") }
                && left.contains { $0.contains("left at 99999: 5 0 5 0") })
        #expect(left.contains { $0.contains("left at 1: 0 3 ") }, "\(left.filter { $0.contains("at 1:") })")
        #expect(found[0].lines == found[1].lines)
        #expect(found[0].text == found[1].text)
    }

    /// A strategy that does not ask for the extension costs nothing: its nodes carry none.
    @Test(arguments: [false, true]) func anOldPluginNeverNotices(isolated: Bool) async throws {
        let registry = try Harness.registry([], Harness.options { $0.scope = isolated ? .all : .untrusted })
        let runtime = try Harness.runtime(registry)
        let result = await runtime.run(try Harness.request(registry, "beam-search"))[0]
        #expect(result.error == nil && result.tree.count > 4)
        #expect(result.tree.nodes.allSatisfy { $0.confidence == nil && $0.figures == nil })
        #expect(try !Harness.text(result).contains("\"confidence\"") && !Harness.text(result).contains("\"figures\""))
    }

    /// `--trace-abi` shows an isolated plugin's calls too.
    @Test func callsAreTracedFromTheWorker() async throws {
        let folder = try Harness.folder(with: try Harness.plugin())
        var found: [[String]] = []
        for options in [nil, Harness.options()] {
            let registry = try Harness.registry([folder], options)
            let sink = Sink()
            let runtime = try Harness.runtime(registry) { $0.abiTraceSink = sink }
            #expect(await runtime.run(try Harness.request(registry, "hostile"))[0].error == nil)
            // destroy comes when the run has let go of its instance.
            for _ in 0..<500 where sink.functions.withLock({ $0.last }) != "destroy" {
                try await Task.sleep(for: .milliseconds(10))
            }
            found.append(sink.functions.withLock { $0 })
        }
        #expect(found[0].starts(with: ["create", "next"]) && found[0].contains("get_node"))
        #expect(found[0] == found[1])
    }

    private final class Sink: ABITraceSink {
        let functions = Locked<[String]>([])
        func call(_ function: String, arguments: String, result: String, nanoseconds: UInt64) {
            functions.withLock { $0.append(function) }
        }
    }

    /// A tell that goes through shared memory, and one that is too large for it.
    @Test(arguments: [100, 70_000, 3_000_000, 20_000_000]) func aTellOfAnySizeArrivesWhole(bytes: Int) async throws {
        let folder = try Harness.folder(with: try Harness.plugin())
        let registry = try Harness.registry([folder])
        let loaded = try registry.strategy(named: "hostile")
        let image = try #require(loaded.isolated)
        let environment = StillEnvironment(text: Array(repeating: 0x61, count: bytes))
        let gate = DispatchSemaphore(value: 0)
        let lines = environment.lines
        let instance = try IsolatedInstance(
            loaded, in: image, environment: environment, problems: [("p", 1)],
            params: try loaded.check(parameters: ["deed": "measure"]),
            seed: 1, onReply: { gate.signal() })
        for turn in 1...3 {
            instance.send(Tell(event: turn == 1 ? .start : .results, told: []))
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    gate.wait()
                    continuation.resume()
                }
            }
            _ = try #require(instance.takeReply()).get()
        }
        // The sum of the bytes of node 1, as the plugin reads them.
        let sums = (1...3).map { "sum \(bytes * 0x61) of \(bytes), turn \($0)" }
        #expect(lines.withLock { $0 } == sums)
    }
}

/// A run that never changes: one node.
final class StillEnvironment: MirroredEnvironment {
    let lines = Locked<[String]>([])
    private let root: SearchNode

    init(text: [UInt8]) {
        root = SearchNode(kind: .root, parent: 0, problem: 0, depth: 0, text: text, stepEnds: [], tokens: 1)
    }

    func takeChanges() -> [(id: UInt64, node: SearchNode)] { [(1, root)] }
    var roles: [String] { ["policy"] }
    func node(_ id: UInt64) -> SearchNode? { id == 1 ? root : nil }
    func stepScores(through id: UInt64) -> [Double]? { [] }
    var budget: BudgetView { BudgetView(limits: Limits(), spent: Cost()) }
    func hasRole(_ role: String) -> Bool { role == "policy" }
    func offersConfidence() -> Bool { false }
    func log(level: Int32, _ text: String) { lines.withLock { $0.append(text) } }
}
