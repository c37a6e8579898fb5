import Foundation
import LanguageModels
import LlamaBackend
import Locking
import SearchCore
import SearchRuntime
import StrategyHost

/// What a worker process costs: the same strategies, in process and isolated, side by
/// side in one run.
public struct IsolationBench {
    private let inProcess: PluginRegistry
    private let isolated: PluginRegistry

    /// - Parameter isolated: runs every strategy in a worker.
    public init(inProcess: PluginRegistry, isolated: PluginRegistry) {
        (self.inProcess, self.isolated) = (inProcess, isolated)
    }

    /// A turn of beam search with 64 KiB of new text told, from `send` to the reply.
    public func roundTrip(instances: Int = 20, turns: Int = 80) throws(StratagemError) -> BenchFigure {
        let (there, here) = (try isolated.strategy(named: "beam-search"), try inProcess.strategy(named: "beam-search"))
        guard let image = there.isolated else {
            throw StratagemError(
                .host, .workerMissing, "beam-search is not isolated here: is stratagem-worker beside the program?")
        }
        var apart: [UInt64] = []
        var together: [UInt64] = []
        for _ in 0..<instances {
            let environment = GrowingEnvironment()
            let gate = DispatchSemaphore(value: 0)
            let remote = try IsolatedInstance(
                there, in: image, environment: environment, problems: [("p", 1)],
                params: try there.check(parameters: [:]), seed: 1
            ) { gate.signal() }
            apart += try environment.play(turns) { tell throws(StratagemError) in
                remote.send(tell)
                gate.wait()
                return try remote.takeReply()?.get()
            }
            let near = GrowingEnvironment()
            let local = try StrategyInstance(
                here, environment: near, problems: [("p", 1)], params: try here.check(parameters: [:]), seed: 1)
            together += try near.play(turns) { tell throws(StratagemError) in try local.next(tell) }
        }
        // What the strategy itself does with the text takes as long there as here.
        let (median, own) = (Self.microseconds(apart, 0.5), Self.microseconds(together, 0.5))
        return BenchFigure(
            "isolated: a round trip with 64 KiB told, beyond the same turn in process", median - own, "µs", atMost: 60,
            note:
                "medians of \(apart.count) turns of beam search: \(Int(median)) µs (nine in ten below \(Int(Self.microseconds(apart, 0.9)))) against \(Int(own)) µs"
        )
    }

    private static func microseconds(_ times: [UInt64], _ part: Double) -> Double {
        let sorted = times.sorted()
        return sorted.isEmpty ? 0 : Double(sorted[Int(Double(sorted.count - 1) * part)]) / 1000
    }

    /// Wall time of beam search over some problems, isolated against in process: pairs
    /// in turn, since a machine is not the same from one minute to the next.
    public func beams(_ source: any ModelSource, problems: [Problem], samples: Int, pairs: Int = 5)
        throws(StratagemError) -> BenchFigure
    {
        var ratios: [Double] = []
        var seconds = (here: 0.0, there: 0.0)
        for pair in -1..<pairs {
            // Who goes first alternates; the first pair warms up.
            let order = pair % 2 == 0 ? [inProcess, isolated] : [isolated, inProcess]
            let times = try order.map { registry throws(StratagemError) in
                try Self.time(source, registry, problems, samples)
            }
            guard pair >= 0 else { continue }
            let (here, there) = pair % 2 == 0 ? (times[0], times[1]) : (times[1], times[0])
            ratios.append(there / here)
            seconds = (seconds.here + here, seconds.there + there)
        }
        ratios.sort()
        return BenchFigure(
            "isolated: beam-search \(samples), \(problems.count) problems, time added",
            (ratios[ratios.count / 2] - 1) * 100, "%", atMost: 2,
            note:
                "median of \(pairs) pairs (\(Self.percent(ratios[0])) … \(Self.percent(ratios[ratios.count - 1]))); all of them: \(Self.short(seconds.there)) s against \(Self.short(seconds.here)) s"
        )
    }

    private static func percent(_ ratio: Double) -> String { "\(short((ratio - 1) * 100)) %" }
    private static func short(_ number: Double) -> String { String((number * 10).rounded() / 10) }

    private static func time(
        _ source: any ModelSource, _ registry: PluginRegistry, _ problems: [Problem], _ samples: Int
    ) throws(StratagemError) -> Double {
        let strategy = try registry.strategy(named: "beam-search")
        let params = try strategy.check(parameters: [:])
        let runtime = try SearchRuntime(models: source, registry: registry)
        defer { runtime.shutdown() }
        let failed = Locked<StratagemError?>(nil)
        let group = DispatchGroup()
        let start = DispatchTime.now().uptimeNanoseconds
        for (index, problem) in problems.enumerated() {
            group.enter()
            let request = RunRequest(
                problems: [problem], strategy: strategy, params: params, limits: Limits(generations: samples),
                seed: UInt64(index))
            runtime.submit(request) { results in
                if let error = results.lazy.compactMap(\.error).first { failed.withLock { $0 = error } }
                group.leave()
            }
        }
        group.wait()
        if let error = failed.withLock({ $0 }) { throw error }
        return Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
    }
}

/// A run whose every batch of samples comes to four new steps of 16 KiB each.
private final class GrowingEnvironment: MirroredEnvironment {
    private static let text = [UInt8](repeating: UInt8(ascii: "x"), count: 16 << 10)
    private var nodes: [SearchNode] = [
        SearchNode(kind: .root, parent: 0, problem: 0, depth: 0, text: [], stepEnds: [], tokens: 1)
    ]
    private var changed: [UInt64] = [1]

    /// Answers a strategy's asks so that it never ends, and measures the turns in which
    /// new text is told.
    func play(_ turns: Int, _ next: (Tell) throws(StratagemError) -> NextStep?) throws(StratagemError) -> [UInt64] {
        var times: [UInt64] = []
        var tell = Tell(event: .start, told: [])
        for _ in 0..<turns {
            let isLarge = changed.count > 1 && nodes.last?.score == nil
            let start = DispatchTime.now().uptimeNanoseconds
            guard case .asks(let asks) = try next(tell) else { break }
            if isLarge { times.append(DispatchTime.now().uptimeNanoseconds - start) }
            changed = []
            tell = Tell(event: .results, told: asks.map { Told(tag: $0.tag, outcome: .ok, nodes: carryOut($0.body)) })
        }
        return times
    }

    private func carryOut(_ body: Ask.Body) -> [UInt64] {
        switch body {
        case .sample(let sample):
            return (0..<sample.count).map { index in
                // Equal siblings would count as one.
                var text = Self.text
                text[index % text.count] = UInt8(ascii: "y")
                nodes.append(
                    SearchNode(
                        kind: .sampled, parent: Int(sample.node), problem: 0,
                        depth: nodes[Int(sample.node) - 1].depth + 1,
                        text: text, stepEnds: [text.count], tokens: 16))
                changed.append(UInt64(nodes.count))
                return UInt64(nodes.count)
            }
        case .score(_, let ids):
            for id in ids {
                nodes[Int(id) - 1].stepScores = [0.5]
                nodes[Int(id) - 1].score = 0.5
                changed.append(id)
            }
            return ids
        default: return []
        }
    }

    func takeChanges() -> [(id: UInt64, node: SearchNode)] { changed.map { ($0, nodes[Int($0) - 1]) } }
    let roles = ["policy", "prm"]
    func node(_ id: UInt64) -> SearchNode? { id >= 1 && id <= nodes.count ? nodes[Int(id) - 1] : nil }
    func stepScores(through id: UInt64) -> [Double]? { [] }
    var budget: BudgetView { BudgetView(limits: Limits(generations: 4), spent: Cost()) }
    func hasRole(_ role: String) -> Bool { roles.contains(role) }
    func offersConfidence() -> Bool { false }
    func log(level: Int32, _ text: String) {}
}
