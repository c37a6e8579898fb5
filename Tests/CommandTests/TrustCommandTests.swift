import Foundation
import Testing

/// What a user does with a stranger's plugin: see where it runs, trust it, replace it
/// while a program is running.
@Suite struct TrustCommandTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// examples/early-stop with another default: how many samples a run takes tells
    /// which file it ran.
    private func plugin(window: Int, at path: String, name: String = "early-stop", in command: Command) throws {
        let source = try String(contentsOfFile: Self.root + "/examples/early-stop/early_stop.c", encoding: .utf8)
            .replacing(".i = 4}", with: ".i = \(window)}").replacing("\"early-stop\"", with: "\"\(name)\"")
        let file = try command.write("early-\(window).c", source)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "cc", "-w", "-shared", "-fPIC", "-I", Self.root + "/Sources/CStratagem/include", file, "-o", path + ".new",
        ]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        // All or nothing, as a careful installer does it.
        try #require(rename(path + ".new", path) == 0)
    }

    private func folder(_ command: Command) throws -> String {
        let folder = command.path("plugins")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    @Test func trustIsInTheBytes() throws {
        let command = try Command()
        defer { command.remove() }
        let folder = try folder(command)
        let path = folder + "/early-stop.so"
        try plugin(window: 4, at: path, in: command)
        func process() throws -> String? {
            let outcome = try command.run("plugins", "--json", "--plugin-path", folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let list = try #require(
                try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
            return list.first { $0["name"] as? String == "early-stop" }?["process"] as? String
        }
        #expect(try process() == "worker")
        let trusted = try command.run("trust", path)
        #expect(trusted.status == 0 && trusted.output.contains("with all your rights"), "\(trusted.errors)")
        #expect(try process() == "host")
        #expect(try command.run("trust", "--list").output.contains(path))
        // Another file in its place is another plugin; the first one again is the first one.
        try plugin(window: 5, at: path, in: command)
        #expect(try process() == "worker")
        try plugin(window: 4, at: path, in: command)
        #expect(try process() == "host")
        #expect(try command.run("trust", "--remove", path).status == 0)
        #expect(try process() == "worker")
        let again = try command.run("trust", "--remove", path)
        #expect(again.status == 2 && again.errors.contains("is not trusted"))
    }

    /// A stranger's plugin that calls itself "majority" is not majority, and that is said.
    @Test func aStrangerTakesNoShippedName() throws {
        let command = try Command()
        defer { command.remove() }
        let folder = try folder(command)
        let path = folder + "/majority.so"
        try plugin(window: 4, at: path, name: "majority", in: command)
        let data = try command.write("data.jsonl", "{\"problem\": \"What is 2 + 2?\", \"answer\": \"4\"}\n")
        let common = ["--strategy", "majority", "--budget", "4", "--plugin-path", folder]
        for start in [["solve", "What is 2 + 2?"], ["eval", "--data", data]] {
            let honest = try command.start(start + common.dropLast(2) + ["--json"]).wait()
            let found = try command.start(start + common + ["--json"]).wait()
            func answers(_ outcome: Command.Outcome) -> String {
                outcome.output.replacing(/"(?:seconds|tokens_per_second)": [^,\n]*/, with: "")
            }
            #expect(found.status == 0 && answers(found) == answers(honest), "\(found.errors)")
            for words in ["\(path) is shadowed", "is trusted", "--allow-shadowing"] {
                #expect(found.errors.contains(words), "\(start[0]): \(found.errors)")
            }
            #expect(!honest.errors.contains("shadowed"), "\(honest.errors)")
            let allowed = try command.start(start + common + ["--allow-shadowing"]).wait()
            #expect(
                allowed.errors.contains("libstg-majority.so is shadowed") && allowed.errors.contains(path),
                "\(allowed.errors)")
        }
        // By its path it is used, and its name is still no name of it.
        let named = try command.run("solve", "What is 2 + 2?", "--strategy", path, "--budget", "4", "--trace-abi")
        #expect(named.errors.contains("is shadowed") && named.errors.contains("abi: "), "\(named.errors)")
    }

    @Test func whatEveryoneCanWriteIsRefused() throws {
        let command = try Command()
        defer { command.remove() }
        let folder = try folder(command)
        let path = folder + "/early-stop.so"
        try plugin(window: 4, at: path, in: command)
        chmod(path, 0o666)
        let outcome = try command.run("solve", "What is 2 + 2?", "--strategy", path)
        #expect(
            outcome.status == 2 && outcome.errors.contains("can be written by everyone (mode 666); run chmod o-w"),
            "\(outcome.errors)")
        #expect(try command.run("plugins", "--plugin-path", folder).output.contains("can be written by everyone"))
    }

    /// One answer only: every window agrees at once.
    private static let settled = """
        problem What is 2 + 2?
          Add them.
            #### 4 | end
        """

    /// A loop over standard input that continues while the file is replaced, by a good
    /// one and by a broken one.
    @Test(arguments: [[], ["--isolate"]]) func aNewFileIsPickedUpByTheNextProblem(more: [String]) throws {
        let command = try Command()
        defer { command.remove() }
        let folder = try folder(command)
        let path = folder + "/early-stop.so"
        try plugin(window: 4, at: path, in: command)
        let program = Process()
        program.executableURL = URL(fileURLWithPath: Command.program)
        program.arguments =
            [
                "solve", "-", "--watch-plugins", "--json", "--budget", "64", "--strategy", "early-stop",
                "--plugin-path", folder,
                "--bundle", try command.write("settled.script", Self.settled),
            ] + more
        program.environment = ["PATH": "/usr/bin:/bin", "HOME": command.folder.path, "TMPDIR": command.folder.path]
        let (input, output) = (Pipe(), Pipe())
        let errors = try command.write("errors", "")
        program.standardInput = input
        program.standardOutput = output
        program.standardError = FileHandle(forWritingAtPath: errors)
        try program.run()
        defer { program.terminate() }

        func generations() throws -> Int? {
            try input.fileHandleForWriting.write(contentsOf: Data("What is 2 + 2?\n".utf8))
            var line = Data()
            while line.last != UInt8(ascii: "\n"), let byte = try output.fileHandleForReading.read(upToCount: 1),
                !byte.isEmpty
            { line += byte }
            let result = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
            #expect(result["answer"] as? String == "4")
            return (result["cost"] as? [String: Any])?["generations"] as? Int
        }
        func wait(for words: String) throws {
            for _ in 0..<1500 where try !String(contentsOfFile: errors, encoding: .utf8).contains(words) {
                usleep(20_000)
            }
            #expect(try String(contentsOfFile: errors, encoding: .utf8).contains(words))
        }

        #expect(try generations() == 4)
        try plugin(window: 6, at: path, in: command)
        try wait(for: "loaded early-stop 1.0.0 from \(path)")
        #expect(try generations() == 6)
        try "no plugin".write(toFile: path, atomically: true, encoding: .utf8)
        try wait(for: "not loaded: \(path)")
        #expect(try generations() == 6)
        try input.fileHandleForWriting.close()
        program.waitUntilExit()
        #expect(program.terminationStatus == 0)
    }
}
