import Foundation
import SearchCore
import StrategyHost
import Testing

/// A plugin that is right: what is read from it, where its copy lies, which name means what.
@Suite struct LoadingTests {
    /// A registry over fresh folders, with a cache of its own.
    static func registry(_ folders: URL...) throws -> PluginRegistry {
        PluginRegistry(folders: folders.map(\.path), cacheFolder: try Fixture.folder("cache").appendingPathComponent("a/b").path)
    }

    @Test func aGoodPluginIsReadWhole() throws {
        let folder = try Fixture.folder()
        let path = try Fixture.install(in: folder)
        let records = try Self.registry(folder).discover()
        let record = try #require(records.first)
        #expect(records.count == 1)
        #expect(record.status == .loaded, "\(record.reason ?? "")")
        #expect(record.reason == nil)
        #expect(record.path == path)
        #expect(record.name == "fixture")
        #expect(record.version == "1.2.3")
        #expect(record.functions.map(\.name) == ["after-equals", "caseless", "min", "repeats"])
        let strategy = try #require(record.strategies.first)
        #expect(strategy.name == "first")
        #expect(strategy.id == "org.example.first")
        #expect(strategy.summary == "Does nothing, and says so.")
        #expect(!strategy.takesBatch)
        #expect(strategy.params.map(\.id) == ["width", "beam_width", "temperature", "fast", "selection", "note", "table"])
        #expect(strategy.params[0] == ParameterInfo(
            id: "width", kind: .int, help: "Help.", fallback: .int(4), fallbackText: "worked out", min: 1, max: 64, choices: []))
        #expect(strategy.params[1].fallback == .none)
        #expect(strategy.params[1].max == nil)
        #expect(strategy.params[2].fallback == .float(0.5))
        #expect(strategy.params[3].fallback == .bool(true))
        #expect(strategy.params[3].min == nil)
        #expect(strategy.params[4].choices == ["weighted", "naive"])
        #expect(strategy.params[5].fallback == .text("a\nb"))
    }

    @Test func theHashIsThatOfTheFile() throws {
        let folder = try Fixture.folder()
        let path = try Fixture.install(in: folder)
        let expected = try Fixture.run(["sha256sum", path]).prefix(64)
        let registry = try Self.registry(folder)
        #expect(registry.discover().first?.sha256 == String(expected))
        #expect(try registry.strategy(named: "first").pluginHash == String(expected))
    }
}
