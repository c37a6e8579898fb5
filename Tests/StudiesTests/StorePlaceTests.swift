import Foundation
import GRDB
import SearchCore
import Testing
@testable import Studies

/// Where a store is, who may write there, and what becomes of it if it is taken away.
@Suite struct StorePlaceTests {
    private func made(_ path: String) throws -> StoreWriter {
        let writer = StoreWriter(
            try EvalStore.writing(path, study: Sample.study(), cells: [Sample.cell()], resume: false))
        for problem in 0..<3 { writer.add(Sample.run(problem), cell: 1) }
        return writer
    }

    @Test(arguments: ["removed", "replaced by another file"]) func aStoreThatIsTakenAwayIsSaved(change: String) throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        let path = folder.path("s.db")
        let writer = try made(path)
        if change == "removed" {
            for end in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: path + end) }
        } else {
            try Data("mine".utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        }
        writer.add(Sample.run(4), cell: 1)
        let error = #expect(throws: StratagemError.self) { try writer.finish() }
        let copy = folder.path("s.db.\(getpid()).saved")
        #expect(
            error?.code == .storeGone
                && error?.message.contains("s.db was \(change) while it was being written. All its runs are in \(copy)")
                    == true,
            "\(error?.message ?? "")")
        let read = try EvalStore.reading(copy)
        let cell = try #require(try read.cells().first)
        #expect(try read.outcomes(of: cell).map(\.problem) == [0, 1, 2, 4] && read.study == Sample.study())
        // Another's lock, or file, is not ours to remove.
        if change != "removed" { #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine") }
    }

    @Test func whatARemovedStoreLeftIsNoPartOfANewOne() throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        let path = folder.path("s.db")
        try Data("left".utf8).write(to: URL(fileURLWithPath: path + "-wal"))
        let error = #expect(throws: StratagemError.self) {
            try EvalStore.writing(path, study: Sample.study(), cells: [], resume: true)
        }
        #expect(error?.code == .storeExists && error?.message.contains("s.db-wal exists") == true)
    }

    @Test func aFinishedStoreIsOneFileWithoutALog() throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        let path = folder.path("s.db")
        try made(path).finish()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["s.db"])
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path))[18...19]) == [1, 1])
        // And continues with one.
        let again = try EvalStore.writing(path, study: Sample.study(), cells: [Sample.cell()], resume: true)
        #expect(try again.queue.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
        try again.close()
    }

    /// As an eval of before left it, or one whose log was folded in and not put away.
    @Test func aStoreWithAnEmptyLogIsReadAsMemory() throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        let path = folder.path("s.db")
        try made(path).finish()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(StoreImage(path) == nil, "it has no log")
        var logged = bytes
        logged[18] = 2
        logged[19] = 2
        try logged.write(to: URL(fileURLWithPath: path))
        let queue = try #require(StoreImage(path)).open()
        #expect(try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM runs") } == 3)
        #expect(throws: (any Error).self) { try queue.write { try $0.execute(sql: "DELETE FROM runs") } }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["s.db"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == logged)
    }
}
