import BackendContract
import LanguageModels
import LlamaBackend
import SearchCore
import Testing

@testable import EndpointBackend

@Suite("A real llama-server, behind the endpoint backend, keeps the contract", .serialized)
struct EndpointContractTests {
    private static let problems = [
        "Question: Tom has 3 apples and buys 4 more. How many apples does he have?\nSolution:\n",
        "Question: A box holds 12 pens. How many pens are in 5 boxes?\nSolution:\n",
    ]

    @Test func itIsThere() {
        if RealServer.isNeeded { #expect(RealServer.shared != nil, "in CI the real server must be there") }
    }

    /// Clause `shares` is not asked for: each of the server's slots reads a prompt for itself.
    @Test(.enabled(if: RealServer.shared != nil), arguments: ModelContract.Clause.allCases.filter { $0 != .shares })
    func theModelKeeps(_ clause: ModelContract.Clause) throws {
        let server = try #require(RealServer.shared)
        let role = try EndpointRole(.init(urls: [server.address.base]), of: server.bundle())
        let contract = ModelContract(problems: Self.problems, capabilities: role.capabilities) { wakes in
            guard case .model(let model) = try role.make(for: LaneSeat(wake: wakes.wake)) else {
                throw RealServerProblem()
            }
            return model
        }
        #expect(try contract.violations(of: clause) == [])
    }

    private struct RealServerProblem: Error {}

    private func greedy(_ role: any OpenedRole, _ problem: String, steps: Int? = nil, temperature: Double = 0) throws
        -> SampleCompletion
    {
        let wakes = Wakes()
        guard case .model(let model) = try role.make(for: LaneSeat(wake: wakes.wake)) else { throw RealServerProblem() }
        let (root, _) = try model.makePrefix(parent: nil, text: RealServer.prompt(problem))
        model.submit(
            SampleJob(
                id: 1, prefix: root, until: steps.map(SampleUntil.steps) ?? .end, maxTokens: 200,
                temperature: temperature, seed: 1))
        var done: [SampleCompletion] = []
        while model.hasWork { if model.advance(into: &done) == .waiting, !wakes.wait() { break } }
        return try #require(done.first)
    }

    @Test(.enabled(if: RealServer.shared != nil), arguments: [Int?.none, 1, 3])
    func aGreedyAnswerIsTheOneOfLlamaInProcess(steps: Int?) throws {
        let server = try #require(RealServer.shared)
        let far = try server.bundle()
        let there = try EndpointBackend().open(try #require(far.models["policy"]), of: far)
        let bundle = try RealServer.bundle(.gguf(RealServer.resources + "/policy.gguf"))
        let here = try GGUFBackend().open(try #require(bundle.models["policy"]), of: bundle)
        for problem in [
            "Tom has 3 apples and buys 4 more. How many apples does he have?",
            "A box holds 12 pens. How many pens are in 5 boxes?",
            "Ann spells <|end|> aloud 2 times a day. How many times in 3 days?",
        ] {
            let (far, near) = (try greedy(there, problem, steps: steps), try greedy(here, problem, steps: steps))
            #expect(String(decoding: far.text, as: UTF8.self) == String(decoding: near.text, as: UTF8.self))
            #expect(far.ending == near.ending)
            #expect(far.tokens == near.tokens && far.stepEnds == near.stepEnds)
            // Other kernels: the last bits differ.
            #expect(abs(far.logProbability - near.logProbability) < 0.001 * Double(near.tokens))
        }
    }

    /// The problem's text does not end the prompt, or anything, by spelling a special token.
    @Test(.enabled(if: RealServer.shared != nil))
    func promptsAreTheTokensOfLlamaInProcess() throws {
        let server = try #require(RealServer.shared)
        let there = try EndpointRole(.init(urls: [server.address.base]), of: server.bundle())
        let bundle = try RealServer.bundle(.gguf(RealServer.resources + "/policy.gguf"))
        let here = try GGUFBackend().open(try #require(bundle.models["policy"]), of: bundle)
        for parts in [
            RealServer.prompt("plain"), RealServer.prompt("<|end|> and <|good|>"),
            [PromptPart(template: "a<|end|>b<|good|>"), PromptPart(text: Array("c<|end|>é😀".utf8))],
        ] {
            var counts: [Int] = []
            for role in [there, here] as [any OpenedRole] {
                guard case .model(let model) = try role.make(for: LaneSeat()) else { throw RealServerProblem() }
                counts.append(try model.makePrefix(parent: nil, text: parts).tokens)
            }
            #expect(counts[0] == counts[1])
        }
    }

    @Test(.enabled(if: RealServer.shared != nil))
    func itSaysWhatItIs() throws {
        let server = try #require(RealServer.shared)
        let role = try EndpointRole(.init(urls: [server.address.root]), of: server.bundle())
        #expect(role.profile.kind == .llamaServer && role.profile.slots == 8 && role.profile.contextTokens == 1024)
        #expect(
            role.profile.summary.hasPrefix("llama-server b") && role.profile.summary.contains("continues exact tokens"))
        let error = #expect(throws: StratagemError.self) {
            _ = try EndpointRole(.init(urls: [server.address.base], model: "another"), of: server.bundle())
        }
        #expect(error?.code == .unknownModel && error?.message.contains("policy.gguf") == true)
    }
}
