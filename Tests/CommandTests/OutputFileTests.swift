import Foundation
import Testing

/// Files that commands write: what they must not write over, what they leave behind, and what is said if it cannot be
/// done.
struct OutputFileTests {
    private let command: Command
    private let store: String

    init() throws {
        command = try Command()
        let script = try command.write("two.script", PolicyCommandTests.tree(verifier: 0.6))
        let data = try command.write(
            "d.jsonl", PolicyCommandTests.names.map { "{\"problem\": \"\($0)\", \"answer\": \"1\"}\n" }.joined())
        store = command.path("s.db")
        let outcome = try command.run("eval", "--bundle", script, "--data", data, "--out", store, "--budget", "1,4")
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    private func leftovers() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: command.folder.path).filter {
            $0.hasSuffix(".part") || $0.hasPrefix("stratagem-report-")
        }
    }

    @Test func storesAreNotWrittenOver() throws {
        defer { command.remove() }
        let (other, soft, hard) = (command.path("other.db"), command.path("soft"), command.path("hard"))
        try FileManager.default.copyItem(atPath: store, toPath: other)
        try FileManager.default.createSymbolicLink(atPath: soft, withDestinationPath: store)
        try FileManager.default.linkItem(atPath: store, toPath: hard)
        let before = try bytes(store)
        let all = [
            ["fit", store, "-o", store], ["fit", store, "-o", hard], ["fit", store, "-o", other],
            ["report", store, "-o", store], ["report", store, "-o", soft], ["report", store, "--markdown", store],
            ["report", store, "--markdown", hard],
            ["report", store, "--markdown", other], ["report", store, "--pair", other, "-o", other],
        ]
        for arguments in all {
            let outcome = try command.start(arguments).wait()
            #expect(
                outcome.status == 2 && outcome.errors.contains("would_overwrite"), "\(arguments): \(outcome.errors)")
            #expect(outcome.output == "")
        }
        #expect(try bytes(store) == before && bytes(other) == before)
        #expect(try leftovers().isEmpty)
        // Results may be made again.
        let old = try command.write("old.md", "old")
        #expect(try command.run("report", store, "--markdown", old).status == 0)
        #expect(try bytes(old) != Data("old".utf8))
    }

    /// The shorter of an option's names, or the longer: whichever the parser has last.
    @Test(arguments: [
        (["fit", "S", "-o", ""], "-o"), (["fit", "S", "--output="], "-o"), (["fit", ""], "store"),
        (["report", "S", "-o", ""], "--out"),
        (["report", "S", "--svg", ""], "--svg"), (["report", "S", "--markdown="], "--markdown"),
        (["report", "S", "--pair", ""], "--pair"), (["report", ""], "store"),
        (["eval", "--out", ""], "--out"), (["eval", "--data", ""], "--data"), (["eval", "--grid", ""], "--grid"),
        (["eval", "--bundle="], "--bundle"),
        (["label", "--data", "d", "--out", ""], "--out"), (["difficulty", "--store", ""], "--store"),
        (["match", "--small", ""], "--small"),
        (["merge", "S", "-o", ""], "--output"), (["query", ""], "store"), (["solve", "x", "--tree", ""], "--tree"),
        (["solve", "x", "--trace", ""], "--trace"),
        (["replay", ""], "trace"), (["check", "S", "--junit", ""], "--junit"),
    ]) func namesThatAreEmpty(arguments: [String], name: String) throws {
        defer { command.remove() }
        let outcome = try command.start(arguments.map { $0 == "S" ? store : $0 }).wait()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("\(name) is empty. Write a file name"), "\(outcome.errors)")
        #expect(outcome.output == "")
    }

    /// Only names of files are meant: these are said in words of their own.
    @Test func otherEmptyWordsAreOfOthers() throws {
        defer { command.remove() }
        for arguments in [
            ["solve", ""], ["eval", "--budget", ""], ["query", store, ""], ["solve", "x", "--param", "a="],
        ] {
            let outcome = try command.start(arguments).wait()
            #expect(
                outcome.status == 2 && !outcome.errors.contains("is empty. Write a file name"),
                "\(arguments): \(outcome.errors)")
        }
    }

    @Test func whatFailsAfterTheWorkIsNoRefusal() throws {
        defer { command.remove() }
        for (arguments, shown) in [
            (["fit", store, "--bins", "2", "-o", "/dev/full"], "24 problems"),
            (["report", store, "-o", "/dev/full"], "Beam search"),
        ] {
            let outcome = try command.start(arguments).wait()
            #expect(outcome.status == 1, "\(arguments)")
            #expect(outcome.errors.contains("/dev/full could not be written"), "\(outcome.errors)")
            #expect(outcome.output.contains(shown), "the results are not lost: \(outcome.output)")
        }
    }

    /// Ctrl-C while gnuplot hangs: no half a page, no gnuplot.
    @Test func anInterruptedReportLeavesNothing() throws {
        defer { command.remove() }
        let running = command.path("running")
        try FileManager.default.createDirectory(atPath: command.path("bin"), withIntermediateDirectories: true)
        let fake = try command.write(
            "bin/gnuplot", "#!/bin/sh\necho $$ > \(running).new\nmv \(running).new \(running)\nexec sleep 600\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: fake)
        let report = try command.start(
            ["report", store, "-o", command.path("r.html"), "--markdown", command.path("r.md")],
            environment: ["PATH": "\(command.path("bin")):/usr/bin:/bin"])
        while !FileManager.default.fileExists(atPath: running), report.process.isRunning { usleep(5_000) }
        #expect(try !leftovers().isEmpty, "it is at work")
        report.interrupt()
        #expect(try report.wait().status == 130)
        #expect(try leftovers().isEmpty)
        let child = try #require(
            Int32(String(decoding: bytes(running), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(Self.hasEnded(child))
    }

    /// Gone, or not yet taken away by whoever inherits it.
    private static func hasEnded(_ process: Int32) -> Bool {
        let end = Date(timeIntervalSinceNow: 60)
        while Date() < end {
            guard let line = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return true }
            if line.contains(") Z ") { return true }
            usleep(5_000)
        }
        return false
    }

    /// The ending says what is written, and nothing is written under a wrong one.
    @Test func reportsAreWhatTheyAreCalled() throws {
        defer { command.remove() }
        let markdown = try command.run(
            "report", store, "-o", command.path("r.md"), "--markdown", command.path("also.md"))
        #expect(markdown.status == 0, "\(markdown.errors)")
        let text = try String(decoding: bytes(command.path("r.md")), as: UTF8.self)
        let also = try String(decoding: bytes(command.path("also.md")), as: UTF8.self)
        #expect(text.contains("\n## ") && !text.contains("<html") && text == also, "\(text.prefix(200))")
        for name in ["r.pdf", "r.txt", "report", "r.htmlx"] {
            let refused = try command.run("report", store, "-o", command.path(name))
            #expect(
                refused.status == 2 && refused.errors.contains("must be .html (a page with figures) or .md"),
                "\(refused.errors)")
            #expect(refused.output == "" && !FileManager.default.fileExists(atPath: command.path(name)))
        }
        #expect(try leftovers().isEmpty)
    }

    @Test func aPairWithoutALargerModelIsSaid() throws {
        defer { command.remove() }
        let (other, page) = (command.path("other.db"), command.path("r.html"))
        try FileManager.default.copyItem(atPath: store, toPath: other)
        for (pair, why) in [
            (store, "s.db, which --pair names, is the report's own store, and has no run of the larger model"),
            (other, "other.db has no run of the larger model"),
        ] {
            let outcome = try command.run("report", store, "--pair", pair, "-o", page)
            #expect(outcome.status == 0)
            #expect(
                outcome.errors.contains("The comparison with a larger model is left out: \(why) (greedy:role=large)"),
                "\(outcome.errors)")
            #expect(
                try String(decoding: bytes(page), as: UTF8.self).contains(
                    "The comparison with a larger model is left out"))
        }
        #expect(try !command.run("report", store).errors.contains("larger model"), "nobody asked")
    }

    @Test func aFolderThatCannotBeWrittenToIsNamed() throws {
        defer { command.remove() }
        // Nobody may write there, not even root.
        let outcome = try command.run("report", store, "--svg", "/proc/sys")
        #expect(outcome.status == 2)
        #expect(
            outcome.errors.contains("/proc/sys, for the figures, is a folder that may not be written to"),
            "\(outcome.errors)")
        #expect(outcome.output == "")
        let temporary = try command.start(
            ["report", store, "-o", command.path("r.html")], environment: ["TMPDIR": "/proc/sys"]
        ).wait()
        #expect(temporary.status == 1)
        #expect(
            temporary.errors.contains("temporary files, /proc/sys, cannot be written to")
                && !temporary.errors.contains("version"), "\(temporary.errors)")
    }
}
