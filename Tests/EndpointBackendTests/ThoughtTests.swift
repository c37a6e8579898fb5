import Foundation
import LanguageModels
import SearchCore
import Testing

@testable import EndpointBackend

@Suite("A judge on a server writes first, and is read where its verdict follows")
struct ThoughtTests {
    private static let lines =
        "read_out = \"judge\"\nask = \" Right {number}? \"\nthink = 40\nuntil = [\"E\", \"</think>\"]\nverdict = \"; so \"\nyes = [\"y\", \"Y\"]\nno = [\"n\"]"

    // MARK: Servers

    private static func isThought(_ request: BadServer.Request) -> Bool { request.body["stream"]?.bool == true }

    private static func stream(_ choice: String, tokens: Int) -> [BadServer.Act] {
        [
            BadServer.streamHead, .send("data: {\"choices\":[{\"index\":0,\(choice)}]}\n\n"),
            .send(
                "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":\(tokens)}}\n\ndata: [DONE]\n\n"
            ), .close,
        ]
    }

    /// A server with OpenAI's interface alone, which writes this.
    private func plain(_ thought: String = "Fine", reason: String = "stop", tops: String = "{\"y\":-0.5,\"n\":-1.5}")
        throws -> BadServer
    {
        try BadServer.plain { request in
            Self.isThought(request)
                ? Self.stream("\"text\":\"\(thought)\",\"finish_reason\":\"\(reason)\"", tokens: 5)
                : [
                    BadServer.json(
                        "{\"choices\":[{\"text\":\"y\",\"logprobs\":{\"top_logprobs\":[\(tops)]}}],\"usage\":{\"prompt_tokens\":30,\"completion_tokens\":1}}"
                    )
                ]
        }
    }

    /// A vLLM whose tokens are bytes, which writes these and stops at "E".
    private func vLLM(text: String, ids: String, spelled: String, reason: String = "stop", stop: String = "\"E\"")
        throws
        -> BadServer
    {
        try BadServer.vLLM { request in
            let count = request.body["prompt"]?.ids?.count ?? 0
            guard Self.isThought(request) else {
                return [
                    BadServer.json(
                        "{\"model\":\"tiny\",\"choices\":[{\"index\":0,\"text\":\"y\",\"logprobs\":{\"top_logprobs\":[{\"token_id:121\":-1,\"token_id:89\":-2,\"token_id:110\":-1.5}]}}],\"usage\":{\"prompt_tokens\":\(count),\"completion_tokens\":1}}"
                    )
                ]
            }
            let tokens = ids.split(separator: ",").count
            return Self.stream(
                "\"text\":\"\(text)\",\"token_ids\":[\(ids)],\"logprobs\":{\"tokens\":[\(spelled)],\"token_logprobs\":[\(Array(repeating: "-1", count: tokens).joined(separator: ","))]},\"finish_reason\":\"\(reason)\",\"stop_reason\":\(stop)",
                tokens: tokens)
        }
    }

    private func score(_ server: BadServer, _ steps: [String] = ["3 + 4 = 7\n", "7"], more: String = "") throws -> (
        done: ScoreCompletion, asked: [JSONValue]
    ) {
        defer { server.stop() }
        let role = try Verifying.role([server.address], Self.lines + more)
        let done = try #require(try Verifying.score(role, [steps]).first)
        return (done, server.requests("/v1/completions").map(\.body))
    }

    private static let first = "Question: 3 + 4? 0\nSolution:\n3 + 4 = 7"
    private static let value = (exp(-1.0) + exp(-2)) / (exp(-1.0) + exp(-2) + exp(-1.5))

    // MARK: By text

    @Test func textIsContinuedAndReadBehindTheVerdict() throws {
        let (done, asked) = try score(plain())
        #expect(done.failure == nil && done.values.count == 2)
        #expect(done.values.allSatisfy { abs($0 - 1 / (1 + exp(-1))) < 1e-9 })
        let prompts = asked.compactMap { $0["prompt"]?.string }
        #expect(
            prompts == [
                Self.first + " Right 1? ", Self.first + " Right 1? Fine; so ",
                Self.first + "\n7 Right 2? ", Self.first + "\n7 Right 2? Fine; so ",
            ])
        #expect(asked[0]["stop"]?.array?.compactMap(\.string) == ["E", "</think>"])
        #expect(asked[0]["max_tokens"]?.int == 40 && asked[0]["temperature"]?.double == 0)
        #expect(asked[1]["max_tokens"]?.int == 1 && asked[1]["logprobs"]?.int == 20)
        // What the server reports: two thoughts and two verdicts.
        #expect(done.tokens == 2 * (9 + 5) + 2 * 31)
    }

    @Test func theConversationStaysIfSomethingFollows() throws {
        let (done, asked) = try score(plain(), more: "\nnext = \"! Next: \"")
        #expect(done.values.count == 2)
        let prompts = asked.compactMap { $0["prompt"]?.string }
        #expect(prompts[2] == Self.first + " Right 1? Fine; so y! Next: 7 Right 2? ")
        let (_, doubted) = try score(plain(tops: "{\"n\":-0.5,\"So\":-4}"), more: "\nnext = \"! Next: \"")
        #expect(doubted[2]["prompt"]?.string?.contains("so n! Next") == true)
    }

    @Test func theSeedIsOfTheTextAndTheRole() throws {
        let (_, one) = try score(plain(), more: "\ntemperature = 0.6")
        let (_, other) = try score(plain(), more: "\ntemperature = 0.6")
        let seeds = [one, other].map { $0.compactMap { $0["seed"]?.int } }
        #expect(seeds[0] == seeds[1] && Set(seeds[0]).count == 2 && one[0]["temperature"]?.double == 0.6)
    }

    // MARK: By tokens

    @Test func tokensAreContinuedAndAllSpellingsRead() throws {
        let (done, asked) = try score(vLLM(text: "abE", ids: "97,98,69", spelled: "\"a\",\"b\",\"E\""))
        #expect(Verifying.isNear(done.values, [Self.value, Self.value]), "\(done)")
        let prompts = asked.compactMap { $0["prompt"]?.ids }
        #expect(prompts.count == 4)
        let question = Array((Self.first + " Right 1? ").utf8).map { Int32($0) }
        #expect(prompts[0] == question && prompts[1] == question + Array("ab; so ".utf8).map { Int32($0) })
        #expect(prompts[2] == Array((Self.first + "\n7 Right 2? ").utf8).map { Int32($0) })
        #expect(asked[1]["logprob_token_ids"]?.ids == [121, 89, 110])
        // As in process: steps with their delimiters once; questions, thoughts and verdicts.
        #expect(done.tokens == 10 + 2 + 2 * (10 + 3 + 5), "\(done.tokens)")
    }

    /// The text that ends a thought may begin inside a token: what belongs to the thought is kept.
    @Test func aTokenThatTheEndCutsIsSpelledAgain() throws {
        let (done, asked) = try score(vLLM(text: "abE", ids: "97,300", spelled: "\"a\",\"bE\""), ["7\n"])
        #expect(done.values.count == 1)
        #expect(asked[1]["prompt"]?.ids?.suffix(7) == Array("ab; so ".utf8).map { Int32($0) }[...])
        #expect(done.tokens == 2 + 10 + 2 + 6)
    }

    @Test func tokensStayIfSomethingFollows() throws {
        let (done, asked) = try score(
            vLLM(text: "abE", ids: "97,98,69", spelled: "\"a\",\"b\",\"E\""), more: "\nnext = \"! Next: \"")
        let text = Self.first + " Right 1? ab; so y! Next: 7 Right 2? "
        #expect(asked[2]["prompt"]?.ids == Array(text.utf8).map { Int32($0) })
        // Each step, question, thought, verdict, word and what follows.
        #expect(done.tokens == (9 + 1) + 2 * (10 + 3 + 5 + 1 + 8), "\(done.tokens)")
    }

    // MARK: What is no verdict

    @Test func aThoughtWithoutAnEndIsAFailureThatCosts() throws {
        let (done, asked) = try score(plain(reason: "length"))
        #expect(done.values.isEmpty && done.failure?.contains("did not come to 'E' or '</think>'") == false)
        #expect(done.failure?.contains("the context was full after 5 tokens") == true, "\(done.failure ?? "")")
        #expect(asked.count == 1 && done.tokens == 14)
        let ids = Array(repeating: "97", count: 40).joined(separator: ",")
        let spelled = Array(repeating: "\"a\"", count: 40).joined(separator: ",")
        let (cut, _) = try score(
            vLLM(
                text: String(repeating: "a", count: 40), ids: ids, spelled: spelled, reason: "length", stop: "null"))
        #expect(
            cut.failure?.hasSuffix(
                "the judge wrote 40 tokens and did not come to 'E' or '</think>', so there is no verdict. Raise think, or name the text at which its thoughts end (until)"
            ) == true, "\(cut.failure ?? "")")
        #expect(cut.values.isEmpty && cut.failure?.contains("127.0.0.1") == true && cut.tokens == 40)
    }

    @Test func aServerThatFailsCostsTheValueAndSaysWhy() throws {
        let (none, _) = try score(plain(tops: ""))
        #expect(none.values.isEmpty && none.failure?.contains("log-probabilities") == true)
        let (other, _) = try score(plain(tops: "{\"Well\":-0.1}"))
        #expect(other.values.isEmpty && other.failure?.contains("'Well'") == true)
        let broken = try BadServer.plain { request in
            Self.isThought(request)
                ? [BadServer.json("{\"error\":{\"message\":\"no thoughts\"}}", status: "500 Internal Server Error")]
                : []
        }
        #expect(try score(broken).done.failure?.contains("no thoughts") == true)
    }

    @Test func aConversationIsRefused() throws {
        let server = try plain()
        defer { server.stop() }
        let error = #expect(throws: StratagemError.self) {
            _ = try Verifying.role([server.address], Self.lines + "\nroute = \"chat\"")
        }
        #expect(error?.message.contains("cannot continue a thought") == true)
        let role = try Verifying.role([server.address], Self.lines + "\nroute = \"completions\"", isProbed: true)
        #expect(role.capabilities.caveats.contains("verifier's values may be bounds"))
        #expect(server.requests("/v1/completions").count == 1, "only the verdict is tried when a bundle is opened")
    }
}
