import Foundation
import SearchCore
import StrategyHost
import Testing

/// A plugin that is right: what is read from it, where its copy lies, which name means what.
@Suite struct LoadingTests {
    /// A registry over fresh folders, with its own cache.
    static func registry(_ folders: URL...) throws -> PluginRegistry {
        PluginRegistry(
            folders: folders.map(\.path), cacheFolder: try Fixture.folder("cache").appendingPathComponent("a/b").path)
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
        #expect(record.functions.map(\.name) == ["after-equals", "caseless", "min", "repeats", "spaceless"])
        let strategy = try #require(record.strategies.first)
        #expect(strategy.name == "first")
        #expect(strategy.id == "org.example.first")
        #expect(strategy.summary == "Does nothing, and says so.")
        #expect(!strategy.takesBatch)
        #expect(
            strategy.params.map(\.id) == ["width", "beam_width", "temperature", "fast", "selection", "note", "table"])
        #expect(
            strategy.params[0]
                == ParameterInfo(
                    id: "width", kind: .int, help: "Help.", fallback: .int(4), fallbackText: "worked out", min: 1,
                    max: 64, choices: []))
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

extension LoadingTests {
    // MARK: - Which of several

    /// A plugin of this name and strategy, in a folder.
    private func install(_ name: String, strategy: String, id: String? = nil, in folder: URL, as file: String) throws
        -> String
    {
        try Fixture.install(
            [
                Fixture.text("PLUGIN_NAME", name), Fixture.text("STRATEGY_NAME", strategy),
                Fixture.text("STRATEGY_ID", id ?? "org.example.\(strategy)"),
            ],
            in: folder, as: file)
    }

    @Test func theFirstFolderWins() throws {
        let (a, b) = (try Fixture.folder("a"), try Fixture.folder("b"))
        let first = try install("same", strategy: "one", in: a, as: "x.so")
        let second = try install("same", strategy: "two", in: b, as: "y.so")
        let registry = try Self.registry(a, b)
        let records = registry.discover()
        #expect(records.map(\.path) == [first, second])
        #expect(records.map(\.status) == [.loaded, .shadowed])
        #expect(
            records.dropFirst().first?.reason?.contains("\(first) comes first, and has the same plugin name, \"same\"")
                == true)
        #expect(try registry.strategy(named: "one").pluginPath == first)
        #expect(throws: StratagemError.self) { try registry.strategy(named: "two") }
        #expect(try Self.registry(b, a).strategy(named: "two").pluginPath == second)
    }

    @Test func aTakenStrategyNameOrIDShadowsThePlugin() throws {
        let folder = try Fixture.folder()
        let first = try install("p-one", strategy: "beam", in: folder, as: "1.so")
        _ = try install("p-two", strategy: "beam", id: "org.other.beam", in: folder, as: "2.so")
        _ = try install("p-three", strategy: "ray", id: "org.example.beam", in: folder, as: "3.so")
        let registry = try Self.registry(folder)
        let records = registry.discover()
        #expect(records.map(\.status) == [.loaded, .shadowed, .shadowed])
        #expect(
            records.dropFirst().first?.reason?.contains(
                "its strategy \"beam\" (org.other.beam) is already offered by \(first)") == true)
        #expect(records.dropFirst(2).first?.reason?.contains("as \"beam\" (org.example.beam)") == true)
        #expect(try registry.strategy(named: "beam").info.id == "org.example.beam")
    }

    @Test func aFunctionIsOverriddenAlone() throws {
        let folder = try Fixture.folder()
        _ = try install("p-one", strategy: "one", in: folder, as: "1.so")
        _ = try install("p-two", strategy: "two", in: folder, as: "2.so")
        let records = try Self.registry(folder).discover()
        #expect(records.map(\.status) == [.loaded, .loaded])
        #expect(
            records.dropFirst().first?.reason?.contains(
                "its function \"min\" for stratagem.aggregate_steps/1 is overridden") == true)
    }

    @Test func theSameBytesAreOneImage() throws {
        let (a, b) = (try Fixture.folder("a"), try Fixture.folder("b"))
        let first = try Fixture.install(in: a)
        try Fixture.install(in: b)
        let registry = try Self.registry(a, b)
        #expect(registry.discover().map(\.status) == [.loaded, .shadowed])
        #expect(registry.records.dropFirst().first?.reason == "the same plugin is already loaded from \(first)")
        let other = try Self.registry(b)
        #expect(try registry.strategy(named: "first").descriptor == other.strategy(named: "first").descriptor)
    }

    @Test func onlySharedObjectsAreLookedAtAndOnlyOnce() throws {
        let folder = try Fixture.folder()
        let path = try Fixture.install(in: folder)
        try Data("x".utf8).write(to: folder.appendingPathComponent("README.md"))
        try Data("x".utf8).write(to: folder.appendingPathComponent(".hidden.so"))
        try FileManager.default.createSymbolicLink(
            at: folder.appendingPathComponent("link.so"), withDestinationURL: URL(fileURLWithPath: path))
        #expect(try Self.registry(folder, folder).discover().count == 1)
    }

    @Test func aFolderThatIsNotThereIsReported() throws {
        let registry = PluginRegistry(folders: ["/no/such/folder"], cacheFolder: nil)
        let record = try #require(registry.discover().first)
        #expect(record.status == .refused)
        #expect(record.path == "/no/such/folder")
        #expect(record.reason == "does not exist")
    }

    // MARK: - By path

    @Test func aPathNamesTheFilesStrategy() throws {
        let (a, b) = (try Fixture.folder("a"), try Fixture.folder("b"))
        _ = try install("same", strategy: "one", id: "org.a.one", in: a, as: "x.so")
        let path = try install("same", strategy: "one", id: "org.b.one", in: b, as: "y.so")
        let registry = try Self.registry(a)
        #expect(try registry.strategy(named: "one").info.id == "org.a.one")
        #expect(try registry.strategy(named: path).info.id == "org.b.one")
        #expect(try registry.strategy(named: "one").info.id == "org.b.one", "what is named one by one goes first")
        #expect(registry.records.map(\.status) == [.loaded, .shadowed])
        #expect(try registry.load(path: path).status == .loaded)
        #expect(registry.records.count == 2, "loading again changes nothing")
    }

    @Test func aFileOfSeveralStrategiesNeedsAName() throws {
        let path = try Fixture.install(
            [Fixture.text("SECOND_NAME", "second"), Fixture.text("SECOND_ID", "org.example.second")],
            in: try Fixture.folder())
        let registry = try Self.registry()
        #expect(try registry.strategy(named: path + "#second").info.takesBatch)
        #expect(try registry.strategy(named: path + "#org.example.first").info.name == "first")
        let error = #expect(throws: StratagemError.self) { try registry.strategy(named: path) }
        #expect(error?.message.contains("write \(path)#NAME, where NAME is one of first, second") == true)
        let wrong = #expect(throws: StratagemError.self) { try registry.strategy(named: path + "#secnod") }
        #expect(wrong?.message.contains("(did you mean \"second\"?)") == true)
    }

    @Test func theStrategyThatAPluginIsNamedAfterGoesWithoutSaying() throws {
        let path = try Fixture.install(
            [
                Fixture.text("PLUGIN_NAME", "second"), Fixture.text("SECOND_NAME", "second"),
                Fixture.text("SECOND_ID", "org.example.second"),
            ],
            in: try Fixture.folder())
        let registry = try Self.registry()
        #expect(try registry.strategy(named: path).info.name == "second")
        #expect(try registry.strategy(named: path + "#first").info.name == "first")
    }

    @Test func anUnknownNameSaysWhatThereIs() throws {
        let folder = try Fixture.folder()
        _ = try install("p", strategy: "beam-search", in: folder, as: "1.so")
        _ = try install("q", strategy: "greedy", in: folder, as: "2.so")
        let registry = try Self.registry(folder)
        let error = #expect(throws: StratagemError.self) { try registry.strategy(named: "beam-serach") }
        #expect(error?.origin == .user)
        #expect(error?.message.contains("(did you mean \"beam-search\"?). Loaded: beam-search, greedy.") == true)
        #expect(try registry.strategy(named: "org.example.greedy").info.name == "greedy", "by id")
        let empty = #expect(throws: StratagemError.self) { try Self.registry().strategy(named: "x") }
        #expect(empty?.message.contains("No strategy is loaded") == true)
    }

    // MARK: - Files that change

    @Test func aRebuiltPluginIsPickedUpAndTheOldOneStaysValid() throws {
        let folder = try Fixture.folder()
        let path = try Fixture.install(["PLUGIN_VERSION=\"1.0.0\""], in: folder)
        let registry = try Self.registry(folder)
        let old = try registry.strategy(named: "first")
        try Fixture.install(["PLUGIN_VERSION=\"2.0.0\""], in: folder)
        #expect(registry.discover().map(\.version) == ["2.0.0"])
        let new = try registry.strategy(named: "first")
        #expect(new.pluginHash != old.pluginHash)
        #expect(new.descriptor != old.descriptor)
        #expect(old.descriptor.pointee.param_count == 7, "the old image is still there")

        // Cut short while it is loaded: neither a crash nor the loss of the strategy.
        #expect(truncate(path, 100) == 0)
        #expect(registry.discover().map(\.status) == [.refused, .loaded])
        #expect(registry.records.last?.reason?.contains("its file has changed or was removed") == true)
        #expect(try registry.strategy(named: "first").descriptor == new.descriptor)
        try FileManager.default.removeItem(atPath: path)
        #expect(registry.discover().map(\.version) == ["2.0.0"])
    }
}
