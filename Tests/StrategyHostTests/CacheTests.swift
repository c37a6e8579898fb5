import Foundation
import SearchCore
@testable import StrategyHost
import Testing

/// Private copies, and where plugins are looked for.
@Suite struct CacheTests {
    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    private let bytes: [UInt8] = Array("not a plugin, but the cache does not look".utf8)

    @Test func aCopyIsPrivateAndNamedByItsHash() throws {
        let folder = try Fixture.folder("cache").path + "/a/b"
        let hash = SHA256.hex(bytes)
        let copy = try PluginCache.copy(bytes, hash: hash, folder: folder)
        #expect(copy.path == "\(folder)/\(hash).so")
        #expect(copy.throwaway == nil)
        #expect(try mode(folder) == 0o700)
        #expect(try mode(copy.path) == 0o500)
        #expect(try Data(contentsOf: URL(fileURLWithPath: copy.path)) == Data(bytes))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["\(hash).so"], "no temporary file is left")
    }

    @Test func aGoodCopyIsUsedAgainAndADamagedOneIsReplaced() throws {
        let folder = try Fixture.folder("cache").path + "/c"
        let hash = SHA256.hex(bytes)
        let path = try PluginCache.copy(bytes, hash: hash, folder: folder).path
        let inode = { try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int }
        let first = try inode()
        _ = try PluginCache.copy(bytes, hash: hash, folder: folder)
        #expect(try inode() == first)

        // As after a crash of the machine, or by somebody's hand.
        chmod(path, 0o600)
        try Data("damaged".utf8).write(to: URL(fileURLWithPath: path))
        #expect(try PluginCache.copy(bytes, hash: hash, folder: folder).path == path)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(bytes))
    }

    /// Each of these gets a fresh folder, which goes away once the copy is open.
    @Test func aCacheThatCannotBeTrustedIsNotUsed() throws {
        let base = try Fixture.folder("cache")
        let shared = base.appendingPathComponent("shared").path
        try FileManager.default.createDirectory(atPath: shared, withIntermediateDirectories: false)
        chmod(shared, 0o777)
        let file = base.appendingPathComponent("file").path
        try Data().write(to: URL(fileURLWithPath: file))
        let link = base.appendingPathComponent("link").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: base.path)
        for folder in [shared, file, file + "/below", link, "relative", "", "/proc/nothing/here", nil] {
            let copy = try PluginCache.copy(bytes, hash: "name", folder: folder)
            let throwaway = try #require(copy.throwaway, "\(folder ?? "none")")
            #expect(try mode(throwaway) == 0o700)
            #expect(try Data(contentsOf: URL(fileURLWithPath: copy.path)) == Data(bytes))
            copy.discard()
            #expect(!FileManager.default.fileExists(atPath: throwaway))
        }
    }

    @Test func aPluginLoadsWithoutACache() throws {
        let folder = try Fixture.folder()
        try Fixture.install([Fixture.text("PLUGIN_NAME", "cacheless")], in: folder)
        let registry = PluginRegistry(folders: [folder.path], cacheFolder: "/proc/nothing")
        #expect(registry.discover().map(\.status) == [.loaded])
        #expect(try registry.strategy(named: "first").descriptor.pointee.param_count == 7)
    }

    @Test func theStandardCache() {
        #expect(PluginCache.standardFolder(environment: ["XDG_CACHE_HOME": "/c", "HOME": "/h"]) == "/c/stratagem/plugins")
        #expect(PluginCache.standardFolder(environment: ["XDG_CACHE_HOME": "relative", "HOME": "/h"]) == "/h/.cache/stratagem/plugins")
        #expect(PluginCache.standardFolder(environment: [:]) == nil)
    }

    @Test func foldersInTheirOrder() throws {
        let home = try Fixture.folder("home").path
        let user = home + "/.local/share/stratagem/plugins"
        let environment = ["STRATAGEM_PATH": "/p:/q::", "HOME": home]
        let without = PluginRegistry.standardFolders(explicit: ["/e"], environment: environment)
        #expect(Array(without.prefix(3)) == ["/e", "/p", "/q"])
        #expect(!without.contains(user), "it does not exist")
        try FileManager.default.createDirectory(atPath: user, withIntermediateDirectories: true)
        let with = PluginRegistry.standardFolders(explicit: ["/e"], environment: environment)
        #expect(Array(with.prefix(4)) == ["/e", "/p", "/q", user])
        #expect(with.last == PluginRegistry.binaryFolder, "beside the binary comes last")

        let data = try Fixture.folder("data").path
        try FileManager.default.createDirectory(atPath: data + "/stratagem/plugins", withIntermediateDirectories: true)
        let xdg = PluginRegistry.standardFolders(explicit: [], environment: ["XDG_DATA_HOME": data, "HOME": home])
        #expect(xdg.first == data + "/stratagem/plugins")
        #expect(!xdg.contains(user))
    }
}
