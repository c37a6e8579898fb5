import Foundation
import LanguageModels
import SearchCore

/// Asks a model whether the text so far is right, and reads the first token of its reply: the probability of all
/// spellings of yes, against that of yes and no. A server returns only its likeliest tokens, so the one of the two that
/// is missing has at most the probability of the least likely token that was returned, and gets that.
struct JudgeScorer: EndpointScorer {
    let profile: ServerProfile
    let traffic: EndpointTraffic
    let readOut: JudgeReadOut
    let isChat: Bool
    /// The question as the server's tokens; empty if the server is sent text.
    let ask: [Int32]

    /// What vLLM and OpenAI return at most.
    private static let tops = 20

    var sendsTokens: Bool { !isChat && profile.keepsTokens }
    var givesBounds: Bool { true }

    func values(of steps: [ScoredPiece], below above: ScoredText, meter: ScoreMeter) async throws(StratagemError)
        -> [Double]
    {
        var values: [Double] = []
        var (ids, bytes) = (above.ids, above.bytes)
        for step in steps {
            ids += step.ids
            bytes += step.bytes
            values.append(
                try value(
                    try await tops(
                        ids: ids + ask, bytes: bytes + Array(readOut.ask.utf8), root: above.root, meter)))
        }
        return values
    }

    /// The likeliest tokens behind a text.
    func tops(ids: [Int32] = [], bytes: [UInt8], root: UInt64, _ meter: ScoreMeter) async throws(StratagemError)
        -> [Top]
    {
        let body = body(ids: ids, bytes: bytes)
        let path = isChat ? "chat/completions" : "completions"
        return try await traffic.perform(root: root, request: "POST /v1/\(path)") { client throws(EndpointFailure) in
            let answer = try await client.post(.openAI(path), body)
            try ScoreAnswer.note(answer, in: meter)
            return try Self.top(answer)
        }.0
    }

    private func body(ids: [Int32], bytes: [UInt8]) -> [UInt8] {
        var body = JSONWriter()
        body.add("model", profile.model)
        body.add("max_tokens", 1)
        body.add("temperature", 0)
        guard isChat else {
            if sendsTokens { body.add("prompt", ids) } else { body.add("prompt", bytes: bytes) }
            body.add("logprobs", Self.tops)
            return body.finish()
        }
        body.addMessage(ofUser: bytes)
        body.add("logprobs", true)
        body.add("top_logprobs", Self.tops)
        return body.finish()
    }

    struct Top: Sendable {
        var text: String
        var logProbability: Double
    }

    /// The likeliest first tokens, in the form of chats (which llama-server has for completions too) or the older one.
    private static func top(_ answer: JSONValue) throws(EndpointFailure) -> [Top] {
        let told = answer["choices"]?.array?.first?["logprobs"]
        var tops: [Top] = []
        if let list = told?["content"]?.array?.first?["top_logprobs"]?.array {
            for entry in list {
                guard let text = entry["token"]?.string else { throw .nonsense("a token without its text") }
                tops.append(Top(text: text, logProbability: try ScoreAnswer.logProbability(entry["logprob"])))
            }
        } else if case .object(let members)? = told?["top_logprobs"]?.array?.first {
            for member in members {
                tops.append(Top(text: member.key, logProbability: try ScoreAnswer.logProbability(member.value)))
            }
        }
        guard !tops.isEmpty else {
            throw .nonsense("no log-probabilities of the reply's first token: a judge needs a server that returns them")
        }
        return tops
    }

    func value(_ tops: [Top]) throws(StratagemError) -> Double {
        func mass(_ words: [String]) -> Double? {
            let found = tops.filter { words.contains($0.text) }
            return found.isEmpty ? nil : found.reduce(0) { $0 + exp($1.logProbability) }
        }
        let (yes, no) = (mass(readOut.yes), mass(readOut.no))
        guard yes != nil || no != nil else {
            let first = tops.max { $0.logProbability < $1.logProbability }?.text ?? ""
            throw StratagemError(
                .model, .endpointFailed,
                "\(traffic.clients[0].address.root): the judge \(profile.model) begins its reply with neither yes nor no (its likeliest first token is '\(EndpointClient.short(first))'). Ask for one word, name its spellings (yes = […], no = […]), or use route = \"completions\" with a template that ends where the verdict follows"
            )
        }
        let least = exp(tops.map(\.logProbability).min() ?? 0)
        let (good, bad) = (yes ?? least, no ?? least)
        guard good + bad > 0 else {
            throw StratagemError(.model, .endpointFailed, "the judge gives yes and no the probability 0")
        }
        return good / (good + bad)
    }
}
