import BareLoop
import Foundation
import LanguageModels
import LlamaBackend
import Locking
import SearchCore
import SearchRuntime
import StrategyHost

/// What the engine makes of llama.cpp: searches against a bare C++ loop that
/// samples as many sequences of the same lengths and scores as many tokens.
public struct ModelBench {
    private let bundle: LanguageModels.Bundle
    private let source: LlamaModelSource
    private let registry: PluginRegistry
    private let problems: [Problem]
    private let samples: Int

    /// - Parameter samples: a problem, and beams.
    public init(bundle: LanguageModels.Bundle, options: LlamaModelSource.Options, registry: PluginRegistry,
                problems: [Problem], samples: Int) throws(StratagemError) {
        self.bundle = bundle
        self.registry = registry
        self.problems = problems
        self.samples = samples
        source = try LlamaModelSource(bundle: bundle, options: options)
    }

    /// Best-of-n, then beam search.
    public func figures() throws(StratagemError) -> [BenchFigure] {
        try figures(strategy: "best-of-n") + figures(strategy: "beam-search")
    }

    private func figures(strategy name: String) throws(StratagemError) -> [BenchFigure] {
        let strategy = try registry.strategy(named: name)
        let params = try strategy.check(parameters: [:])
        let runtime = try SearchRuntime(models: source, registry: registry)
        defer { runtime.shutdown() }
        let search = search(runtime, strategy, params)
        if let failed = search.results.lazy.compactMap(\.error).first { throw failed }
        let bare = try bareLoop(search.results)
        let title = "\(name) \(samples), \(problems.count) problems"
        let tokens = search.results.reduce(0) { $0 + $1.cost.tokens }
        let ours = Double(tokens) / search.seconds
        let theirs = Double(bare.sampled_tokens) / bare.seconds
        let used = runtime.statistics
        let host = (used.hostSeconds + used.pluginSeconds) / (search.seconds * Double(source.laneCount))
        return [
            BenchFigure("\(title): speed against the bare loop", ours / theirs, "×", atLeast: 0.9,
                        note: "\(Int(ours)) against \(Int(theirs)) sampled tokens a second; the loop decoded \(bare.decoded_tokens) + \(bare.verifier_tokens) tokens, we \(used.policy.decodedTokens) + \(used.verifier.decodedTokens), since samples with a common beginning share it"),
            BenchFigure("\(title): decoded ÷ needed, policy", ratio(used.policy), "×", atMost: 1.05, note: "\(used.policy.redecodedTokens) tokens again after eviction"),
            BenchFigure("\(title): decoded ÷ needed, verifier", ratio(used.verifier), "×", atMost: 1.05, note: "\(used.verifier.redecodedTokens) tokens again after eviction"),
            BenchFigure("\(title): host and plugin time", host * 100, "%", atMost: 1, note: "of the lanes' time; outside decode calls and sampling"),
            BenchFigure("\(title): resident memory", Double(residentBytes()) / 1_048_576, "MiB", atMost: 1024, note: "the whole process, \(source.laneCount) lanes, 256 sequences a role"),
        ]
    }

    private func ratio(_ statistics: EngineStatistics) -> Double {
        statistics.neededTokens == 0 ? 1 : Double(statistics.decodedTokens) / Double(statistics.neededTokens)
    }

    // MARK: Ours

    private func search(_ runtime: SearchRuntime, _ strategy: LoadedStrategy, _ params: [String: ParameterValue]) -> (results: [RunResult], seconds: Double) {
        let results = Locked<[RunResult]>([])
        let group = DispatchGroup()
        let start = DispatchTime.now().uptimeNanoseconds
        for (index, problem) in problems.enumerated() {
            group.enter()
            let request = RunRequest(problems: [problem], strategy: strategy, params: params, limits: Limits(generations: samples),
                                     seed: UInt64(index), keepTree: true)
            runtime.submit(request) { finished in
                results.withLock { $0 += finished }
                group.leave()
            }
        }
        group.wait()
        return (results.withLock { $0 }, Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9)
    }

    // MARK: The bare loop's

    private func bareLoop(_ results: [RunResult]) throws(StratagemError) -> bare_result {
        // Which tokens a prompt has does not matter for speed; any will do.
        let prompt = (0..<Int32(bundle.contextTokens)).map { 1 + $0 * 7 % 250 }
        let trees = results.map { Self.nodes(of: $0.tree) }
        let flat = trees.flatMap { $0 }
        var outcome = bare_result()
        let status: Int32 = prompt.withUnsafeBufferPointer { prompt in
            flat.withUnsafeBufferPointer { flat in
                var list: [bare_problem] = []
                var at = 0
                for (result, own) in zip(results, trees) {
                    let length = Int32(max(1, result.cost.promptTokens))
                    list.append(bare_problem(prompt: prompt.baseAddress, prompt_count: length, verifier_prompt_count: length,
                                             nodes: flat.baseAddress.map { $0 + at }, node_count: Int32(own.count)))
                    at += own.count
                }
                return run(list, &outcome)
            }
        }
        guard status == 0 else {
            let text = withUnsafeBytes(of: outcome.error) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            throw StratagemError(.host, "bench_failed", "the bare loop failed: \(text)")
        }
        return outcome
    }

    private func run(_ list: [bare_problem], _ outcome: inout bare_result) -> Int32 {
        let verifier = bundle.verifiers.first?.gguf
        return list.withUnsafeBufferPointer { list in
            (bundle.models["policy"]?.gguf ?? "").withCString { policy in
                withOptionalCString(verifier) { verifier in
                    var plan = bare_plan(
                        policy_path: policy, verifier_path: verifier, lanes: Int32(source.laneCount), threads_per_lane: Int32(source.threadsPerLane),
                        context_tokens: Int32((bundle.contextTokens + 255) / 256 * 256), sequences: Int32(256 / source.laneCount),
                        temperature: 0.8, problems: list.baseAddress, problem_count: Int32(list.count))
                    return bare_loop_run(&plan, &outcome)
                }
            }
        }
    }

    /// The tree as the bare loop's plan: rounds by depth below the root.
    private static func nodes(of tree: SearchTree) -> [bare_node] {
        var round = [Int32](repeating: -1, count: tree.nodes.count + 1)
        var order: [Int] = []
        for (index, node) in tree.nodes.enumerated() where node.kind == .sampled && node.tokens > 0 {
            round[index + 1] = round[node.parent] + 1
            order.append(index + 1)
        }
        order.sort { (round[$0], $0) < (round[$1], $1) }
        var place: [Int: Int32] = [:]
        for (index, id) in order.enumerated() { place[id] = Int32(index) }
        return order.map { id in
            let node = tree[id]
            return bare_node(parent: place[node.parent] ?? -1, round: round[id], tokens: Int32(node.tokens),
                             verifier_tokens: node.stepScores.isEmpty ? 0 : Int32(node.tokens))
        }
    }
}

private func withOptionalCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    if let text { text.withCString(body) } else { body(nil) }
}
