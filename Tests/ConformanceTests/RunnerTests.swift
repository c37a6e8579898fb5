@testable import Conformance
import Foundation
import Testing

/// What becomes of plugins that do worse than break a promise.
@Suite struct RunnerTests {
    /// A plugin whose load does this.
    private func plugin(_ deed: String) throws -> String {
        let stem = BrokenPlugin.scratch.appendingPathComponent("deed-\(UUID().uuidString)").path
        let source = """
            #include <signal.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <unistd.h>
            #include "stratagem.h"
            STG_EXPORT const stg_plugin *stg_plugin_entry(void) { \(deed) return NULL; }
            """
        try source.write(toFile: stem + ".c", atomically: true, encoding: .utf8)
        try BrokenPlugin.compile(stem + ".c", to: stem + ".so", [])
        return stem + ".so"
    }

    private func result(_ deed: String, timeout: Double = 20) throws -> CheckResult {
        try #require(
            BrokenPlugin.check(try plugin(deed), level: 1, only: ["entry-block"]) { $0.timeoutSeconds = timeout }.first)
    }

    @Test func aCrashIsNamedByItsSignal() throws {
        let found = try result("*(volatile int *)8 = 1;")
        #expect(found.status == .crashed)
        #expect(found.finding?.happened.contains("SIGSEGV") == true)
        #expect(try result("abort();").finding?.happened.contains("SIGABRT") == true)
    }

    /// `threads-parallel` runs a search on each of four threads, and each says whose turn it is.
    @Test func whatAFaultWouldReportIsWrittenByManyThreadsAtOnce() async {
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<4 {
                group.addTask {
                    for round in 0..<20_000 {
                        // Longer than what a string keeps in place: it has an owner count that threads could get wrong.
                        FaultReport.begin("a-strategy-of-a-long-name-\(index)-\(round)")
                        FaultReport.enter("next of \(index), \(round % 50)")
                    }
                }
            }
        }
        #expect(FaultReport.place(in: "\nfault  in next") == " in next")
    }

    @Test func anExitInTheMiddleIsACrash() throws {
        let found = try result("_exit(0);")
        #expect(found.status == .crashed)
        #expect(found.finding?.happened.contains("exited with status 0") == true)
    }

    @Test func aHangIsEndedWithAllThatItStarted() throws {
        let start = Date()
        let found = try result("for (;;) pause();", timeout: 0.5)
        #expect(found.status == .timedOut)
        #expect(Date().timeIntervalSince(start) < 10)
    }

    @Test func aForkIsForbidden() throws {
        let found = try result("fork();")
        #expect(found.status == .crashed)
        #expect(found.finding?.happened.contains("SIGSYS") == true)
    }

    @Test func whatTheCallerHasOpenIsNotInherited() throws {
        let file = open("/dev/zero", O_RDONLY)
        let high = fcntl(file, F_DUPFD, 150)
        defer { close(file); close(high) }
        #expect(fcntl(high, F_GETFD) == 0, "it would pass on to a program that is started")
        let found = try result("for (int i = 100; i < 256; i++) if (dup(i) >= 0) abort();")
        #expect(found.status == .failed, "\(found.finding?.happened ?? "")")
    }

    /// Somebody else's deleting changes how the system calls an open file.
    @Test func anOpenFileIsTheSameWhenItIsDeleted() throws {
        Sandbox.openFolders()
        let path = BrokenPlugin.scratch.appendingPathComponent("deleted-\(UUID().uuidString)").path
        let file = open(path, O_CREAT | O_RDWR, 0o600)
        let before = ProcessState.now()
        unlink(path)
        #expect(ProcessState.now().change(of: .files, since: before)?.contains(path) != true)
        // Another file under the same number is another one.
        let other = open("/dev/zero", O_RDONLY)
        dup2(other, file)
        close(other)
        #expect(ProcessState.now().change(of: .files, since: before)?.contains("\(file) (/dev/zero)") == true)
        close(file)
    }

    @Test func whatItPrintsIsKeptApart() throws {
        let found = try result(#"puts("hello from the plugin"); fflush(stdout);"#)
        #expect(found.output == "hello from the plugin\n")
        #expect(found.status == .failed)
    }

    @Test func aForgedReportIsOnlyAsGoodAsThePlugin() throws {
        // Half of one is not an outcome.
        let found = try result(#"dprintf(3, "status passed\n"); _exit(0);"#)
        #expect(found.status == .crashed)
    }

    @Test func aFailureSaysAllThatIsNeeded() throws {
        let result = try #require(
            BrokenPlugin.check(try BrokenPlugin.build("ask-tags-distinct"), level: 3, only: ["ask-tags-distinct"]).first
        )
        let lines = TextReport.lines(result).joined(separator: "\n")
        for piece in [
            "expected", "happened", "header    stg_ask.tag", "stratagem check", "--only ask-tags-distinct --seed 1",
            "little-beam",
        ] {
            #expect(lines.contains(piece), "\(piece) is missing in\n\(lines)")
        }
    }

    @Test func aFailingSequenceIsShrunk() throws {
        let result = try #require(
            BrokenPlugin.check(try BrokenPlugin.build("sequences"), level: 8, only: ["sequences"]).first)
        let sequence = try #require(result.sequence)
        // All that it takes is a budget that others do not have, and a stop.
        #expect(sequence.contains("stop="), "\(sequence)")
        #expect(sequence.split(separator: "+").count <= 4, "\(sequence)")
        let again = try #require(
            BrokenPlugin.check(result.plugin, level: 8, only: ["sequences"]) { $0.sequence = sequence }.first)
        #expect(again.status == .crashed)
    }

    @Test func aCrashLeavesItsTraceToo() throws {
        let folder = BrokenPlugin.scratch.appendingPathComponent("traces").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let plugin = try BrokenPlugin.build("fault-truncated")
        let result = try #require(
            BrokenPlugin.check(plugin, level: 5, only: ["fault-truncated"]) { $0.exportFolder = folder }.first)
        #expect(result.status == .crashed)
        let contents = try TraceFile.read(try #require(result.trace))
        #expect(contents.cutShort?.contains("no answer was given") == true)
        #expect(contents.trace.rounds.last?.told.contains { $0.outcome == 1 } == true)
    }

    @Test func reportsAreWellFormed() throws {
        let path = try BrokenPlugin.build("ask-tags-distinct")
        let results = BrokenPlugin.check(path, level: 3)
        let json =
            try JSONSerialization.jsonObject(with: Data(JSONReport.text([(path, results)], level: 3, seed: 1).utf8))
            as? [[String: Any]]
        let listed = try #require(json?.first?["results"] as? [[String: Any]])
        #expect(listed.count == results.count)
        #expect(
            listed.filter { $0["status"] as? String == "failed" }.map { $0["check"] as? String } == [
                "ask-tags-distinct"
            ])
        let parser = XMLCounter(JUnitReport.text([(path, results)]))
        #expect(parser.isWellFormed)
        #expect(parser.counts["testcase"] == results.count)
        #expect(parser.counts["failure"] == 1)
    }

    @Test func theListInTheDocumentsIsTheCode() throws {
        let path = BrokenPlugin.here.appendingPathComponent("../../docs/checks.md").standardized.path
        let written = try String(contentsOfFile: path, encoding: .utf8)
        let made = CheckList.markdown()
        #expect(
            written.trimmingCharacters(in: .newlines) == made.trimmingCharacters(in: .newlines),
            "stratagem check --list --markdown > docs/checks.md makes it true again")
    }

    @Test func everyCheckIsListedOnce() {
        let names = CheckTable.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(
            CheckTable.all.allSatisfy {
                CheckTable.levels.contains($0.level) && $0.proves.hasSuffix(".") && !$0.clause.isEmpty
            })
        #expect(CheckList.text().split(separator: "\n").count == names.count)
    }
}

/// Counts elements. (FoundationXML would be a dependency for one test.)
private struct XMLCounter {
    var counts: [String: Int] = [:]
    var isWellFormed = true

    init(_ text: String) {
        var open: [Substring] = []
        for piece in text.split(separator: "<").dropFirst() {
            guard let end = piece.firstIndex(of: ">") else { isWellFormed = false; return }
            let tag = piece[..<end]
            if tag.hasPrefix("?") { continue }
            if tag.hasPrefix("/") {
                if open.popLast() != tag.dropFirst() { isWellFormed = false }
                continue
            }
            let name = tag.prefix { $0 != " " && $0 != "/" }
            counts[String(name), default: 0] += 1
            if !tag.hasSuffix("/") { open.append(name) }
        }
        if !open.isEmpty { isWellFormed = false }
    }
}
