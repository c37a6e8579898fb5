import Foundation
import SearchCore
import Testing
@testable import Studies

@Suite struct MergeTests {
    private func shard(
        _ folder: StoreFolder, _ text: String, named name: String? = nil, model: String = "m1", plugin: String = "h1",
        budget: Int = 4, runs: Int = 6
    ) throws -> String {
        let part = try Shard(parsing: text)
        let path = folder.path(name ?? text.replacing("/", with: "-") + ".db")
        let store = try EvalStore.writing(
            path, study: Sample.study(shard: part, model: model), cells: [Sample.cell(budget, plugin: plugin)],
            resume: false)
        let writer = StoreWriter(store)
        for problem in 0..<runs where part.holds(problem: problem) { writer.add(Sample.run(problem), cell: 1) }
        try writer.finish()
        return path
    }

    @Test func shardsAreCutEvenly() throws {
        let parts = try (1...3).map { try Shard(parsing: "\($0)/3") }
        for problem in 0..<9 { #expect(parts.count { $0.holds(problem: problem) } == 1) }
        for bad in ["", "1", "0/2", "3/2", "a/b", "1/0", "1/2/3", "-1/2"] {
            #expect(throws: StratagemError.self, "\(bad)") { try Shard(parsing: bad) }
        }
    }

    @Test func mergedIsWhole() throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        let parts = try [shard(folder, "2/2"), shard(folder, "1/2")]
        #expect(try StoreMerge.merge(parts, into: folder.path("all.db")) == .init(runs: 6, wanted: 6))
        let all = try EvalStore.reading(folder.path("all.db"))
        #expect(all.study == Sample.study())
        let cell = try #require(try all.cells().first)
        #expect(try all.outcomes(of: cell).map(\.problem) == Array(0..<6))
        try all.eachRun(of: cell, withText: true) { #expect($1 == Sample.run($0).candidates) }
        #expect(try all.votes(of: cell)[4] == Sample.run(4).votes)
    }

    @Test func whatAStoppedShardLacksIsCounted() throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        let parts = try [shard(folder, "2/2", runs: 2), shard(folder, "1/2")]
        #expect(try StoreMerge.merge(parts, into: folder.path("all.db")) == .init(runs: 4, wanted: 6))
    }

    /// Somebody writes the target from before the merge opens it.
    @Test func aStoreThatIsBeingMadeIsLeftAlone() throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        let parts = try [shard(folder, "1/2"), shard(folder, "2/2")]
        let lock = try StoreLock(store: folder.path("all.db"))
        // What a writer has on the disk before its file is there under its name.
        try Data("theirs".utf8).write(to: URL(fileURLWithPath: folder.path("all.db-wal")))
        #expect { try StoreMerge.merge(parts, into: folder.path("all.db")) } throws: {
            ($0 as? StratagemError)?.code == .storeLocked
        }
        #expect(FileManager.default.fileExists(atPath: folder.path("all.db-wal")))
        lock.release()
    }

    @Test func whatDoesNotFitIsNamed() throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        let (one, two) = try (shard(folder, "1/3"), shard(folder, "2/3"))
        func refusal(_ paths: [String], allowMissing: Bool = false) -> String {
            do { _ = try StoreMerge.merge(paths, into: folder.path("all.db"), allowMissing: allowMissing) } catch {
                return error.message
            }
            return "merged"
        }
        #expect(refusal([one, two]).contains("missing: 3/3"))
        #expect(refusal([one, two, two]).contains("are both shard 2/3"))
        #expect(try refusal([one, two, shard(folder, "3/3", model: "m2")]).contains("the policy model"))
        #expect(
            try refusal([one, two, shard(folder, "3/3", named: "other-plugin.db", plugin: "h2")]).contains(
                "another build of its plugin"))
        let unlike = try refusal([one, two, shard(folder, "3/3", named: "other-grid.db", budget: 8)])
        #expect(unlike.contains("has no cell s {} @ 8, seed "), "\(unlike)")
        #expect(try refusal([one, shard(folder, "1/2")]).contains("to different divisions"))
        #expect(!FileManager.default.fileExists(atPath: folder.path("all.db")))
        #expect(refusal([one, two], allowMissing: true) == "merged")
        #expect(refusal([one, two], allowMissing: true).contains("exists already"))
    }
}
