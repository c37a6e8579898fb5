import Foundation
import Glibc
import Testing

/// The built program, run as a user would run it, on a hand-made tree instead of
/// a model.
struct Command {
    struct Outcome {
        var status: Int32
        var output: String
        var errors: String
    }

    /// A folder of its own for every test.
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("command-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// The program lies beside the tests.
    static let program: String = {
        let tests =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("stratagem").path
    }()

    /// Two and two: the wrong answer is likelier, the verifier knows better.
    static let script = """
        problem What is 2 + 2?
          Add them. | weight 3 value 0.8
            #### 4 | end value 0.9
          Guess. | weight 4 value 0.2
            #### 5 | end value 0.1
        """

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        // At once: a program that was started before may be about to read it.
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)), options: .atomic)
        return path(name)
    }

    /// With `--bundle` and the script, where `arguments` do not say otherwise.
    func run(_ arguments: String..., input: Data = Data(), environment: [String: String] = [:], output: String? = nil)
        throws -> Outcome
    {
        try start(arguments, input: input, environment: environment, output: output).wait()
    }

    /// A running program. `wait` gives it five minutes, for slow builds on busy machines.
    struct Running {
        var process: Process
        var output: String
        var errors: String

        func interrupt() { kill(process.processIdentifier, SIGINT) }

        func wait() throws -> Outcome {
            let end = Date(timeIntervalSinceNow: 300)
            while process.isRunning, Date() < end { usleep(5_000) }
            if process.isRunning {
                kill(process.processIdentifier, SIGKILL)
                Issue.record("the program did not end within five minutes")
            }
            process.waitUntilExit()
            return Outcome(
                status: process.terminationReason == .exit
                    ? process.terminationStatus : 128 + process.terminationStatus,
                output: (try? String(contentsOfFile: output, encoding: .utf8)) ?? "",
                errors: (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "")
        }
    }

    func start(
        _ arguments: [String], input: Data = Data(), environment: [String: String] = [:], output: String? = nil,
        errors: FileHandle? = nil, at place: URL? = nil
    ) throws -> Running {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        let script = try write("tree.script", Self.script)
        let wantsModel =
            ["solve", "eval", "label", "recommend"].contains(arguments.first) && !arguments.contains("--bundle")
            && !arguments.contains("--help")
        process.arguments = arguments + (wantsModel ? ["--bundle", script] : [])
        // What a sanitizer was told (not to look for leaks, say) holds for the program too.
        let sanitizers = ProcessInfo.processInfo.environment.filter { $0.key.hasSuffix("SAN_OPTIONS") }
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": folder.path, "TMPDIR": folder.path]
            .merging(sanitizers) { $1 }.merging(environment) { $1 }
        let name = UUID().uuidString
        try input.write(to: URL(fileURLWithPath: path(name + ".in")))
        let running = Running(process: process, output: output ?? path(name + ".out"), errors: path(name + ".err"))
        if output == nil { try Data().write(to: URL(fileURLWithPath: running.output)) }
        try Data().write(to: URL(fileURLWithPath: running.errors))
        if let place { process.currentDirectoryURL = place }
        process.standardInput = FileHandle(forReadingAtPath: path(name + ".in"))
        process.standardOutput = FileHandle(forWritingAtPath: running.output)
        process.standardError = errors ?? FileHandle(forWritingAtPath: running.errors)
        try process.run()
        return running
    }
}

extension Command {
    /// A data set of so many problems that the script's tree answers.
    func problems(_ count: Int) throws -> String {
        try write(
            "d.jsonl",
            (0..<count).map { "{\"question\": \"What is 2 + 2? (\($0))\", \"answer\": \"two and two\\n#### 4\"}\n" }
                .joined())
    }
}

func object(_ text: String) throws -> [String: Any] {
    try #require(
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "no JSON object: \(text)")
}
