@testable import Conformance
import Foundation
import SearchCore
import StrategyHost
import Testing

/// Traces that the kit leaves, and what may be wrong with one.
@Suite struct ReplayTests {
    /// A trace of the correct plugin's search, in a file.
    private func trace(_ change: (inout [String]) -> Void = { _ in }) throws -> (path: String, plugin: String) {
        let plugin = try Self.plugin.get()
        let view = try CheckContext(path: plugin, seed: 5).strategies()[0]
        let scenario = Scenario(seed: 5, limits: Limits(generations: 6))
        var lines = TraceExport.lines(view, scenario, Search.run(view, scenario), plugin: plugin)
        change(&lines)
        let path = BrokenPlugin.scratch.appendingPathComponent("\(UUID().uuidString).jsonl").path
        try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        return (path, plugin)
    }

    private static let plugin = Result { try BrokenPlugin.build(nil) }

    private func replay(_ path: String, _ plugin: String) throws -> Replayer.Result {
        let contents = try TraceFile.read(path)
        let strategy = try PluginRegistry(folders: [], cacheFolder: BrokenPlugin.scratch.path).strategy(named: plugin)
        return try Replayer(contents.trace, strategy).run()
    }

    private func refusal(_ change: (inout [String]) -> Void) throws -> String {
        let path = try trace(change).path
        do {
            _ = try TraceFile.read(path)
            return "(taken)"
        } catch { return error.message }
    }

    @Test func theSamePluginAsksForTheSame() throws {
        let (path, plugin) = try trace()
        let contents = try TraceFile.read(path)
        #expect(contents.cutShort == nil)
        #expect(try replay(path, plugin) == .same(rounds: contents.trace.rounds.count))
    }

    @Test func theFirstDifferenceIsNamed() throws {
        let (path, plugin) = try trace { lines in
            lines[3] = lines[3].replacing("\"maxTokens\":0", with: "\"maxTokens\":9")
        }
        guard case .differs(let difference) = try replay(path, plugin) else {
            Issue.record("it does not differ")
            return
        }
        #expect(difference == .init(round: 2, place: 0, field: "max_tokens", recorded: "9", now: "0"))
    }

    @Test func aTraceThatWasCutShortIsKnown() throws {
        let path = try trace { $0.removeLast() }.path
        #expect(try TraceFile.read(path).cutShort?.contains("no answer was given") == true)
        let whole = try String(contentsOfFile: try trace().path, encoding: .utf8)
        let half = BrokenPlugin.scratch.appendingPathComponent("half.jsonl").path
        try String(whole.dropLast(40)).write(toFile: half, atomically: true, encoding: .utf8)
        #expect(try TraceFile.read(half).cutShort?.contains("breaks off in the middle") == true)
    }

    @Test func whatDoesNotFitIsNamed() throws {
        #expect(try refusal { $0 = ["not a trace"] }.contains("not the header"))
        #expect(try refusal { $0[0] = $0[0].replacing("\"version\":1", with: "\"version\":7") }.contains("version 7"))
        // A header alone is a search that ended in create.
        #expect(try TraceFile.read(trace { $0 = [$0[0]] }.path).cutShort?.contains("no turn") == true)
        #expect(try refusal { $0.remove(at: 2) }.contains("does not fit"))
        #expect(try refusal { $0[2] = "{\"half\": 1}" }.contains("is missing"))
        #expect(try refusal { $0[2] = $0[2].replacing("\"tag\":5", with: "\"tag\":6") }.contains("tag"))
        #expect(try refusal { $0[2] = $0[2].replacing("\"depth\":1", with: "\"depth\":3") }.contains("depth"))
    }

    @Test func anotherPluginIsKnownByItsHash() throws {
        let path = try trace().path
        let other = try BrokenPlugin.build("ask-tags-distinct")
        let strategy = try PluginRegistry(folders: [], cacheFolder: BrokenPlugin.scratch.path).strategy(named: other)
        #expect(Replayer(try TraceFile.read(path).trace, strategy).mismatch?.contains("hash") == true)
    }
}
