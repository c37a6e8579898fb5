import Foundation
import LanguageModels
import SearchCore
import Testing

@testable import EndpointBackend

@Suite("Servers that fail, lie or hang cost a value and say why")
struct VerifierMisbehaviourTests {
    private func failure(_ acts: @escaping @Sendable (BadServer.Request) -> [BadServer.Act], timeout: Double = 300)
        throws -> (text: String, requests: Int)
    {
        let server = try BadServer.completing(acts)
        defer { server.stop() }
        let role = try Verifying.role(
            [server.address], Verifying.tokens, limits: Verifying.limits(timeout: timeout))
        let done = try #require(try Verifying.score(role, [["3 + 4 = 7\n"]]).first)
        guard let why = done.failure else { return ("scored as \(done.values)", 0) }
        #expect(done.values.isEmpty && !done.wasCancelled)
        #expect(why.contains("127.0.0.1"), "names the server: \(why)")
        return (why, server.requests("/completion").count)
    }

    @Test func aGoodServerIsReadOnceForEachStep() throws {
        let server = try BadServer.completing { request in
            [
                BadServer.shares(
                    request, good: request.number == 0 ? "0.75" : "1", bad: request.number == 0 ? "0.25" : "0")
            ]
        }
        defer { server.stop() }
        let role = try Verifying.role([server.address], Verifying.tokens)
        let done = try #require(try Verifying.score(role, [["3 + 4 = 7\n", "Yes\n", "So 7."]]).first)
        #expect(done.failure == nil && Verifying.isNear(done.values, [0.75, 1, 1]))
        // The last step gets its line feed, and each byte is a token here.
        #expect(done.tokens == 20)
        let bodies = server.requests("/completion").map(\.body)
        let prompts = bodies.compactMap { $0["prompt"]?.ids }
        #expect(prompts.map(\.count) == [0, 4, 10].map { (prompts.first?.count ?? 0) + $0 })
        #expect(zip(prompts, prompts.dropFirst()).allSatisfy { $1.starts(with: $0) })
        for key in ["n_predict", "n_probs", "post_sampling_probs", "samplers", "top_k", "repeat_penalty"] {
            #expect(bodies[0][key] != nil, "\(key) is always sent")
        }
        #expect(bodies[0]["logit_bias"]?.array?.compactMap(\.ids) == [[43, 100], [45, 100]])
        #expect(role.capabilities.caveats == ["not repeatable", "FLOPs unknown"])
    }

    @Test func whatIsLostIsAskedForAgainAndChargedOnce() throws {
        let server = try BadServer.completing { request in
            switch request.number {
            case 0: [.close]
            case 1: [.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"tokens"), .close]
            case 2: [BadServer.json("{\"error\":{\"message\":\"loading\"}}", status: "503 Service Unavailable")]
            case 3:
                [
                    BadServer.json(
                        "{\"error\":{\"message\":\"slow down\"}}", status: "429 Too Many Requests",
                        headers: "Retry-After: 0\r\n")
                ]
            default: [BadServer.shares(request)]
            }
        }
        defer { server.stop() }
        let role = try Verifying.role(
            [server.address], Verifying.tokens, limits: Verifying.limits(retrying: 30))
        let done = try #require(try Verifying.score(role, [["3 + 4 = 7\n"]]).first)
        #expect(done.failure == nil, "\(done.failure ?? "")")
        #expect(Verifying.isNear(done.values, [0.75]) && done.tokens == 10)
        #expect(server.requests("/completion").count == 5)
    }

    @Test func nonsenseIsNamedAndNotAskedForAgain() throws {
        let cases: [(acts: @Sendable (BadServer.Request) -> [BadServer.Act], word: String)] = [
            ({ _ in [BadServer.json("{\"tokens_evaluated\": nonsense}")] }, "not JSON"),
            ({ _ in [BadServer.json("[]")] }, "tokens_evaluated"),
            ({ [BadServer.shares($0, good: "NaN")] }, "probability that is none"),
            ({ [BadServer.shares($0, good: "-0.5")] }, "probability that is none"),
            ({ [BadServer.shares($0, good: "1e9")] }, "probability that is none"),
            ({ [BadServer.shares($0, good: "\"x\"")] }, "probability that is none"),
            // Another server that ignores the bias: the verdict's tokens are unlikely among all.
            ({ [BadServer.shares($0, good: "0.002", bad: "0.001")] }, "logit_bias"),
            ({ [BadServer.shares($0, tokens: 3)] }, "3 tokens of a prompt of"),
            (
                {
                    [
                        BadServer.json(
                            "{\"tokens_evaluated\":\($0.body["prompt"]?.array?.count ?? 0),\"completion_probabilities\":[]}"
                        )
                    ]
                }, "top_probs"
            ),
            (
                {
                    [
                        BadServer.json(
                            "{\"model\":\"other\",\"tokens_evaluated\":\($0.body["prompt"]?.array?.count ?? 0)}")
                    ]
                }, "changed its model"
            ),
            (
                { _ in
                    [
                        BadServer.json(
                            "{\"error\":{\"message\":\"tensor exploded\"}}", status: "500 Internal Server Error")
                    ]
                }, "tensor exploded"
            ),
            (
                { _ in [BadServer.json("", status: "302 Found", headers: "Location: http://127.0.0.1:1/elsewhere\r\n")]
                },
                "not followed"
            ),
        ]
        for (acts, word) in cases {
            let (text, requests) = try failure(acts)
            #expect(text.contains(word) && requests == 1, "\(word): \(text)")
        }
        let (text, requests) = try failure { _ in [.close] }
        #expect(text.contains("log") && requests > 1, "\(text)")
    }

    @Test func aStallEndsWithTheTimeout() throws {
        let (text, _) = try failure({ _ in [.waitForEnd] }, timeout: 2)
        #expect(text.contains(" 2 s") && text.contains("timeout"))
    }

    @Test func whoIsCancelledClosesTheConnection() throws {
        let server = try BadServer.completing { _ in [.waitForEnd] }
        defer { server.stop() }
        let role = try Verifying.role([server.address], Verifying.tokens)
        let began = ContinuousClock.now
        let done = try Verifying.score(role, [["7\n"], ["8\n"], ["9\n"]]) {
            server.requests("/completion").count == 3
        }
        #expect(ContinuousClock.now - began < .seconds(100), "it waited for the answers")
        #expect(done.count == 3 && done.allSatisfy { $0.wasCancelled && $0.values.isEmpty })
        var patience = 2000
        while server.left < 3, patience > 0 { patience -= 1; Thread.sleep(forTimeInterval: 0.01) }
        #expect(server.left == 3)
    }

    @Test func aDeadReplicasWorkGoesToTheOther() throws {
        let (dead, alive) = (
            try BadServer.completing { _ in [.close] }, try BadServer.completing { [BadServer.shares($0)] }
        )
        defer { for server in [dead, alive] { server.stop() } }
        let role = try Verifying.role(
            [dead.address, alive.address], Verifying.tokens, limits: Verifying.limits(retrying: 30))
        let done = try Verifying.score(role, (0..<20).map { ["\($0)\n"] })
        #expect(done.count == 20 && done.allSatisfy { Verifying.isNear($0.values, [0.75]) })
    }

    /// A failed step takes the steps before it along, but not what they have cost.
    @Test func aFailureInTheMiddleIsNoValueAndIsNotAZero() throws {
        let server = try BadServer.completing { request in
            request.number == 1
                ? [BadServer.json("{\"error\":{\"message\":\"no\"}}", status: "500 Internal Server Error")]
                : [BadServer.shares(request)]
        }
        defer { server.stop() }
        let role = try Verifying.role([server.address], Verifying.tokens)
        let done = try #require(try Verifying.score(role, [["a\n", "b\n", "c\n"]]).first)
        #expect(done.values.isEmpty && done.failure?.contains("500") == true)
    }

    // MARK: When a bundle is opened

    private func refusal(_ make: () throws -> Void) -> String {
        do {
            try make()
            return "opened"
        } catch { return "\(error)" }
    }

    @Test func whatAServerCannotDoIsRefusedWithAReasonAndARemedy() throws {
        let llama = try BadServer.completing { [BadServer.shares($0)] }
        let plain = try BadServer.plain { _ in [] }
        let vLLM = try BadServer.vLLM { _ in [] }
        defer { for server in [llama, plain, vLLM] { server.stop() } }
        let cases: [(server: BadServer, lines: String, words: [String])] = [
            (llama, "read_out = \"likelihood\"", ["does not return", "Use vLLM"]),
            (plain, "read_out = \"likelihood\"", ["next place", "gguf"]),
            (plain, Verifying.tokens, ["exact tokens", "read_out = \"judge\""]),
            (llama, "route = \"pooling\"", ["a route of vLLM", "--runner pooling"]),
            (llama, "route = \"chat\"\n\(Verifying.tokens)", ["judge", "remove the line"]),
            (llama, "good = \"++\"\nbad = \"-\"", ["good", "not one token"]),
            (vLLM, "route = \"pooling\"\ntag = \"<extra_0>\"", ["tag", "not one token"]),
        ]
        for (server, lines, words) in cases {
            let text = refusal { _ = try Verifying.role([server.address], lines) }
            for word in words { #expect(text.contains(word), "\(lines): \(text)") }
        }
    }

    @Test func keysThatContradictEachOtherAreRefusedByTheBundle() {
        let cases: [(lines: String, words: [String])] = [
            ("route = \"pooling\"\nread_out = \"token\"", ["both say"]),
            ("route = \"poling\"", ["'poling'", "pooling"]),
            ("route = \"pooling\"\ngood = \"+\"", ["good", "not a key"]),
            ("route = \"classify\"\nclass = -1", ["class", "from 0"]),
            ("read_out = \"judge\"\nyes = []", ["yes", "spelling"]),
            ("read_out = \"judge\"\nyes = [\"No\"]", ["both contain"]),
        ]
        for (lines, words) in cases {
            let text = refusal { _ = try Verifying.bundle("endpoint = \"http://h\"\n\(lines)") }
            for word in words { #expect(text.contains(word), "\(lines): \(text)") }
        }
        let local = refusal { _ = try Verifying.bundle("gguf = \"prm.gguf\"\nread_out = \"judge\"") }
        #expect(local.contains("on a server") && local.contains("read_out = \"token\""), "\(local)")
    }

    @Test func aServerThatCannotScoreIsFoundWhenTheBundleIsOpened() throws {
        let server = try BadServer.completing { _ in
            [BadServer.json("{\"error\":{\"message\":\"no probabilities here\"}}", status: "501 Not Implemented")]
        }
        defer { server.stop() }
        let text = refusal { _ = try Verifying.role([server.address], Verifying.tokens, isProbed: true) }
        #expect(text.contains("no probabilities here"), "\(text)")
        let good = try BadServer.completing { [BadServer.shares($0)] }
        defer { good.stop() }
        #expect(refusal { _ = try Verifying.role([good.address], Verifying.tokens, isProbed: true) } == "opened")
        #expect(good.requests("/completion").count == 2)
    }
}
