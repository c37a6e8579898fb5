import Foundation
import Testing

/// The examples, built and used as the README says.
@Suite struct ExampleTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// One answer only: every window agrees.
    private static let settled = """
        problem What is 2 + 2?
          Add them.
            #### 4 | end
        """
    /// Two answers, as likely as each other: a window of 40 never agrees.
    private static let open = """
        problem What is 2 + 2?
          Add them.
            #### 4 | end
          Guess.
            #### 5 | end
        """

    private func shell(_ command: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", command]
        process.currentDirectoryURL = URL(fileURLWithPath: Self.root)
        process.standardOutput = FileHandle.standardError
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(command)")
    }

    private func generations(_ plugin: String, _ script: String, window: Int, in command: Command) throws -> [String:
        Any]
    {
        let bundle = try command.write("example.script", script)
        let outcome = try command.run(
            "solve", "What is 2 + 2?", "--bundle", bundle, "--strategy", plugin, "--budget", "80",
            "--param", "window=\(window)", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        return try #require(json["cost"] as? [String: Any]).merging(["answer": json["answer"] ?? ""]) { first, _ in
            first
        }
    }

    private func checkEarlyStop(_ plugin: String, in command: Command) throws {
        let settled = try generations(plugin, Self.settled, window: 4, in: command)
        #expect(settled["generations"] as? Int == 4)
        #expect(settled["answer"] as? String == "4")
        let open = try generations(plugin, Self.open, window: 40, in: command)
        #expect(open["generations"] as? Int == 80)
    }

    @Test func earlyStopInC() throws {
        let command = try Command()
        defer { command.remove() }
        let plugin = command.path("early-stop.so")
        try shell(
            "cc -std=c99 -Wall -Wextra -pedantic -Werror -shared -fPIC -I Sources/CStratagem/include examples/early-stop/early_stop.c -o \(plugin)"
        )
        try checkEarlyStop(plugin, in: command)
    }

    /// Sure of the right answer, unsure of the wrong one.
    private static let sure = """
        problem What is 2 + 2?
          Add them. | weight 9
            #### 4 | end
          Guess. | weight 4
            one | weight 1
              #### 5 | end
            two | weight 1
              #### 6 | end
        """

    /// The extension, used in process and isolated; and where a host lacks it.
    @Test func deepConfidenceInC() throws {
        let command = try Command()
        defer { command.remove() }
        let plugin = command.path("deep-confidence.so")
        try shell(
            "cc -std=c99 -Wall -Wextra -pedantic -Werror -shared -fPIC -I Sources/CStratagem/include examples/deep-confidence/deep_confidence.c -lm -o \(plugin)"
        )
        let bundle = try command.write("sure.script", Self.sure)
        func run(_ plugin: String, _ more: String...) throws -> (json: String, answers: Int, usesExtension: Bool) {
            let trace = command.path("\(UUID().uuidString).jsonl")
            let arguments = [
                "solve", "What is 2 + 2?", "--bundle", bundle, "--strategy", plugin, "--budget", "40", "--json",
                "--trace", trace,
            ]
            let outcome = try command.start(arguments + more).wait()
            #expect(outcome.status == 0, "\(outcome.errors)")
            let found = try #require(
                try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
            #expect(found["answer"] as? String == "4")
            let lines = try String(contentsOfFile: trace, encoding: .utf8)
            let answers = try #require(found["candidates"] as? [Any]).count
            return (outcome.output.replacing(/"seconds": .*/, with: ""), answers, lines.contains("\"lowestWindow\""))
        }
        let here = try run(plugin)
        #expect(here.usesExtension && here.answers < 40, "paths were given up")
        #expect(try run(plugin, "--isolate").json == here.json)
        // The same plugin under a host without it: every sample ends in an answer.
        var data = try Data(contentsOf: URL(fileURLWithPath: plugin))
        let id = try #require(data.range(of: Data("stratagem.confidence/1".utf8)))
        data[id.upperBound - 1] = UInt8(ascii: "0")
        try data.write(to: URL(fileURLWithPath: command.path("older.so")))
        let without = try run(command.path("older.so"))
        #expect(!without.usesExtension && without.answers == 40)
    }

    /// A program for a verifier: refused until it is trusted, then it finds the answer that the model
    /// thinks less likely; no tokens, no FLOPs, its calls counted.
    @Test func aProgramChecksTheArithmetic() throws {
        let command = try Command()
        defer { command.remove() }
        let folder = Self.root + "/examples/check-arithmetic"
        let plugin = command.path("check-arithmetic.so")
        try shell(
            "cc -std=c99 -Wall -Wextra -pedantic -Werror -shared -fPIC -I Sources/CStratagem/include \(folder)/check_arithmetic.c -lm -o \(plugin)"
        )
        func solve(_ strategy: String, _ more: String...) throws -> Command.Outcome {
            try command.start(
                [
                    "solve", "What is 3 times 4 plus 1?", "--plugin-path", plugin, "--bundle",
                    folder + "/check-arithmetic.toml",
                    "--strategy", strategy, "--budget", "8", "--json",
                ] + more
            ).wait()
        }
        let refused = try solve("beam-search")
        #expect(refused.status == 2 && refused.errors.contains("stratagem trust \(plugin)"), "\(refused.errors)")
        #expect(try command.run("trust", plugin).status == 0)
        for strategy in ["beam-search", "best-of-n"] {
            let outcome = try solve(strategy)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let found = try #require(
                try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
            let cost = try #require(found["cost"] as? [String: Any])
            #expect(found["answer"] as? String == "13", "\(strategy)")
            #expect(cost["verifier_tokens"] as? Int == 0)
            #expect(try #require(cost["program_calls"] as? Int) > 0 && cost["program_seconds"] as? Double != nil)
        }
    }

    /// The same with a program of the user's: refused until commands are allowed.
    @Test func aCommandChecksTheArithmetic() throws {
        let command = try Command()
        defer { command.remove() }
        let solve = [
            "solve", "What is 3 times 4 plus 1?", "--bundle",
            Self.root + "/examples/verify-command/verify-command.toml", "--strategy", "beam-search", "--budget", "4",
            "--json",
        ]
        let refused = try command.start(solve).wait()
        #expect(refused.status == 2 && refused.errors.contains("--allow-commands"), "\(refused.errors)")
        let outcome = try command.start(solve + ["--allow-commands"]).wait()
        #expect(outcome.status == 0, "\(outcome.errors)")
        let found = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(found["answer"] as? String == "13")
        let cost = try #require(found["cost"] as? [String: Any])
        #expect(try #require(cost["program_calls"] as? Int) > 0 && cost["verifier_tokens"] as? Int == 0)
    }

    @Test func earlyStopInSwift() throws {
        let command = try Command()
        defer { command.remove() }
        let scratch = command.path("build")
        try shell("swift build -c release --package-path examples/early-stop-swift --scratch-path \(scratch)")
        try checkEarlyStop(scratch + "/release/libearly-stop.so", in: command)
    }

    /// The README shows the very file that is built here.
    @Test func readmeShowsTheExample() throws {
        let source = try String(
            contentsOfFile: Self.root + "/examples/early-stop-swift/Sources/EarlyStop/EarlyStop.swift", encoding: .utf8)
        let readme = try String(contentsOfFile: Self.root + "/README.md", encoding: .utf8)
        #expect(readme.contains(source.trimmingCharacters(in: .newlines)))
    }

    /// docs/abi.md is made from the header.
    @Test func abiReferenceIsCurrent() throws {
        try shell("docs/abi-reference.py --check")
    }
}
