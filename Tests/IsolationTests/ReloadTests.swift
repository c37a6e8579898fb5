import Foundation
import Locking
import SearchCore
import SearchRuntime
import StrategyHost
import Synchronization
import Testing

/// New code without a restart: the right image for every run, and no broken one for any.
@Suite struct ReloadTests {
    /// The plugin with another mark in it, which it logs: other bytes, another hash.
    static func marked(_ number: Int) throws -> (data: Data, mark: String) {
        var data = try Harness.plugin()
        let mark = "MARK" + String(repeating: "0", count: 16 - String(number).count) + String(number)
        let place = try #require(data.range(of: Data("MARK0000000000000000".utf8)))
        data.replaceSubrange(place, with: Data(mark.utf8))
        return (data, mark)
    }

    /// As a careful installer does it: whoever opens the file sees all or nothing of it.
    static func install(_ data: Data, at path: String) throws {
        try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    /// Why a file was refused; nil if it was not.
    private static func reason(_ change: ReloadWatch.Change) -> String? {
        if case .refused(let record) = change { record.reason ?? "" } else { nil }
    }

    private static func wait(until isDone: () -> Bool) async throws {
        for _ in 0..<2000 where !isDone() { try await Task.sleep(for: .milliseconds(10)) }
        #expect(isDone(), "nothing happened within 20 s")
    }

    @Test(arguments: [false, true]) func aNewAndAChangedFileArePickedUp(isolated: Bool) async throws {
        let folder = try Harness.folder()
        let registry = try Harness.registry([folder], isolated ? Harness.options() : nil)
        let changes = Locked<[ReloadWatch.Change]>([])
        let watch = ReloadWatch(registry, every: 0.02) { change in changes.withLock { $0.append(change) } }
        defer { watch.stop() }
        #expect(throws: StratagemError.self) { try registry.strategy(named: "hostile") }
        var hashes: [String] = []
        for number in 1...3 {
            try Self.install(try Self.marked(number).data, at: folder + "/a.so")
            try await Self.wait { changes.withLock { $0.count } == number }
            hashes.append(try registry.strategy(named: "hostile").pluginHash)
        }
        #expect(Set(hashes).count == 3)
        // A broken one leaves the last in use, and is reported.
        try Self.install(try Self.marked(4).data.prefix(9000), at: folder + "/a.so")
        try await Self.wait { changes.withLock { $0.count } == 4 }
        let refused = changes.withLock { $0[3] }
        #expect(Self.reason(refused)?.contains("truncated") == true, "\(refused)")
        #expect(try registry.strategy(named: "hostile").pluginHash == hashes[2])
        // So does one that is gone.
        try FileManager.default.removeItem(atPath: folder + "/a.so")
        try await Task.sleep(for: .milliseconds(200))
        #expect(try registry.strategy(named: "hostile").pluginHash == hashes[2])
        let runtime = try Harness.runtime(registry)
        #expect(await runtime.run(try Harness.request(registry, "hostile"))[0].error == nil)
    }

    @Test func aPluginThatWasNamedByItsPathIsWatchedToo() async throws {
        let path = try Harness.folder() + "/b.so"
        try Self.install(try Self.marked(1).data, at: path)
        let registry = try Harness.registry()
        let first = try registry.load(path: path)
        let seen = Locked<[ReloadWatch.Change]>([])
        let watch = ReloadWatch(registry, every: 0.02) { change in seen.withLock { $0.append(change) } }
        defer { watch.stop() }
        try Self.install(try Self.marked(2).data, at: path)
        try await Self.wait { seen.withLock { $0.count } == 1 }
        #expect(try registry.strategy(named: "hostile").pluginHash != first.sha256)
        try Self.install(Data("no plugin".utf8), at: path)
        try await Self.wait { seen.withLock { $0.count } == 2 }
        #expect(Self.reason(seen.withLock { $0[1] }) != nil)
        #expect(try registry.strategy(named: "hostile").pluginHash != first.sha256)
    }

    /// A file that grows while it is looked at is left alone until it is whole.
    @Test func aFileThatIsBeingWrittenIsLeftAlone() async throws {
        let folder = try Harness.folder()
        let registry = try Harness.registry([folder], nil)
        let seen = Locked<[ReloadWatch.Change]>([])
        let watch = ReloadWatch(registry, every: 0.05) { change in seen.withLock { $0.append(change) } }
        defer { watch.stop() }
        let data = try Self.marked(7).data
        #expect(FileManager.default.createFile(atPath: folder + "/c.so", contents: nil))
        let handle = try #require(FileHandle(forWritingAtPath: folder + "/c.so"))
        for start in stride(from: 0, to: data.count, by: 1024) {
            try handle.write(contentsOf: data[start..<min(data.count, start + 1024)])
            try await Task.sleep(for: .milliseconds(5))
        }
        try handle.close()
        try await Self.wait { seen.withLock { $0.contains { if case .loaded = $0 { true } else { false } } } }
        #expect(try registry.strategy(named: "hostile").info.name == "hostile")
    }

    /// A thousand new images while runs continue: each run is told by the image that it
    /// was started with.
    @Test(arguments: [(false, 1000), (true, 100)]) func reloadsUnderLoad(isolated: Bool, count: Int) async throws {
        let folder = try Harness.folder()
        let marks = Locked<[String: String]>([:])
        let first = try Self.marked(1)
        try Self.install(first.data, at: folder + "/d.so")
        let registry = try Harness.registry([folder], isolated ? Harness.options { $0.idleSeconds = 0.02 } : nil)
        registry.discover()
        let wrong = Locked<[String]>([])
        let finished = Atomic<Int>(0)
        // One runtime per run: its log is that run's.
        let runtime = try Harness.runtime(registry, lanes: 2)
        let memory = Self.residentKiB()
        for number in 1...count {
            let (data, mark) = try Self.marked(number)
            try Self.install(data, at: folder + "/d.so")
            registry.discover()
            let loaded = try registry.strategy(named: "hostile")
            let known = marks.withLock { $0.updateValue(loaded.pluginHash, forKey: mark) }
            if known != nil
                || loaded.pluginHash
                    == marks.withLock({ $0.first { $0.key != mark && $0.value == loaded.pluginHash }?.value })
            {
                wrong.withLock { $0.append("\(mark): the image of another file") }
            }
            for seed in UInt64(0)..<3 {
                var request = try Harness.request(registry, "hostile", seed: seed)
                request.strategy = loaded
                request.keepTree = false
                runtime.submit(request) { results in
                    if let error = results[0].error { wrong.withLock { $0.append("\(mark): \(error)") } }
                    if results[0].votes.isEmpty { wrong.withLock { $0.append("\(mark): no votes") } }
                    finished.add(1, ordering: .relaxed)
                }
            }
        }
        try await Self.wait { finished.load(ordering: .relaxed) == count * 3 }
        #expect(wrong.withLock { $0 } == [])
        #expect(marks.withLock { Set($0.values).count } == count)
        print(
            "\(count) reloads \(isolated ? "isolated" : "in process"): \((Self.residentKiB() - memory) / count) KiB resident each, \(count * 3) runs"
        )
    }

    private static func residentKiB() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0) * 4
    }

    /// What a run logs is what the image that it was started with logs.
    @Test(arguments: [false, true]) func aRunningInstanceFinishesOnItsImage(isolated: Bool) async throws {
        let folder = try Harness.folder()
        let registry = try Harness.registry([folder], isolated ? Harness.options() : nil)
        let lines = Locked<[String]>([])
        let runtime = try Harness.runtime(registry) { $0.log = { _, text in lines.withLock { $0.append(text) } } }
        var expected: [String] = []
        for number in 1...20 {
            let (data, mark) = try Self.marked(number)
            try Self.install(data, at: folder + "/e.so")
            registry.discover()
            let request = try Harness.request(registry, "hostile")
            // The next file is there before this run has begun.
            try Self.install(try Self.marked(number + 100).data, at: folder + "/e.so")
            registry.discover()
            #expect(await runtime.run(request)[0].error == nil)
            expected.append("hostile: \(mark)")
        }
        #expect(lines.withLock { $0 } == expected)
    }
}
