import Foundation
import SearchCore
import StrategyHost
import Testing

/// A plugin whose loading hangs costs its time once, whoever asks.
@Suite struct HangTests {
    private static func look(_ folder: String, _ cache: String, seconds: Double, worker: String? = nil) throws
        -> PluginRecord
    {
        let options = Harness.options {
            $0.loadSeconds = seconds
            if let worker { $0.workerPath = worker }
        }
        return try #require(PluginRegistry(folders: [folder], cacheFolder: cache, isolation: options).discover().first)
    }

    @Test func itIsTriedOnceUntilTheFileChanges() throws {
        let data = try Harness.plugin("hostile.c", ["AT_LOAD=for (;;) {}"])
        let (folder, cache) = (try Harness.folder(with: data), try Harness.folder() + "/cache")
        // Whoever tries it would say that this is not there.
        let nowhere = "/nowhere/stratagem-worker"
        let first = try Self.look(folder, cache, seconds: 1)
        #expect(first.status == .refused)
        #expect(first.reason?.contains("within 1.0 s, and its process was killed") == true, "\(first)")
        for seconds in [1, 0.5] {
            let again = try Self.look(folder, cache, seconds: seconds, worker: nowhere)
            #expect(again.status == .refused)
            #expect(again.reason?.contains("is not tried again until it changes") == true, "\(again)")
        }
        // More patience, another cache, another file: each is another try.
        #expect(try Self.look(folder, cache, seconds: 2, worker: nowhere).reason?.contains(nowhere) == false)
        #expect(try Self.look(folder, cache, seconds: 2, worker: nowhere).reason?.contains("stratagem-worker") == true)
        #expect(
            try Self.look(folder, try Harness.folder(), seconds: 1, worker: nowhere).reason?.contains(
                "stratagem-worker") == true)
        var changed = data
        let mark = try #require(changed.range(of: Data("MARK0".utf8)))
        changed.replaceSubrange(mark, with: Data("MARK1".utf8))
        try changed.write(to: URL(fileURLWithPath: folder + "/plugin.so"))
        #expect(try Self.look(folder, cache, seconds: 1, worker: nowhere).reason?.contains("stratagem-worker") == true)
    }

    /// What the docs say.
    @Test func theUsualPatience() { #expect(IsolationOptions().loadSeconds == 10) }

    /// A crash is quick, and may have been an accident.
    @Test func aCrashIsNotRemembered() throws {
        let (folder, cache) = (
            try Harness.folder(with: try Harness.plugin("hostile.c", ["AT_LOAD=_exit(5)"])), try Harness.folder()
        )
        for _ in 0..<2 { #expect(try Self.look(folder, cache, seconds: 20).reason?.contains("exit(5)") == true) }
    }
}
