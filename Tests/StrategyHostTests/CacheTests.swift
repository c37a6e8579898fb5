import Foundation
import Hashing
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
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder) == ["\(hash).so"], "no temporary file is left")
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

    private func copies(_ folder: String) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: folder))
    }

    /// Bytes of a size, and their hash.
    private func made(_ mark: Int, _ size: Int) -> (bytes: [UInt8], hash: String) {
        let bytes = Array("\(mark)".utf8) + [UInt8](repeating: 0, count: size)
        return (bytes, SHA256.hex(bytes))
    }

    @Test func theCacheIsBoundedAndTheLongestUnusedGoesFirst() throws {
        let folder = try Fixture.folder("cache").path + "/bounded"
        let all = (0..<6).map { made($0, 10_000) }
        func age(_ hash: String, _ seconds: Int) {
            var times = [
                timespec(tv_sec: time(nil) - seconds, tv_nsec: 0), timespec(tv_sec: time(nil) - seconds, tv_nsec: 0),
            ]
            utimensat(AT_FDCWD, "\(folder)/\(hash).so", &times, 0)
        }
        for (index, one) in all.prefix(4).enumerated() {
            _ = try PluginCache.copy(one.bytes, hash: one.hash, folder: folder)
            age(one.hash, 1000 - index)
        }
        try Data().write(to: URL(fileURLWithPath: folder + "/not-ours.so"))
        try Data().write(to: URL(fileURLWithPath: folder + "/.new-crashed"))
        try Data().write(to: URL(fileURLWithPath: folder + "/.new-atwork"))
        var old = [timespec(tv_sec: time(nil) - 7200, tv_nsec: 0), timespec(tv_sec: time(nil) - 7200, tv_nsec: 0)]
        utimensat(AT_FDCWD, folder + "/.new-crashed", &old, 0)
        // Using a copy makes it young; one that is held stays, however old it is.
        _ = try PluginCache.copy(all[0].bytes, hash: all[0].hash, folder: folder)
        var held: PluginCache.Copy? = try PluginCache.copy(all[1].bytes, hash: all[1].hash, folder: folder)
        age(all[1].hash, 5000)
        _ = try PluginCache.copy(all[4].bytes, hash: all[4].hash, folder: folder, folderBytesMax: 35_000)
        #expect(try copies(folder) == Set([0, 1, 4].map { all[$0].hash + ".so" } + ["not-ours.so", ".new-atwork"]))
        #expect(held != nil)
        held = nil
        // Small files count for a page, so that their number has a bound as well.
        for mark in 100..<120 {
            let one = made(mark, 1)
            _ = try PluginCache.copy(one.bytes, hash: one.hash, folder: folder, folderBytesMax: 40_960)
        }
        #expect(try copies(folder).count(where: { $0.utf8.count == 67 }) == 10)
    }

    /// Many hosts, one cache with room for two: each has its copy for as long as it holds it.
    @Test func hostsDoNotTakeEachOthersCopies() throws {
        let folder = try Fixture.folder("cache").path + "/shared"
        let all = (0..<8).map { made($0, 9000) }
        DispatchQueue.concurrentPerform(iterations: 400) { turn in
            let one = all[turn * 7 % 8]
            do {
                let copy = try PluginCache.copy(one.bytes, hash: one.hash, folder: folder, folderBytesMax: 20_000)
                sched_yield()
                if FileManager.default.contents(atPath: copy.path) != Data(one.bytes) {
                    Issue.record("turn \(turn): its copy is gone")
                }
                if copy.throwaway != nil { Issue.record("turn \(turn): it found no place in the cache") }
                copy.discard()
            } catch { Issue.record("turn \(turn): \(error)") }
        }
        let last = made(99, 1)
        _ = try PluginCache.copy(last.bytes, hash: last.hash, folder: folder, folderBytesMax: 20_000)
        #expect(try copies(folder).count <= 2 + 1)
    }

    @Test func aPluginLoadsWithoutACache() throws {
        let folder = try Fixture.folder()
        try Fixture.install([Fixture.text("PLUGIN_NAME", "cacheless")], in: folder)
        let registry = PluginRegistry(folders: [folder.path], cacheFolder: "/proc/nothing")
        #expect(registry.discover().map(\.status) == [.loaded])
        #expect(try registry.strategy(named: "first").descriptor.pointee.param_count == 7)
    }

    @Test func theStandardCache() {
        #expect(
            PluginCache.standardFolder(environment: ["XDG_CACHE_HOME": "/c", "HOME": "/h"]) == "/c/stratagem/plugins")
        #expect(
            PluginCache.standardFolder(environment: ["XDG_CACHE_HOME": "relative", "HOME": "/h"])
                == "/h/.cache/stratagem/plugins")
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
        #expect(with.last == SystemPaths.binaryFolder, "beside the binary comes last")

        let data = try Fixture.folder("data").path
        try FileManager.default.createDirectory(atPath: data + "/stratagem/plugins", withIntermediateDirectories: true)
        let xdg = PluginRegistry.standardFolders(explicit: [], environment: ["XDG_DATA_HOME": data, "HOME": home])
        #expect(xdg.first == data + "/stratagem/plugins")
        #expect(!xdg.contains(user))
    }
}
