import Foundation
import SearchCore
import StrategyHost
import Testing

/// What the user trusts, and what nobody should.
@Suite struct TrustTests {
    private static func store() throws -> TrustStore {
        TrustStore(file: try Harness.folder() + "/deep/er/trusted-plugins")
    }

    @Test func aTrustedPluginRunsInProcessAndAChangedOneDoesNot() throws {
        let store = try Self.store()
        let folder = try Harness.folder(with: try Harness.plugin())
        let path = folder + "/plugin.so"
        let options = Harness.options { $0.trust = store }
        func process() throws -> PluginRecord.Process? {
            try Harness.registry([folder], options).discover().first?.process
        }
        #expect(try process() == .worker)
        let entry = try store.trust(path)
        #expect(entry.path == path)
        #expect(try store.entries() == [entry])
        #expect(try process() == .host)
        // One byte is another plugin.
        var changed = try Harness.plugin()
        let mark = try #require(changed.range(of: Data("MARK0".utf8)))
        changed.replaceSubrange(mark, with: Data("MARK1".utf8))
        try changed.write(to: URL(fileURLWithPath: path))
        #expect(try process() == .worker)
        try Harness.plugin().write(to: URL(fileURLWithPath: path))
        #expect(try process() == .host)
        #expect(try store.remove(String(entry.sha256.prefix(10))) == [entry])
        #expect(try store.entries().isEmpty)
        #expect(try process() == .worker)
    }

    @Test func whatLiesBesideTheProgramIsTrusted() throws {
        let record = try #require(Harness.registry().discover().first { $0.name == "beam-search" })
        #expect(record.process == .host)
    }

    /// An untrusted plugin's functions would run in the host: they do not.
    @Test func functionsOfAnUntrustedPluginAreNotUsed() throws {
        let folder = try Harness.folder(with: try Harness.plugin())
        let registry = try Harness.registry([folder])
        let record = try #require(registry.discover().first)
        #expect(record.functions.map(\.name) == ["always"])
        #expect(record.reason?.contains("its functions are not used") == true)
        #expect(record.reason?.contains("stratagem trust \(folder)/plugin.so") == true)
        #expect(throws: StratagemError.self) { try registry.function(.answersEqual, named: "always") }
        let store = try Self.store()
        try store.trust(folder + "/plugin.so")
        let trusting = try Harness.registry([folder], Harness.options { $0.trust = store })
        _ = try trusting.function(.answersEqual, named: "always")
        // Under --isolate its strategies run in a worker, its functions still here.
        let all = try Harness.registry([folder], Harness.options { ($0.trust, $0.scope) = (store, .all) })
        _ = try all.function(.answersEqual, named: "always")
        #expect(try all.strategy(named: "hostile").isolated != nil)
    }

    /// Its name is "beam-search"; its folder comes before the program's.
    private static func impostor() throws -> String {
        try Harness.folder(with: try Harness.plugin("hostile.c", ["NAME=\"beam-search\""]))
    }

    @Test func anUntrustedPluginDoesNotTakeAShippedName() throws {
        let folder = try Self.impostor()
        let registry = try Harness.registry([folder])
        #expect(try registry.strategy(named: "beam-search").pluginPath.hasPrefix(Harness.products))
        let record = try #require(registry.records.first, "in the order of the folders")
        #expect(record.status == .shadowed && record.path.hasPrefix(folder), "\(record)")
        #expect(registry.shadowings.count == 1)
        for words in [folder, "beam-search", "is trusted", "--allow-shadowing", "stratagem trust \(folder)/plugin.so"] {
            #expect(registry.shadowings.first?.contains(words) == true, "\(registry.shadowings)")
        }
        // By its path it is what it is, and everybody else stays what he was.
        let named = try registry.strategy(named: folder + "/plugin.so")
        #expect(named.isolated != nil && named.pluginPath.hasPrefix(folder))
        #expect(registry.latest(named)?.pluginPath == named.pluginPath)
        #expect(try registry.strategy(named: "beam-search").pluginPath.hasPrefix(Harness.products))
        #expect(registry.shadowings.count == 1)
    }

    @Test func whoeverWantsItSaysSo() throws {
        let folder = try Self.impostor()
        let allowing = try Harness.registry([folder], Harness.options { $0.allowsShadowing = true })
        #expect(try allowing.strategy(named: "beam-search").pluginPath.hasPrefix(folder))
        #expect(allowing.shadowings.first?.contains(Harness.products) == true, "\(allowing.shadowings)")
        let store = try Self.store()
        try store.trust(folder + "/plugin.so")
        let trusting = try Harness.registry([folder], Harness.options { $0.trust = store })
        #expect(try trusting.strategy(named: "beam-search").pluginPath.hasPrefix(folder))
        #expect(trusting.shadowings.count == 1)
    }

    /// A trusted plugin's name is as safe as a shipped one's.
    @Test func anUntrustedPluginDoesNotTakeATrustedName() throws {
        let (first, second, store) = (
            try Harness.folder(with: try Harness.plugin("hostile.c", ["AT_LOAD=(void)getpid()"])),
            try Harness.folder(with: try Harness.plugin()), try Self.store()
        )
        try store.trust(second + "/plugin.so")
        let registry = try Harness.registry([first, second], Harness.options { $0.trust = store })
        #expect(try registry.strategy(named: "hostile").pluginPath.hasPrefix(second))
        // Neither is trusted: the first is used.
        #expect(try Harness.registry([first, second]).strategy(named: "hostile").pluginPath.hasPrefix(first))
    }

    @Test func aSecondCopyIsNoShadowing() throws {
        let data = try Harness.plugin()
        let registry = try Harness.registry([try Harness.folder(with: data), try Harness.folder(with: data)])
        #expect(registry.discover().filter { $0.status == .shadowed }.count == 1)
        #expect(registry.shadowings.isEmpty)
    }

    @Test func whatIsNoPluginIsNotTrusted() throws {
        let (store, folder) = (try Self.store(), try Harness.folder())
        try Data("hello".utf8).write(to: URL(fileURLWithPath: folder + "/text.so"))
        for path in [folder + "/text.so", folder, folder + "/absent.so", "/dev/zero"] {
            let error = #expect(throws: StratagemError.self) { try store.trust(path) }
            #expect(error?.origin == .user)
        }
        #expect(try store.entries().isEmpty)
    }

    @Test(arguments: ["not a hash at all", "ABCDEF  /upper/case", String(repeating: "a", count: 64) + "x/no/space"])
    func aDamagedListIsReportedWithItsLine(_ line: String) throws {
        let store = try Self.store()
        try store.trust(try Harness.folder(with: try Harness.plugin()) + "/plugin.so")
        let text = try String(contentsOfFile: store.file, encoding: .utf8) + line + "\n"
        try text.write(toFile: store.file, atomically: false, encoding: .utf8)
        let error = #expect(throws: StratagemError.self) { try store.entries() }
        #expect(error?.message.contains("line 3") == true, "\(String(describing: error))")
    }

    @Test func aListThatOthersCanWriteTrustsNothing() throws {
        let store = try Self.store()
        let folder = try Harness.folder(with: try Harness.plugin())
        try store.trust(folder + "/plugin.so")
        chmod(store.file, 0o666)
        #expect(throws: StratagemError.self) { try store.entries() }
        let options = Harness.options { $0.trust = store }
        #expect(try Harness.registry([folder], options).discover().first?.process == .worker)
    }

    @Test func aWorldWritableFileOrFolderIsRefused() throws {
        let folder = try Harness.folder(with: try Harness.plugin())
        let path = folder + "/plugin.so"
        func reason() throws -> String? {
            let record = try Harness.registry([folder]).discover().first
            return record?.status == .refused ? record?.reason : nil
        }
        #expect(try reason() == nil)
        chmod(path, 0o666)
        #expect(try reason()?.contains("can be written by everyone (mode 666)") == true)
        chmod(path, 0o644)
        chmod(folder, 0o777)
        #expect(try reason()?.contains("lies in \(folder), which can be written by everyone") == true)
        // Sticky: nobody can replace another's file.
        chmod(folder, 0o1777)
        #expect(try reason() == nil)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a file away")) func aFileOfSomeoneElsesIsRefused() throws {
        let folder = try Harness.folder(with: try Harness.plugin())
        chown(folder + "/plugin.so", 12345, 12345)
        let record = try #require(Harness.registry([folder]).discover().first)
        #expect(record.status == .refused)
        #expect(record.reason?.contains("belongs to user 12345") == true, "\(record.reason ?? "")")
        let registry = try Harness.registry()
        #expect(throws: StratagemError.self) { try registry.load(path: folder + "/plugin.so") }
    }

    @Test func requireIsolationAcceptsWhatThisKernelHas() throws {
        let folder = try Harness.folder(with: try Harness.plugin())
        let record = try #require(
            Harness.registry([folder], Harness.options { $0.requiresAll = true }).discover().first)
        let missing = Confinement.available.missing
        #expect((record.status == .loaded) == missing.isEmpty)
        if !missing.isEmpty { #expect(record.reason?.contains("--require-isolation") == true) }
    }
}
