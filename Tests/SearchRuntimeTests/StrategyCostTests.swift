import ScriptedModel
import SearchCore
import SearchRuntime
import Testing

/// Our strategies on the tree of Harness.swift, worked out by hand: what they answer
/// and what it costs, to the token. Children are taken in turn.
///
/// Tokens: the problem 5; "Add them." 2, "It is even." 3, "Guess." 1; each
/// "#### N" 2, and one to end.
@Suite struct StrategyCosts {
    private func models() throws -> ScriptedSource { try source(sums) { $0.draws = .roundRobin } }

    private func expect(
        _ result: RunResult, answer: String?, votes: [Vote], cost: Cost,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(result.error == nil, sourceLocation: sourceLocation)
        #expect(result.answer == answer, sourceLocation: sourceLocation)
        #expect(result.votes.map(\.answer) == votes.map(\.answer), sourceLocation: sourceLocation)
        #expect(result.votes.map(\.count) == votes.map(\.count), sourceLocation: sourceLocation)
        for (got, wanted) in zip(result.votes, votes) {
            #expect(abs(got.weight - wanted.weight) < 1e-9, "\(got)", sourceLocation: sourceLocation)
        }
        var got = result.cost
        #expect(got.seconds > 0 && got.seconds < 60, sourceLocation: sourceLocation)
        got.seconds = 0
        #expect(got == cost, sourceLocation: sourceLocation)
    }

    /// Of a sample: all of it is read but the token that ends it.
    private func sample(_ tokens: Int, from start: Int, isFinished: Bool = true) -> Double {
        flops(reading: isFinished ? tokens - 1 : tokens, from: start, outputs: tokens)
    }
    private let prompt = flops(reading: 5, from: 0, outputs: 0)

    @Test func greedyIsWrong() async throws {
        let result = try await run("greedy", on: models())
        expect(
            result, answer: "5", votes: [Vote(answer: "5", weight: 1, count: 1)],
            cost: Cost(generations: 1, tokens: 5, promptTokens: 5, flops: prompt + sample(5, from: 5)))
        #expect(result.candidates.first?.text == "Add them.\n#### 5" && result.candidates.first?.score == nil)
    }

    /// Add-5, even-4, guess-7, add-4.
    private var fourSamples: Double {
        sample(5, from: 5) + sample(6, from: 5) + sample(4, from: 5) + sample(5, from: 5)
    }

    @Test func majority() async throws {
        let result = try await run("majority", on: models(), limits: Limits(generations: 4))
        expect(
            result, answer: "4",
            votes: [
                Vote(answer: "4", weight: 2, count: 2), Vote(answer: "5", weight: 1, count: 1),
                Vote(answer: "7", weight: 1, count: 1),
            ],
            cost: Cost(generations: 4, tokens: 20, promptTokens: 5, flops: prompt + fourSamples))
    }

    @Test func bestOfN() async throws {
        let result = try await run("best-of-n", on: models(), limits: Limits(generations: 4))
        // The verifier reads the problem once and every answer, both of its steps.
        let read = prompt + [4, 5, 3, 4].reduce(0.0) { $0 + flops(reading: $1, from: 5, outputs: 2) }
        expect(
            result, answer: "4",
            votes: [
                Vote(answer: "4", weight: 1.9, count: 2), Vote(answer: "7", weight: 0.3, count: 1),
                Vote(answer: "5", weight: 0.1, count: 1),
            ],
            cost: Cost(
                generations: 4, tokens: 20, promptTokens: 5, verifierTokens: 5 + 16, flops: prompt + fourSamples + read)
        )
        let first = try #require(result.candidates.first)
        #expect(first.text == "It is even.\n#### 4" && first.score == 1)
        #expect(result.tree[first.node].stepScores == [0.8, 1])
    }

    /// N = 4, M = 2. Round one: add, even, guess, add; the second "add" is not a beam of
    /// its own. Even and add survive and are continued twice each: even-4 twice (one
    /// answer), add-5, add-4.
    @Test func beamSearch() async throws {
        let result = try await run("beam-search", on: models(), limits: Limits(generations: 4))
        let first = [2, 3, 1, 2].reduce(0.0) { $0 + sample($1, from: 5, isFinished: false) }
        let second = sample(3, from: 8) * 2 + sample(3, from: 7) * 2
        let read =
            prompt + [2, 3, 1].reduce(0.0) { $0 + flops(reading: $1, from: 5, outputs: 1) }
            + flops(reading: 2, from: 8, outputs: 1) + flops(reading: 2, from: 7, outputs: 1) * 2
        expect(
            result, answer: "4",
            votes: [Vote(answer: "4", weight: 1.9, count: 2), Vote(answer: "5", weight: 0.1, count: 1)],
            cost: Cost(
                generations: 4, tokens: 8 + 12, promptTokens: 5, verifierTokens: 5 + 6 + 6,
                flops: prompt + first + second + read, wastedTokens: 1 + 2 + 3))
    }

    /// G = 4, k = 1, so N = 2. Add and even; roll-outs at temperature 0: add-5 and
    /// even-4. Both survive, even first; each continues from the step itself.
    @Test func lookahead() async throws {
        let result = try await run("lookahead", ["lookahead_steps": "1"], on: models(), limits: Limits(generations: 4))
        let first = sample(2, from: 5, isFinished: false) + sample(3, from: 5, isFinished: false)
        let rollouts = sample(3, from: 7) + sample(3, from: 8)
        // Scoring a roll-out's end reads the step above it first. What is sampled later has the same texts.
        let steps = flops(reading: 2, from: 5, outputs: 1) + flops(reading: 3, from: 5, outputs: 1)
        let ends = flops(reading: 2, from: 7, outputs: 1) + flops(reading: 2, from: 8, outputs: 1)
        expect(
            result, answer: "4",
            votes: [Vote(answer: "4", weight: 1, count: 1), Vote(answer: "5", weight: 0.1, count: 1)],
            cost: Cost(
                generations: 4, tokens: 5 + 6 + 6, promptTokens: 5, verifierTokens: 5 + 5 + 4,
                flops: prompt * 2 + first + rollouts * 2 + steps + ends, wastedTokens: 6))
    }

    /// 12 tokens: add-5 (5), even-4 (6), and one token of "Guess.", which is
    /// truncated and no answer.
    @Test func tokensRunOut() async throws {
        let result = try await run("majority", ["n": "4"], on: models(), limits: Limits(tokens: 12))
        #expect(result.cost.tokens == 12 && result.error == nil && result.cost.wastedTokens == 1)
        #expect(result.tree.nodes.map(\.ending) == [.open, .finished, .finished, .truncated])
        #expect(result.votes.map(\.answer) == ["5", "4"])
    }

    @Test func aBudgetForNothing() async throws {
        let result = try await run("majority", ["n": "4"], on: models(), limits: Limits(flops: 1))
        #expect(result.answer == nil && result.error == nil && result.cost.tokens == 0)
        #expect(result.cost.flops <= 1, "the prompt must not be read either: \(result.cost.flops)")
    }

    @Test func noVerifierIsTheUsersToMend() async throws {
        var bare = try models()
        bare.verifiers = [:]
        let result = try await run("best-of-n", on: bare)
        let error = try #require(result.error)
        #expect(error.message.contains("majority"), "the remedy: \(error.message)")
    }
}
