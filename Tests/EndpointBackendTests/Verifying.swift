import BackendContract
import Foundation
import LanguageModels
import SearchCore

@testable import EndpointBackend

/// Verifiers behind servers, from the lines of a bundle.
enum Verifying {
    static let template = "Question: {problem}\nSolution:\n"
    static let tokens = "good = \"+\"\nbad = [\"-\"]"

    static func limits(timeout: Double = 300, retrying: Double = 1.5) -> EndpointLimits {
        var limits = EndpointLimits()
        limits.timeout = timeout
        limits.retrying = retrying
        return limits
    }

    /// - Parameter lines: the verifier's keys, its source among them.
    static func bundle(_ lines: String, kind: String = "prm", template: String = template, context: Int = 512) throws
        -> LanguageModels.Bundle
    {
        try BundleReader.parse(
            """
            name = "test"
            context = \(context)
            [template]
            problem = "{problem}"
            [models.policy]
            gguf = "policy.gguf"
            [models.verifier]
            kind = "\(kind)"
            template = \(JSON.quoted(template))
            \(lines)
            """, file: "test.toml", checkingFiles: false)
    }

    private struct NotThere: Error {}

    /// Shares come as numbers and are compared as logarithms of single precision.
    static func isNear(_ one: [Double], _ other: [Double]) -> Bool {
        one.count == other.count && zip(one, other).allSatisfy { abs($0 - $1) < 1e-6 }
    }

    static func role(
        _ addresses: [EndpointAddress], _ lines: String, kind: String = "prm", template: String = template,
        limits: EndpointLimits? = nil, isProbed: Bool = false
    ) throws -> EndpointVerifierRole {
        let urls = addresses.map { JSON.quoted($0.base) }.joined(separator: ", ")
        let bundle = try bundle("endpoint = [\(urls)]\n\(lines)", kind: kind, template: template)
        guard let model = bundle.models["verifier"], case .endpoint(let endpoint) = model.source else {
            throw NotThere()
        }
        return try EndpointVerifierRole(
            model, endpoint, of: bundle, limits: limits ?? self.limits(), isProbed: isProbed)
    }

    static func verifier(_ role: any OpenedRole, _ wakes: Wakes) throws -> any Verifier {
        guard case .verifier(let verifier) = try role.make(for: LaneSeat(wake: wakes.wake)) else { throw NotThere() }
        return verifier
    }

    /// Scores each answer below a root of its own, all at once.
    static func score(
        _ role: any OpenedRole, _ answers: [[String]], problem: String = "3 + 4?", cancelling: (() -> Bool)? = nil
    ) throws -> [ScoreCompletion] {
        let wakes = Wakes()
        let verifier = try verifier(role, wakes)
        for (number, answer) in answers.enumerated() {
            let (root, _) = try verifier.makeRoot(problem: Array("\(problem) \(number)".utf8), attempts: [])
            verifier.submit(
                ScoreJob(
                    id: UInt64(number), prefix: root, steps: answer.map { Array($0.utf8) }, isFinished: true))
        }
        var done: [ScoreCompletion] = []
        while verifier.hasWork {
            if cancelling?() == true { for id in answers.indices { verifier.cancel(job: UInt64(id)) } }
            guard verifier.advance(into: &done) == .waiting else { continue }
            if cancelling != nil {
                Thread.sleep(forTimeInterval: 0.01)
            } else if !wakes.wait() {
                break
            }
        }
        return done.sorted { $0.id < $1.id }
    }
}

extension BadServer {
    /// What a llama-server says of two tokens' shares; `tokens` as if it had read the whole prompt.
    static func shares(
        _ request: Request, good: String = "0.75", bad: String = "0.25", tokens: Int? = nil, more: String = ""
    ) -> Act {
        let ids = request.body["logit_bias"]?.array?.compactMap { $0.array?.first?.int } ?? [0, 0]
        let entries = zip(ids, [good, bad]).map { "{\"id\":\($0),\"prob\":\($1)}" }.joined(separator: ",")
        let read = tokens ?? request.body["prompt"]?.array?.count ?? 0
        return json(
            "{\"model\":\"tiny\",\"tokens_evaluated\":\(read),\"truncated\":false,\"timings\":{\"prompt_n\":1},\"completion_probabilities\":[{\"top_probs\":[\(entries)]}]\(more)}"
        )
    }

    /// A vLLM, whose tokens are bytes.
    static func vLLM(_ answer: @escaping @Sendable (Request) -> [Act]) throws -> BadServer {
        try BadServer { request in
            switch request.path {
            case "/v1/models":
                [json("{\"data\":[{\"id\":\"tiny\",\"owned_by\":\"vllm\",\"max_model_len\":1024}]}")]
            case "/version": [json("{\"version\":\"0.32.0\"}")]
            case "/tokenize":
                [
                    json(
                        "{\"tokens\":[\((request.body["prompt"]?.string ?? "").utf8.map { "\($0)" }.joined(separator: ","))]}"
                    )
                ]
            default: answer(request)
            }
        }
    }

    /// A server with OpenAI's interface alone.
    static func plain(_ answer: @escaping @Sendable (Request) -> [Act]) throws -> BadServer {
        try BadServer { request in
            request.path == "/v1/models"
                ? [json("{\"data\":[{\"id\":\"tiny\",\"owned_by\":\"library\"}]}")] : answer(request)
        }
    }
}
