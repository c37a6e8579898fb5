import Engine
import Foundation
import Glibc
import Locking
import SearchCore
import Testing

/// OpenAI's own client. Where it cannot be had in good time the test says so, and is skipped.
@Suite(.timeLimit(.minutes(5))) struct OpenAIClientTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
        .standardized.path
    static let version = "3.57.0"

    /// A Python with the client in it: made once, in the build's folder.
    static let python: String? = {
        let folder = root + "/.build/openai-\(version)"
        let python = folder + "/bin/python"
        let isThere =
            (try? run([python, "-c", "import openai; assert openai.__version__ == '\(version)'"], seconds: 20))?.status
            == 0
        if isThere { return python }
        guard (try? run(["python3", "-m", "venv", folder], seconds: 30))?.status == 0,
            (try? run(
                [folder + "/bin/pip", "install", "--quiet", "--disable-pip-version-check", "openai==\(version)"],
                seconds: 60))?.status == 0
        else {
            FileHandle.standardError.write(
                Data("SKIPPED: the test with the openai client, which cannot be installed here\n".utf8))
            return nil
        }
        return python
    }()

    static func run(_ arguments: [String], seconds: Double) throws -> (status: Int32, text: String) {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let timer = DispatchSource.makeTimerSource()
        timer.schedule(deadline: .now() + seconds)
        timer.setEventHandler { kill(process.processIdentifier, SIGKILL) }
        timer.resume()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        timer.cancel()
        return (process.terminationStatus, text)
    }

    @Test func theClientIsContent() async throws {
        guard let python = try await blocking({ Self.python }) else { return }
        try await TestServer.run(hasSlow: true) { (server: TestServer) async throws in
            let expected = try await server.engine.solve(
                Problem(text: TestServer.problem), strategy: "best-of-n", limits: Limits(generations: 8), seed: 7)
            let content = try #require(expected.candidates.first?.text)
            let base = server.base
            let result = try await blocking {
                try Self.run(
                    [python, Self.root + "/Tests/ServerTests/openai_client.py", base, TestServer.problem, content],
                    seconds: 120)
            }
            #expect(result.status == 0, "\(result.text)")
        }
    }
}
