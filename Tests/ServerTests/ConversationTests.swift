import Engine
import Foundation
import LanguageModels
import SearchCore
import SearchRuntime
import Testing

/// System and earlier turns, with a model that has a chat template and with one that has none.
@Suite(.timeLimit(.minutes(5))) struct ServedConversationTests {
    private static let question = "A boy has 12 pencils. How many has he?"

    private static func body(_ model: String, _ turns: [(String, String)], _ more: String = "") -> String {
        let fields: JSON = [
            "model": .string(model),
            "messages": .array(turns.map { ["role": .string($0.0), "content": .string($0.1)] }),
        ]
        return more.isEmpty ? fields.line : fields.line.dropLast() + ", \(more)}"
    }

    private static func run(template: String = ChatModel.template, _ body: @Sendable (TestServer) async throws -> Void)
        async throws
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("chat-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bundle = try ChatModel.make(in: folder, template: template)
        try await TestServer.run({ _, engine in engine.bundle = bundle }, body)
    }

    @Test func earlierTurnsAreShownToTheModel() async throws {
        try await Self.run { (server: TestServer) async throws in
            func post(_ model: String, _ turns: [(String, String)]) async throws -> TestServer.Reply {
                let reply = try await server.send(
                    "POST", "/v1/chat/completions", Self.body(model, turns, "\"seed\": 3"))
                #expect(reply.status == 200, "\(reply.text)")
                return reply
            }
            let alone = try await post("majority@4", [("user", Self.question)])
            let turns = [
                ("developer", "Count twice."), ("user", "Hello"), ("assistant", "Hi"), ("user", Self.question),
            ]
            let whole = try await post("majority@4", turns)
            #expect(
                whole.json["stratagem"]?["problem"]?.string
                    == "System: Count twice.\n\nUser: Hello\n\nAssistant: Hi\n\nUser: \(Self.question)")
            let (few, many) = (
                alone.json["usage"]?["prompt_tokens"]?.int ?? 0, whole.json["usage"]?["prompt_tokens"]?.int ?? 0
            )
            #expect(few > 0 && many > few, "\(few) \(many)")
            // The very tokens: the same text as one turn of a bundle without a template costs as many.
            let chat = try server.engine.conversation([
                .init(role: "system", text: "Count twice."), .init(role: "user", text: "Hello"),
                .init(role: "assistant", text: "Hi"),
                .init(role: "user", text: Self.question),
            ])
            let shown = chat.prompt.render(problem: []).map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
            #expect(shown == "system: Count twice.\nuser: Hello\nassistant: Hi\nuser: \(Self.question)\nassistant:")
            // It is what a search with that prompt finds, and again the same.
            var request = RunRequest(
                problems: [chat.problem], strategy: try server.engine.registry.strategy(named: "majority"), params: [:],
                limits: Limits(generations: 4), seed: 3)
            request.params = try server.engine.models.complete(
                request.strategy.check(parameters: [:]), of: request.strategy)
            request.prompt = chat.prompt
            let found = await server.engine.runtime.run(request)[0]
            #expect(
                whole.json["stratagem"]?["candidates"]?.array?.map { $0["text"]?.string }
                    == found.candidates.map(\.text))
            #expect(found.cost.promptTokens == many)
            let again = try await post("majority@4", turns)
            #expect(again.json["choices"] == whole.json["choices"])
            let other = try await post(
                "majority@4", [("system", "Count thrice, and then once more.")] + turns.dropFirst())
            #expect(other.json["stratagem"]?["candidates"] != whole.json["stratagem"]?["candidates"])
        }
    }

    /// What a strategy runs of its own is about the same conversation.
    @Test func nestedSearchesSeeItToo() async throws {
        try await Self.run { (server: TestServer) async throws in
            func post(_ model: String, _ turns: [(String, String)], _ more: String = "\"seed\": 1") async throws
                -> JSONValue
            {
                let reply = try await server.send("POST", "/v1/chat/completions", Self.body(model, turns, more))
                #expect(reply.status == 200, "\(reply.text)")
                return reply.json
            }
            let turns = [("system", "Count twice, and say it in words that everybody knows."), ("user", Self.question)]
            let direct = try await post("majority@4", turns)
            let nested = try await post("compute-optimal:ease=0.5@4", turns)
            #expect(
                nested["stratagem"]?["notes"]?.array?.first?.string?.hasSuffix("ran majority, 4 generations") == true,
                "\(nested)")
            #expect(
                nested["stratagem"]?["candidates"]?.array?.count == direct["stratagem"]?["candidates"]?.array?.count)
            #expect(nested["usage"]?["prompt_tokens"] == direct["usage"]?["prompt_tokens"])
            let alone = try await post("compute-optimal:ease=0.5@4", [turns[1]])
            #expect(alone["usage"]?["prompt_tokens"] != nested["usage"]?["prompt_tokens"])
        }
    }

    @Test(arguments: [
        ("{{ raise_exception('no system turns here') }}", "cannot be rendered"),
        (
            "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system turns here') }}{% endif %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:",
            "no system turns here"
        ),
        (
            "{% for m in messages %}{% if m.role != 'system' %}{{ m.role }}: {{ m.content }}\n{% endif %}{% endfor %}assistant:",
            "does not show turn 1"
        ),
        (
            "[{% for m in messages %}{{ m.content }}{% endfor %}]",
            "its prompt is not what the model's chat template makes"
        ),
    ]) func whatATemplateDoesNotTake(_ template: String, _ words: String) async throws {
        try await Self.run(template: template) { (server: TestServer) async throws in
            let reply = try await server.send(
                "POST", "/v1/chat/completions", Self.body("majority@4", [("system", "x"), ("user", Self.question)]))
            #expect(
                reply.status == 400 && reply.error.code == "unsupported_messages" && reply.error.param == "messages",
                "\(reply.text)")
            #expect(reply.json["error"]?["message"]?.string?.contains(words) == true, "\(reply.text)")
            // A question alone goes by the bundle's prompt, whatever the template.
            #expect(try await server.chat("majority@4", Self.question).status == 200)
        }
    }

    @Test func badTurns() async throws {
        try await Self.run { (server: TestServer) async throws in
            for (turns, code) in [
                (
                    "[{\"role\": \"assistant\", \"content\": null, \"tool_calls\": [{\"id\": \"1\"}]}, {\"role\": \"user\", \"content\": \"x\"}]",
                    "unsupported_parameter"
                ),
                (
                    "[{\"role\": \"tool\", \"content\": \"x\"}, {\"role\": \"user\", \"content\": \"x\"}]",
                    "unsupported_parameter"
                ),
                ("[{\"role\": \"system\"}, {\"role\": \"user\", \"content\": \"x\"}]", "missing_field"),
                (
                    "[{\"role\": \"system\", \"content\": \"a\\u0000b\"}, {\"role\": \"user\", \"content\": \"x\"}]",
                    "bad_problem"
                ),
                (
                    "["
                        + Array(repeating: "{\"role\": \"user\", \"content\": \"x\"}", count: 300).joined(
                            separator: ",") + "]", "unsupported_messages"
                ),
            ] {
                let reply = try await server.send(
                    "POST", "/v1/chat/completions", "{\"model\": \"majority@4\", \"messages\": \(turns)}")
                #expect(reply.status == 400 && reply.error.code == code, "\(reply.text)")
            }
        }
    }
}
