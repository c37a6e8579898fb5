import Foundation
import Testing

/// Somebody removes or replaces the file that a command writes to for a long time: it is noticed, said, and what was
/// measured is kept elsewhere.
struct GoneFileTests {
    private let command: Command
    private let data: String

    init() throws {
        command = try Command()
        data = try command.write(
            "d.jsonl", (0..<20_000).map { "{\"question\": \"What is 2 + 2? (\($0))\", \"answer\": \"4\"}\n" }.joined())
    }

    private var arguments: [String] {
        [
            "eval", "--data", data, "--strategy", "majority", "--budget", "64", "--json", "--out", command.path("s.db"),
            "--resume",
        ]
    }

    private func runs(in path: String) throws -> Int {
        let outcome = try command.run("query", path, "--sql", "SELECT count(*) FROM runs", "--json")
        let rows = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]]
        return rows?.first?.values.first as? Int ?? -1
    }

    private func saved(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".saved") }.map {
            folder + "/" + $0
        }
    }

    @Test(arguments: ["removed", "replaced", "with its folder"]) func aStore(how: String) throws {
        defer { command.remove() }
        let folder = command.path("studies")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let store = folder + "/s.db"
        var arguments = arguments
        arguments[arguments.count - 2] = store
        let running = try command.start(arguments)
        let end = Date(timeIntervalSinceNow: 120)
        while Date() < end, (try? runs(in: store)) ?? 0 <= 0 { usleep(20_000) }
        let known = try runs(in: store)
        switch how {
        case "removed":
            for end in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: store + end) }
        case "replaced": #expect(rename(try command.write("other", "mine"), store) == 0)
        default: try FileManager.default.removeItem(atPath: folder)
        }
        let outcome = try running.wait()
        #expect(outcome.status == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains("s.db was re") && outcome.errors.contains("[store_gone]"), "\(outcome.errors)")
        #expect(outcome.output.contains("\"complete\": false"))
        // All of it is elsewhere, and continues from there.
        let copies = try saved(how == "with its folder" ? command.folder.path : folder)
        let copy = try #require(copies.first)
        #expect(copies.count == 1 && outcome.errors.contains(copy))
        #expect(try runs(in: copy) >= known)
        if how == "replaced" { #expect(try String(contentsOfFile: store, encoding: .utf8) == "mine") }
        #expect(try command.run("query", copy, "study").status == 0)
    }

    @Test func labels() throws {
        defer { command.remove() }
        let out = command.path("l.jsonl")
        let running = try command.start(["label", "--data", data, "--out", out])
        let end = Date(timeIntervalSinceNow: 120)
        while Date() < end, (try? Data(contentsOf: URL(fileURLWithPath: out)).count) ?? 0 == 0 { usleep(5_000) }
        try FileManager.default.removeItem(atPath: out)
        let outcome = try running.wait()
        #expect(
            outcome.status == 1
                && outcome.errors.contains("l.jsonl, for label, was removed while it was being written"),
            "\(outcome.errors)")
        let copy = try #require(try saved(command.folder.path).first)
        #expect(try String(contentsOfFile: copy, encoding: .utf8).hasSuffix("}\n"))
    }
}

/// A store in a folder that its reader may not write to.
struct ReadOnlyFolderTests {
    /// With as many rights as any other user has: none beside those of the file.
    private func query(_ command: Command, _ store: String) throws -> Command.Outcome {
        let process = Process()
        let isRoot = getuid() == 0
        process.executableURL = URL(fileURLWithPath: isRoot ? "/usr/bin/setpriv" : Command.program)
        let query = ["query", store, "--sql", "SELECT count(*) FROM runs", "--json"]
        process.arguments = isRoot ? ["--bounding-set=-dac_override,-dac_read_search", Command.program] + query : query
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let words = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Command.Outcome(status: process.terminationStatus, output: text, errors: words)
    }

    @Test func isReadWhereNothingCanBeWritten() throws {
        let command = try Command()
        let folder = command.path("theirs")
        defer {
            chmod(folder, 0o755)
            command.remove()
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let data = try command.write("d.jsonl", "{\"problem\": \"What is 2 + 2?\", \"answer\": \"4\"}\n")
        let store = folder + "/s.db"
        #expect(try command.run("eval", "--data", data, "--budget", "1", "--out", store).status == 0)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: store))
        for log: UInt8 in [1, 2] {
            // As it is now, and as evals of before left it: made for a log that is not there.
            bytes[18] = log
            bytes[19] = log
            try bytes.write(to: URL(fileURLWithPath: store))
            chmod(folder, 0o555)
            chmod(store, 0o444)
            let outcome = try query(command, store)
            chmod(folder, 0o755)
            chmod(store, 0o644)
            #expect(outcome.status == 0 && outcome.output.contains("1"), "\(log): \(outcome.errors)")
        }
    }
}
