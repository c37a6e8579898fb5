import BareLoop
import Foundation
import LanguageModels
import Locking
import SearchCore
import SearchRuntime
import StrategyHost

/// What the engine makes of llama.cpp: searches against a bare C++ loop that
/// samples as many sequences of the same lengths and scores as many tokens.
public struct ModelBench {
    private var bundle: LanguageModels.Bundle { source.bundle }
    let source: BundleModels
    let registry: PluginRegistry
    private let problems: [Problem]
    let samples: Int
    private let withLoop: Bool
    let progress: @Sendable (String) -> Void
    private let loadSeconds: Double

    /// - Parameters:
    ///   - opening: loads the models; timed.
    ///   - samples: a problem, and beams.
    ///   - withLoop: false leaves the bare loop out, and with it most of the time.
    ///   - progress: told now and then how far it is, from any thread.
    public init(
        opening: () throws(StratagemError) -> BundleModels, registry: PluginRegistry, problems: [Problem],
        samples: Int, withLoop: Bool = true, progress: @escaping @Sendable (String) -> Void
    ) throws(StratagemError) {
        self.registry = registry
        self.problems = problems
        self.samples = samples
        self.withLoop = withLoop
        self.progress = progress
        let began = ContinuousClock.now
        source = try opening()
        let took = (ContinuousClock.now - began).components
        loadSeconds = Double(took.seconds) + Double(took.attoseconds) * 1e-18
    }

    /// Best-of-n, then beam search.
    public func figures() throws(StratagemError) -> [BenchFigure] {
        try figures(strategy: "best-of-n") + figures(strategy: "beam-search")
    }

    private func figures(strategy name: String) throws(StratagemError) -> [BenchFigure] {
        let strategy = try registry.strategy(named: name)
        let (profile, found) = try search(strategy, try strategy.check(parameters: [:]))
        return (withLoop ? [try speed(found, profile)] : []) + profile.figures(loadSeconds: loadSeconds)
    }

    private func speed(_ found: Found, _ profile: BenchProfile) throws(StratagemError) -> BenchFigure {
        let bare = try bareLoop(found.results, profile.title)
        let tokens = found.results.reduce(0) { $0 + $1.cost.tokens }
        let ours = Double(tokens) / found.seconds
        let theirs = Double(bare.sampled_tokens) / bare.seconds
        let (policy, verifier) = (profile.used.policy.decodedTokens, profile.used.verifier.decodedTokens)
        return BenchFigure(
            "\(profile.title): speed against the bare loop", ours / theirs, "×", atLeast: 0.9,
            note:
                "\(Int(ours)) against \(Int(theirs)) sampled tokens a second; the loop decoded \(bare.decoded_tokens) + \(bare.verifier_tokens) tokens, we \(policy) + \(verifier), since samples with a common beginning share it"
        )
    }

    // MARK: Ours

    typealias Found = (results: [RunResult], seconds: Double)

    /// - Throws: if a run fails.
    func search(_ strategy: LoadedStrategy, _ params: [String: ParameterValue]) throws(StratagemError) -> (
        profile: BenchProfile, found: Found
    ) {
        let runtime = try SearchRuntime(models: source, registry: registry)
        defer { runtime.shutdown() }
        let found = search(runtime, strategy, params)
        if let failed = found.results.lazy.compactMap(\.error).first { throw failed }
        let profile = BenchProfile(
            title: "\(strategy.info.name) \(samples), \(problems.count) problems", used: runtime.statistics,
            results: found.results, seconds: found.seconds, lanes: source.laneCount, shape: source.shapes["policy"])
        return (profile, found)
    }

    private func search(_ runtime: SearchRuntime, _ strategy: LoadedStrategy, _ params: [String: ParameterValue])
        -> Found
    {
        let results = Locked<[RunResult]>([])
        let group = DispatchGroup()
        let (count, step, progress) = (problems.count, max(1, problems.count / 10), progress)
        let start = DispatchTime.now().uptimeNanoseconds
        for (index, problem) in problems.enumerated() {
            group.enter()
            let request = RunRequest(
                problems: [problem], strategy: strategy, params: params, limits: Limits(generations: samples),
                seed: UInt64(index), keepTree: true)
            runtime.submit(request) { finished in
                let done = results.withLock {
                    $0 += finished
                    return $0.count
                }
                if done % step == 0 { progress("\(strategy.info.name): \(done) of \(count) problems") }
                group.leave()
            }
        }
        group.wait()
        return (results.withLock { $0 }, Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9)
    }

    // MARK: The bare loop's

    private func bareLoop(_ results: [RunResult], _ title: String) throws(StratagemError) -> bare_result {
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
                    list.append(
                        bare_problem(
                            prompt: prompt.baseAddress, prompt_count: length, verifier_prompt_count: length,
                            nodes: flat.baseAddress.map { $0 + at }, node_count: Int32(own.count)))
                    at += own.count
                }
                return run(list, &outcome, LoopProgress(title: title, count: list.count, tell: progress))
            }
        }
        guard status == 0 else {
            let text = withUnsafeBytes(of: outcome.error) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            throw StratagemError(.host, .benchFailed, "the bare loop failed: \(text)")
        }
        return outcome
    }

    private func run(_ list: [bare_problem], _ outcome: inout bare_result, _ progress: LoopProgress) -> Int32 {
        let verifier = bundle.verifiers.first?.source.gguf
        return list.withUnsafeBufferPointer { list in
            (bundle.models["policy"]?.source.gguf ?? "").withCString { policy in
                withOptionalCString(verifier) { verifier in
                    var plan = bare_plan(
                        policy_path: policy, verifier_path: verifier, lanes: Int32(source.laneCount),
                        threads_per_lane: Int32(source.threadsPerLane),
                        context_tokens: Int32((bundle.contextTokens + 255) / 256 * 256),
                        sequences: Int32(256 / source.laneCount),
                        temperature: 0.8, problems: list.baseAddress, problem_count: Int32(list.count),
                        progress: { done, user in
                            if let user {
                                Unmanaged<LoopProgress>.fromOpaque(user).takeUnretainedValue().noted(Int(done))
                            }
                        },
                        user: Unmanaged.passUnretained(progress).toOpaque())
                    return withExtendedLifetime(progress) { bare_loop_run(&plan, &outcome) }
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
            return bare_node(
                parent: place[node.parent] ?? -1, round: round[id], tokens: Int32(node.tokens),
                verifier_tokens: node.stepScores.isEmpty ? 0 : Int32(node.tokens))
        }
    }
}

private func withOptionalCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    if let text { text.withCString(body) } else { body(nil) }
}

/// What the bare loop's threads report to.
private final class LoopProgress: Sendable {
    let title: String
    let count: Int
    let tell: @Sendable (String) -> Void

    init(title: String, count: Int, tell: @escaping @Sendable (String) -> Void) {
        (self.title, self.count, self.tell) = (title, count, tell)
    }

    func noted(_ done: Int) {
        if done % max(1, count / 10) == 0 { tell("\(title), the bare loop: \(done) of \(count) problems") }
    }
}
