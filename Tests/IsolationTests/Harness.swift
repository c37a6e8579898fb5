import Foundation
import Locking
import ScriptedModel
import SearchCore
import SearchRuntime
import StrategyHost
import Synchronization
import Testing

/// Real plugins, built from Fixtures, and runs of them on a scripted model.
enum Harness {
    static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    /// Where the build put the worker, our plugins and this test.
    static let products: String = {
        let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: path).deletingLastPathComponent().path
    }()

    static let scratch: URL = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("stratagem-isolation-\(getpid())")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(at: Harness.scratch) }
        return folder
    }()

    static func folder() throws -> String {
        let folder = scratch.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    private static let built = Locked<[String: Data]>([:])

    /// The bytes of Fixtures/FILE, built with these macros.
    static func plugin(_ file: String = "hostile.c", _ macros: [String] = []) throws -> Data {
        try built.withLock { built in
            let key = ([file] + macros).joined(separator: " ")
            if let data = built[key] { return data }
            let output = try folder() + "/plugin.so"
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            let include = here.appendingPathComponent("../../Sources/CStratagem/include").path
            process.arguments =
                (file.hasSuffix(".c") ? ["cc", "-std=gnu11"] : ["c++", "-std=c++17"])
                + ["-w", "-O1", "-shared", "-fPIC", "-pthread", "-I\(include)"] + macros.map { "-D\($0)" }
                + ["-o", output, here.appendingPathComponent("Fixtures/\(file)").path]
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0)
            let data = try Data(contentsOf: URL(fileURLWithPath: output))
            built[key] = data
            return data
        }
    }

    /// A folder with this plugin in it.
    static func folder(with data: Data, name: String = "plugin.so") throws -> String {
        let folder = try folder()
        try data.write(to: URL(fileURLWithPath: folder + "/" + name))
        return folder
    }

    static func options(_ change: (inout IsolationOptions) -> Void = { _ in }) -> IsolationOptions {
        var options = IsolationOptions()
        options.workerPath = products + "/stratagem-worker"
        (options.callSeconds, options.loadSeconds) = (60, 60)
        change(&options)
        return options
    }

    /// A registry over `folders` and our own plugins.
    static func registry(_ folders: [String] = [], _ options: IsolationOptions? = options()) throws -> PluginRegistry {
        PluginRegistry(folders: folders + [products], cacheFolder: try folder() + "/cache", isolation: options)
    }

    /// Two steps to an answer: some right, some wrong.
    static let script = Script([
        ScriptedStep(
            "2 + 2 is 4\n", weight: 2, value: 0.9,
            children: [
                ScriptedStep("#### 4", weight: 3, value: 0.9, isFinished: true),
                ScriptedStep("#### 44", value: 0.2, isFinished: true),
            ]),
        ScriptedStep(
            "2 + 2 is 5\n", value: 0.3,
            children: [
                ScriptedStep(
                    "so it is\n", value: 0.2, children: [ScriptedStep("#### 5", value: 0.1, isFinished: true)]),
                ScriptedStep("or not\n", value: 0.6, children: [ScriptedStep("#### 4", value: 0.7, isFinished: true)]),
            ]),
    ])

    static func runtime(_ registry: PluginRegistry, lanes: Int = 1, _ change: (inout RuntimeOptions) -> Void = { _ in })
        throws -> SearchRuntime
    {
        var options = RuntimeOptions()
        options.lanes = lanes
        change(&options)
        return try SearchRuntime(models: ScriptedSource(script), registry: registry, options: options)
    }

    static func request(
        _ registry: PluginRegistry, _ strategy: String, _ params: [String: String] = [:], generations: Int = 8,
        seed: UInt64 = 1
    ) throws -> RunRequest {
        let loaded = try registry.strategy(named: strategy)
        return RunRequest(
            problems: [Problem(text: "What is 2 + 2?", answer: "4")], strategy: loaded,
            params: try loaded.check(parameters: params),
            limits: Limits(generations: generations), seed: seed, keepTree: true, keepTrace: true)
    }

    /// A result as text, without the wall clock: equal results are equal texts.
    static func text(_ result: RunResult) throws -> String {
        var result = result
        result.cost.seconds = 0
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        var text =
            "\(result.answer ?? "-") \(result.votes) \(result.candidates) \(result.cost) \(String(describing: result.error))\n"
        for (index, node) in result.tree.nodes.enumerated() { text += "\(index + 1) \(node)\n" }
        if var trace = result.trace {
            for index in trace.rounds.indices { trace.rounds[index].cost.seconds = 0 }
            text += String(decoding: try encoder.encode(trace), as: UTF8.self)
        }
        return text
    }
}
