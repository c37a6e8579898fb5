import BackendContract
import Foundation
import LanguageModels
import SearchCore
import Testing

@testable import EndpointBackend

@Suite("Conversations: whole answers from servers that have nothing else, and vLLM's own templates")
struct ChatTests {
    private struct NoModel: Error {}

    /// Events of a stream: deltas, why it ended, and the count of tokens.
    private static func stream(_ pieces: [String], _ reason: String, tokens: Int?) -> [BadServer.Act] {
        let first = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n"
        let thought = "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"Hm.\"}}]}\n\n"
        let deltas = pieces.map { "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\($0)\"}}]}\n\n" }
        let last = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"\(reason)\"}]}\n\n"
        let usage = tokens.map {
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":\($0)}}\n\n"
        }
        return [
            BadServer.streamHead,
            .send(first + thought + deltas.joined() + last + (usage ?? "") + "data: [DONE]\n\n"), .close,
        ]
    }

    private func role(_ address: EndpointAddress, kind: String? = nil) throws -> EndpointRole {
        let endpoint = Bundle.Endpoint(urls: [address.base], server: kind, route: .chat)
        var limits = EndpointLimits()
        limits.retrying = 0.3
        return try EndpointRole(endpoint, of: RealServer.bundle(.endpoint(endpoint)), limits: limits)
    }

    /// One sample; below an answer, if there is one.
    private func sample(
        _ role: EndpointRole, until: SampleUntil = .end, below answer: String? = nil, maxTokens: Int = 5
    ) throws -> SampleCompletion {
        let wakes = Wakes()
        guard case .model(let model) = try role.make(for: LaneSeat(wake: wakes.wake)) else { throw NoModel() }
        var (prefix, _) = try model.makePrefix(parent: nil, text: [PromptPart(text: Array("What is 3 + 4?".utf8))])
        if let answer {
            prefix = try model.makePrefix(parent: prefix, text: [PromptPart(text: Array(answer.utf8))]).0
        }
        model.submit(
            SampleJob(id: 1, prefix: prefix, until: until, maxTokens: maxTokens, temperature: 1, seed: 1))
        var done: [SampleCompletion] = []
        while model.hasWork { if model.advance(into: &done) == .waiting, !wakes.wait() { break } }
        return try #require(done.first)
    }

    private func sample(_ acts: [BadServer.Act], whole: String = "{\"choices\":[]}") throws -> SampleCompletion {
        let server = try BadServer.plain { $0.body["stream"]?.bool == true ? acts : [BadServer.json(whole)] }
        defer { server.stop() }
        return try sample(role(server.address))
    }

    @Test func aWholeAnswerComesFromAConversation() throws {
        let server = try BadServer.plain { _ in Self.stream(["So ", "7."], "stop", tokens: 4) }
        defer { server.stop() }
        let done = try sample(role(server.address))
        #expect(done.ending == .finished && done.text == Array("So 7.".utf8) && done.tokens == 4)
        let body = try #require(server.requests("/v1/chat/completions").first?.body)
        let messages = try #require(body["messages"]?.array)
        #expect(messages.count == 1 && messages[0]["role"]?.string == "user")
        #expect(messages[0]["content"]?.string == "What is 3 + 4?")
        for key in ["seed", "temperature", "top_p", "max_tokens", "n", "stop"] {
            #expect(body[key] != nil, "\(key) is always sent")
        }
        #expect(try role(server.address).summary.contains("whole answers by chat"))
        #expect(try role(server.address).capabilities.caveats.contains("prefix by text"))
    }

    @Test func howItEndsIsBelievedOnlyWhereItCanBeTrue() throws {
        #expect(try sample(Self.stream(["So"], "length", tokens: 5)).ending == .truncated)
        for (acts, word) in [
            (Self.stream(["So"], "content_filter", tokens: 1), "content_filter"),
            (Self.stream(["So"], "tool_calls", tokens: 1), "tool_calls"),
            (Self.stream(["So"], "stop", tokens: 6), "6 tokens, expected at most 5"),
            (Self.stream(["So"], "stop", tokens: 0), "0 as the number of its tokens"),
        ] {
            guard case .failed(let why) = try sample(acts).ending else {
                Issue.record("\(word): believed")
                continue
            }
            #expect(why.contains(word) && why.contains("/v1/chat/completions"))
        }
        let message = "{\"index\":0,\"message\":{\"content\":\"So\"}"
        for (whole, word) in [
            ("{\"choices\":[\(message),\"finish_reason\":\"stop\"}]}", "count of tokens"),
            ("{\"choices\":[\(message)}],\"usage\":{\"completion_tokens\":1}}", "finish_reason"),
        ] {
            guard case .failed(let why) = try sample(Self.stream(["So"], "stop", tokens: nil), whole: whole).ending
            else {
                Issue.record("\(word): believed")
                continue
            }
            #expect(why.contains(word))
        }
    }

    /// `llama_cpp.server` has no count in its streams: it is asked again without one, and from then on always so.
    @Test func whoCountsInWholeAnswersOnlyIsAskedForThese() throws {
        let server = try BadServer.plain { request in
            guard request.body["stream"]?.bool == false else { return Self.stream(["So 7."], "stop", tokens: nil) }
            return [
                BadServer.json(
                    "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"So 7.\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}"
                )
            ]
        }
        defer { server.stop() }
        let role = try role(server.address)
        for _ in 0..<2 {
            let done = try sample(role)
            #expect(done.ending == .finished && done.text == Array("So 7.".utf8) && done.tokens == 4)
        }
        let bodies = server.requests("/v1/chat/completions").map(\.body)
        #expect(bodies.map { $0["stream"]?.bool } == [true, false, false])
        #expect(bodies[0]["seed"]?.int == bodies[1]["seed"]?.int)
        #expect(bodies.map { $0["stream_options"] != nil } == [true, false, false], "elsewhere it would be refused")
    }

    /// A server that ends by itself, and counts no token of its text: `stop_reason` null.
    @Test func aTextOfNoTokensIsNonsenseOnEveryRoute() throws {
        let server = try BadServer.plain { _ in
            [
                BadServer.streamHead,
                .send(
                    "data: {\"choices\":[{\"index\":0,\"text\":\"7\",\"finish_reason\":\"stop\",\"stop_reason\":null}]}\n\n"
                ),
                .send("data: {\"choices\":[],\"usage\":{\"completion_tokens\":0}}\n\ndata: [DONE]\n\n"), .close,
            ]
        }
        defer { server.stop() }
        let endpoint = Bundle.Endpoint(urls: [try server.address.base])
        let role = try EndpointRole(endpoint, of: RealServer.bundle(.endpoint(endpoint)))
        guard case .failed(let why) = try sample(role).ending else {
            Issue.record("believed")
            return
        }
        #expect(why.contains("0 as the number of its tokens"))
    }

    @Test func stepsAndContinuationsAreRefusedBeforeARequest() throws {
        let server = try BadServer.plain { _ in Self.stream(["So 7."], "stop", tokens: 4) }
        defer { server.stop() }
        for done in [
            try sample(role(server.address), until: .steps(1)), try sample(role(server.address), below: "So "),
        ] {
            guard case .failed(let why) = done.ending else {
                Issue.record("sampled: \(done.ending)")
                continue
            }
            #expect(why.contains("route = \"chat\"") && why.contains("best-of-n"))
        }
        #expect(server.requests("/v1/chat/completions").isEmpty)
    }

    /// By chat, a real server gives whole answers of the tokens that it was granted, the same for the same seed.
    @Test(.enabled(if: RealServer.shared != nil))
    func aRealServerAnswers() throws {
        let server = try #require(RealServer.shared)
        let role = try role(server.address, kind: "openai")
        let one = try sample(role, maxTokens: 40)
        #expect(one.ending == .finished || one.ending == .truncated)
        #expect(one.tokens > 0 && one.tokens <= 40 && !one.text.isEmpty)
        #expect(try sample(role, maxTokens: 3).tokens <= 3)
        // What keeps tokens is not asked like this.
        let error = #expect(throws: StratagemError.self) { _ = try self.role(server.address) }
        #expect(error?.message.contains("continued exactly") == true)
    }

    // MARK: Bundles to start from

    private static let answer = "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"7\"}}]}"

    @Test func aServerThatAnswersInConversationsIsAskedInThem() throws {
        let server = try BadServer.plain { _ in [BadServer.json(Self.answer)] }
        defer { server.stop() }
        let starter = try StarterBundle.ask(server.address.base)
        #expect(starter.text.contains("route = \"chat\"") && !starter.text.contains("Question:"))
        let bundle = try BundleReader.parse(starter.text, file: "written.toml", checkingFiles: false)
        guard case .endpoint(let endpoint)? = bundle.models["policy"]?.source else { throw NoModel() }
        #expect(endpoint.route == .chat)

        let without = try BadServer.plain { _ in
            [BadServer.json("{\"detail\":\"Not Found\"}", status: "404 Not Found")]
        }
        defer { without.stop() }
        let plain = try StarterBundle.ask(without.address.base)
        #expect(!plain.text.contains("route") && plain.text.contains("Question:"))
    }

    @Test func aPolicyHasOnlyTheRoutesThatWrite() throws {
        let error = #expect(throws: StratagemError.self) {
            _ = try BundleReader.parse(
                "name = \"x\"\ncontext = 512\n[template]\nproblem = \"{problem}\"\n[models.policy]\nendpoint = \"http://h\"\nroute = \"pooling\"\n",
                file: "x.toml",
                checkingFiles: false)
        }
        #expect(error?.message.contains("not one of chat, completions") == true, "\(String(describing: error))")
    }

    /// vLLM whose tokens are bytes, and 1 for "<s>", which its tokenizer puts before every text.
    private func vLLM(_ template: String) throws -> BadServer {
        @Sendable func tokens(_ text: String) -> [Int] {
            text.components(separatedBy: "<s>").enumerated().flatMap { index, part in
                (index == 0 ? [] : [1]) + part.utf8.map { Int($0) }
            }
        }
        return try BadServer { request in
            switch request.path {
            case "/v1/models":
                return [BadServer.json("{\"data\":[{\"id\":\"tiny\",\"owned_by\":\"vllm\",\"max_model_len\":1024}]}")]
            case "/version": return [BadServer.json("{\"version\":\"0.32.0\"}")]
            case "/tokenize":
                let ids: [Int]
                if let turns = request.body["messages"]?.array {
                    guard !template.isEmpty else {
                        return [BadServer.json("{\"error\":{\"message\":\"no template\"}}", status: "400 Bad Request")]
                    }
                    ids = tokens(template.replacingOccurrences(of: "@", with: turns[0]["content"]?.string ?? ""))
                } else {
                    ids =
                        (request.body["add_special_tokens"]?.bool == true ? [1] : [])
                        + tokens(request.body["prompt"]?.string ?? "")
                }
                return [BadServer.json("{\"tokens\":[\(ids.map { "\($0)" }.joined(separator: ","))]}")]
            case "/detokenize":
                let bytes = (request.body["tokens"]?.ids ?? []).flatMap { $0 == 1 ? Array("<s>".utf8) : [UInt8($0)] }
                return [BadServer.json("{\"prompt\":\(JSON.quoted(String(decoding: bytes, as: UTF8.self)))}")]
            default: return [.close]
            }
        }
    }

    /// The beginning token that a template writes out is not there twice; without a template, the prompt is plain.
    @Test(arguments: [
        ("<s>[U]@[A]", "[U]", true), ("[U]@[A]", "[U]", false), ("<s><s>[U]@[A]", "<s>[U]", true), ("", "", false),
    ])
    func theTemplateOfVLLMIsAPrompt(template: String, start: String, isUsed: Bool) throws {
        let server = try vLLM(template)
        defer { server.stop() }
        let starter = try StarterBundle.ask(server.address.base)
        #expect(starter.profile.laysOutChats == isUsed)
        let bundle = try BundleReader.parse(starter.text, file: "written.toml", checkingFiles: false)
        let prompt = bundle.prompt.problem
        #expect(prompt.hasPrefix(isUsed ? start + "{problem}" : "Question: ") && prompt.hasSuffix("[A]") == isUsed)
    }
}
