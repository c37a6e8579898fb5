import Conformance
import Foundation
import Testing

/// Plugins that were compiled for 1.0, and every plugin of ours, under the kit.
@Suite struct CompiledKitTests {
    #if arch(x86_64)
    private static let canRun = true
    #else
    private static let canRun = false
    #endif
    private static let compiled = BrokenPlugin.here.appendingPathComponent("../IsolationTests/Fixtures/ABI")
        .standardized.path

    /// The kit's correct plugin as 1.0's compiler left it.
    @Test(.enabled(if: canRun, "compiled for x86-64")) func theCorrectPluginOf1_0StaysCorrect() {
        let results = BrokenPlugin.check("\(Self.compiled)/correct-1.0-x86_64.so", level: 8)
        let bad = results.filter(\.isBad)
        #expect(bad.isEmpty, "\(bad.flatMap(TextReport.lines).joined(separator: "\n"))")
        #expect(results.filter { $0.status == .passed }.count > 150)
    }

    /// All that the build left beside the program.
    private static let ours: [String] = {
        let folder = URL(fileURLWithPath: BrokenPlugin.program).deletingLastPathComponent().path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix("libstg-") && $0.hasSuffix(".so") }.sorted().map { "\(folder)/\($0)" }
    }()

    @Test func thereAreSome() { #expect(Self.ours.count >= 10) }

    @Test(arguments: ours) func ourOwnPassEveryCheck(_ plugin: String) {
        // The searches with a huge budget take their time on a busy machine.
        let results = BrokenPlugin.check(plugin, level: 10) { $0.timeoutSeconds = 120 }
        let bad = results.filter(\.isBad)
        #expect(bad.isEmpty, "\(bad.flatMap(TextReport.lines).joined(separator: "\n"))")
        #expect(results.filter { $0.status == .passed }.count > 30)
    }

    /// The extension's example: there it is offered and not offered.
    @Test func theExampleOfAnExtensionPassesEveryCheck() throws {
        let library = BrokenPlugin.scratch.appendingPathComponent("deep-confidence.so").path
        let source = BrokenPlugin.plugins.appendingPathComponent("../examples/deep-confidence/deep_confidence.c")
            .standardized.path
        try BrokenPlugin.compile(source, to: library, [])
        let bad = BrokenPlugin.check(library, level: 10).filter(\.isBad)
        #expect(bad.isEmpty, "\(bad.flatMap(TextReport.lines).joined(separator: "\n"))")
    }
}
