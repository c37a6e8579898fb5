import LanguageModels
import SearchCore

/// Lets a judge write what it thinks of a text, and reads it where its verdict follows: see `JudgeThought`.
/// Two requests for each step: one for the thought, which ends at a stop string, and one for the token behind the
/// verdict's text.
///
/// A server that takes ids is sent its own tokens again, and returns the probabilities of all spellings. Any other is
/// sent text, and its likeliest tokens are read as those of a judge that does not think.
struct ThoughtScorer: EndpointScorer {
    let profile: ServerProfile
    let traffic: EndpointTraffic
    let tokenizer: EndpointTokenizer
    let role: String
    let readOut: JudgeReadOut
    let thought: JudgeThought
    /// The tokens of the spellings of yes and of no; empty if the server is sent text.
    let good: [Int32]
    let bad: [Int32]
    let contextTokens: Int
    private let sampler: EndpointSampler

    init(
        _ connection: EndpointConnection, _ tokenizer: EndpointTokenizer, role: String, _ readOut: JudgeReadOut,
        _ thought: JudgeThought, good: [Int32], bad: [Int32], contextTokens: Int
    ) {
        (profile, traffic, self.tokenizer) = (connection.profile, connection.traffic, tokenizer)
        (self.role, self.readOut, self.thought) = (role, readOut, thought)
        (self.good, self.bad, self.contextTokens) = (good, bad, contextTokens)
        sampler = EndpointSampler(
            connection.profile, traffic: connection.traffic, rules: StopRules(steps: .line, stop: thought.until),
            stop: thought.until)
    }

    var sendsTokens: Bool { profile.keepsTokens }
    var readsFromTheStart: Bool { !profile.keepsTokens }
    var givesBounds: Bool { !profile.keepsTokens }
    var asks: JudgeReadOut? { readOut }

    private var likeliest: JudgeScorer {
        JudgeScorer(profile: profile, traffic: traffic, readOut: readOut, isChat: false, ask: [])
    }
    private var chosen: ChosenTokens { ChosenTokens(profile: profile, traffic: traffic, ids: good + bad) }

    func values(of steps: [ScoredPiece], below above: ScoredText, meter: ScoreMeter) async throws(StratagemError)
        -> [Double]
    {
        throw StratagemError(.host, .endpointFailed, "a judge that thinks was given no question")
    }

    func scores(of steps: [AskedStep], below above: ScoredText, meter: ScoreMeter) async throws(StratagemError)
        -> [(value: Double, stays: ScoredPiece)]
    {
        var scores: [(value: Double, stays: ScoredPiece)] = []
        var prompt = ScoredPiece(bytes: above.bytes, ids: above.ids)
        for asked in steps {
            let written = try await write(behind: prompt + asked.question, root: above.root, meter)
            let text = prompt + asked.question + written
            let (value, word) = try await verdict(behind: text, root: above.root, meter)
            var stays = asked.step
            if let next = thought.next {
                let parts = [PromptPart(template: sendsTokens ? next : word.text + next)]
                stays = asked.question + written + word.piece + (try await piece(of: parts, root: above.root))
            } else if sendsTokens {
                // The text that they have in common is read once.
                let common = zip(asked.question.ids, asked.step.ids).prefix { $0.0 == $0.1 }.count
                meter.note(passing: asked.question.ids.count - common + written.ids.count)
            }
            scores.append((value, stays))
            prompt = prompt + stays
        }
        return scores
    }

    /// The thought with the verdict's text behind it.
    private func write(behind prompt: ScoredPiece, root: UInt64, _ meter: ScoreMeter) async throws(StratagemError)
        -> ScoredPiece
    {
        let room = sendsTokens ? contextTokens - prompt.ids.count : thought.tokens
        guard room > 0 else { throw failure(thought.failure(written: 0)) }
        let seed =
            sendsTokens
            ? thought.seed(role: role, text: prompt.ids) : thought.seed(role: role, text: prompt.bytes)
        let sample = await sampler.sample(
            SampleRequest(
                ids: prompt.ids, bytes: sendsTokens ? [] : prompt.bytes, until: .end,
                maxTokens: min(thought.tokens, room), temperature: thought.temperature, topP: 1, minP: 0, seed: seed,
                origin: RequestOrigin(root: root)))
        meter.note(sample)
        // An end, or what of a token no longer belongs to the text, has been written all the same.
        if sendsTokens { meter.note(passing: sample.tokens - (sample.ending == .finished ? sample.ids.count : 0)) }
        switch sample.ending {
        case .finished: break
        case .failed(let why): throw StratagemError(.model, .endpointFailed, why)
        case .step, .truncated, .cancelled: throw failure(thought.failure(written: sample.tokens))
        }
        let rest = sendsTokens ? Array(sample.text.dropFirst(sample.spelled)) : sample.text
        var written = try await piece(
            of: [PromptPart(text: rest), PromptPart(template: thought.verdict)], root: root)
        written.ids = sample.ids + written.ids
        return written
    }

    private func failure(_ why: String) -> StratagemError {
        StratagemError(.model, .endpointFailed, "\(traffic.clients[0].address.root): \(why)")
    }

    private func piece(of parts: [PromptPart], root: UInt64) async throws(StratagemError) -> ScoredPiece {
        var piece = ScoredPiece(bytes: parts.flatMap(\.bytes))
        guard sendsTokens else { return piece }
        let tokenizer = tokenizer
        piece.ids = try await traffic.perform(root: root, request: "POST /tokenize") { client throws(EndpointFailure) in
            try await tokenizer.tokens(of: parts, isRoot: false, on: client)
        }.0
        return piece
    }

    /// The value, and the likelier verdict: as a token, or as text.
    private func verdict(behind text: ScoredPiece, root: UInt64, _ meter: ScoreMeter) async throws(StratagemError)
        -> (value: Double, word: (piece: ScoredPiece, text: String))
    {
        guard sendsTokens else {
            let tops = try await likeliest.tops(bytes: text.bytes, root: root, meter)
            let value = try likeliest.value(tops)
            return (value, (ScoredPiece(bytes: []), value < 0.5 ? readOut.no[0] : readOut.yes[0]))
        }
        guard text.ids.count < contextTokens else {
            throw failure("the verdict does not fit in the judge's context of \(contextTokens) tokens")
        }
        let row = try await chosen.row(behind: text.ids, root: root, meter)
        let all = good + bad
        let top = Double(row.maximum)
        let shares = all.map { stableExp(Double(row[$0]) - top) }
        let word = zip(all, shares).max { $0.1 < $1.1 }?.0 ?? good[0]
        let value = shares.prefix(good.count).reduce(0, +) / shares.reduce(0, +)
        return (value, (ScoredPiece(bytes: [], ids: [word]), ""))
    }

    /// No thought is waited for: it might be long, and a model need not come to a verdict about a text of ours.
    func probe(_ prompt: ScoredText) async throws(StratagemError) -> Bool {
        let verdict = try await piece(of: [PromptPart(template: thought.verdict)], root: prompt.root)
        if sendsTokens {
            _ = try await chosen.row(behind: prompt.ids + verdict.ids, root: prompt.root, ScoreMeter())
        } else {
            _ = try await likeliest.tops(bytes: prompt.bytes + verdict.bytes, root: prompt.root, ScoreMeter())
        }
        return true
    }
}

extension ScoredPiece {
    fileprivate static func + (one: ScoredPiece, other: ScoredPiece) -> ScoredPiece {
        ScoredPiece(bytes: one.bytes + other.bytes, ids: one.ids + other.ids)
    }
}
