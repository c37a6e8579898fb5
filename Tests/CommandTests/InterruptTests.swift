import Foundation
import Glibc
import Testing

/// One signal ends the program, with what is finished, whatever a plugin is at; and standard
/// descriptors may be missing.
@Suite struct InterruptTests {
    /// A strategy that says so and then does not return from `next`.
    static let hanging = CPlugin(
        next: """
                (void)instance, (void)tell, (void)out;
                fprintf(stderr, "it hangs now\\n");
                fflush(stderr);
                for (;;) sleep(1000);
            """)

    /// A strategy that samples until it is told to stop. A turn takes 10 ms, so that the million turns
    /// that a run may take last for hours: it is at work when the signal comes, whatever the load.
    static let searching = CPlugin(
        next: """
                static stg_ask ask;
                static stg_answer answer;
                if (tell->event == STG_EVENT_CANCELLED || tell->event == STG_EVENT_BUDGET_OVER) {
                    out->kind = STG_NEXT_DONE;
                    out->answers = &answer, out->answer_count = answer.node != 0;
                    return STG_OK;
                }
                if (tell->told_count > 0 && answer.node == 0) {
                    const stg_told *told = stg_told_at(tell, 0);
                    for (size_t i = 0; i < told->node_count; i++) answer.node = told->nodes[i];
                    answer.weight = 1;
                    fprintf(stderr, "it searches now\\n");
                    fflush(stderr);
                }
                usleep(10000);
                ask.struct_size = sizeof ask, ask.kind = STG_ASK_SAMPLE, ask.node = instance->root, ask.count = 1;
                ask.role = (stg_str)TEXT("policy"), ask.temperature = 1;
                out->kind = STG_NEXT_ASKS;
                out->asks = &ask, out->ask_count = 1;
                return STG_OK;
            """)

    private func wait(until words: String, _ running: Command.Running) throws {
        let latest = Date(timeIntervalSinceNow: 120)
        while Date() < latest, running.process.isRunning {
            if try String(contentsOfFile: running.errors, encoding: .utf8).contains(words) { return }
            usleep(20_000)
        }
        Issue.record("it never said '\(words)'")
    }

    /// Without the signal the watchdog ends it, later, and with another status.
    @Test(arguments: [SIGINT, SIGTERM, SIGHUP], [false, true])
    func oneSignalEndsAHangingPlugin(_ signal: Int32, _ isTrusted: Bool) throws {
        let command = try Command()
        defer { command.remove() }
        let plugin = try Self.hanging.build(in: command, isTrusted: isTrusted)
        let running = try command.start(["solve", "What is 2 + 2?", "--strategy", plugin, "--json"])
        try wait(until: "it hangs now", running)
        kill(running.process.processIdentifier, signal)
        let outcome = try running.wait()
        #expect(outcome.status == 130, "\(outcome.errors)")
        #expect(outcome.output.contains(isTrusted ? "\"interrupted\"" : "\"timed_out\""), "\(outcome.output)")
    }

    /// What others of the same command had finished is printed.
    @Test(arguments: [false, true]) func finishedWorkIsPrinted(_ isTrusted: Bool) throws {
        let command = try Command()
        defer { command.remove() }
        let plugin = try Self.hanging.build(in: command, isTrusted: isTrusted)
        let data = try command.write("data.jsonl", "{\"problem\": \"What is 2 + 2?\", \"answer\": \"4\"}\n")
        let running = try command.start([
            "eval", "--data", data, "--strategy", "majority", "--strategy", plugin, "--budget", "4", "--json",
        ])
        try wait(until: "it hangs now", running)
        kill(running.process.processIdentifier, SIGTERM)
        let outcome = try running.wait()
        #expect(outcome.status == 130, "\(outcome.errors)")
        #expect(
            outcome.output.contains("\"strategy\": \"majority\"") && outcome.output.contains("\"problems\": 1"),
            "\(outcome.output)")
    }

    /// The second ends it at once, and leaves no more behind than the first.
    @Test(arguments: [1, 2, 3], [false, true]) func nothingIsLeftBehind(_ signals: Int, _ isTrusted: Bool) throws {
        let command = try Command()
        defer { command.remove() }
        let plugin = try Self.hanging.build(in: command, isTrusted: isTrusted)
        // The cache of plugins cannot be made: each gets a temporary folder.
        let running = try command.start(
            [
                "solve", "What is 2 + 2?", "--strategy", plugin, "--tree", command.path("t.svg"), "--trace",
                command.path("t.jsonl"),
            ],
            environment: ["XDG_CACHE_HOME": "/dev/null"])
        try wait(until: "it hangs now", running)
        for _ in 0..<signals {
            kill(running.process.processIdentifier, SIGINT)
            usleep(50_000)
        }
        #expect(try running.wait().status == 130)
        let left = try FileManager.default.contentsOfDirectory(atPath: command.folder.path).filter {
            $0.hasSuffix(".part") || $0.hasPrefix("stratagem-")
        }
        #expect(left == [] || signals == 3, "\(left)")
    }

    @Test(arguments: [false, true]) func interruptedSolveShowsTheBestSoFar(_ isTrusted: Bool) throws {
        let command = try Command()
        defer { command.remove() }
        let plugin = try Self.searching.build(in: command, isTrusted: isTrusted)
        let running = try command.start([
            "solve", "What is 2 + 2?", "--strategy", plugin, "--budget", "seconds=1000000", "--json",
        ])
        try wait(until: "it searches now", running)
        running.interrupt()
        let outcome = try running.wait()
        #expect(outcome.status == 130, "\(outcome.errors)")
        let found = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
        #expect(found?["cancelled"] as? Bool == true)
        #expect(found?["answer"] is String, "\(outcome.output)")
    }

    /// Ctrl-C in a terminal reaches the whole group. That what draws ends by it is nobody's fault.
    @Test(arguments: 0..<3) func whatDrawsIsNotBlamed(_ turn: Int) throws {
        let command = try Command()
        defer { command.remove() }
        let data = try command.problems(2)
        #expect(try command.run("eval", "--data", data, "--budget", "2", "--out", command.path("s.db")).status == 0)
        try FileManager.default.createDirectory(atPath: command.path("bin"), withIntermediateDirectories: true)
        let gnuplot = try command.write(
            "bin/gnuplot", "#!/bin/sh\necho it draws now >&2\ntouch began\nexec sleep 1000\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: gnuplot)
        let running = try command.start(
            ["report", command.path("s.db"), "-o", command.path("r.html"), "--svg", command.path("svg"), "--json"],
            environment: ["PATH": "\(command.path("bin")):/usr/bin:/bin"], at: command.folder)
        let latest = Date(timeIntervalSinceNow: 120)
        while Date() < latest, running.process.isRunning, !FileManager.default.fileExists(atPath: command.path("began"))
        {
            usleep(5_000)
        }
        let child = try Self.descendants(of: running.process.processIdentifier).first
        // As in a terminal; the program alone; both, each by itself.
        kill(turn == 0 ? -running.process.processIdentifier : running.process.processIdentifier, SIGINT)
        if let child, turn == 2 { kill(child, SIGINT) }
        let outcome = try running.wait()
        #expect(outcome.status == 130 && outcome.errors.hasSuffix("stratagem: interrupted\n"), "\(outcome.errors)")
        #expect(!outcome.errors.contains("gnuplot") && !outcome.errors.contains("draw"), "\(outcome.errors)")
        _ = try object(outcome.output)
        let left = try FileManager.default.contentsOfDirectory(atPath: command.folder.path).filter {
            $0.hasSuffix(".part") || $0.hasPrefix("stratagem-") || $0 == "r.html"
        }
        #expect(left == [] && (try? FileManager.default.contentsOfDirectory(atPath: command.path("svg"))) ?? [] == [])
    }

    /// What `check` has started ends with it, and not when a check's time is up.
    @Test func nothingOfCheckGoesOn() throws {
        let command = try Command()
        defer { command.remove() }
        let running = try command.start([
            "check", try Self.hanging.build(in: command, isTrusted: false), "--timeout", "1000", "--only", "next-kind",
        ])
        var started: Set<Int32> = []
        let latest = Date(timeIntervalSinceNow: 120)
        // The server, and its copy that is in the plugin's call.
        while started.count < 2, Date() < latest, running.process.isRunning {
            started = try Self.descendants(of: running.process.processIdentifier)
            usleep(20_000)
        }
        try #require(started.count >= 2)
        running.interrupt()
        #expect(try running.wait().status == 130)
        let end = Date(timeIntervalSinceNow: 60)
        while Date() < end, started.contains(where: Self.isAlive) { usleep(20_000) }
        #expect(started.filter(Self.isAlive) == [])
    }

    /// Parent and state of a process, which may be gone.
    private static func look(_ pid: Int32) -> (parent: Int32, state: Substring)? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let name = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[name...].split(separator: " ")
        return fields.count > 2 ? Int32(fields[2]).map { ($0, fields[1]) } : nil
    }

    private static func isAlive(_ pid: Int32) -> Bool { look(pid).map { $0.state != "Z" } ?? false }

    private static func descendants(of root: Int32) throws -> Set<Int32> {
        let all = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }
        var found: Set<Int32> = [root]
        while let next = all.first(where: { pid in
            !found.contains(pid) && look(pid).map { found.contains($0.parent) } ?? false
        }) { found.insert(next) }
        return found.subtracting([root])
    }

    @Test func underNohupAHangUpEndsNothing() throws {
        let command = try Command()
        defer { command.remove() }
        let line =
            "trap '' HUP; (sleep 2; echo 'What is 2 + 2?') | "
            + "{ exec 3<&0; \(Command.program) solve - --bundle tree.script <&3 & p=$!; sleep 1; kill -HUP $p; wait $p; }"
        let outcome = try shell(line, in: command)
        #expect(outcome.status == 0 && outcome.output.contains("answer"), "\(outcome)")
    }

    /// `solve -` read a pipe of its own where standard input was closed, and waited for ever.
    @Test(arguments: [
        ("<&-", 2, "standard input cannot be read"), (">&-", 1, "standard output cannot be written"), ("2>&-", 0, ""),
        ("<&- >&- 2>&-", 2, ""),
    ])
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
