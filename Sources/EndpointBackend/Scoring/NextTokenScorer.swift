import Foundation
import LanguageModels
import SearchCore

/// Reads the verdict's tokens where the read-out says, from the probabilities of the token that would follow: one
/// request for each step, which asks for one token. For servers that take ids and return the probabilities of chosen
/// ones; a list of the likeliest tokens is not enough, because a verdict that was learnt only as a share of two tokens
/// may be far down in it.
struct NextTokenScorer: EndpointScorer {
    let profile: ServerProfile
    let traffic: EndpointTraffic
    let readOut: any StepReadOut
    /// The ids of the read-out's tokens.
    let ids: [Int32]
    /// Those whose probabilities are wanted.
    let verdicts: [Int32]

    var sendsTokens: Bool { true }
    var readsFromTheStart: Bool { false }

    func values(of steps: [ScoredPiece], below above: ScoredText, meter: ScoreMeter) async throws(StratagemError)
        -> [Double]
    {
        var values: [Double] = []
        var prompt = above.ids
        for step in steps {
            guard let position = position(in: step.ids) else {
                throw StratagemError(
                    .model, .endpointFailed, "a step does not contain the token at which it is read")
            }
            let row = try await row(prompt + step.ids[...position], root: above.root, meter)
            var sum = 0.0
            readOut.read(row, at: ReadOutPlace(step: step.ids, position: position, ids: ids), sum: &sum)
            values.append(readOut.value(sum: sum, above: values.last ?? above.value))
            prompt += step.ids
        }
        return values
    }

    private func position(in step: [Int32]) -> Int? {
        switch readOut.positions(in: step, ids: ids) {
        case .last, .all: step.isEmpty ? nil : step.count - 1
        case .one(let place): step.indices.contains(place) ? place : nil
        case .none: nil
        }
    }

    private func row(_ prompt: [Int32], root: UInt64, _ meter: ScoreMeter) async throws(StratagemError) -> ServedRow {
        let isLlama = profile.kind == .llamaServer
        let name = isLlama ? "POST /completion" : "POST /v1/completions"
        return try await traffic.perform(root: root, request: name) { client throws(EndpointFailure) in
            if isLlama {
                let answer = try await client.post(.native("completion"), biasedBody(prompt))
                return try biased(answer, prompt: prompt.count, meter)
            }
            let answer = try await client.post(.openAI("completions"), chosenBody(prompt))
            return try chosen(answer, prompt: prompt.count, meter)
        }.0
    }

    // MARK: vLLM returns the log-probabilities of the ids that it is asked for

    private func chosenBody(_ prompt: [Int32]) -> [UInt8] {
        var body = profile.oneToken(behind: prompt)
        body.add("logprobs", verdicts.count)
        body.add("logprob_token_ids", verdicts)
        body.add("return_tokens_as_token_ids", true)
        return body.finish()
    }

    private func chosen(_ answer: JSONValue, prompt: Int, _ meter: ScoreMeter) throws(EndpointFailure) -> ServedRow {
        try ScoreAnswer.note(answer, expected: prompt, in: meter)
        try ScoreAnswer.check(model: profile.model, answer)
        guard case .object(let told)? = answer["choices"]?.array?.first?["logprobs"]?["top_logprobs"]?.array?.first
        else { throw .nonsense("no \"top_logprobs\"") }
        var values: [Int32: Double] = [:]
        for member in told where member.key.hasPrefix("token_id:") {
            guard let id = Int32(member.key.dropFirst(9)) else { continue }
            values[id] = try ScoreAnswer.logProbability(member.value)
        }
        guard verdicts.allSatisfy({ values[$0] != nil }) else {
            throw .nonsense(
                "it does not return the probabilities of the tokens that it was asked for (logprob_token_ids): this needs a newer vLLM (0.32 has it)"
            )
        }
        return ServedRow(values: values)
    }

    // MARK: llama-server returns the likeliest tokens after sampling, so the verdict's tokens are made the likeliest

    /// The same bias for all of them changes nothing about their shares among themselves.
    private static let bias = 100

    private func biasedBody(_ prompt: [Int32]) -> [UInt8] {
        var body = JSONWriter()
        body.add("prompt", prompt)
        body.add("n_predict", 1)
        body.add("seed", 0)
        body.add("temperature", 1)
        body.add("samplers", ["temperature"])
        body.add("top_p", 1)
        body.add("min_p", 0)
        body.addNeutralSampling()
        body.add("logit_bias", json: "[\(verdicts.map { "[\($0),\(Self.bias)]" }.joined(separator: ","))]")
        body.add("n_probs", verdicts.count)
        body.add("post_sampling_probs", true)
        body.add("cache_prompt", true)
        body.add("stream", false)
        return body.finish()
    }

    private func biased(_ answer: JSONValue, prompt: Int, _ meter: ScoreMeter) throws(EndpointFailure) -> ServedRow {
        guard let read = answer["tokens_evaluated"]?.int else { throw .nonsense("no \"tokens_evaluated\"") }
        meter.note(tokens: read, fresh: answer["timings"]?["prompt_n"]?.int)
        guard read == prompt, answer["truncated"]?.bool != true else {
            throw .nonsense("it read \(read) tokens of a prompt of \(prompt)")
        }
        try ScoreAnswer.check(model: profile.model, answer)
        guard let told = answer["completion_probabilities"]?.array?.first?["top_probs"]?.array else {
            throw .nonsense("no \"top_probs\": llama-server before 2024-12 does not return them. Use a newer one")
        }
        var values: [Int32: Double] = [:]
        var sum = 0.0
        for entry in told {
            guard let id = entry["id"]?.int, let share = entry["prob"]?.double, (0...1.0001).contains(share) else {
                throw .nonsense("a probability that is none: \(entry["prob"]?.double ?? .nan)")
            }
            guard let id = Int32(exactly: id), verdicts.contains(id) else { continue }
            values[id] = log(share)
            sum += share
        }
        // With the bias nothing else has a chance worth mentioning.
        guard verdicts.allSatisfy({ values[$0] != nil }), sum > 0.99 else {
            throw .nonsense("it does not return the probabilities of the tokens that its logit_bias names")
        }
        return ServedRow(values: values)
    }
}
