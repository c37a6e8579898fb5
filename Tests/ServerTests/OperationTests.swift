import Engine
import Foundation
import SearchCore
import Server
import Testing

/// Limits, ends and the things beside answers.
@Suite(.timeLimit(.minutes(5))) struct OperationTests {
    private static let endless = TestServer.body("slow@1024")

    @Test func aClientThatGoesAwayEndsItsSearch() async throws {
        try await TestServer.run(hasSlow: true) { (server: TestServer) async throws in
            for stream in [false, true] {
                let body = stream ? TestServer.body("slow@1024", TestServer.problem, "\"stream\": true") : Self.endless
                let connection = try Connection(port: server.port)
                connection.write(
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                )
                try await server.until { try await server.metric("stratagem_searches_running") == 1 }
                connection.close()
                try await server.until { try await server.metric("stratagem_searches_running") == 0 }
            }
            let gone = "stratagem_searches_total{strategy=\"slow\",outcome=\"client_gone\"}"
            try await server.until { try await server.metric(gone) == 2 }
            // Each of them, whole, would have sampled more.
            #expect(try await server.metric("stratagem_tokens_total{kind=\"policy\"}") ?? .infinity < 4_000)
            #expect(try await server.chat("best-of-n@4").status == 200)
        }
    }

    @Test func whoComesTooOftenIsToldWhenToComeAgain() async throws {
        try await TestServer.run(
            { options, _ in (options.limits.atOnce, options.limits.waiting) = (1, 1) }, hasSlow: true
        ) { (server: TestServer) async throws in
            let busy = try (0..<2).map { _ in try Connection(port: server.port) }
            for (place, connection) in busy.enumerated() {
                connection.write(
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(Self.endless.utf8.count)\r\n\r\n\(Self.endless)"
                )
                try await server.until {
                    let counts = (
                        try await server.metric("stratagem_searches_running"),
                        try await server.metric("stratagem_searches_waiting")
                    )
                    return counts.0 == 1 && counts.1 == Double(place)
                }
            }
            let reply = try await server.chat("best-of-n@4")
            #expect(
                reply.status == 429 && reply.error.code == "queue_full"
                    && Int(reply.headers["retry-after"] ?? "").map { $0 >= 1 } == true)
            for connection in busy { connection.close() }
            try await server.until { try await server.chat("best-of-n@4").status == 200 }
        }
    }

    @Test func aDeadlineEndsASearch() async throws {
        try await TestServer.run({ options, _ in options.limits.deadline = .milliseconds(300) }, hasSlow: true) {
            (server: TestServer) async throws in
            let reply = try await server.send("POST", "/v1/chat/completions", Self.endless)
            #expect(reply.status == 504 && reply.error.code == "deadline_exceeded")
            #expect(reply.json["stratagem"]?["cancelled"]?.bool == true)
        }
        // One's own limit in seconds is answered with the best so far.
        try await TestServer.run(hasSlow: true) { (server: TestServer) async throws in
            let own = try await server.chat("slow@64+seconds=0.1")
            let choice = try #require(own.json["choices"]?.array?.first, "\(own.text)")
            let isEmpty = choice["message"]?["content"]?.string?.isEmpty != false
            #expect(
                own.status == 200 && choice["finish_reason"]?.string == (isEmpty ? "length" : "stop"), "\(own.text)")
        }
    }

    /// SIGTERM: what is at work comes to an end, and nothing new begins.
    @Test func searchesAtWorkEndBeforeTheServer() async throws {
        try await TestServer.run({ options, _ in options.limits.drain = .milliseconds(300) }, hasSlow: true) {
            (server: TestServer) async throws in
            let connection = try Connection(port: server.port)
            defer { connection.close() }
            connection.write(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(Self.endless.utf8.count)\r\n\r\n\(Self.endless)"
            )
            try await server.until { try await server.metric("stratagem_searches_running") == 1 }
            await server.server.drain()
            // An answer, if only that it was ended.
            let text = try await connection.read()
            #expect(text.contains("503") && text.contains("shutting_down") && text.contains("\"cost\""))
        }
    }

    @Test func halfARequestIsNotWaitedForLong() async throws {
        try await TestServer.run({ options, _ in options.limits.bodySeconds = 1 }) {
            (server: TestServer) async throws in
            let connection = try Connection(port: server.port)
            defer { connection.close() }
            connection.write(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{\"model\"")
            #expect(try await server.chat("best-of-n@4").status == 200)
            // The connection is closed.
            _ = try await connection.read()
            #expect(
                try await server.metric(
                    "stratagem_http_requests_total{route=\"/v1/chat/completions\",method=\"POST\",status=\"408\"}") == 1
            )
        }
    }

    @Test func plugInsComeAndGoWhileItServes() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        try await TestServer.run({ _, engine in engine.plugins.folders = [folder.path] }) {
            (server: TestServer) async throws in
            let models = try await server.get("/v1/models").text
            #expect(!models.contains("early-stop@"))
            let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
                "../../examples/early-stop/early_stop.c"
            ).standardized.path
            let include = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
                "../../Sources/CStratagem/include"
            ).standardized.path
            let compiler = Process()
            compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            compiler.arguments = [
                "cc", "-shared", "-fPIC", "-I", include, source, "-o", folder.path + "/early-stop.so.part",
            ]
            try compiler.run()
            try await blocking { compiler.waitUntilExit() }
            try FileManager.default.moveItem(
                atPath: folder.path + "/early-stop.so.part", toPath: folder.path + "/early-stop.so")
            _ = try folder.write("broken.so", "this is no library", mode: 0o644)
            try await server.until { try await server.get("/v1/models").text.contains("early-stop@16") }
            #expect(try await server.chat("early-stop@64").json["stratagem"]?["strategy"]?.string == "early-stop")
            try await server.until { try await server.get("/v1/plugins").text.contains("broken.so") }
            let broken = try await server.get("/v1/plugins").json["data"]?.array?.first {
                $0["path"]?.string == "broken.so"
            }
            #expect(broken?["status"]?.string == "refused" && broken?["reason"]?.string?.isEmpty == false)
        }
    }

    @Test func aRegisteredFileIsNamed() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let table = try folder.write("table.toml", "no table at all")
        try await TestServer.run({ options, _ in options.files = ["table": table] }) {
            (server: TestServer) async throws in
            // It is read, and found to be none: by the strategy, not by the server.
            let reply = try await server.chat("compute-optimal:table=table@16")
            #expect(reply.error.code != "file_not_registered" && reply.status >= 400, "\(reply.text)")
        }
    }

    @Test func runsAreKeptForAWhile() async throws {
        try await TestServer.run({ options, _ in options.limits.keptRuns = 2 }) { (server: TestServer) async throws in
            var ids: [String] = []
            for _ in 0..<3 {
                ids.append(try #require(try await server.chat("beam-search@4").json["stratagem"]?["run"]?.string))
            }
            #expect(ids.allSatisfy { $0.utf8.count == 32 } && Set(ids).count == 3)
            #expect(try await server.get("/v1/runs/\(ids[0])").status == 404)
            let run = try await server.get("/v1/runs/\(ids[2])").json
            #expect(run["status"]?.string == "done" && run["report"]?["answer"]?.string == "4")
            let events = try await server.get("/v1/runs/\(ids[2])/events").events
            #expect(
                events.first?["type"]?.string == "run" && events.last?["type"]?.string == "result"
                    && events.contains { $0["type"]?.string == "nodes" })
            #expect(
                try await server.get("/v1/runs").json["data"]?.array?.map { $0["run"]?.string } == [ids[2], ids[1]])
            #expect(try await server.send("DELETE", "/v1/runs/\(ids[2])").status == 200)
            #expect(try await server.get("/v1/runs/\(ids[2])").status == 404)
        }
    }

    @Test func metricsAreInPrometheusForm() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            _ = try await server.chat("best-of-n@4")
            let reply = try await server.get("/metrics")
            #expect(reply.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
            for line in reply.text.split(separator: "\n") where !line.hasPrefix("#") {
                #expect(
                    line.wholeMatch(of: /[a-z_]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? -?[0-9.e+-]+/) != nil,
                    "\(line)")
            }
            #expect(reply.text.contains("stratagem_answer_seconds_count{strategy=\"best-of-n\"} 1"))
            #expect(reply.text.contains("stratagem_searches_total{strategy=\"best-of-n\",outcome=\"done\"} 1"))
            #expect(try await server.metric("stratagem_tokens_total{kind=\"policy\"}") ?? 0 > 0)
        }
    }

    @Test func theLogHasNoProblems() async throws {
        for shows in [false, true] {
            try await TestServer.run({ options, _ in options.logsProblems = shows }) {
                (server: TestServer) async throws in
                let run = try #require(try await server.chat("best-of-n@4").json["stratagem"]?["run"]?.string)
                let lines = server.log.withLock { $0 }
                #expect(lines.allSatisfy { (try? JSONParser.parse(Array($0.utf8)[...])) != nil })
                #expect(lines.contains { $0.contains(run) && $0.contains("\"outcome\":\"done\"") })
                #expect(lines.contains { $0.contains(TestServer.problem) } == shows)
            }
        }
    }

    @Test func aPortInUseIsSaid() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let second = SearchServer(server.engine, ServerOptions(address: try ListenAddress(port: server.port)))
            let error = await #expect(throws: StratagemError.self) { try await second.run() }
            #expect(error?.code == .portInUse && error?.origin == .user)
        }
    }

    @Test func thePageAsksForNothingElse() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let page = try await server.get("/")
            let policy = page.headers["content-security-policy"] ?? ""
            #expect(
                policy.contains("default-src 'none'") && policy.contains("connect-src 'self'")
                    && policy.ranges(of: "'sha256-").count == 2)
            #expect(!policy.contains("unsafe"))
            // All that a browser would fetch, or take for markup.
            for word in [
                "http://", "https://", "src=", "<link", "innerHTML", "insertAdjacentHTML", "document.write",
                "outerHTML", "eval(", "style=\"", "onclick=",
            ] {
                #expect(!page.text.contains(word), "\(word)")
            }
            #expect(
                page.headers["x-content-type-options"] == "nosniff" && page.headers["referrer-policy"] == "no-referrer")
            for path in ["/healthz", "/readyz"] { #expect(try await server.get(path).status == 200) }
        }
    }
}
