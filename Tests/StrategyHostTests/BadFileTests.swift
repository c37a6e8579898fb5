import Foundation
import SearchCore
@testable import StrategyHost
import Testing

/// Files that are refused before anything in them could run.
@Suite struct BadFileTests {
    private func refusal(_ path: String) throws -> StratagemError {
        let registry = try LoadingTests.registry()
        return try #require(#expect(throws: StratagemError.self) { try registry.load(path: path) })
    }

    private func refusal(of data: Data) throws -> StratagemError {
        let path = try Fixture.folder().appendingPathComponent("bad.so")
        try data.write(to: path)
        return try refusal(path.path)
    }

    /// A good plugin with bytes of its header changed.
    private func patched(_ changes: [Int: UInt8]) throws -> Data {
        var data = try Fixture.plugin()
        for (offset, byte) in changes { data[offset] = byte }
        return data
    }

    @Test func notELF() throws {
        let error = try refusal(of: Data("#!/bin/sh\nexit 0\n".utf8))
        #expect(error.origin == .plugin)
        #expect(error.code == .pluginRefused)
        #expect(error.message.contains("is not an ELF file (it starts with \"#!/bin/s\")"))
        #expect(error.message.contains("-shared"))
        #expect(try refusal(of: Data([0, 1, 2, 255])).message.contains("it starts with 00 01 02 ff"))
    }

    @Test func anEmptyFile() throws {
        #expect(try refusal(of: Data()).message.contains("is empty"))
    }

    @Test func anotherArchitecture() throws {
        let other: UInt8 = ELFFile.hostMachine == 183 ? 62 : 183
        let message = try refusal(of: try patched([18: other, 19: 0])).message
        #expect(message.contains("was built for \(ELFFile.machineName(UInt16(other)))"))
        #expect(message.contains("this host runs on \(ELFFile.machineName(ELFFile.hostMachine))"))
        #expect(try refusal(of: try patched([18: 0xEE, 19: 0xEE])).message.contains("machine number 61166"))
    }

    @Test func otherKindsOfELF() throws {
        #expect(try refusal(of: try patched([4: 1])).message.contains("32-bit"))
        #expect(try refusal(of: try patched([5: 2])).message.contains("big-endian"))
        #expect(try refusal(of: try patched([6: 0])).message.contains("ELF version 0"))
        #expect(try refusal(of: try patched([16: 1])).message.contains("an object file (.o)"))
        #expect(try refusal(of: try patched([16: 2])).message.contains("a program"))
        #expect(try refusal(of: try patched([16: 4])).message.contains("a core dump"))
    }

    @Test func withoutSectionsItsExportsCannotBeSeen() throws {
        let message = try refusal(of: try patched([60: 0, 61: 0])).message
        #expect(message.contains("no section headers"))
    }

    /// Cut at every length: each is refused, and none crashes.
    @Test func truncated() throws {
        let whole = [UInt8](try Fixture.plugin())
        for length in 0..<whole.count {
            #expect(throws: ELFFile.Problem.self, "\(length) bytes") {
                _ = try ELFFile(Array(whole[..<length])).exportsFunction("stg_plugin_entry")
            }
        }
        let message = try refusal(of: Data(whole[..<(whole.count / 2)])).message
        #expect(message.contains("is truncated: it has \(whole.count / 2) bytes"))
        #expect(message.contains("again"))
    }

    /// Random damage to the headers is refused or harmless, and never a trap.
    @Test func damagedHeaders() throws {
        let whole = [UInt8](try Fixture.plugin())
        #expect(try ELFFile(whole).exportsFunction("stg_plugin_entry"))
        #expect(try !ELFFile(whole).exportsFunction("stg_plugin_entr"))
        #expect(try !ELFFile(whole).exportsFunction("stg_plugin_entry_"))
        var random = SystemRandomNumberGenerator()
        let sections = Int(whole[40]) | Int(whole[41]) << 8 | Int(whole[42]) << 16
        for _ in 0..<20_000 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let area = Bool.random(using: &random) ? 0..<640 : sections..<whole.count
                damaged[Int.random(in: area, using: &random)] =
                    [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255)].randomElement(using: &random) ?? 0
            }
            _ = try? ELFFile(damaged).exportsFunction("stg_plugin_entry")
        }
    }

    @Test func aDirectory() throws {
        let folder = try Fixture.folder()
        let path = folder.appendingPathComponent("dir.so")
        try FileManager.default.createDirectory(at: path, withIntermediateDirectories: false)
        #expect(try refusal(path.path).message.contains("is a directory, not a regular file"))
        #expect(try refusal(path.path).origin == .user)
        let record = try #require(try LoadingTests.registry(folder).discover().first)
        #expect(record.status == .refused)
        #expect(record.name == "dir")
    }

    @Test(.timeLimit(.minutes(1))) func aNamedPipeDoesNotHang() throws {
        let path = try Fixture.folder().appendingPathComponent("pipe.so").path
        #expect(mkfifo(path, 0o600) == 0)
        #expect(try refusal(path).message.contains("is a named pipe"))
    }

    @Test func aLinkThatLeadsBackToItself() throws {
        let folder = try Fixture.folder()
        let path = folder.appendingPathComponent("loop.so").path
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "loop.so")
        #expect(try refusal(path).message.contains("leads back to itself"))
        #expect(try LoadingTests.registry(folder).discover().first?.status == .refused)
    }

    @Test(.timeLimit(.minutes(1))) func anEndlessDevice() throws {
        #expect(try refusal("/dev/zero").message.contains("is a device"))
    }

    @Test func whatIsNotThere() throws {
        let error = try refusal("/no/such/plugin.so")
        #expect(error.message == "/no/such/plugin.so does not exist")
        #expect(error.code == .pluginUnreadable)
        #expect(error.origin == .user)
    }

    @Test func withoutPermission() throws {
        guard geteuid() != 0 else { return }
        let path = try Fixture.install(in: try Fixture.folder())
        chmod(path, 0)
        #expect(try refusal(path).message.contains("may not be read"))
    }

    /// Sparse: it takes no room on the disk.
    @Test func tooLarge() throws {
        let path = try Fixture.folder().appendingPathComponent("large.so").path
        try Data().write(to: URL(fileURLWithPath: path))
        #expect(truncate(path, (1 << 30) + 1) == 0)
        #expect(try refusal(path).message.contains("1073741825 bytes; at most 1073741824"))
    }

    @Test func namesWithOddBytes() throws {
        #expect(try refusal("/tmp/a\0b.so").message.contains("NUL byte"))
        #expect(try refusal("").message.contains("does not exist"))
    }
}
