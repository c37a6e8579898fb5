import Foundation
import Locking
import SearchCore
import SearchRuntime
import StrategyHost
import Testing

/// Plugins compiled for ABI 1.0 and 1.1 and kept as they were: every later build runs them.
@Suite struct CompiledPluginTests {
    static let folder = Harness.here.appendingPathComponent("Fixtures/ABI").path
    #if arch(x86_64)
    static let canRun = true
    #else
    static let canRun = false
    #endif

    private static func bytes(_ name: String, _ version: String = "1.0") throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)-\(version)-x86_64.so"))
    }

    /// What a strategy was told, as it logs it, and the results of its run.
    private func story(
        _ plugin: Data, _ strategy: String, _ options: IsolationOptions?,
        _ params: [String: String] = [:]
    ) async throws -> (lines: [String], result: String) {
        let registry = try Harness.registry([try Harness.folder(with: plugin)], options)
        #expect(try (registry.strategy(named: strategy).isolated != nil) == (options != nil))
        let lines = Locked<[String]>([])
        let runtime = try Harness.runtime(registry) {
            $0.log = { level, text in lines.withLock { $0.append("\(level) \(text)") } }
        }
        let result = await runtime.run(try Harness.request(registry, strategy, params, generations: 16, seed: 3))[0]
        #expect(result.error == nil, "\(String(describing: result.error))")
        #expect(!result.votes.isEmpty)
        // The trace's header has the plugin's hash.
        let text = try Harness.text(result).split(separator: "\n").filter { !$0.contains("pluginHash") }.joined(
            separator: "\n")
        return (lines.withLock { $0 }, text)
    }

    /// The plugin that uses all of 1.0 is told the same as when it is compiled today.
    @Test(.enabled(if: canRun, "compiled for x86-64"), arguments: [false, true])
    func itIsToldWhatItWasTold(isolated: Bool) async throws {
        let options = isolated ? Harness.options() : nil
        let then = try await story(try Self.bytes("every"), "every-1-0", options)
        let now = try await story(try Harness.plugin("ABI/every_1_0.c"), "every-1-0", options)
        #expect(
            then.lines.count > 30 && then.lines.contains { $0.firstMatch(of: /sure [1-9]\d* -0x/) != nil }
                && then.lines.contains { $0.contains("tag 7: outcome 0") })
        #expect(then.lines == now.lines)
        #expect(then.result == now.result)
    }

    /// The same of the one that uses what 1.1 added.
    @Test(.enabled(if: canRun, "compiled for x86-64"), arguments: [false, true])
    func whatIs1_1IsToldToo(isolated: Bool) async throws {
        let options = isolated ? Harness.options() : nil
        let then = try await story(try Self.bytes("every", "1.1"), "every-1-1", options, ["word": "a b"])
        let now = try await story(try Harness.plugin("ABI/every_1_1.c"), "every-1-1", options, ["word": "a b"])
        for wanted in [
            "word 'a b', host 1.1 or later", "left at 1: 0 16 0 16 0 16", "role policy: 0, promises 127",
            "role none: 5, promises 0", "figure 1 of 1: 5, 0:", "figure 5 of 1: 3, 0:",
        ] {
            #expect(then.lines.contains { $0.contains(wanted) }, "\(wanted)")
        }
        for figure in 1...4 {
            #expect(then.lines.contains { $0.contains("figure \(figure) of ") && $0.contains(": 0, ") })
        }
        #expect(then.lines == now.lines)
        #expect(then.result == now.result)
    }

    @Test(
        .enabled(if: canRun, "compiled for x86-64"),
        arguments: [("correct", "little-beam"), ("early-stop", "early-stop")], [false, true])
    func itRuns(_ plugin: (file: String, strategy: String), isolated: Bool) async throws {
        let found = try await story(try Self.bytes(plugin.file), plugin.strategy, isolated ? Harness.options() : nil)
        #expect(found.result.hasPrefix("4 ") || found.result.hasPrefix("44 "), "\(found.result.prefix(80))")
    }
}
