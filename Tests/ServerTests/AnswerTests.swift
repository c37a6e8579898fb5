import Engine
import Foundation
import SearchCore
import Testing

/// OpenAI's interface over real searches: the answers are those of `solve`.
@Suite(.timeLimit(.minutes(5))) struct AnswerTests {
    @Test(arguments: ["best-of-n@16", "majority@8", "beam-search:beam_width=2@8", "stratagem"])
    func anAnswerIsThatOfSolve(model: String) async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let reply = try await server.chat(model, TestServer.problem, "\"seed\": 7")
            #expect(reply.status == 200, "\(reply.text)")
            let parts = model.split(separator: "@").map(String.init)
            let spec = try StrategySpec(parsing: parts.count == 2 ? parts[0] : "best-of-n")
            let limits = try Limits(parsing: parts.count == 2 ? parts[1] : "16")
            let expected = try await server.engine.solve(
                Problem(text: TestServer.problem), strategy: spec.name, parameters: spec.params, limits: limits, seed: 7
            )
            let message = reply.json["choices"]?.array?.first?["message"]
            #expect(
                message?["content"]?.string == expected.candidates.first?.text
                    && message?["role"]?.string == "assistant")
            let found = try #require(reply.json["stratagem"])
            #expect(found["answer"]?.string == expected.answer && found["budget"]?.string == "\(limits)")
            #expect(found["votes"]?.array?.map { $0["count"]?.int } == expected.votes.map(\.count))
            #expect(found["votes"]?.array?.map { $0["weight"]?.double } == expected.votes.map(\.weight))
            #expect(found["candidates"]?.array?.map { $0["text"]?.string } == expected.candidates.map(\.text))
            let usage = try #require(reply.json["usage"])
            #expect(
                usage["completion_tokens"]?.int == expected.cost.tokens
                    && usage["prompt_tokens"]?.int == expected.cost.promptTokens)
            #expect(usage["total_tokens"]?.int == expected.cost.tokens + expected.cost.promptTokens)
            #expect(usage["verifier_tokens"]?.int == expected.cost.verifierTokens)
            #expect(reply.json["object"]?.string == "chat.completion" && reply.json["model"]?.string == model)
        }
    }

    @Test func fieldsSayWhatAModelsNameLeavesOpen() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let named = try await server.chat("beam-search:beam_width=2@8")
            let told = try await server.chat(
                "stratagem", TestServer.problem,
                "\"strategy\": \"beam-search\", \"budget\": 8, \"params\": {\"beam_width\": 2}")
            #expect(
                named.json["stratagem"]?["candidates"] == told.json["stratagem"]?["candidates"] && told.status == 200,
                "\(told.text)")
            // OpenAI's own fields, where the strategy has them.
            let warm = try await server.chat(
                "best-of-n@4", TestServer.problem, "\"temperature\": 0.5, \"max_tokens\": 400")
            #expect(
                warm.json["stratagem"]?["params"]?["temperature"]?.double == 0.5
                    && warm.json["stratagem"]?["budget"]?.string == "4+tokens=400")
            // A seed that a number cannot hold.
            let far = try await server.chat("best-of-n@4", TestServer.problem, "\"seed\": \"18446744073709551615\"")
            #expect(far.json["stratagem"]?["seed"]?.string == "18446744073709551615")
        }
    }

    @Test func aStreamSaysTheSame() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let whole = try await server.chat("beam-search@8")
            let reply = try await server.chat(
                "beam-search@8", TestServer.problem,
                """
                "stream": true, "stream_options": {"include_usage": true, "include_search": true}
                """)
            #expect(
                reply.status == 200 && reply.headers["content-type"] == "text/event-stream"
                    && reply.text.hasSuffix("data: [DONE]\n\n"))
            let events = reply.events
            let deltas = events.compactMap { $0["choices"]?.array?.first?["delta"]?["content"]?.string }
            #expect(
                deltas.joined() == whole.json["choices"]?.array?.first?["message"]?["content"]?.string
                    && deltas.count > 1)
            #expect(events.last?["usage"]?["completion_tokens"]?.int == whole.json["usage"]?["completion_tokens"]?.int)
            #expect(events.dropLast().allSatisfy { $0["usage"]?.isNull == true })
            let search = events.filter { $0["choices"]?.array?.isEmpty == true }.compactMap { $0["stratagem"] }
            #expect(search.first?["type"]?.string == "run" && search.last?["type"]?.string == "result")
            let nodes = Set(
                search.filter { $0["type"]?.string == "nodes" }.flatMap { $0["nodes"]?.array ?? [] }.compactMap {
                    $0["id"]?.int
                })
            let ranked = search.last?["ranking"]?.array?.compactMap(\.int) ?? []
            #expect(!ranked.isEmpty && nodes.isSuperset(of: ranked))
            // The search comes first, then the answer.
            let firstDelta = try #require(events.firstIndex { $0["choices"]?.array?.isEmpty == false })
            #expect(events[firstDelta...].allSatisfy { $0["stratagem"]?["type"] == nil })
            let end = try #require(events.last { $0["choices"]?.array?.isEmpty == false })
            #expect(
                end["choices"]?.array?.first?["finish_reason"]?.string == "stop"
                    && end["stratagem"]?["answer"]?.string == "4")
        }
    }

    @Test func aPlainStreamHasNothingOfTheSearch() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let events = try await server.chat("best-of-n@4", TestServer.problem, "\"stream\": true").events
            #expect(events.allSatisfy { $0["choices"]?.array?.isEmpty == false && $0["usage"] == nil })
            #expect(events.first?["choices"]?.array?.first?["delta"]?["role"]?.string == "assistant")
        }
    }

    @Test func completionsAreTheOlderInterface() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let chat = try await server.chat("best-of-n@8")
            let reply = try await server.send(
                "POST", "/v1/completions", "{\"model\": \"best-of-n@8\", \"prompt\": \"\(TestServer.problem)\"}")
            #expect(
                reply.json["choices"]?.array?.first?["text"]
                    == chat.json["choices"]?.array?.first?["message"]?["content"])
            #expect(
                reply.json["object"]?.string == "text_completion"
                    && reply.json["id"]?.string?.hasPrefix("cmpl-") == true)
            let stream = try await server.send(
                "POST", "/v1/completions",
                "{\"model\": \"best-of-n@8\", \"prompt\": [\"\(TestServer.problem)\"], \"stream\": true}")
            #expect(
                stream.events.compactMap { $0["choices"]?.array?.first?["text"]?.string }.joined()
                    == reply.json["choices"]?.array?.first?["text"]?.string)
        }
    }

    @Test func strategiesAreModels() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let list = try await server.get("/v1/models").json["data"]?.array?.compactMap { $0["id"]?.string } ?? []
            #expect(list.first == "stratagem" && list.contains("best-of-n@16") && list.contains("beam-search@16"))
            #expect(try await server.get("/v1/models/best-of-n@64").json["id"]?.string == "best-of-n@64")
            let none = try await server.get("/v1/models/best-of-m@64")
            #expect(none.status == 404 && none.text.contains("best-of-n"))
        }
    }

    @Test func aFailureKeepsItsOrigin() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let reply = try await server.chat("best-of-n@4", "It fails.")
            #expect(reply.status >= 500 && reply.json["error"]?["type"]?.string == "server_error", "\(reply.text)")
            #expect(reply.json["stratagem"]?["cost"] != nil)
            // The connection was watched for the client's going, and cannot be used again.
            #expect(reply.headers["connection"] == "close")
            let stream = try await server.chat("best-of-n@4", "It fails.", "\"stream\": true")
            #expect(stream.status == 200 && stream.events.contains { $0["error"]?["code"]?.string == reply.error.code })
        }
    }
}
