import CBenchStrategies
import CStratagem
import Foundation
import Locking
import ScriptedModel
import SearchCore
import SearchRuntime
import StrategyHost

/// What the host costs without a model: over a scripted one.
public struct HostBench {
    private let registry: PluginRegistry
    private let script = Script([
        ScriptedStep("a b\n", children: [ScriptedStep("#### 4", isFinished: true)])
    ])

    /// - Parameter registry: must have the functions that answers are read with.
    public init(registry: PluginRegistry) throws(StratagemError) {
        self.registry = registry
        try registry.register(builtIn: stg_bench_plugin())
    }

    /// Runs live at once, each asking for one step after another.
    public func asksPerSecond(liveRuns: Int = 10_000, rounds: Int = 20, asks: Int = 8) throws(StratagemError)
        -> BenchFigure
    {
        let runtime = try runtime()
        defer { runtime.shutdown() }
        let before = stg_bench_processor_seconds()
        let seconds = try time(runtime, liveRuns: liveRuns, rounds: rounds, asks: asks)
        let each = (stg_bench_processor_seconds() - before) / Double(liveRuns * rounds * asks)
        return BenchFigure(
            "asks a second, \(liveRuns) live runs", Double(liveRuns * rounds * asks) / seconds, "asks/s", atLeast: 1e6,
            note:
                "scripted model, \(rounds) turns of \(asks) asks a run, one step each, on \(lanes) lanes; \((each * 1e9).rounded() / 1000) µs of processor time an ask"
        )
    }

    private var lanes: Int { ProcessInfo.processInfo.activeProcessorCount }

    private func runtime() throws(StratagemError) -> SearchRuntime {
        var source = ScriptedSource(script)
        source.laneCount = lanes
        return try SearchRuntime(models: source, registry: registry)
    }

    private func time(_ runtime: SearchRuntime, liveRuns: Int, rounds: Int, asks: Int) throws(StratagemError) -> Double
    {
        let strategy = try registry.strategy(named: "bench-steps")
        let params = try strategy.check(parameters: ["rounds": "\(rounds)", "asks": "\(asks)"])
        let group = DispatchGroup()
        let start = DispatchTime.now().uptimeNanoseconds
        for seed in 0..<liveRuns {
            group.enter()
            let request = RunRequest(
                problems: [Problem(text: "q")], strategy: strategy, params: params, limits: Limits(), seed: UInt64(seed)
            )
            runtime.submit(request) { _ in group.leave() }
        }
        group.wait()
        return Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
    }

    /// A turn through `StrategyInstance` against a bare call of the same function.
    public func crossing(turns: Int = 200_000) throws(StratagemError) -> BenchFigure {
        let strategy = try registry.strategy(named: "bench-steps")
        let params = try strategy.check(parameters: ["rounds": "\(turns * 4)", "asks": "1"])
        let environment = NoEnvironment()
        let instance = try StrategyInstance(
            strategy, environment: environment, problems: [("q", 1)], params: params, seed: 0)
        let tell = Tell(event: .results, told: [Told(tag: 0, outcome: .ok, nodes: [2])])
        var through = Double.infinity
        var direct = Double.infinity
        // The least of several: what the machine does beside us only adds.
        for _ in 0..<5 {
            through = min(
                through, try nanoseconds(turns / 5) { () throws(StratagemError) in _ = try instance.next(tell) })
            direct = min(direct, bareCalls(strategy, turns / 5))
        }
        return BenchFigure(
            "next across the boundary, beyond a direct call", (through - direct) / 1000, "µs", atMost: 1,
            note: "one ask and one told node a turn: \(Int(through)) ns against \(Int(direct)) ns")
    }

    private func nanoseconds(_ turns: Int, _ body: () throws(StratagemError) -> Void) throws(StratagemError) -> Double {
        let start = DispatchTime.now().uptimeNanoseconds
        for _ in 0..<turns { try body() }
        return Double(DispatchTime.now().uptimeNanoseconds - start) / Double(turns)
    }

    private func bareCalls(_ strategy: LoadedStrategy, _ turns: Int) -> Double {
        var host = stg_host()
        var problem = stg_problem()
        problem.root = 1
        let values = [
            stg_value(kind: STG_VALUE_INT, reserved: 0, i: Int64(turns), f: 0, s: stg_str()),
            stg_value(kind: STG_VALUE_INT, reserved: 0, i: 1, f: 0, s: stg_str()),
        ]
        var instance: OpaquePointer?
        values.withUnsafeBufferPointer { values in
            withUnsafePointer(to: &problem) { problem in
                var info = stg_create_info(
                    struct_size: UInt32(MemoryLayout<stg_create_info>.size), problem_count: 1, problems: problem,
                    params: values.baseAddress, param_count: 2, strategy: strategy.descriptor)
                _ = strategy.descriptor.pointee.create(&host, &info, &instance)
            }
        }
        guard let instance else { return .infinity }
        defer { strategy.descriptor.pointee.destroy(instance) }
        var tell = stg_tell(
            struct_size: UInt32(MemoryLayout<stg_tell>.size), event: STG_EVENT_RESULTS, told: nil, told_count: 0)
        var out = stg_next()
        let start = DispatchTime.now().uptimeNanoseconds
        for _ in 0..<turns { _ = strategy.descriptor.pointee.next(instance, &tell, &out) }
        return Double(DispatchTime.now().uptimeNanoseconds - start) / Double(turns)
    }

    // MARK: Memory

    /// What a search of many nodes holds beside the model.
    public func memory(nodes: Int = 100_000) throws(StratagemError) -> BenchFigure {
        let before = residentBytes()
        let strategy = try registry.strategy(named: "bench-steps")
        let params = try strategy.check(parameters: ["rounds": "\(nodes / 1000)", "asks": "1000"])
        let runtime = try SearchRuntime(models: ScriptedSource(script), registry: registry)
        defer { runtime.shutdown() }
        let kept = Locked<[RunResult]>([])
        let group = DispatchGroup()
        group.enter()
        runtime.submit(
            RunRequest(
                problems: [Problem(text: "q")], strategy: strategy, params: params, limits: Limits(), keepTree: true)
        ) { finished in
            kept.withLock { $0 = finished }
            group.leave()
        }
        group.wait()
        let megabytes = Double(residentBytes() - before) / 1e6
        let nodes = kept.withLock { $0.first?.tree.count ?? 0 }
        return BenchFigure(
            "a search of \(nodes) nodes, beside the model", megabytes, "MB", atMost: 100,
            note: "growth of resident memory with the whole tree kept")
    }

    /// Growth over many problems, after as many to warm up: of what is allocated, and of
    /// resident memory once the allocator has given back what it holds free.
    public func growth(problems: Int = 10_000) throws(StratagemError) -> [BenchFigure] {
        let runtime = try runtime()
        defer { runtime.shutdown() }
        func settled() throws(StratagemError) -> (live: Int, resident: Int) {
            // In waves: lists that hold what is live at once are as long in the end as in the beginning.
            for _ in 0..<10 { _ = try time(runtime, liveRuns: problems / 10, rounds: 4, asks: 4) }
            stg_bench_trim()
            return (Int(stg_bench_live_bytes()), residentBytes())
        }
        let before = try settled()
        let after = try settled()
        let note = "the same number ran before, to warm up"
        return [
            BenchFigure(
                "growth over \(problems) problems, allocated", Double(after.live - before.live) / 1e6, "MB",
                atMost: 0.1, note: note),
            BenchFigure(
                "growth over \(problems) problems, resident", Double(after.resident - before.resident) / 1e6, "MB",
                note: "\(note); free memory that the allocator keeps is part of it"),
        ]
    }
}

private final class NoEnvironment: InstanceEnvironment {
    func node(_ id: UInt64) -> SearchNode? { nil }
    func stepScores(through id: UInt64) -> [Double]? { nil }
    var budget: BudgetView { BudgetView(limits: Limits(), spent: Cost()) }
    func hasRole(_ role: String) -> Bool { true }
    func offersConfidence() -> Bool { false }
    func log(level: Int32, _ text: String) {}
}

/// Resident memory of this process.
func residentBytes() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
    let fields = text.split(separator: " ")
    return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
}
