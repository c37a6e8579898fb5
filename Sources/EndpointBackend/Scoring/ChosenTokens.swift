import Foundation
import LanguageModels
import SearchCore

/// The probabilities of chosen tokens, as the next one behind exact tokens: one request for one token. For servers that
/// take ids and return what is asked for.
struct ChosenTokens: Sendable {
    let profile: ServerProfile
    let traffic: EndpointTraffic
    let ids: [Int32]

    func row(behind prompt: [Int32], root: UInt64, _ meter: ScoreMeter) async throws(StratagemError) -> ServedRow {
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
        body.add("logprobs", ids.count)
        body.add("logprob_token_ids", ids)
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
        guard ids.allSatisfy({ values[$0] != nil }) else {
            throw .nonsense(
                "it does not return the probabilities of the tokens that it was asked for (logprob_token_ids): this needs a newer vLLM (0.32 has it)"
            )
        }
        return ServedRow(values: values)
    }

    // MARK: llama-server returns the likeliest tokens after sampling, so the chosen ones are made the likeliest

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
        body.add("logit_bias", json: "[\(ids.map { "[\($0),\(Self.bias)]" }.joined(separator: ","))]")
        body.add("n_probs", ids.count)
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
            guard let id = Int32(exactly: id), ids.contains(id) else { continue }
            values[id] = log(share)
            sum += share
        }
        // With the bias nothing else has a chance worth mentioning.
        guard ids.allSatisfy({ values[$0] != nil }), sum > 0.99 else {
            throw .nonsense("it does not return the probabilities of the tokens that its logit_bias names")
        }
        return ServedRow(values: values)
    }
}
