import Foundation
import SearchCore
import Testing

/// What clients send that is hardly HTTP, or older, or more careful than most: the answer says what is wrong and whose
/// fault it is, and no client waits for what never comes.
@Suite(.timeLimit(.minutes(5))) struct HTTPTests {
    /// All that comes until the server closes.
    private static func answer(_ server: TestServer, _ parts: String...) async throws -> String {
        let connection = try Connection(port: server.port)
        defer { connection.close() }
        for part in parts { connection.write(part) }
        return try #require(try await connection.readToEnd(), "the connection was not closed: \(parts[0])")
    }

    /// Of one answer: its status, its body as an error.
    private static func refusal(_ text: String) -> (status: String, code: String?, message: String) {
        let body = text.components(separatedBy: "\r\n\r\n").dropFirst().joined()
        let error = (try? JSONParser.parse(Array(body.utf8)[...]))?["error"]
        return (
            String(text.split(separator: " ").dropFirst().first ?? ""), error?["code"]?.string,
            error?["message"]?.string ?? ""
        )
    }

    private static let post = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"

    // MARK: What is no request

    @Test func aBadChunkIsTheClientsFault() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            for chunks in [
                "zz\r\nab\r\n0\r\n\r\n", "-2\r\nab\r\n", "fffffffffffffffff\r\nab", "2\r\nabcd\r\n0\r\n\r\n",
            ] {
                let text = try await Self.answer(server, Self.post + "Transfer-Encoding: chunked\r\n\r\n" + chunks)
                let found = Self.refusal(text)
                #expect(found.status == "400" && found.code == "unreadable_request", "\(chunks): \(text)")
            }
            // Whose body nobody reads: one answer, whatever its body is.
            let text = try await Self.answer(
                server, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
            #expect(text.components(separatedBy: "HTTP/1.1 ").count == 2, "\(text)")
        }
    }

    @Test(arguments: [
        ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nA B: c\r\n\r\n", "400", "header"),
        ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: ten\r\n\r\n", "400", "content-length"),
        ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", "400", "content-length"),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n", "400", "without TLS"),
        ("FETCH /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "400", "no method"),
        ("GET /healthz\r\n\r\n", "400", "first line"), ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400", "no HTTP/2"),
        (
            "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
            "400",
            "where its body ends"
        ),
        ("GET /healthz HTTP/7.1\r\nHost: localhost\r\n\r\n", "400", "first line"),
        (
            "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "a", count: 70_000))\r\n\r\n", "431",
            "large"
        ),
    ]) func whatIsNoRequestIsToldWhy(_ bytes: String, _ status: String, _ words: String) async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let text = try await Self.answer(server, bytes)
            let found = Self.refusal(text)
            #expect(
                found.status == status && found.code == "unreadable_request" && found.message.contains(words), "\(text)"
            )
            #expect(text.components(separatedBy: "HTTP/1.1 ").count == 2, "\(text)")
            #expect(try await server.get("/healthz").status == 200)
        }
    }

    @Test func aHostIsNamedOnce() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            for hosts in ["", "Host: localhost\r\nHost: localhost\r\n", "Host: localhost\r\nhost: evil.example\r\n"] {
                let text = try await Self.answer(
                    server, "GET /healthz HTTP/1.1\r\n\(hosts)Connection: close\r\n\r\n")
                let found = Self.refusal(text)
                #expect(found.status == "400" && found.code == "bad_host", "\(hosts): \(text)")
            }
        }
    }

    // MARK: Methods

    @Test func anAddressSaysWhichMethodsItTakes() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            for (method, path, allowed) in [
                ("GET", "/v1/chat/completions", "POST"), ("HEAD", "/v1/completions", "POST"),
                ("OPTIONS", "/v1/chat/completions", "POST"), ("POST", "/v1/models", "GET, HEAD"),
                ("DELETE", "/v1/models/best-of-n@4", "GET, HEAD"), ("PUT", "/v1/runs/1", "DELETE, GET, HEAD"),
                ("PATCH", "/", "GET, HEAD"), ("PROPFIND", "/healthz", "GET, HEAD"), ("TRACE", "/metrics", "GET, HEAD"),
            ] {
                let reply = try await server.send(method, path)
                #expect(reply.status == 405 && reply.headers["allow"] == allowed, "\(method) \(path): \(reply)")
                if method != "HEAD" { #expect(reply.error.code == "method_not_allowed", "\(reply.text)") }
            }
            for method in ["POST", "OPTIONS", "GET"] {
                let reply = try await server.send(method, "/v1/nothing")
                #expect(reply.status == 404 && reply.headers["allow"] == nil && reply.error.code == "not_found")
            }
        }
    }

    /// As GET, without the body, and what follows on the connection is read as an answer of its own.
    @Test func headIsGetWithoutTheBody() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            for (path, status) in [("/", 200), ("/healthz", 200), ("/v1/models", 200), ("/v1/models/nothing@4", 404)] {
                let whole = try await server.get(path)
                let text = try await Self.answer(
                    server, "HEAD \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    "HEAD /v1/nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                let parts = text.components(separatedBy: "\r\n\r\n")
                #expect(parts.count == 3 && parts[2].isEmpty, "\(text)")
                #expect(
                    parts[0].hasPrefix("HTTP/1.1 \(status)") && parts[1].hasPrefix("HTTP/1.1 404")
                        && parts[0].lowercased().contains("content-length: \(whole.text.utf8.count)"), "\(text)")
            }
        }
    }

    // MARK: Careful, old and hopeful clients

    @Test func aBodyIsBidFor() async throws {
        try await TestServer.run({ options, _ in options.limits.bodyBytes = 1 << 20 }) {
            (server: TestServer) async throws in
            let body = TestServer.body("best-of-n@4") + String(repeating: " ", count: 900_000)
            let connection = try Connection(port: server.port)
            defer { connection.close() }
            connection.write(Self.post + "Expect: 100-Continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n")
            #expect(try await connection.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100"))
            connection.write(body)
            let text = try #require(try await connection.readToEnd())
            #expect(text.hasPrefix("HTTP/1.1 200") && text.contains("chat.completion"), "\(text)")
            // What is refused anyway is not bidden for.
            for (head, status) in [
                (Self.post + "Expect: 100-continue\r\nContent-Length: 999999999\r\n", "413"),
                (
                    "POST /v1/nothing HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n",
                    "404"
                ),
                (Self.post + "Expect: miracles\r\nContent-Length: 9\r\n", "417"),
            ] {
                let text = try await Self.answer(server, head + "\r\n")
                #expect(text.hasPrefix("HTTP/1.1 \(status)"), "\(text)")
            }
        }
    }

    @Test func clientsOfHTTP10AreAnswered() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            for more in ["", "Host: localhost\r\n", "Host: localhost\r\nConnection: keep-alive\r\n"] {
                let text = try await Self.answer(server, "GET /healthz HTTP/1.0\r\n\(more)\r\n")
                #expect(text.hasPrefix("HTTP/1.0 200") && text.hasSuffix("\r\n\r\nok\n"), "\(text)")
            }
            // Chunks are of HTTP/1.1.
            let body = TestServer.body("best-of-n@4", TestServer.problem, "\"stream\": true")
            let text = try await Self.answer(
                server, "POST /v1/chat/completions HTTP/1.0\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            let parts = text.components(separatedBy: "\r\n\r\n")
            #expect(
                !text.lowercased().contains("transfer-encoding") && parts.last?.hasPrefix("data: ") == true, "\(text)")
            // A name of somebody else's is no better for being old.
            #expect(
                try await Self.answer(server, "GET /healthz HTTP/1.0\r\nHost: evil.example\r\n\r\n").contains(" 421 "))
        }
    }

    /// However they spell it; and after a request for another protocol no request of this one can be read.
    @Test(arguments: [
        "Connection: Close", "Connection: TE, close", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c",
    ]) func theConnectionIsClosedBehindTheLastRequest(_ header: String) async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let text = try await Self.answer(
                server, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\(header)\r\n\r\n")
            #expect(text.components(separatedBy: "HTTP/1.1 200").count == 3, "\(text)")
            #expect(text.lowercased().components(separatedBy: "connection: close").count == 2, "\(text)")
        }
    }

    // MARK: Bodies

    @Test func compressedBodiesAreRefusedAsSuch() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            for encoding in ["gzip", "GZIP", "br", "identity, gzip"] {
                let reply = try await server.chat("best-of-n@4", headers: ["Content-Encoding": encoding])
                #expect(
                    reply.status == 415 && reply.error.code == "unsupported_encoding"
                        && reply.headers["accept-encoding"] == "identity", "\(encoding): \(reply)")
            }
            #expect(try await server.chat("best-of-n@4", headers: ["Content-Encoding": "identity"]).status == 200)
            let text = try await Self.answer(
                server, Self.post + "Connection: close\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
            #expect(Self.refusal(text).status == "415", "\(text)")
        }
    }

    /// No text has half of a surrogate pair in it, and another text was not asked about.
    @Test func halfACharacterIsNotRepaired() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            func post(_ model: String, _ content: String) async throws -> TestServer.Reply {
                try await server.send(
                    "POST", "/v1/chat/completions",
                    "{\"model\": \"\(model)\", \"messages\": [{\"role\": \"user\", \"content\": \"\(content)\"}]}")
            }
            for half in ["\\ud800", "x\\udc00", "\\ud83d\\u0041", "\\ud83dx", "\\ude00\\ud83d", "\\uD83D\\n"] {
                let reply = try await post("best-of-n@4", half)
                #expect(
                    reply.status == 400 && reply.error.code == "invalid_json"
                        && reply.error.param == "messages[0].content", "\(half): \(reply.text)")
            }
            #expect(try await post("\\ud800", "x").error.param == "model")
            let whole = try await post("best-of-n@4", "\\ud83d\\ude00 \\uFFFD")
            #expect(whole.json["stratagem"]?["problem"]?.string == "😀 \u{FFFD}", "\(whole.text)")
        }
    }
}
