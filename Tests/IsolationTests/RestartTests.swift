import Foundation
import Locking
import SearchCore
import SearchRuntime
import StrategyHost
import Synchronization
import Testing

/// After a crash: who continues, who is started again, who is refused.
@Suite struct RestartTests {
    /// Instances of the same plugin that were not being called continue in a new
    /// process, and come to the same results.
    @Test func otherInstancesOfACrashedPluginGoOn() async throws {
        let registry = try HostileTests.registry { $0.crashesMax = 1000 }
        let runtime = try Harness.runtime(registry)
        var undisturbed: [String] = []
        for seed in UInt64(0)..<12 {
            undisturbed.append(
                try Harness.text(await runtime.run(try Harness.request(registry, "hostile", seed: seed))[0]))
        }
        let deeds = ["segfault", "exit", "garbage", "abort"]
        var requests: [RunRequest] = []
        for index in 0..<18 {
            // Every third is one that crashes.
            let params = index % 3 == 2 ? ["deed": deeds[index / 3 % 4]] : [:]
            requests.append(try Harness.request(registry, "hostile", params, seed: UInt64(index / 3 * 2 + index % 3)))
        }
        let results = await Self.run(requests, runtime)
        for (index, result) in results.enumerated() {
            if index % 3 == 2 {
                #expect(result.error?.origin == .plugin)
            } else {
                #expect(try Harness.text(result) == undisturbed[index / 3 * 2 + index % 3])
            }
        }
    }

    static func run(_ requests: [RunRequest], _ runtime: SearchRuntime) async -> [RunResult] {
        await withTaskGroup(of: (Int, RunResult).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask { (index, await runtime.run(request)[0]) }
            }
            var results: [Int: RunResult] = [:]
            for await (index, result) in group { results[index] = result }
            return results.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    @Test(arguments: [600, 0.01]) func aPluginThatKeepsCrashingIsRefusedForAWhile(seconds: Double) async throws {
        let registry = try HostileTests.registry {
            ($0.crashesMax, $0.crashWindowSeconds, $0.refusalSeconds) = (3, 600, seconds)
        }
        let runtime = try Harness.runtime(registry)
        let bad = try Harness.request(registry, "hostile", ["deed": "segfault"])
        for _ in 0..<3 {
            let error = await runtime.run(bad)[0].error
            #expect(error?.code == .crashed, "\(String(describing: error))")
        }
        try await Task.sleep(for: .milliseconds(200))
        let error = await runtime.run(try Harness.request(registry, "hostile"))[0].error
        if seconds < 1 {
            #expect(error == nil, "the while is over")
        } else {
            #expect(error?.code == .keepsCrashing)
            #expect(error?.message.contains("crashed 3 times within 600 s") == true, "\(String(describing: error))")
            #expect(error?.message.contains("SIGSEGV") == true)
        }
    }

    @Test func anIdleWorkerIsEndedAndStartedAgain() async throws {
        let registry = try HostileTests.registry { $0.idleSeconds = 0.05 }
        let runtime = try Harness.runtime(registry)
        let hash = try registry.strategy(named: "hostile").pluginHash
        // The worker that described the plugin may have been idle for too long already: one is looked for while it
        // works.
        var seen: String?
        for seed in UInt64(0)..<100 where seen == nil {
            let request = try Harness.request(registry, "hostile", seed: seed)
            let run = Task { await runtime.run(request) }
            for _ in 0..<20 where seen == nil { seen = Self.cacheFolder(of: hash) }
            _ = await run.value
        }
        let folder = try #require(seen)
        for seed in UInt64(0)..<3 {
            #expect(await runtime.run(try Harness.request(registry, "hostile", seed: seed))[0].error == nil)
            for _ in 0..<1000 where Self.workers(folder) > 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(Self.workers(folder) == 0)
        }
    }

    /// The image that a worker of this plugin runs.
    private static func cacheFolder(of hash: String) -> String? {
        commandLines().first { $0.contains(hash) }.map { String($0.split(separator: "\0")[1]) }
    }

    private static func workers(_ image: String) -> Int { commandLines().count { $0.contains(image) } }

    private static func commandLines() -> [String] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.filter { Int($0) != nil }.compactMap {
            FileManager.default.contents(atPath: "/proc/\($0)/cmdline")
        }
        .map { String(decoding: $0, as: UTF8.self) }.filter { $0.contains("stratagem-worker") }
    }

    @Test func aCXXExceptionAndALongjmpAreCrashes() async throws {
        let folder = try Harness.folder(with: try Harness.plugin("thrower.cpp"))
        let registry = try Harness.registry(
            [folder, try Harness.folder(with: try Harness.plugin())], Harness.options { $0.callSeconds = 1 })
        let runtime = try Harness.runtime(registry)
        let thrown = try #require(await runtime.run(try Harness.request(registry, "thrower"))[0].error)
        #expect(thrown.code == .crashed)
        #expect(thrown.message.contains("SIGABRT"), "\(thrown)")
        // A frame that is gone: anything may come of it, but here.
        let jumped = try #require(
            await runtime.run(try Harness.request(registry, "hostile", ["deed": "longjmp"]))[0].error)
        #expect(jumped.origin == .plugin)
        #expect(await runtime.run(try Harness.request(registry, "beam-search"))[0].error == nil)
    }

    /// A run that waits for its plugin can be cancelled, and ends.
    @Test func aCancelledRunEndsWithTheReply() async throws {
        let registry = try HostileTests.registry { $0.callSeconds = 0.5 }
        let runtime = try Harness.runtime(registry)
        let results = Locked<[RunResult]?>(nil)
        let id = runtime.submit(try Harness.request(registry, "hostile", ["deed": "sleep", "at": "start"])) { found in
            results.withLock { $0 = found }
        }
        runtime.cancel(id)
        for _ in 0..<500 where results.withLock({ $0 == nil }) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(results.withLock { $0?.count } == 1)
    }

    @Test func theWorkerIsMissing() throws {
        let registry = try Harness.registry(
            [try Harness.folder(with: try Harness.plugin())],
            Harness.options { $0.workerPath = "/nowhere/stratagem-worker" })
        let record = try #require(registry.discover().first)
        #expect(record.status == .refused)
        #expect(record.reason?.contains("stratagem-worker") == true, "\(record.reason ?? "")")
    }
}
