import Foundation
import Testing

/// `--model FILE.gguf` alone, through the built program.
@Suite struct ModelFileTests {
    /// The reference policy, which has no chat template.
    private var policy: String {
        get throws {
            let beside = URL(fileURLWithPath: Command.program).deletingLastPathComponent()
            return beside.appendingPathComponent("stratagem_ReferenceModels.resources/Resources/policy.gguf").path
        }
    }

    private func run(_ arguments: String...) throws -> Command.Outcome { try run(arguments) }

    private func run(_ arguments: [String]) throws -> Command.Outcome {
        let process = Process(), output = Pipe(), errors = Pipe()
        process.executableURL = URL(fileURLWithPath: Command.program)
        process.arguments = arguments
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile(),
            said = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return .init(
            status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: said, as: UTF8.self))
    }

    @Test func aFileAloneIsEnough() throws {
        let done = try run(
            "solve", "--json", "--model", policy, "--strategy", "majority", "--budget", "2", "What is 2 + 3?")
        #expect(done.status == 0)
        #expect(done.errors.contains("no chat template, so a plain prompt with two examples"))
        let result = try #require(try JSONSerialization.jsonObject(with: Data(done.output.utf8)) as? [String: Any])
        #expect(result["candidates"] != nil)
    }

    /// What `bundle` prints is what `--model` uses.
    @Test func aBundleToStartFrom() throws {
        let command = try Command()
        defer { command.remove() }
        let printed = try run("bundle", policy)
        #expect(printed.status == 0 && printed.output.contains("gguf = "))
        let file = try command.write("my.toml", printed.output)
        let arguments = ["--json", "--strategy", "greedy", "--param", "max_tokens=20", "What is 2 + 3?"]
        func answer(_ source: [String]) throws -> String? {
            let done = try run(["solve"] + source + arguments)
            let result = try JSONSerialization.jsonObject(with: Data(done.output.utf8)) as? [String: Any]
            return (result?["candidates"] as? [[String: Any]])?.first?["text"] as? String
        }
        #expect(try answer(["--bundle", file]) == answer(["--model", policy]))
    }

    @Test func whatIsNoFileIsToldWhatToDo() throws {
        func refused(_ model: String...) throws -> String {
            let done = try run("solve", "--model", model[0], "x")
            #expect(done.status == 2 && done.output.isEmpty)
            return done.errors
        }
        #expect(
            try refused("hf:some/model/big-q4.gguf").contains(
                "curl -L -o big-q4.gguf https://huggingface.co/some/model/resolve/main/big-q4.gguf"))
        #expect(try refused("hf:some/model:Q4_K_M").contains("hf download some/model --include \"*Q4_K_M*.gguf\""))
        #expect(try refused("hf:$(touch x)").contains("hf:OWNER/NAME/FILE.gguf"))
        #expect(try refused("/nonexistent/x.gguf").contains("no such file"))
        #expect(try refused("my.toml").contains("--bundle my.toml"))
        #expect(try refused("http://localhost:1/v1").contains("--endpoint http://localhost:1/v1"))
        #expect(try run("solve", "--model", "x.gguf", "--bundle", "y.toml", "x").errors.contains("exclude each other"))
    }
}
