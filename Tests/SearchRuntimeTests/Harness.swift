import Foundation
import LanguageModels
import ScriptedModel
import SearchCore
import SearchRuntime
import StrategyHost
import Testing

/// The plugins that the tests run: ours as they were built, C fixtures compiled
/// here, and the puppet.
enum Plugins {
    static let registry: PluginRegistry = {
        let registry = PluginRegistry(folders: [binaries], cacheFolder: scratch.appendingPathComponent("cache").path)
        registry.discover()
        do {
            try registry.register(builtIn: Puppet.block)
            for name in ["hostile", "walker", "canon"] { try registry.load(path: compile(name)) }
        } catch {
            Issue.record("fixtures: \(error)")
        }
        return registry
    }()

    /// Where the build put the test binary and the plugins.
    private static let binaries = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().path

    private static let scratch: URL = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "stratagem-runtime-tests-\(getpid())")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(at: Plugins.scratch) }
        return folder
    }()

    private static func compile(_ name: String) throws -> String {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let output = scratch.appendingPathComponent("\(name).so").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "cc", "-std=gnu11", "-O1", "-shared", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror",
            "-I", here.appendingPathComponent("../../Sources/CStratagem/include").path,
            "-o", output, here.appendingPathComponent("Fixtures/\(name).c").path,
        ]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "cc could not build Fixtures/\(name).c")
        return output
    }
}

/// The largest tests are smaller under a sanitizer, which is there for the code's
/// paths and not for its numbers (`make test-sanitize`).
#if SANITIZED
let scale = 20
#else
let scale = 1
#endif

/// A tree whose most likely answer is wrong and whose best-scored one is right.
let sums = """
    problem What is 2 + 2?
      Add them. | weight 3 value 0.4
        #### 5 | end weight 2 value 0.1
        #### 4 | end value 0.9
      It is even. | value 0.8
        #### 4 | end value 1
      Guess. | value 0.2
        #### 7 | end value 0.3
    """
let sum = Problem(text: "What is 2 + 2?", answer: "4")

/// No end in sight: every step is one of three, for ever.
let endless = """
    problem Go.
      one two | weight 2 value 0.5 name go
        left | value 0.25 goto go
        right right right | value 0.75 goto go
    """

func source(_ script: String, _ change: (inout ScriptedBehavior) -> Void = { _ in }) throws -> ScriptedSource {
    var behavior = ScriptedBehavior()
    change(&behavior)
    return ScriptedSource(try Script(parsing: script), behavior: behavior)
}

/// Runs one strategy on one problem.
func run(
    _ strategy: String, _ params: [String: String] = [:], on models: ScriptedSource, limits: Limits = Limits(),
    seed: UInt64 = 1,
    problem: Problem = sum, options: RuntimeOptions = RuntimeOptions()
) async throws -> RunResult {
    let loaded = try Plugins.registry.strategy(named: strategy)
    let runtime = try SearchRuntime(models: models, registry: Plugins.registry, options: options)
    let request = RunRequest(
        problems: [problem], strategy: loaded, params: try loaded.check(parameters: params), limits: limits,
        seed: seed, keepTree: true)
    return try #require(await runtime.run(request).first)
}

/// Short in messages: a failed expectation prints its operands.
extension RunResult: CustomTestStringConvertible {
    public var testDescription: String {
        "result(\(answer ?? "no answer"), \(cost.tokens) tokens, \(error?.code.rawValue ?? "no error"))"
    }
}
extension SearchTree: CustomTestStringConvertible {
    public var testDescription: String { "tree(\(nodes.count) nodes)" }
}

/// Runs a puppet.
func play(
    _ act: @escaping Puppet.Act, on models: ScriptedSource, limits: Limits = Limits(), seed: UInt64 = 1,
    problems: [Problem] = [sum], strategy: String = "puppet-0", options: RuntimeOptions = RuntimeOptions()
) async throws -> [RunResult] {
    let loaded = try Plugins.registry.strategy(named: strategy)
    let runtime = try SearchRuntime(models: models, registry: Plugins.registry, options: options)
    return await runtime.run(try Puppet.request(act, loaded, limits: limits, seed: seed, problems: problems))
}

/// Operations of the scripted shape, one token at a time: matrices 32, and 8 for each
/// position that the token attends over; where its logits are wanted the feed-forward's
/// 48 and the logits' 40.
func flops(reading count: Int, from start: Int, outputs: Int) -> Double {
    (0..<count).reduce(0.0) { $0 + 32 + 8 * Double(start + $1 + 1) } + 88 * Double(outputs)
}
