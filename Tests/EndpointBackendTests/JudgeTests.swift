import Foundation
import LanguageModels
import SearchCore
import Testing

@testable import EndpointBackend

@Suite("A judge is read from the probabilities of its first token")
struct JudgeTests {
    private static let lines = "read_out = \"judge\"\nask = \"Right?\""

    /// A reply with these likeliest first tokens, in the form of chats.
    private static func reply(
        _ tops: [(String, Double)], usage: String = "{\"prompt_tokens\":9,\"completion_tokens\":1}"
    )
        -> BadServer.Act
    {
        let list = tops.map { "{\"token\":\(JSON.quoted($0.0)),\"logprob\":\($0.1)}" }.joined(separator: ",")
        return BadServer.json(
            "{\"choices\":[{\"message\":{\"content\":\"Yes\"},\"logprobs\":{\"content\":[{\"token\":\"Yes\",\"logprob\":-1,\"top_logprobs\":[\(list)]}]}}],\"usage\":\(usage)}"
        )
    }

    private func score(_ act: BadServer.Act, _ steps: [String] = ["3 + 4 = 7\n"], lines: String = lines) throws
        -> (ScoreCompletion, [JSONValue])
    {
        let server = try BadServer.plain { _ in [act] }
        defer { server.stop() }
        let role = try Verifying.role([server.address], lines)
        #expect(role.capabilities.caveats.contains("verifier's values may be bounds"))
        let done = try #require(try Verifying.score(role, [steps]).first)
        return (done, server.requests.filter { $0.method == "POST" }.map(\.body))
    }

    @Test func allSpellingsCount() throws {
        let tops = [
            ("Yes", log(0.3)), (" Yes", log(0.2)), ("yes", log(0.1)), ("No", log(0.15)), (" no", log(0.05)),
            ("So", log(0.1)),
        ]
        let (done, bodies) = try score(Self.reply(tops), ["3 + 4 = 7\n", "So 7."])
        #expect(done.values.count == 2 && done.values.allSatisfy { abs($0 - 0.6 / 0.8) < 1e-12 })
        // What the server reports, for both steps.
        #expect(done.tokens == 20)
        let shown = bodies.compactMap { $0["messages"]?.array?.first?["content"]?.string }
        #expect(
            shown == [
                "Question: 3 + 4? 0\nSolution:\n3 + 4 = 7\nRight?",
                "Question: 3 + 4? 0\nSolution:\n3 + 4 = 7\nSo 7.\nRight?",
            ])
        #expect(bodies[0]["max_tokens"]?.int == 1 && bodies[0]["top_logprobs"]?.int == 20)
    }

    @Test func theMissingOneHasAtMostTheLeastThatWasReturned() throws {
        let (done, _) = try score(Self.reply([("Yes", log(0.9)), ("So", log(0.02)), ("I", log(0.06))]))
        #expect(abs((done.values.first ?? 0) - 0.9 / 0.92) < 1e-12)
        let (other, _) = try score(Self.reply([("No", log(0.9)), ("So", log(0.02))]))
        #expect(abs((other.values.first ?? 0) - 0.02 / 0.92) < 1e-12)
    }

    @Test func aCompletionIsReadInTheOlderFormToo() throws {
        let old = BadServer.json(
            "{\"choices\":[{\"text\":\" Yes\",\"logprobs\":{\"tokens\":[\" Yes\"],\"top_logprobs\":[{\" Yes\":-0.1,\" No\":-2.4}]}}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1}}"
        )
        let (done, bodies) = try score(old, lines: Self.lines + "\nroute = \"completions\"")
        #expect(abs((done.values.first ?? 0) - 1 / (1 + exp(-2.3))) < 1e-9)
        #expect(bodies[0]["prompt"]?.string?.hasSuffix("= 7\nRight?") == true)
    }

    @Test func whatIsNoVerdictIsAFailureAndNotAZero() throws {
        let cases: [(act: BadServer.Act, word: String)] = [
            (Self.reply([("Well", -0.1), ("I", -3)]), "'Well'"),
            (Self.reply([]), "log-probabilities"),
            (Self.reply([("Yes", 0.5)]), "a log-probability of 0.5"),
            (BadServer.json("{\"choices\":[],\"usage\":{\"prompt_tokens\":9}}"), "log-probabilities"),
            (
                BadServer.json("{\"choices\":[{\"logprobs\":null}],\"usage\":{\"prompt_tokens\":9}}"),
                "log-probabilities"
            ),
            (Self.reply([("Yes", -0.1), ("No", -3)], usage: "null"), "cost"),
            (
                BadServer.json(
                    "{\"choices\":[{\"logprobs\":{\"content\":[{\"top_logprobs\":[{\"token\":\"Yes\",\"logprob\":NaN}]}]}}],\"usage\":{\"prompt_tokens\":9}}"
                ), "log-probability of nan"
            ),
        ]
        for (act, word) in cases {
            let (done, _) = try score(act)
            #expect(done.values.isEmpty && done.failure?.contains(word) == true, "\(word): \(done.failure ?? "none")")
        }
        // What was read is charged all the same.
        #expect(try score(Self.reply([("Well", -0.1)])).0.tokens == 10)
    }

    /// A judge of whole answers is asked once, and its verdict is that of every step.
    @Test func aWholeAnswerIsJudgedOnce() throws {
        let server = try BadServer.plain { _ in [Self.reply([("Yes", log(0.6)), ("No", log(0.2))])] }
        defer { server.stop() }
        let role = try Verifying.role([server.address], Self.lines, kind: "orm")
        let done = try #require(try Verifying.score(role, [["a\n", "b\n", "c"]]).first)
        #expect(done.values.count == 3 && done.values.allSatisfy { abs($0 - 0.75) < 1e-12 } && done.tokens == 10)
    }
}

@Suite("The values of vLLM's routes are taken by number and checked")
struct RouteTests {
    private static let usage = "\"usage\":{\"prompt_tokens\":PROMPT,\"total_tokens\":PROMPT,\"completion_tokens\":0}"

    private static func answer(_ data: String, _ request: BadServer.Request) -> [BadServer.Act] {
        let count = request.body["input"]?.ids?.count ?? 40
        let usage = usage.replacingOccurrences(of: "PROMPT", with: "\(count)")
        return [BadServer.json("{\"model\":\"tiny\",\"data\":\(data),\(usage)}")]
    }

    private func score(_ data: String, _ lines: String, _ steps: [String] = ["3 + 4 = 7\n", "7"], kind: String = "prm")
        throws -> (ScoreCompletion, JSONValue?)
    {
        let server = try BadServer.vLLM { Self.answer(data, $0) }
        defer { server.stop() }
        let role = try Verifying.role([server.address], lines, kind: kind)
        let done = try #require(try Verifying.score(role, [steps]).first)
        return (done, server.requests.last { $0.method == "POST" }?.body)
    }

    private static let pooling = "route = \"pooling\"\ntag = \"@\""

    @Test func poolingGivesAValueForEachTag() throws {
        let data = "[{\"index\":0,\"data\":[[0.9,0.1],[0.25,0.75]]}]"
        let (done, body) = try score(data, Self.pooling)
        #expect(done.values == [0.1, 0.75])
        #expect(body?["input"]?.ids == Array("Question: 3 + 4? 0\nSolution:\n3 + 4 = 7@7@".utf8).map(Int32.init))
        #expect(done.tokens == 41, "the server reads the prompt too")
        #expect(try score(data, Self.pooling + "\nclass = 0").0.values == [0.9, 0.25])
        #expect(try score(data, Self.pooling, kind: "orm").0.values == [0.75, 0.75], "the last tag's")
        #expect(try score("[{\"data\":[[0.3],[0.4]]}]", Self.pooling).0.values == [0.3, 0.4])
    }

    @Test func classifyAndScoreGiveAValueForEachText() throws {
        let classes = "[{\"index\":1,\"probs\":[0.2,0.8]},{\"index\":0,\"probs\":[0.7,0.3]}]"
        let (done, body) = try score(classes, "route = \"classify\"")
        #expect(done.values == [0.3, 0.8] && done.tokens == 40)
        #expect(body?["input"]?.array?.compactMap { $0.ids?.count } == [39, 41])
        let (scored, pair) = try score("[{\"index\":0,\"score\":0.4}]", "route = \"score\"", kind: "orm")
        #expect(scored.values == [0.4, 0.4])
        #expect(pair?["queries"]?.string == "Question: 3 + 4? 0\nSolution:\n")
        #expect(pair?["documents"]?.array?.compactMap(\.string) == ["3 + 4 = 7\n7\n"])
    }

    @Test func whatIsNotOneValueForEachStepIsAFailure() throws {
        let cases: [(data: String, lines: String, word: String)] = [
            ("[{\"data\":[[0.1,0.9]]}]", Self.pooling, "1 values, expected 2"),
            ("[{\"data\":[[0.1],[0.2],[0.3]]}]", Self.pooling, "step_tag_id"),
            ("[{\"data\":[0.1,0.9]}]", Self.pooling, "whole text"),
            ("[{\"data\":[[0.1,0.9],[0.2,NaN]]}]", Self.pooling, "nan"),
            ("[{\"data\":[[0.1,0.9],[0.2,3.5]]}]", Self.pooling, "3.5"),
            ("[{\"data\":[[0.1,0.9],[]]}]", Self.pooling, "not a number"),
            ("[{\"data\":[[0.1,0.9],[\"a\"]]}]", Self.pooling, "not a number"),
            ("[]", Self.pooling, "no list of values"),
            ("7", Self.pooling, "no \"data\""),
            ("[{\"data\":[[0.1,0.9],[0.2,0.8]]}]", Self.pooling + "\nclass = 2", "2 classes"),
            ("[{\"index\":0,\"probs\":[0.5]}]", "route = \"classify\"", "1 values, expected 2"),
        ]
        for (data, lines, word) in cases {
            let (done, _) = try score(data, lines)
            #expect(done.values.isEmpty && done.failure?.contains(word) == true, "\(word): \(done.failure ?? "none")")
        }
    }

    /// A policy that writes the tag would get one value more.
    @Test func aStepThatContainsTheTagHasNoValue() throws {
        let (done, _) = try score("[{\"data\":[[0.9],[0.9],[0.9]]}]", Self.pooling, ["3@ + 4\n", "7"])
        #expect(done.values.isEmpty && done.failure?.contains("contains @") == true)
    }
}

@Suite("What vLLM returns of chosen and of prompt tokens is read as it means it")
struct ServedProbabilityTests {
    private func score(_ lines: String, _ answer: @escaping @Sendable (BadServer.Request) -> String) throws
        -> (ScoreCompletion, [JSONValue])
    {
        let server = try BadServer.vLLM { [BadServer.json(answer($0))] }
        defer { server.stop() }
        let role = try Verifying.role([server.address], lines)
        let done = try #require(try Verifying.score(role, [["ab\n", "c\n"]]).first)
        return (done, server.requests("/v1/completions").map(\.body))
    }

    private static func completion(_ request: BadServer.Request, _ choice: String, more: Int = 0) -> String {
        let count = (request.body["prompt"]?.ids?.count ?? 0) + more
        return
            "{\"model\":\"tiny\",\"choices\":[{\"index\":0,\"text\":\"x\",\(choice)}],\"usage\":{\"prompt_tokens\":\(count),\"completion_tokens\":1}}"
    }

    @Test func chosenTokensAreAskedForByTheirIds() throws {
        let (done, bodies) = try score(Verifying.tokens) {
            Self.completion(
                $0,
                "\"logprobs\":{\"tokens\":[\"token_id:9\"],\"top_logprobs\":[{\"token_id:9\":-0.1,\"token_id:43\":-12,\"token_id:45\":-13}]}"
            )
        }
        #expect(done.values.count == 2 && done.values.allSatisfy { abs($0 - 1 / (1 + exp(-1))) < 1e-6 })
        #expect(done.tokens == 5 && bodies.count == 2)
        #expect(bodies[0]["logprob_token_ids"]?.ids == [43, 45] && bodies[0]["max_tokens"]?.int == 1)
    }

    @Test func anOlderServerThatIgnoresTheIdsIsFound() throws {
        let (done, _) = try score(Verifying.tokens) {
            Self.completion($0, "\"logprobs\":{\"top_logprobs\":[{\"token_id:9\":-0.1,\"token_id:43\":-12}]}")
        }
        #expect(done.failure?.contains("logprob_token_ids") == true)
        let (cut, _) = try score(Verifying.tokens) { Self.completion($0, "\"logprobs\":null", more: -1) }
        #expect(cut.failure?.contains("tokens of a prompt of") == true)
    }

    /// Each step's first token is left out, and the product goes on from step to step.
    @Test func likelihoodIsReadFromThePromptsOwnTokens() throws {
        let (done, bodies) = try score("read_out = \"likelihood\"") { request in
            let ids = request.body["prompt"]?.ids ?? []
            let rows = ids.enumerated().map { place, id in
                place == 0 ? "null" : "{\"\(id)\":{\"logprob\":-1.5,\"rank\":2},\"300\":{\"logprob\":-1,\"rank\":1}}"
            }
            return Self.completion(request, "\"prompt_logprobs\":[\(rows.joined(separator: ","))]")
        }
        // Two of the first step's three tokens count, and one of the second step's two.
        #expect(done.values.count == 2)
        #expect(zip(done.values, [exp(-1.0), exp(-1.5)]).allSatisfy { abs($0 - $1) < 1e-9 })
        #expect(bodies.count == 1 && bodies[0]["prompt_logprobs"]?.int == 1)
        #expect(done.tokens == (bodies[0]["prompt"]?.ids?.count ?? 0) + 1, "the whole text is read")
    }

    @Test func promptTokensWithoutLogProbabilitiesAreNoValue() throws {
        for rows in ["null", "[]", "[null,{}]"] {
            let (done, _) = try score("read_out = \"likelihood\"") {
                Self.completion($0, "\"prompt_logprobs\":\(rows)")
            }
            #expect(done.values.isEmpty && done.failure?.contains("prompt_logprobs") == true)
        }
    }
}
