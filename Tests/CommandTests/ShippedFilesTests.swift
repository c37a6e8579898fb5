import Foundation
import Testing

/// Data sets and bundles that ship have short names, and every command knows them.
@Suite struct ShippedFilesTests {
    private static let models = URL(fileURLWithPath: Command.program).deletingLastPathComponent()
        .appendingPathComponent("stratagem_ReferenceModels.resources/Resources").path

    @Test(arguments: [("test", "test-500.jsonl"), ("dev", "dev-500.jsonl"), ("train", "train-sample.jsonl")])
    func dataSets(_ name: String, _ file: String) throws {
        let command = try Command()
        defer { command.remove() }
        func data(_ named: String) throws -> String? {
            let outcome = try command.run(
                "eval", "--data", named, "--limit", "2", "--budget", "1", "--bundle", "reference", "--json")
            #expect(outcome.status == 0, "\(outcome.errors)")
            return try object(outcome.output)["data"] as? String
        }
        #expect(try data(name) == Self.models + "/" + file)
        #expect(try data(Self.models + "/" + file) == Self.models + "/" + file)
    }

    /// What every command takes them for.
    @Test(arguments: [
        [
            "eval", "--data", "dev", "--bundle", "reference-pair", "--strategy", "greedy:role=large", "--budget", "1",
            "--limit", "1",
        ],
        ["solve", "--example", "1", "--bundle", "reference-rollout", "--budget", "2"],
        ["difficulty", "--data", "dev", "--limit", "4", "--bins", "1", "--samples", "2", "--bundle", "reference"],
        ["label", "--data", "train", "--limit", "1", "--samples", "1", "--rollouts", "1", "--bundle", "reference"],
        ["match", "--small", "reference-pair", "--data", "dev"],
        ["check", "PLUGIN", "--bundle", "reference", "--only", "entry-block"],
    ]) func everyCommand(_ arguments: [String]) throws {
        let command = try Command()
        defer { command.remove() }
        let plugin = URL(fileURLWithPath: Command.program).deletingLastPathComponent().appendingPathComponent(
            "libstg-majority.so"
        ).path
        let outcome = try command.start(arguments.map { $0 == "PLUGIN" ? plugin : $0 }).wait()
        #expect(outcome.status == 0, "\(arguments): \(outcome.errors)\(outcome.output.suffix(300))")
    }

    @Test(arguments: [
        (
            ["eval", "--data", "tset"],
            "tset: there is no such file, and no shipped data set of that name (did you mean \"test\"?). Shipped are test, dev, train."
        ),
        (["eval", "--data", "test-50.jsonl"], "(did you mean \"test-500.jsonl\"?)"),
        (
            ["eval", "--data", "my-problems.jsonl"],
            "there is no such file, and no shipped data set of that name. Shipped are"
        ),
        (
            ["solve", "x", "--bundle", "refernce-pair"],
            "no shipped bundle of that name (did you mean \"reference-pair\"?)"
        ),
        (["match", "--small", "reference-piar"], "did you mean \"reference-pair\"?"),
    ]) func wrongNames(_ arguments: [String], _ words: String) throws {
        let command = try Command()
        defer { command.remove() }
        let outcome = try command.start(arguments).wait()
        #expect(outcome.status == 2 && outcome.errors.contains(words), "\(outcome.errors)")
    }

    /// A name that is a file's as well is not guessed at.
    @Test func aFileOfThatName() throws {
        let command = try Command()
        defer { command.remove() }
        try command.write("dev", "{\"problem\": \"What is 2 + 2?\", \"answer\": \"4\"}\n")
        try command.write("tree.script", Command.script)
        func eval(_ data: String) throws -> Command.Outcome {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = [
                "-c",
                "exec '\(Command.program)' eval --data \(data) --bundle ./tree.script --budget 1 --json > out 2> err",
            ]
            process.currentDirectoryURL = command.folder
            process.environment = ["PATH": "/usr/bin:/bin", "HOME": command.folder.path]
            try process.run()
            process.waitUntilExit()
            return .init(
                status: process.terminationStatus,
                output: try String(contentsOfFile: command.path("out"), encoding: .utf8),
                errors: try String(contentsOfFile: command.path("err"), encoding: .utf8))
        }
        let both = try eval("dev")
        #expect(
            both.status == 2 && both.errors.contains("Write ./dev for the file")
                && both.errors.contains("[ambiguous_name]"), "\(both.errors)")
        #expect(try object(try eval("./dev").output)["data"] as? String == "./dev")
    }
}
