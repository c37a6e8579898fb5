import CStratagem
import Foundation
import LanguageModels
import ScriptedModel
import SearchCore
import SearchRuntime
import StrategyHost

/// A run of a plugin in the real host, over a scripted model, written down in the
/// words of `Run`: steps joined, answers after `=`.
struct HostedRun {
    let result: RunResult
    /// One for each problem of a batch.
    let results: [RunResult]
    let log: [String]
    /// What the plugin logged.
    let lines: [String]

    /// One for all tests: it reads, hashes and copies every plugin.
    private static let registry = PluginRegistry(folders: [PluginImage.folder])

    /// - Parameter change: of the source, before the run.
    static func of(
        _ strategy: String, _ script: String, budget: String, _ parameters: [String: String] = [:],
        seed: UInt64 = 0, problems: [String] = ["Q"], change: (inout ScriptedSource) -> Void = { _ in }
    ) async throws -> HostedRun {
        var behavior = ScriptedBehavior()
        behavior.draws = .roundRobin
        var source = ScriptedSource(try Script(parsing: script), behavior: behavior)
        change(&source)
        let lines = Lines()
        var options = RuntimeOptions()
        options.log = { _, line in lines.add(line) }
        let runtime = try SearchRuntime(models: source, registry: registry, options: options)
        let loaded = try registry.strategy(named: strategy)
        let request = RunRequest(
            problems: problems.map { Problem(text: $0) }, strategy: loaded,
            params: try loaded.check(parameters: parameters),
            limits: try Limits(parsing: budget), seed: seed, keepTree: true, keepTrace: true)
        let results = await runtime.run(request)
        let result = results[0]
        return HostedRun(result: result, results: results, log: describe(result), lines: lines.all)
    }

    /// A revision's root is written as the attempts that it shows: `[a=1 r=2]`; the second problem's of a batch as
    /// `root 2`.
    private static func describe(_ result: RunResult) -> [String] {
        var shown: [UInt64: [UInt64]] = [:]
        for (asked, next) in zip(result.trace?.rounds ?? [], (result.trace?.rounds ?? []).dropFirst()) {
            for (ask, told) in zip(asked.asks, next.told) where ask.kind == STG_ASK_REVISE {
                for root in told.nodes { shown[UInt64(root)] = ask.nodes.map { UInt64($0) } }
            }
        }
        func name(_ node: UInt64) -> String {
            if let attempts = shown[node] { return "[" + attempts.map(name).joined(separator: " ") + "]" }
            let text = String(decoding: result.tree.text(through: Int(node)), as: UTF8.self)
            let problem = result.tree[Int(node)].problem
            return text.isEmpty
                ? problem == 0 ? "root" : "root \(problem + 1)"
                : text.replacing("\n", with: "").replacing("#### ", with: "=")
        }
        var log: [String] = []
        for round in result.trace?.rounds ?? [] {
            for ask in round.asks {
                let until = ask.steps == 0 ? "to the end" : ask.steps == 1 ? "1 step" : "\(ask.steps) steps"
                let role = ask.role == "policy" || ask.role == "prm" ? "" : " (\(ask.role))"
                switch ask.kind {
                case STG_ASK_SAMPLE:
                    log.append(
                        "sample \(ask.count) from \(name(ask.node)), \(until)\(ask.temperature == 0 ? " greedily" : "")\(role)"
                    )
                case STG_ASK_SCORE: log.append("score " + ask.nodes.map(name).joined(separator: " ") + role)
                case STG_ASK_REVISE: log.append("revise " + ask.nodes.map(name).joined(separator: " ") + role)
                case STG_ASK_APPEND: log.append("append \(ask.text.replacing("\n", with: "")) to \(name(ask.node))")
                default: log.append("run \(ask.text)")
                }
            }
            for answer in round.answers ?? [] {
                let whole = answer.weight == answer.weight.rounded()
                log.append("answer \(name(answer.node)) \(whole ? "\(Int(answer.weight))" : "\(answer.weight)")")
            }
        }
        return log
    }

    /// Generations, sampled tokens, tokens of the prompt, of the verifier, and wasted.
    var cost: [Int] {
        [
            result.cost.generations, result.cost.tokens, result.cost.promptTokens, result.cost.verifierTokens,
            result.cost.wastedTokens,
        ]
    }
}

/// Log lines, from whatever thread they come.
private final class Lines: @unchecked Sendable {
    private let lock = NSLock()
    private var lines: [String] = []
    func add(_ line: String) { lock.withLock { lines.append(line) } }
    var all: [String] { lock.withLock { lines } }
}
