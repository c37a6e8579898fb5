import BackendContract
import Foundation
import LanguageModels
import SearchCore
import Testing

@testable import EndpointBackend

@Suite("Servers that fail, lie or hang cost a sample and say why")
struct MisbehaviourTests {
    private func limits(timeout: Double = 300, retrying: Double = 1.5) -> EndpointLimits {
        var limits = EndpointLimits()
        limits.timeout = timeout
        limits.retrying = retrying
        return limits
    }

    private func open(_ servers: [BadServer], limits: EndpointLimits? = nil, key: String? = nil) throws -> EndpointRole
    {
        try EndpointRole(
            .init(urls: servers.map { try $0.address.base }, keyVariable: key),
            of: RealServer.bundle(.endpoint(.init(urls: []))),
            limits: limits ?? self.limits())
    }

    private struct NoModel: Error {}

    /// One sample of each job, through a model of its own.
    private func sample(
        _ servers: [BadServer], limits: EndpointLimits? = nil, jobs: Int = 1, roots: Int = 1, steps: Int? = nil,
        cancelling: Bool = false
    ) throws -> [SampleCompletion] {
        let wakes = Wakes()
        guard case .model(let model) = try open(servers, limits: limits).make(for: LaneSeat(wake: wakes.wake)) else {
            throw NoModel()
        }
        for number in 0..<UInt64(jobs) {
            let (root, _) = try model.makePrefix(
                parent: nil, text: RealServer.prompt("problem \(number % UInt64(roots))"))
            model.submit(
                SampleJob(
                    id: number, prefix: root, until: steps.map(SampleUntil.steps) ?? .end, maxTokens: 5, temperature: 1,
                    seed: number))
        }
        var done: [SampleCompletion] = []
        while model.hasWork {
            if cancelling, servers[0].requests("/completion").count == jobs {
                for id in 0..<UInt64(jobs) { model.cancel(job: id) }
            }
            if model.advance(into: &done) == .waiting, cancelling {
                Thread.sleep(forTimeInterval: 0.01)
            } else if model.hasWork, !wakes.wait() {
                break
            }
        }
        return done
    }

    private func failure(_ acts: [BadServer.Act], limits: EndpointLimits? = nil) throws -> (text: String, requests: Int)
    {
        let server = try BadServer.completing { _ in acts }
        defer { server.stop() }
        let done = try #require(try sample([server], limits: limits).first)
        guard case .failed(let why) = done.ending else { return ("ended as \(done.ending)", 0) }
        #expect(why.contains("127.0.0.1") && why.contains("/completion"), "names server and request: \(why)")
        return (why, server.requests("/completion").count)
    }

    @Test func aGoodServerIsSampled() throws {
        let server = try BadServer.completing { _ in BadServer.good }
        defer { server.stop() }
        let done = try #require(try sample([server]).first)
        #expect(done.ending == .finished && done.text == Array("7".utf8) && done.tokens == 2 && done.stepEnds == [1])
        let body = try #require(server.requests("/completion").first?.body)
        #expect(body["n_predict"]?.int == 5 && body["stream"]?.bool == true && body["cache_prompt"]?.bool == true)
        for key in ["seed", "temperature", "top_p", "min_p", "top_k", "repeat_penalty", "samplers"] {
            #expect(body[key] != nil, "\(key) is always sent")
        }
        #expect(try #require(body["seed"]?.int) < 1 << 31)
    }

    @Test func whatIsLostIsAskedForAgainWithTheSameSeedAndOneCharge() throws {
        let half: [BadServer.Act] = [BadServer.streamHead, BadServer.event("7", id: 30, predicted: 1), .close]
        let server = try BadServer.completing { request in
            switch request.number {
            case 0: half
            case 1: [.close]
            case 2:
                [
                    BadServer.json(
                        "{\"error\":{\"code\":503,\"message\":\"Loading model\"}}", status: "503 Service Unavailable")
                ]
            case 3:
                [
                    BadServer.json(
                        "{\"error\":{\"message\":\"slow down\"}}", status: "429 Too Many Requests",
                        headers: "Retry-After: 0\r\n")
                ]
            default: BadServer.good
            }
        }
        defer { server.stop() }
        let done = try #require(try sample([server], limits: limits(retrying: 30)).first)
        #expect(done.ending == .finished && done.tokens == 2)
        let seeds = server.requests("/completion").compactMap { $0.body["seed"]?.int }
        #expect(seeds.count == 5 && Set(seeds).count == 1)
    }

    @Test func whatDoesNotPassIsNotAskedForAgain() throws {
        let (text, requests) = try failure([
            BadServer.json("{\"error\":{\"message\":\"tensor exploded\"}}", status: "500 Internal Server Error")
        ])
        #expect(text.contains("500") && text.contains("tensor exploded") && text.contains("log") && requests == 1)
    }

    @Test func aStreamThatEndsInTheMiddleIsNoAnswer() throws {
        let (text, requests) = try failure([BadServer.streamHead, BadServer.event("7", id: 30, predicted: 1), .close])
        #expect(text.contains("ended in the middle") && requests > 1)
    }

    @Test func nonsenseIsNamed() throws {
        let head = BadServer.streamHead
        let cases: [(acts: [BadServer.Act], word: String)] = [
            ([head, .send("data: {\"content\": nonsense}\n\n"), .close], "not JSON"),
            ([head, .send("data: [[[[\(String(repeating: "[", count: 1000))\n\n"), .close], "nested"),
            (
                [head, BadServer.event("7", id: 30, predicted: 1, logprob: "NaN"), BadServer.last(1), .close],
                "log-probability"
            ),
            (
                [head, BadServer.event("7", id: 30, predicted: 9), BadServer.last(9, type: "limit"), .close],
                "9 tokens, expected at most 5"
            ),
            (
                [head, BadServer.event("7", id: 30, predicted: 1), BadServer.last(1, model: "other"), .close],
                "changed its model"
            ),
            ([head, BadServer.event("7", id: 30, predicted: 1), BadServer.last(1, type: "none"), .close], "stop_type"),
            ([head, .flood("data: " + String(repeating: "x", count: 1 << 20), 9), .close], "one event of more than"),
            ([BadServer.json("{\"content\":\"7\"}")], "expected a stream of events"),
            ([head, .send("data: {\"error\":{\"code\":500,\"message\":\"inside\"}}\n\n"), .close], "inside"),
        ]
        for (acts, word) in cases {
            let (text, requests) = try failure(acts)
            #expect(text.contains(word) && requests == 1, "\(word): \(text)")
        }
    }

    @Test func aStallEndsWithTheTimeout() throws {
        let (text, _) = try failure(
            [BadServer.streamHead, BadServer.event("7", id: 30, predicted: 1), .waitForEnd], limits: limits(timeout: 2))
        #expect(text.contains(" 2 s") && text.contains("timeout"))
        let (silence, _) = try failure([.waitForEnd], limits: limits(timeout: 2))
        #expect(silence.contains(" 2 s"))
    }

    @Test func endlessHeadersAndRedirectsAreRefused() throws {
        let (text, _) = try failure([
            .send("HTTP/1.1 200 OK\r\n"), .flood("X-More: \(String(repeating: "x", count: 1000))\r\n", 10_000), .close,
        ])
        #expect(!text.hasPrefix("ended"))
        let (redirect, requests) = try failure([
            BadServer.json("", status: "302 Found", headers: "Location: http://127.0.0.1:1/elsewhere\r\n")
        ])
        #expect(redirect.contains("elsewhere") && redirect.contains("not followed") && requests == 1)
    }

    @Test func whoIsCancelledClosesTheStream() throws {
        let server = try BadServer.completing { _ in
            [BadServer.streamHead, BadServer.event("7", id: 30, predicted: 1), .waitForEnd]
        }
        defer { server.stop() }
        let done = try sample([server], jobs: 3, cancelling: true)
        #expect(done.count == 3 && done.allSatisfy { $0.ending == .cancelled })
        var patience = 2000
        while server.left < 3, patience > 0 { patience -= 1; Thread.sleep(forTimeInterval: 0.01) }
        #expect(server.left == 3)
    }

    @Test func aProblemStaysWithAReplicaAndADeadOnesWorkGoesToTheOther() throws {
        let servers = try (0..<2).map { _ in try BadServer.completing { _ in BadServer.good } }
        defer { for server in servers { server.stop() } }
        let done = try sample(servers, jobs: 40, roots: 20)
        #expect(done.count == 40 && done.allSatisfy { $0.ending == .finished })
        let prompts = servers.map { Set($0.requests("/completion").compactMap { $0.body["prompt"]?.ids }) }
        #expect(prompts[0].isDisjoint(with: prompts[1]) && !prompts[0].isEmpty && !prompts[1].isEmpty)

        let dead = try BadServer.completing { _ in [.close] }
        defer { dead.stop() }
        let rest = try sample([dead, servers[0]], limits: limits(retrying: 30), jobs: 20, roots: 10)
        #expect(rest.count == 20 && rest.allSatisfy { $0.ending == .finished })
    }

    /// A server with OpenAI's interface alone, which tells neither ids nor at which string it stopped.
    private func plain(usage: Bool) throws -> BadServer {
        try BadServer { request in
            if request.path == "/v1/models" {
                return [BadServer.json("{\"data\":[{\"id\":\"small\",\"owned_by\":\"library\"}]}")]
            }
            guard request.body["stream"]?.bool == true else {
                return [BadServer.json("{\"choices\":[{\"index\":0,\"text\":\"So 7.\",\"finish_reason\":\"stop\"}]}")]
            }
            let end = usage ? "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3}}\n\n" : ""
            return [
                BadServer.streamHead,
                .send("data: {\"choices\":[{\"index\":0,\"text\":\"So 7.\",\"finish_reason\":\"stop\"}]}\n\n"),
                .send(end + "data: [DONE]\n\n"), .close,
            ]
        }
    }

    @Test func whoDoesNotTellWhyItStoppedGivesWholeAnswersAndNoSteps() throws {
        let server = try plain(usage: true)
        defer { server.stop() }
        let whole = try #require(try sample([server]).first)
        #expect(whole.ending == .finished && whole.text == Array("So 7.".utf8) && whole.tokens == 3)
        #expect(server.requests("/v1/completions").first?.body["prompt"]?.string == "Question: problem 0\nSolution:\n")
        guard case .failed(let why) = try #require(try sample([server], steps: 1).first).ending else {
            Issue.record("a step was believed")
            return
        }
        #expect(why.contains("does not report") && why.contains("best-of-n"))
        #expect(try open([server]).capabilities.caveats.contains("prefix by text"))
    }

    @Test func whoGivesNoCountsIsNoPolicy() throws {
        let server = try plain(usage: false)
        defer { server.stop() }
        guard case .failed(let why) = try #require(try sample([server]).first).ending else {
            Issue.record("a cost was guessed")
            return
        }
        #expect(why.contains("count of tokens"))
    }

    // MARK: When a bundle is opened

    private func refusal(_ server: BadServer, key: String? = nil) throws -> String {
        defer { server.stop() }
        do {
            _ = try open([server], limits: limits(retrying: 0.3), key: key)
            return "opened"
        } catch let error as StratagemError { return error.description }
    }

    @Test func whatIsNoServerOfOursIsRefusedWithARemedy() throws {
        let port = try Listener.freePort()
        let refused = #expect(throws: StratagemError.self) {
            _ = try EndpointRole(
                .init(urls: ["http://127.0.0.1:\(port)/v1"]), of: RealServer.bundle(.endpoint(.init(urls: []))))
        }
        #expect(refused?.origin == .user && refused?.message.contains("connection refused") == true)
        #expect(
            try refusal(BadServer { _ in [BadServer.json("{\"detail\":\"Not Found\"}", status: "404 Not Found")] })
                .contains("model = …"))
        #expect(try refusal(BadServer { _ in [BadServer.json("<html>hello</html>")] }).contains("not JSON"))
        #expect(try refusal(BadServer { _ in [BadServer.json("{\"data\":[]}")] }).contains("no \"data\""))
        #expect(try refusal(BadServer { _ in [.send("SSH-2.0-OpenSSH\r\n\r\n"), .close] }).contains("127.0.0.1"))
        #expect(
            try refusal(
                BadServer { _ in
                    [BadServer.json("{\"error\":{\"message\":\"loading\"}}", status: "503 Service Unavailable")]
                }
            ).contains("loaded"))
        let tls = #expect(throws: StratagemError.self) {
            let server = try BadServer { _ in [.close] }
            defer { server.stop() }
            let address = try server.address.root.replacingOccurrences(of: "http:", with: "https:")
            _ = try EndpointRole(
                .init(urls: [address]), of: RealServer.bundle(.endpoint(.init(urls: []))), limits: limits(timeout: 2))
        }
        #expect(tls?.message.contains("127.0.0.1") == true)
    }

    @Test func aKeyIsSentAndNeverShown() throws {
        setenv("ENDPOINT_TEST_KEY", "sk-very-secret-123", 1)
        let server = try BadServer { _ in
            [BadServer.json("{\"error\":{\"message\":\"wrong key: sk-very-secret-123\"}}", status: "401 Unauthorized")]
        }
        let text = try refusal(server, key: "ENDPOINT_TEST_KEY")
        #expect(server.requests.first?.head.contains("Authorization: Bearer sk-very-secret-123") == true)
        #expect(
            text.contains("401") && text.contains("key_env") && text.contains("wrong key: …")
                && !text.contains("secret"))
        #expect(
            "\(EndpointKey("sk-very-secret-123"))".contains("secret") == false
                && !String(reflecting: EndpointKey("sk-very-secret-123")).contains("secret"))
        unsetenv("ENDPOINT_TEST_KEY")
        #expect(try refusal(BadServer { _ in [] }, key: "ENDPOINT_TEST_KEY").contains("export ENDPOINT_TEST_KEY"))
    }
}
