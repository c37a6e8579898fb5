import Foundation
import SearchCore
import Testing

/// What cannot be done is refused in OpenAI's form, with the field at fault; nothing is ignored.
@Suite(.timeLimit(.minutes(5))) struct BadInputTests {
    struct Case: Sendable, CustomStringConvertible {
        var more: String
        var code: String
        var param: String?
        var status = 400
        var model = "best-of-n@4"
        var description: String { "\(model) \(more)" }
    }

    static let cases = [
        Case(more: "\"n\": 2", code: "unsupported_parameter", param: "n"),
        Case(more: "\"tools\": [{\"type\": \"function\"}]", code: "unsupported_parameter", param: "tools"),
        Case(more: "\"logit_bias\": {\"5\": 1}", code: "unsupported_parameter", param: "logit_bias"),
        Case(more: "\"stop\": [\"x\"]", code: "unsupported_parameter", param: "stop"),
        Case(
            more: "\"response_format\": {\"type\": \"json_object\"}", code: "unsupported_parameter",
            param: "response_format"),
        Case(more: "\"frequency_penalty\": 0.5", code: "unsupported_parameter", param: "frequency_penalty"),
        Case(more: "\"top_p\": 0.5", code: "unsupported_parameter", param: "top_p", model: "greedy@1"),
        Case(more: "\"sede\": 3", code: "unknown_parameter", param: "sede"),
        Case(more: "\"seed\": -1", code: "invalid_type", param: "seed"),
        Case(more: "\"seed\": 1.5", code: "invalid_type", param: "seed"),
        Case(more: "\"seed\": 1, \"seed\": 2", code: "given_twice", param: "seed"),
        Case(more: "\"stream\": \"yes\"", code: "invalid_type", param: "stream"),
        Case(more: "\"stream_options\": {}", code: "invalid_value", param: "stream_options"),
        Case(
            more: "\"stream\": true, \"stream_options\": {\"include_serch\": true}", code: "unknown_parameter",
            param: "stream_options.include_serch"),
        Case(more: "\"max_tokens\": 0", code: "invalid_value", param: "max_tokens"),
        Case(
            more: "\"max_tokens\": 5, \"max_completion_tokens\": 6", code: "given_twice", param: "max_completion_tokens"
        ),
        Case(more: "\"budget\": 8", code: "given_twice", param: "budget"),
        Case(more: "\"strategy\": \"majority\"", code: "given_twice", param: "strategy"),
        Case(more: "\"params\": {\"selektion\": \"naive\"}", code: "unknown_parameter", param: "params"),
        Case(more: "\"params\": {\"n\": []}", code: "invalid_type", param: "params.n"),
        Case(more: "\"budget\": \"16+hours=3\"", code: "bad_budget", param: "budget", model: "best-of-n"),
        Case(more: "\"budget\": 1.5", code: "bad_budget", param: "budget", model: "best-of-n"),
        Case(more: "", code: "budget_too_large", param: "budget", model: "best-of-n@1000000000"),
        Case(more: "", code: "budget_too_large", param: "budget", model: "best-of-n@tokens=100000000"),
        Case(more: "", code: "model_not_found", param: "model", status: 404, model: "best-of-m@16"),
        Case(more: "", code: "model_not_found", param: "model", status: 404, model: "/etc/passwd@16"),
        Case(more: "", code: "model_not_found", param: "model", status: 404, model: "./libmine.so"),
        Case(more: "", code: "bad_strategy", param: "model", model: "best-of-n:@16"),
        Case(
            more: "\"params\": {\"table\": \"/etc/passwd\"}", code: "file_not_registered", param: "params",
            model: "compute-optimal@16"),
        Case(more: "", code: "file_not_registered", param: "params", model: "compute-optimal:table=mine@16"),
    ]

    @Test func eachIsRefused() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            for one in Self.cases {
                let reply = try await server.chat(one.model, TestServer.problem, one.more)
                #expect(
                    reply.status == one.status && reply.error.code == one.code && reply.error.param == one.param,
                    "\(one): \(reply.status) \(reply.text)")
            }
            // What asks for nothing is not a refusal.
            let plain = try await server.chat(
                "best-of-n@4", TestServer.problem,
                """
                "n": 1, "tools": [], "stop": null, "logprobs": false, "presence_penalty": 0, "user": "me", "response_format": {"type": "text"}, "logit_bias": {}
                """)
            #expect(plain.status == 200, "\(plain.text)")
            // The server is as it was.
            #expect(try await server.chat("best-of-n@4").status == 200)
        }
    }

    @Test func bodiesThatAreNoRequests() async throws {
        try await TestServer.run({ options, _ in options.limits.bodyBytes = 100_000 }) {
            (server: TestServer) async throws in
            func post(_ body: String) async throws -> TestServer.Reply {
                try await server.send("POST", "/v1/chat/completions", body)
            }
            for (body, code) in [
                ("", "invalid_json"), ("{", "invalid_json"), ("[1]", "invalid_type"),
                (String(repeating: "[", count: 50_000), "invalid_json"),
                ("{\"model\": \"best-of-n@4\"}", "missing_field"), ("{\"messages\": []}", "missing_field"),
                ("{\"model\": 4, \"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}", "invalid_type"),
                (TestServer.body("best-of-n@4", " \n"), "bad_problem"),
                (TestServer.body("best-of-n@4", "a\0b"), "bad_problem"),
                (
                    "{\"model\": \"best-of-n@4\", \"messages\": [{\"role\": \"assistant\", \"content\": \"x\"}]}",
                    "invalid_value"
                ),
                (
                    "{\"model\": \"best-of-n@4\", \"messages\": [{\"role\": \"system\", \"content\": \"x\"}, {\"role\": \"user\", \"content\": \"x\"}]}",
                    "unsupported_messages"
                ),
                (
                    "{\"model\": \"best-of-n@4\", \"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]}",
                    "unsupported_parameter"
                ),
            ] {
                let reply = try await post(body)
                #expect(reply.status == 400 && reply.error.code == code, "\(body.prefix(80)): \(reply.text)")
            }
            let parts = try await post(
                "{\"model\": \"best-of-n@4\", \"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"What is \"}, {\"type\": \"text\", \"text\": \"2 + 2?\"}]}]}"
            )
            #expect(parts.json["stratagem"]?["problem"]?.string == TestServer.problem)
            #expect(
                try await post(TestServer.body("best-of-n@4", String(repeating: "x ", count: 60_000))).status == 413)
            // More than the model can read.
            let long = try await post(TestServer.body("best-of-n@4", String(repeating: "x ", count: 9_000)))
            #expect(
                long.status == 400 && long.error.code == "context_full" && long.error.param == "messages",
                "\(long.text)")
            #expect(try await server.get("/v1/nothing").status == 404)
            #expect([404, 405].contains(try await server.get("/v1/chat/completions").status))
        }
    }

    @Test func bytesThatAreNoText() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let raw = try Connection(port: server.port)
            defer { raw.close() }
            let body: [UInt8] = Array("{\"model\": \"".utf8) + [0xFF, 0xFE] + Array("\"}".utf8)
            raw.write(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.count)\r\nConnection: close\r\n\r\n"
            )
            raw.write(bytes: body)
            #expect(try await raw.read().contains("invalid_utf8"))
        }
    }

    @Test func headersAreBounded() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let flood = try Connection(port: server.port)
            defer { flood.close() }
            flood.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
            for number in 0..<2000 { flood.write("X-\(number): \(String(repeating: "a", count: 100))\r\n") }
            flood.write("\r\n")
            #expect(try await !flood.read().contains("200 OK"))
            #expect(try await server.get("/healthz").text == "ok\n")
        }
    }

    /// A page of somebody else's that this machine's user has open, and a name that resolves to this machine.
    @Test func foreignPagesAreRefused() async throws {
        try await TestServer.run({ options, _ in options.hosts = ["search.example.org"] }) {
            (server: TestServer) async throws in
            #expect(try await server.get("/v1/models", headers: ["Host": "evil.example"]).status == 421)
            #expect(try await server.get("/v1/models", headers: ["Host": "8.8.8.8"]).status == 421)
            #expect(try await server.get("/v1/models", headers: ["Host": "search.example.org:443"]).status == 200)
            #expect(try await server.get("/v1/models", headers: ["Origin": "https://evil.example"]).status == 403)
            #expect(try await server.get("/v1/models", headers: ["Origin": "null"]).status == 403)
            #expect(
                try await server.get("/v1/models", headers: ["Origin": "http://127.0.0.1:\(server.port)"]).status == 200
            )
            #expect(
                try await server.get("/v1/models", headers: ["Origin": "http://127.0.0.1:\(server.port + 1)"]).status
                    == 403)
        }
    }
}
