import Foundation
import LanguageModels
import Testing

@testable import EndpointBackend

/// A llama-server with reference weights, one for all tests that want these weights; ends with this process.
final class RealServer: Sendable {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
        .standardized.path
    static let resources = root + "/Sources/ReferenceModels/Resources"

    let address: EndpointAddress
    private let script: Process

    /// nil if it cannot be had: the tests say so and are skipped, but not in CI.
    static let shared = start("policy.gguf")
    /// The same server with a verifier's weights.
    static let verifier = start("orm.gguf")

    private static func start(_ weights: String) -> RealServer? {
        do { return try RealServer(weights) } catch {
            FileHandle.standardError.write(Data("SKIPPED: the tests against a real llama-server: \(error)\n".utf8))
            return nil
        }
    }
    static var isNeeded: Bool { ProcessInfo.processInfo.environment["CI"] != nil }

    private struct Unavailable: Error { var why: String }

    private init(_ weights: String) throws {
        let fetch = try Self.start(["fetch"])
        fetch.process.waitUntilExit()
        guard fetch.process.terminationStatus == 0 else { throw Unavailable(why: "it cannot be fetched; see above") }
        let port = try Listener.freePort()
        script = try Self.start([
            "run", "--", "--model", Self.resources + "/" + weights, "--host", "127.0.0.1", "--port", "\(port)",
            "--ctx-size", "8192", "--parallel", "8", "--threads", "1", "--device", "none", "--no-webui",
        ]).process
        address = try EndpointAddress(parsing: "http://127.0.0.1:\(port)/v1")
        let client = EndpointClient(address)
        let deadline = Date(timeIntervalSinceNow: 120)
        while script.isRunning, Date() < deadline {
            let isReady = try Blocking.wait { (try? await client.get(.native("health")))?["status"]?.string == "ok" }
            if isReady { return }
            Thread.sleep(forTimeInterval: 0.05)
        }
        throw Unavailable(why: script.isRunning ? "it was not ready in two minutes" : "it ended by itself")
    }

    private static func start(_ arguments: [String]) throws -> (process: Process, input: Pipe) {
        let process = Process()
        let input = Pipe()
        process.executableURL = URL(fileURLWithPath: root + "/Tests/EndpointBackendTests/llama-server.sh")
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        if arguments[0] == "run" { process.standardError = FileHandle.nullDevice }
        try process.run()
        // Kept open until this process ends.
        inputs.append(input)
        return (process, input)
    }

    nonisolated(unsafe) private static var inputs: [Pipe] = []

    /// The reference bundle, its policy behind this server.
    func bundle() throws -> LanguageModels.Bundle {
        try Self.bundle(.endpoint(.init(urls: [address.base])))
    }

    static func bundle(_ source: LanguageModels.Bundle.Source) throws -> LanguageModels.Bundle {
        var bundle = try BundleReader.read(file: resources + "/reference.toml")
        bundle.models = ["policy": LanguageModels.Bundle.Model(role: "policy", kind: .policy, source: source)]
        return bundle
    }

    static func prompt(_ problem: String) -> [PromptPart] {
        [
            PromptPart(template: "Question: "), PromptPart(text: Array(problem.utf8)),
            PromptPart(template: "\nSolution:\n"),
        ]
    }
}
