import Foundation
import Testing

/// Plugins that mean harm, as a user meets them: through the built program, under
/// `--isolate`. Each loses its own run, the error says what it did, and what else the
/// command was doing comes out the same to the byte.
@Suite(.serialized) struct HostileCommandTests {
    struct Deed: Sendable, CustomTestStringConvertible {
        var deed: String
        /// Of the error; nil: it harms nobody, and the run is as without it.
        var code: String?
        /// What the error says.
        var words: [String] = []
        /// In which call.
        var at = "results"
        var testDescription: String { deed }
    }

    static let deeds = [
        Deed(deed: "segfault", code: "crashed", words: ["SIGSEGV", "in next", "address 0x8"]),
        Deed(deed: "abort", code: "crashed", words: ["SIGABRT"]),
        Deed(deed: "trap", code: "crashed", words: ["SIGILL", "a Swift trap"]),
        Deed(deed: "overflow", code: "crashed", words: ["SIGSEGV"]),
        Deed(deed: "heap", code: "crashed", words: ["crashed in next: SIG"]),
        Deed(deed: "longjmp", code: "crashed", words: ["crashed in next: SIG"]),
        Deed(deed: "throw", code: "crashed", words: ["SIGABRT", "an uncaught exception"]),
        Deed(deed: "exit", code: "crashed", words: ["exit(0)", "a plugin returns to its host"]),
        Deed(deed: "sleep", code: "timed_out", words: ["did not return from next within 10.0 s"]),
        Deed(deed: "allocate", code: "out_of_memory", words: ["1024 MiB"]),
        Deed(deed: "bomb", code: "strategy_failed", words: ["no more threads"]),
        Deed(deed: "fork", code: "forbidden_call", words: ["clone"]),
        Deed(deed: "exec", code: "forbidden_call", words: ["execve"]),
        Deed(deed: "socket", code: "forbidden_call", words: ["socket"]),
        Deed(deed: "kill", code: "forbidden_call", words: ["kill"]),
        Deed(deed: "write-file", code: "forbidden_call", words: ["openat", "writing"]),
        Deed(deed: "read-file", code: "strategy_failed", words: ["/etc/passwd cannot be read"]),
        Deed(deed: "garbage", code: "bad_message", words: ["does not begin like a message"]),
        Deed(deed: "huge", code: "bad_message", words: ["4294967295 bytes"]),
        Deed(deed: "reply", code: "bad_message", words: ["a call that was not made"]),
        Deed(deed: "messages", code: "too_many_messages", words: ["more than 4096 messages"]),
        Deed(deed: "close", code: "crashed", words: ["closed its connection"]),
        Deed(deed: "garbage-ask", code: "bad_temperature", words: ["temperature -1"], at: "start"),
        Deed(deed: "handler"), Deed(deed: "chdir"), Deed(deed: "locale"), Deed(deed: "threads"), Deed(deed: "print"),
        Deed(deed: "flood"),
    ]

    /// Compiled once for all.
    private static let plugins = Result { try Plugins() }

    private struct Plugins {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hostile-\(getpid())").path
        init() throws {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().path
            let common = "-w -shared -fPIC -pthread -D_FORTIFY_SOURCE=2 -I \(root)/Sources/CStratagem/include"
            for command in [
                "cc -std=gnu11 -O1 \(common) \(root)/Tests/IsolationTests/Fixtures/hostile.c -o \(folder)/hostile.so",
                "c++ -std=c++17 -O1 \(common) \(root)/Tests/IsolationTests/Fixtures/thrower.cpp -o \(folder)/thrower.so",
            ] {
                try #require(shell(command) == 0, "\(command)")
            }
        }

        /// As `--strategy` of eval takes it.
        func spec(_ deed: Deed) -> String {
            deed.deed == "throw" ? "\(folder)/thrower.so" : "\(folder)/hostile.so:deed=\(deed.deed),at=\(deed.at)"
        }
        func arguments(_ deed: Deed) -> [String] {
            deed.deed == "throw"
                ? ["--strategy", "\(folder)/thrower.so"]
                : ["--strategy", "\(folder)/hostile.so", "--param", "deed=\(deed.deed)", "--param", "at=\(deed.at)"]
        }
    }

    private static func shell(_ command: String) -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        do { try process.run() } catch { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// What beam search comes to in an eval beside `spec`, without the clock.
    private func bystander(beside spec: String?, in command: Command) throws -> (text: String, failed: Int) {
        let data = try command.write(
            "data.jsonl", (1...3).map { "{\"problem\": \"What is 2 + 2? (\($0))\", \"answer\": \"4\"}\n" }.joined())
        let strategies = ["--strategy", "beam-search"] + (spec.map { ["--strategy", $0] } ?? [])
        let outcome = try command.start(["eval", "--data", data, "--budget", "8", "--isolate", "--json"] + strategies)
            .wait()
        let results = try #require(try object(outcome.output)["results"] as? [[String: Any]], "\(outcome.errors)")
        var beam = results[0]
        beam["tokens_per_second"] = nil
        if var cost = beam["cost"] as? [String: Any] {
            cost["seconds"] = nil
            beam["cost"] = cost
        }
        let text = String(
            decoding: try JSONSerialization.data(withJSONObject: beam, options: .sortedKeys), as: UTF8.self)
        return (text, results.dropFirst().first?["failed"] as? Int ?? 0)
    }

    @Test(arguments: deeds) func aDeedLosesItsOwnRun(_ deed: Deed) throws {
        let plugins = try Self.plugins.get()
        let command = try Command()
        defer { command.remove() }
        let outcome = try command.start(
            ["solve", "What is 2 + 2?", "--isolate", "--json", "--budget", "4"] + plugins.arguments(deed)
        ).wait()
        let result = try object(outcome.output)
        if let code = deed.code {
            #expect(outcome.status == 1, "\(outcome.errors)")
            let error = try #require(result["error"] as? [String: Any])
            #expect(error["origin"] as? String == "plugin")
            #expect(error["code"] as? String == code, "\(error)")
            for word in deed.words { #expect((error["message"] as? String)?.contains(word) == true, "\(error)") }
            #expect(
                outcome.errors.contains(deed.deed == "throw" ? "thrower" : "hostile"),
                "it names the plugin: \(outcome.errors)")
        } else {
            #expect(outcome.status == 0, "\(outcome.errors)")
            let honest = try object(
                try command.start(
                    ["solve", "What is 2 + 2?", "--isolate", "--json", "--budget", "4"]
                        + plugins.arguments(Deed(deed: "none"))
                ).wait().output)
            #expect(
                result["error"] == nil
                    && NSArray(array: result["votes"] as? [Any] ?? [])
                        == NSArray(array: honest["votes"] as? [Any] ?? [])
            )
            if deed.deed == "print" {
                #expect(
                    outcome.errors.contains("plugin 'hostile' (standard output): {\"answer\": \"42\"}"),
                    "\(outcome.errors)")
            }
        }
    }

    /// Three problems a deed, against an eval without it.
    @Test(arguments: deeds.filter { $0.deed != "sleep" }) func othersDoNotChangeByAByte(_ deed: Deed) throws {
        let plugins = try Self.plugins.get()
        let command = try Command()
        defer { command.remove() }
        let alone = try bystander(beside: nil, in: command)
        let beside = try bystander(beside: plugins.spec(deed), in: command)
        #expect(beside.text == alone.text)
        #expect(beside.failed == (deed.code == nil ? 0 : 3))
    }
}
