import Foundation
import Testing

/// Weights, bundles and files that are not what they should be, through the built
/// program: refused with what to do, before anything of llama.cpp can abort.
@Suite struct BadInputTests {
    private static let models = URL(fileURLWithPath: Command.program).deletingLastPathComponent()
        .appendingPathComponent("stratagem_ReferenceModels.resources/Resources").path

    /// The reference bundle with a line or two replaced.
    private func bundle(_ command: Command, _ changes: [(String, String)]) throws -> String {
        var text = try String(contentsOfFile: Self.models + "/reference.toml", encoding: .utf8)
        for (old, new) in changes {
            try #require(text.contains(old))
            text = text.replacing(old, with: new)
        }
        // What the bundle names beside itself lies elsewhere now.
        text = text.replacing(#/"([a-z-]+\.(?:gguf|toml))"/#) { "\"\(Self.models)/\($0.output.1)\"" }
        return try command.write("changed.toml", text)
    }

    /// Damage to a model file, and what is said of it.
    enum Damage: String, CaseIterable {
        case empty, cutInHeader, cutInWeights, notGGUF, version, tensors, architecture

        func apply(to bytes: Data) -> Data {
            var bytes = bytes
            func set(_ value: UInt64, at offset: Int, count: Int) {
                withUnsafeBytes(of: value.littleEndian) {
                    bytes.replaceSubrange(offset..<offset + count, with: $0.prefix(count))
                }
            }
            switch self {
            case .empty: return Data()
            case .cutInHeader: return bytes.prefix(20)
            case .cutInWeights: return bytes.prefix(200_000)
            case .notGGUF: return Data(repeating: 0x41, count: 100_000)
            case .version: set(99, at: 4, count: 4)
            case .tensors: set(1 << 60, at: 8, count: 8)
            case .architecture:
                while let place = bytes.prefix(8192).range(of: Data("llama".utf8)) {
                    bytes.replaceSubrange(place, with: Data("mamba".utf8.reversed()))
                }
            }
            return bytes
        }

        var says: String {
            switch self {
            case .empty: "the file is empty"
            case .cutInHeader: "inside its header: it is cut short"
            case .cutInWeights: "but the file has 200000: it is cut short"
            case .notGGUF: "this is not a GGUF file"
            case .version: "GGUF version 99"
            case .tensors: "its header claims 1152921504606846976 tensors"
            case .architecture: "unknown model architecture: 'abmam'"
            }
        }
    }

    @Test(arguments: Damage.allCases) func weights(damage: Damage) throws {
        let command = try Command()
        defer { command.remove() }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: Self.models + "/policy.gguf"))
        let path = command.path("damaged.gguf")
        try damage.apply(to: bytes).write(to: URL(fileURLWithPath: path))
        let outcome = try command.run("solve", "x", "--bundle", bundle(command, [("\"policy.gguf\"", "\"\(path)\"")]))
        #expect(outcome.status == 2 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("damaged.gguf") && outcome.errors.contains(damage.says), "\(outcome.errors)")
    }

    @Test(arguments: [
        (
            "step_delimiter =", "step_delimeter =",
            "changed.toml:3: step_delimeter is not a key of a bundle, did you mean 'step_delimiter'? Known: "
        ),
        ("gguf = \"policy.gguf\"", "gguf = \"/gone.gguf\"", "gone.gguf, which does not exist"),
        ("context = 1024", "context = 1048576", "was trained for 1024 tokens"),
        (
            "read_out = \"likelihood\"", "read_out = \"token\"\ngood = \"very good\"\nbad = [\"<|bad|>\"]",
            ".good is 'very good', which is not one token"
        ),
        ("kind = \"prm\"", "kind = \"judge\"", "models.prm.kind"),
    ])
    func bundles(old: String, new: String, says: String) throws {
        let command = try Command()
        defer { command.remove() }
        let outcome = try command.run("solve", "x", "--bundle", bundle(command, [(old, new)]))
        #expect(outcome.status == 2 && outcome.errors.contains(says), "\(outcome.errors)")
    }

    /// Marks that other systems put into text are not part of the problem.
    @Test func marksOfOtherSystems() throws {
        let command = try Command()
        defer { command.remove() }
        let problem = try command.run(
            "solve", "-", "--json", input: Data([0xEF, 0xBB, 0xBF] + Array("What is 2 + 2?\r\n".utf8)))
        #expect(problem.status == 0 && problem.output.contains("\"problem\": \"What is 2 + 2?\""))
        let line = "{\"problem\": \"What is 2 + 2?\", \"answer\": \"4\"}\r\n"
        let data = command.path("marked.jsonl")
        try Data([0xEF, 0xBB, 0xBF] + Array((line + line).utf8)).write(to: URL(fileURLWithPath: data))
        let study = try command.run("eval", "--data", data, "--budget", "4", "--json")
        #expect(
            study.status == 0 && study.output.contains("\"problems\": 2") && study.output.contains("\"correct\": 2"),
            "\(study.errors)")
    }

    /// A pipe that nobody writes to is waited for; one Ctrl-C ends that.
    @Test func oneInterruptEndsWhatHasNothingToFinish() throws {
        let command = try Command()
        defer { command.remove() }
        try #require(mkfifo(command.path("pipe"), 0o600) == 0)
        let running = try command.start(["eval", "--data", command.path("pipe")])
        let status = "/proc/\(running.process.processIdentifier)/status"
        let latest = Date(timeIntervalSinceNow: 60)
        while Date() < latest, try !isWaiting(String(contentsOfFile: status, encoding: .utf8)) { usleep(20_000) }
        running.interrupt()
        #expect(try running.wait().status == 130)
    }

    /// Asleep, and SIGINT (the second bit) is caught.
    private func isWaiting(_ status: String) -> Bool {
        let caught = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }?.split(separator: "\t").last
        return status.contains("State:\tS") && (UInt64(caught ?? "0", radix: 16) ?? 0) & 2 != 0
    }

    /// The same weights as an outcome verifier: only whole answers are judged, and
    /// those as before.
    @Test func anOutcomeVerifierOfRealWeights() throws {
        let command = try Command()
        defer { command.remove() }
        let outcomes = try bundle(command, [("kind = \"prm\"", "kind = \"orm\"")])
        func scores(_ arguments: String...) throws -> [Double?] {
            let outcome = try command.start(["solve", "--example", "42", "--budget", "4", "--json"] + arguments).wait()
            #expect(outcome.status == 0, "\(outcome.errors)")
            let result = try #require(
                try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
            return try #require(result["candidates"] as? [[String: Any]]).map { $0["score"] as? Double }
        }
        let trace = command.path("trace.jsonl")
        let judged = try scores("--bundle", outcomes, "--trace", trace)
        #expect(!judged.isEmpty && judged.allSatisfy { $0 != nil })
        #expect(try judged == scores("--bundle", Self.models + "/reference.toml"))
        // A step before the end has no value.
        let text = try String(contentsOfFile: trace, encoding: .utf8)
        #expect(text.contains("\"stepScores\":[null,"))
        // Steps cannot be searched with it: the answers come by majority, without a score.
        #expect(try scores("--bundle", outcomes, "--strategy", "beam-search").allSatisfy { $0 == nil })
    }
}
