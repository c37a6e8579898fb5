import Foundation
import Locking
import SearchCore
import SearchRuntime
import StrategyHost
import Synchronization
import Testing

/// Plugins that mean harm lose their own run, and the error says what they did.
@Suite struct HostileTests {
    struct Deed: Sendable, CustomTestStringConvertible {
        var deed: String
        var at = "results"
        var code: String
        /// Words of the error's message.
        var words: [String]
        var testDescription: String { "\(deed) in \(at)" }
    }

    static let deeds = [
        Deed(deed: "segfault", code: "crashed", words: ["SIGSEGV", "in next", "0x8"]),
        Deed(deed: "segfault", at: "create", code: "crashed", words: ["SIGSEGV", "in create"]),
        Deed(deed: "segfault", at: "start", code: "crashed", words: ["SIGSEGV", "in next"]),
        Deed(deed: "overflow", code: "crashed", words: ["SIGSEGV"]),
        Deed(deed: "abort", code: "crashed", words: ["SIGABRT"]),
        Deed(deed: "trap", code: "crashed", words: ["SIGILL"]),
        Deed(deed: "loop", code: "timed_out", words: ["next", "within 1.0 s"]),
        Deed(deed: "sleep", at: "create", code: "timed_out", words: ["create"]),
        Deed(deed: "exit", code: "crashed", words: ["exit(0)", "in next"]),
        Deed(deed: "_exit", at: "create", code: "crashed", words: ["exit(7)", "in create"]),
        Deed(deed: "allocate", code: "out_of_memory", words: ["256 MiB"]),
        Deed(deed: "hoard", code: "strategy_failed", words: ["no memory"]),
        Deed(deed: "heap", code: "crashed", words: ["SIG"]),
        Deed(deed: "fork", code: "forbidden_call", words: ["clone"]),
        Deed(deed: "exec", code: "forbidden_call", words: ["execve \"/bin/sh\""]),
        Deed(deed: "socket", code: "forbidden_call", words: ["socket(2, 1, 0)", "SIGSYS"]),
        Deed(deed: "socket", at: "create", code: "forbidden_call", words: ["socket", "in create"]),
        Deed(deed: "ptrace", code: "forbidden_call", words: ["ptrace"]),
        Deed(deed: "kill", code: "forbidden_call", words: ["kill"]),
        Deed(deed: "killall", code: "forbidden_call", words: ["kill(-1, 9)"]),
        Deed(deed: "signal-host", code: "forbidden_call", words: ["fcntl"]),
        Deed(deed: "write-file", code: "forbidden_call", words: ["openat (for writing) \"/tmp/stratagem-hostile\""]),
        Deed(deed: "read-file", code: "strategy_failed", words: ["/etc/passwd cannot be read"]),
        Deed(deed: "list-home", code: "strategy_failed", words: ["/root cannot be listed"]),
        Deed(deed: "environment", code: "strategy_failed", words: ["no environment"]),
        Deed(deed: "shared", code: "strategy_failed", words: ["no maps"]),
        Deed(deed: "garbage", code: "bad_message", words: ["does not begin like a message"]),
        Deed(deed: "huge", code: "bad_message", words: ["4294967295 bytes"]),
        Deed(deed: "reply", code: "bad_message", words: ["a call that was not made"]),
        Deed(deed: "hello", code: "bad_message", words: ["a second time"]),
        Deed(deed: "host-message", code: "bad_message", words: ["only the host sends"]),
        Deed(deed: "messages", code: "too_many_messages", words: ["4096"]),
        Deed(deed: "close", code: "crashed", words: ["closed its connection"]),
        Deed(deed: "close-all", code: "crashed", words: ["closed its connection", "in next"]),
        Deed(deed: "close-all", at: "create", code: "crashed", words: ["closed its connection", "in create"]),
        Deed(deed: "replace", code: "crashed", words: ["closed its connection"]),
        Deed(deed: "kill-self", code: "crashed", words: ["SIGKILL, it was killed"]),
        Deed(deed: "handled", code: "forbidden_call", words: ["socket(2, 1, 0)"]),
        Deed(deed: "blocked", code: "forbidden_call", words: ["had blocked all signals"]),
        Deed(deed: "wild-path", code: "forbidden_call", words: [": openat (for writing) (SIGSYS"]),
        Deed(deed: "end-of-page", code: "forbidden_call", words: ["unlink", "\"/here\""]),
        Deed(deed: "long-path", code: "forbidden_call", words: ["mkdir", "\"/xxx", "xxx\"..."]),
        Deed(deed: "spawn", code: "strategy_failed", words: ["no child"]),
        Deed(deed: "system", code: "strategy_failed", words: ["no shell"]),
        Deed(deed: "bomb", code: "strategy_failed", words: ["no more threads"]),
        Deed(deed: "errors", code: "strategy_failed", words: ["I do not feel like it"]),
        Deed(deed: "garbage-ask", at: "start", code: "bad_temperature", words: ["temperature -1"]),
    ]

    /// Of another strategy, in process, while the hostile one is at it.
    static func bystanders(_ registry: PluginRegistry, _ runtime: SearchRuntime) async throws -> [String] {
        let requests = try (0..<6).map { try Harness.request(registry, "beam-search", seed: UInt64(100 + $0)) }
        return try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask { (index, try Harness.text(await runtime.run(request)[0])) }
            }
            var texts = Array(repeating: "", count: requests.count)
            for try await (index, text) in group { texts[index] = text }
            return texts
        }
    }

    private static let alone = Locked<[String]>([])

    static func registry(_ change: (inout IsolationOptions) -> Void = { _ in }) throws -> PluginRegistry {
        try Harness.registry(
            [try Harness.folder(with: try Harness.plugin())],
            Harness.options {
                $0.memoryBytes = 256 << 20
                change(&$0)
            })
    }

    @Test(arguments: deeds) func aDeedLosesItsOwnRun(_ deed: Deed) async throws {
        let registry = try Self.registry { if deed.code == "timed_out" { $0.callSeconds = 1 } }
        let runtime = try Harness.runtime(registry)
        let request = try Harness.request(registry, "hostile", ["deed": deed.deed, "at": deed.at])
        #expect(request.strategy.isolated != nil)
        async let others = Self.bystanders(registry, runtime)
        let result = await runtime.run(request)[0]
        let error = try #require(result.error, "it went unnoticed")
        #expect(error.origin == .plugin)
        #expect(error.code.rawValue == deed.code, "\(error)")
        for word in deed.words { #expect(error.message.contains(word), "\(error)") }
        #expect(error.message.contains("hostile"), "it names the plugin")
        let undisturbed = try await Self.bystanders(registry, Harness.runtime(Harness.registry()))
        #expect(try await others == undisturbed)
        #expect(!FileManager.default.fileExists(atPath: "/tmp/stratagem-hostile"))
        // And the plugin can be used again.
        let after = await runtime.run(try Harness.request(registry, "hostile"))[0]
        #expect(after.error == nil, "\(String(describing: after.error))")
    }

    /// What would harm a host is harmless in a worker.
    @Test(arguments: [
        "handler", "chdir", "locale", "threads", "threads-heap", "print", "flood", "chatter", "user", "name-thread",
    ])
    func aDeedThatHarmsNobodyIsLeftAlone(_ deed: String) async throws {
        let lines = Locked<[String]>([])
        let registry = try Self.registry { $0.log = { _, text in lines.withLock { $0.append(text) } } }
        let runtime = try Harness.runtime(registry) { $0.log = { _, text in lines.withLock { $0.append(text) } } }
        let before = FileManager.default.currentDirectoryPath
        let result = await runtime.run(try Harness.request(registry, "hostile", ["deed": deed]))[0]
        let honest = await runtime.run(try Harness.request(registry, "hostile"))[0]
        #expect(result.error == nil, "\(String(describing: result.error))")
        #expect(result.votes == honest.votes)
        #expect(FileManager.default.currentDirectoryPath == before)
        // What is printed comes when it comes.
        for _ in 0..<200 where deed == "print" && !lines.withLock({ $0.contains { $0.contains("a complaint") } }) {
            usleep(10_000)
        }
        let found = lines.withLock { $0 }
        switch deed {
        case "print":
            #expect(found.contains("plugin 'hostile' (standard output): {\"answer\": \"42\"}"), "\(found)")
            #expect(found.contains("plugin 'hostile' (standard error): a complaint"), "\(found)")
        case "flood": #expect(found.count < 1100)
        case "chatter":
            #expect(found.filter { $0.contains("chatter") }.count == 1000)
            #expect(found.contains { $0.contains("more lines of log were dropped") })
        default: break
        }
    }

    @Test(arguments: [
        ("*(volatile int *)8 = 1", "crashed in its loading: SIGSEGV"), ("_exit(5)", "exit(5)"),
        ("for (;;) {}", "within 1.0 s"),
        ("socket(AF_INET, SOCK_STREAM, 0)", "socket"),
        ("for (int i = 0; i < 9; i++) write(3, \"nonsense\", 8)", "sent the host an invalid message"),
    ])
    func aPluginThatMisbehavesWhileLoadingIsRefused(deed: String, words: String) throws {
        let data = try Harness.plugin("hostile.c", ["AT_LOAD=\(deed)"])
        let registry = try Harness.registry(
            [try Harness.folder(with: data)], Harness.options { $0.loadSeconds = deed.hasPrefix("for (;;)") ? 1 : 20 })
        let record = try #require(registry.discover().first)
        #expect(record.status == .refused)
        #expect(record.reason?.contains(words) == true, "\(record.reason ?? "")")
        #expect(registry.records.contains { $0.name == "beam-search" && $0.status == .loaded })
    }

    /// A call through the table of another architecture: the same numbers, other calls.
    @Test func callsOfAnotherArchitectureAreNamed() async throws {
        #if arch(x86_64)
        let registry = try Self.registry()
        let error = try #require(
            await Harness.runtime(registry).run(try Harness.request(registry, "hostile", ["deed": "x32"]))[0].error)
        #expect(
            error.code == .forbiddenCall && error.message.contains("number 39 in the table of x32 programs"), "\(error)"
        )
        #endif
    }

    @Test func aDeedInDestroyHarmsNobody() async throws {
        let registry = try Self.registry()
        let runtime = try Harness.runtime(registry)
        for _ in 0..<3 {
            let result = await runtime.run(
                try Harness.request(registry, "hostile", ["deed": "segfault", "at": "destroy"]))[0]
            #expect(result.error == nil)
        }
    }
}
