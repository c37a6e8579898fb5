import LanguageModels
import SearchCore

/// Reads the log-probabilities of a whole text's own tokens, which vLLM returns in one request (`prompt_logprobs`): for
/// the read-out `likelihood`.
struct PromptScorer: EndpointScorer {
    let profile: ServerProfile
    let traffic: EndpointTraffic
    let readOut: any StepReadOut

    var sendsTokens: Bool { true }

    func values(of steps: [ScoredPiece], below above: ScoredText, meter: ScoreMeter) async throws(StratagemError)
        -> [Double]
    {
        let prompt = above.ids + steps.flatMap(\.ids)
        let rows = try await traffic.perform(root: above.root, request: "POST /v1/completions") {
            client throws(EndpointFailure) in
            try self.rows(try await client.post(.openAI("completions"), self.body(prompt)), of: prompt, meter)
        }.0
        var values: [Double] = []
        var start = above.length
        for step in steps {
            var sum = 0.0
            // What is known about a token comes with that token, and a read-out asks for it one place before.
            for position in step.ids.indices where start + position + 1 < rows.count {
                readOut.read(
                    rows[start + position + 1], at: ReadOutPlace(step: step.ids, position: position, ids: []),
                    sum: &sum)
            }
            values.append(readOut.value(sum: sum, above: values.last ?? above.value))
            start += step.ids.count
        }
        return values
    }

    private func body(_ prompt: [Int32]) -> [UInt8] {
        var body = profile.oneToken(behind: prompt)
        body.add("prompt_logprobs", 1)
        return body.finish()
    }

    /// One row for each token of the prompt: its own log-probability, and that of the likeliest one in its place.
    private func rows(_ answer: JSONValue, of prompt: [Int32], _ meter: ScoreMeter) throws(EndpointFailure)
        -> [ServedRow]
    {
        try ScoreAnswer.note(answer, expected: prompt.count, in: meter)
        try ScoreAnswer.check(model: profile.model, answer)
        guard let told = answer["choices"]?.array?.first?["prompt_logprobs"]?.array, told.count == prompt.count else {
            throw .nonsense("no \"prompt_logprobs\" for each of the prompt's \(prompt.count) tokens")
        }
        var rows: [ServedRow] = []
        for (place, entry) in told.enumerated() {
            var row = ServedRow(values: [:])
            // Nothing comes before the first token.
            if case .object(let members) = entry {
                for member in members {
                    guard let id = Int32(member.key) else { continue }
                    row.values[id] = try ScoreAnswer.logProbability(member.value["logprob"])
                }
            }
            guard place == 0 || row.values[prompt[place]] != nil else {
                throw .nonsense("token \(place) of the prompt has no log-probability")
            }
            rows.append(row)
        }
        return rows
    }
}
