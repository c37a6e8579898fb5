import Foundation
import Glibc
import Testing

/// One signal ends the program, with what is finished, whatever a plugin is at; and standard
/// descriptors may be missing.
@Suite struct InterruptTests {
    /// A strategy that says so and then does not come back from `next`.
    private static let hanging = """
        #include "stratagem.h"
        #include <stdio.h>
        #include <unistd.h>
        #define TEXT(x) {x, sizeof(x) - 1}
        struct stg_instance { int unused; };
        static struct stg_instance one;
        static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
            (void)host, (void)info;
            *out = &one;
            return STG_OK;
        }
        static stg_status next(stg_instance *instance, const stg_tell *tell, stg_next *out) {
            (void)instance, (void)tell, (void)out;
            fprintf(stderr, "it hangs now\\n");
            fflush(stderr);
            for (;;) sleep(1000);
        }
        static void destroy(stg_instance *instance) { (void)instance; }
        static const stg_strategy hangs = {sizeof hangs, 0, TEXT("org.example.hangs"), TEXT("hangs"), TEXT("1.0.0"), TEXT("Hangs"),
                                           NULL, 0, create, next, NULL, NULL, destroy};
        static const stg_strategy *const all[] = {&hangs};
        static const stg_plugin plugin = {STG_MAGIC, sizeof plugin, STG_ABI_MAJOR, STG_ABI_MINOR, TEXT("hanging"), TEXT("1.0.0"), all, 1, NULL, 0, NULL};
        STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
        """

    private func plugin(in command: Command) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["cc", "-std=gnu11", "-shared", "-fPIC", "-I", root + "/Sources/CStratagem/include",
                             try command.write("hanging.c", Self.hanging), "-o", command.path("hanging.so")]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return command.path("hanging.so")
    }

    private func waitUntilItHangs(_ running: Command.Running) throws {
        let latest = Date(timeIntervalSinceNow: 120)
        while Date() < latest, running.process.isRunning {
            if try String(contentsOfFile: running.errors, encoding: .utf8).contains("it hangs now") { return }
            usleep(20_000)
        }
        Issue.record("it never hung")
    }

    /// Without the signal the watchdog ends it, later, and with another status.
    @Test(arguments: [SIGINT, SIGTERM, SIGHUP], [false, true])
    func oneSignalEndsAHangingPlugin(_ signal: Int32, _ isTrusted: Bool) throws {
        let command = try Command()
        defer { command.remove() }
        let plugin = try plugin(in: command)
        if isTrusted { #expect(try command.run("trust", plugin).status == 0) }
        let running = try command.start(["solve", "What is 2 + 2?", "--strategy", plugin, "--json"])
        try waitUntilItHangs(running)
        kill(running.process.processIdentifier, signal)
        let outcome = try running.wait()
        #expect(outcome.status == 130, "\(outcome.errors)")
        #expect(outcome.output.contains(isTrusted ? "\"interrupted\"" : "\"timed_out\""), "\(outcome.output)")
    }

    /// What others of the same command had finished is printed.
    @Test(arguments: [false, true]) func finishedWorkIsPrinted(_ isTrusted: Bool) throws {
        let command = try Command()
        defer { command.remove() }
        let plugin = try plugin(in: command)
        if isTrusted { #expect(try command.run("trust", plugin).status == 0) }
        let data = try command.write("data.jsonl", "{\"problem\": \"What is 2 + 2?\", \"answer\": \"4\"}\n")
        let running = try command.start(["eval", "--data", data, "--strategy", "majority", "--strategy", plugin, "--budget", "4", "--json"])
        try waitUntilItHangs(running)
        kill(running.process.processIdentifier, SIGTERM)
        let outcome = try running.wait()
        #expect(outcome.status == 130, "\(outcome.errors)")
        #expect(outcome.output.contains("\"strategy\": \"majority\"") && outcome.output.contains("\"problems\": 1"), "\(outcome.output)")
    }

    @Test func underNohupAHangUpEndsNothing() throws {
        let command = try Command()
        defer { command.remove() }
        let line = "trap '' HUP; (sleep 2; echo 'What is 2 + 2?') | "
            + "{ exec 3<&0; \(Command.program) solve - --bundle tree.script <&3 & p=$!; sleep 1; kill -HUP $p; wait $p; }"
        let outcome = try shell(line, in: command)
        #expect(outcome.status == 0 && outcome.output.contains("answer"), "\(outcome)")
    }

    /// `solve -` read a pipe of its own where standard input was closed, and waited for ever.
    @Test(arguments: [("<&-", 2, "standard input cannot be read"), (">&-", 1, "standard output cannot be written"), ("2>&-", 0, ""), ("<&- >&- 2>&-", 2, "")])
    func closedDescriptors(_ closed: String, _ status: Int32, _ words: String) throws {
        let command = try Command()
        defer { command.remove() }
        let problem = closed.hasPrefix("<&-") ? "-" : "'What is 2 + 2?'"
        let outcome = try shell("exec \(Command.program) solve \(problem) --bundle tree.script \(closed)", in: command)
        #expect(outcome.status == status, "\(outcome)")
        #expect(words.isEmpty || outcome.errors.contains(words), "\(outcome)")
    }

    private func shell(_ line: String, in command: Command) throws -> Command.Outcome {
        _ = try command.write("tree.script", Command.script)
        for name in ["out", "err"] { _ = try command.write(name, "") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.currentDirectoryURL = command.folder
        process.arguments = ["-c", line]
        process.standardOutput = FileHandle(forWritingAtPath: command.path("out"))
        process.standardError = FileHandle(forWritingAtPath: command.path("err"))
        let running = Command.Running(process: process, output: command.path("out"), errors: command.path("err"))
        try process.run()
        return try running.wait()
    }
}
