import Foundation
import Hashing
import SearchCore
import Testing

@testable import Server

/// Who may use the server, and how much.
@Suite(.timeLimit(.minutes(5))) struct KeyTests {
    private static func line(_ name: String, _ key: String, _ more: String = "") -> String {
        "\(name) \(SHA256.hex(Array(key.utf8))) \(more)\n"
    }
    private static func bearer(_ key: String) -> [String: String] { ["Authorization": "Bearer \(key)"] }

    @Test func onlyWhoHasAKeyMayAsk() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let file = try folder.write("keys", "# ours\n\n" + Self.line("alice", "one") + Self.line("bob", "two"))
        try await TestServer.run({ options, _ in options.keys = try KeyFile(reading: file) }) {
            (server: TestServer) async throws in
            for headers in [[:], Self.bearer("three"), ["Authorization": "Basic one"], Self.bearer("")] {
                let reply = try await server.chat("best-of-n@4", headers: headers)
                #expect(
                    reply.status == 401 && reply.error.code == "invalid_api_key"
                        && reply.headers["www-authenticate"] == "Bearer")
            }
            for path in ["/v1/models", "/v1/plugins", "/v1/runs", "/metrics"] {
                #expect(try await server.get(path).status == 401, "\(path)")
            }
            for path in ["/", "/healthz", "/readyz"] { #expect(try await server.get(path).status == 200, "\(path)") }
            let run = try #require(
                try await server.chat("best-of-n@4", headers: Self.bearer("one")).json["stratagem"]?["run"]?.string)
            // Another key's run is as good as none.
            #expect(try await server.get("/v1/runs/\(run)", headers: Self.bearer("one")).status == 200)
            for method in ["GET", "DELETE"] {
                #expect(try await server.send(method, "/v1/runs/\(run)", headers: Self.bearer("two")).status == 404)
            }
            #expect(try await server.get("/v1/runs/\(run)/events", headers: Self.bearer("two")).status == 404)
            #expect(try await server.get("/v1/runs", headers: Self.bearer("two")).json["data"]?.array?.isEmpty == true)
            #expect(!server.log.withLock { $0.joined() }.contains("three"))
        }
    }

    @Test func aKeyHasItsLimits() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let file = try folder.write(
            "keys", Self.line("short", "two", "tokens=10") + Self.line("narrow", "three", "generations=8"))
        try await TestServer.run({ options, _ in options.keys = try KeyFile(reading: file) }) {
            (server: TestServer) async throws in
            func status(_ key: String, _ model: String = "best-of-n@4") async throws -> (Int, String?, Int) {
                let reply = try await server.chat(model, headers: Self.bearer(key))
                return (reply.status, reply.error.code, Int(reply.headers["retry-after"] ?? "") ?? 0)
            }
            #expect(try await status("two").0 == 200)
            let second = try await status("two")
            #expect(second.0 == 429 && second.1 == "tokens_per_minute" && second.2 > 1)
            #expect(try await status("three", "best-of-n@8").0 == 200)
            #expect(try await status("three", "best-of-n@9") == (400, "budget_too_large", 0))
        }
    }

    @Test func requestsAMinuteAreCounted() throws {
        let limits = KeyLimits()
        var key = APIKey(name: "few", hash: [])
        key.requestsPerMinute = 2
        for _ in 0..<2 { _ = try limits.begin(key, Limits(generations: 1), now: 100) }
        let refusal = #expect(throws: Refusal.self) { try limits.begin(key, Limits(generations: 1), now: 100) }
        #expect(refusal?.status.code == 429 && refusal?.code == "requests_per_minute" && refusal?.retryAfter == 30)
        _ = try limits.begin(key, Limits(generations: 1), now: 130)
        // Generations come back when a search ends.
        key = APIKey(name: "narrow", hash: [])
        key.generationsAtOnce = 8
        let held = try limits.begin(key, Limits(generations: 6))
        #expect(throws: Refusal.self) { try limits.begin(key, Limits(generations: 4)) }
        limits.end(key, generations: held, tokens: 0)
        _ = try limits.begin(key, Limits(generations: 4))
    }

    @Test(arguments: [0o644, 0o640, 0o660, 0o602] as [mode_t])
    func aFileThatOthersCanUseIsRefused(mode: mode_t) throws {
        let folder = try Folder()
        defer { folder.remove() }
        let file = try folder.write("keys", Self.line("alice", "one"), mode: mode)
        let error = #expect(throws: StratagemError.self) { try KeyFile(reading: file) }
        #expect(error?.code == .badKeys && error?.message.contains("chmod 600") == true)
    }

    @Test(arguments: [
        "", "alice", "alice nothex", "alice \(String(repeating: "a", count: 63))",
        "alice \(String(repeating: "A", count: 64))",
        "alice \(String(repeating: "a", count: 64)) requests=0", "alice \(String(repeating: "a", count: 64)) hours=3",
        "a \(String(repeating: "a", count: 64))\na \(String(repeating: "b", count: 64))",
    ])
    func aFileWithAMistakeIsRefused(text: String) throws {
        let folder = try Folder()
        defer { folder.remove() }
        let file = try folder.write("keys", text)
        #expect(throws: StratagemError.self) { try KeyFile(reading: file) }
    }

    @Test func aNewKeyIsKnownByItsLine() throws {
        let folder = try Folder()
        defer { folder.remove() }
        let made = try KeyFile.newKey(name: "alice")
        let keys = try KeyFile(reading: folder.write("keys", made.line))
        #expect(
            keys.key(for: made.key)?.name == "alice" && keys.key(for: made.key + "x") == nil
                && !made.line.contains(made.key))
        #expect(try KeyFile.newKey(name: "alice").key != made.key)
        #expect(throws: StratagemError.self) { try KeyFile.newKey(name: "a b") }
    }

    @Test func anAllowanceComesInAgain() {
        var allowance = Allowance(perMinute: 60, now: 0)
        #expect(allowance.secondsUntil(1, now: 0) == 0)
        allowance.left -= 60
        #expect(
            allowance.secondsUntil(1, now: 0) == 1 && allowance.secondsUntil(1, now: 0.5) == 1
                && allowance.secondsUntil(1, now: 1) == 0)
        // Never more than a minute's worth.
        #expect(allowance.secondsUntil(1, now: 1000) == 0 && allowance.left == 60)
        // A search may cost more than was left.
        allowance.left = -60
        #expect(allowance.secondsUntil(0, now: 1000) == 61)
    }
}

/// The parts, without a server.
@Suite(.timeLimit(.minutes(1))) struct PartTests {
    @Test func namesOfHosts() throws {
        let local = HostRule(try ListenAddress(), more: ["search.example.org"])
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1:8080", "127.1.2.3", "[::1]:8080", "search.example.org"] {
            #expect(local.takes(host: host), "\(host)")
        }
        for host in [
            "", "evil.example", "10.0.0.1", "128.0.0.1", "127.0.0.256", "localhost.evil.example", "localhost:",
            "localhost:x", "[::1", "::1", ":80", "127.0.0.1.evil.example",
        ] {
            #expect(!local.takes(host: host), "\(host)")
        }
        let everywhere = HostRule(try ListenAddress(host: "0.0.0.0"), more: [])
        #expect(
            everywhere.takes(host: "10.0.0.1:8080") && everywhere.takes(host: "[fe80::1]:80")
                && !everywhere.takes(host: "evil.example"))
        #expect(
            local.takes(origin: "http://LOCALHOST:80", host: "localhost:80")
                && !local.takes(origin: "http://localhost", host: "localhost:80"))
        #expect(
            !local.takes(origin: "null", host: "null") && !local.takes(origin: "file://localhost", host: "localhost"))
    }

    @Test func theQueueIsFair() async throws {
        let queue = SearchQueue(atOnce: 1, waiting: 2)
        let first = try queue.enter()
        #expect(await first.wait())
        let second = try queue.enter(), third = try queue.enter()
        #expect(queue.counts == (1, 2))
        let full = #expect(throws: Refusal.self) { try queue.enter() }
        #expect(full?.status.code == 429 && full?.retryAfter ?? 0 >= 1)
        // Who gives up makes room, and is not waited for.
        second.giveUp()
        #expect(await !second.wait())
        second.leave()
        first.leave()
        #expect(await third.wait())
        #expect(queue.counts == (1, 0))
        third.leave()
        queue.close()
        #expect(throws: Refusal.self) { try queue.enter() }
    }

    @Test func metricsAreSpelt() {
        let metrics = PrometheusMetrics(help: ["a_total": "All of it."])
        metrics.makeCounter(label: "a_total", dimensions: [("name", "x\"\\\n")]).increment(by: 2)
        metrics.makeCounter(label: "a_total", dimensions: [("name", "x\"\\\n")]).increment(by: 3)
        metrics.makeTimer(label: "t", dimensions: []).recordNanoseconds(20_000_000)
        let text = metrics.text
        #expect(text.hasPrefix("# HELP a_total All of it.\n# TYPE a_total counter\na_total{name=\"x\\\"\\\\\\n\"} 5\n"))
        #expect(
            text.contains("# TYPE t histogram") && text.contains("t_bucket{le=\"0.01\"} 0\n")
                && text.contains("t_bucket{le=\"0.025\"} 1\n"))
        #expect(text.contains("t_bucket{le=\"+Inf\"} 1\nt_sum 0.02\nt_count 1\n"))
    }

    @Test func piecesMakeTheWhole() {
        for text in ["", "a", "a\n", "\n\n", "one\ntwo\nthree"] { #expect(Replies.pieces(text).joined() == text) }
        #expect(Replies.pieces("one\ntwo") == ["one\n", "two"])
    }
}
