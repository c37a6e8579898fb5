import LanguageModels
import SearchCore

/// A verifier's server, after it was asked what it is and whether it can be read.
struct EndpointVerifierRole: OpenedRole {
    let profile: ServerProfile
    let identity: WeightsIdentity
    let scoring: EndpointScoring

    /// - Parameter isProbed: whether a short answer is scored, so that a server that cannot do it is refused here.
    init(
        _ model: Bundle.Model, _ endpoint: Bundle.Endpoint, of bundle: Bundle,
        limits: EndpointLimits = EndpointLimits(), isProbed: Bool = true
    ) throws(StratagemError) {
        let connection = try EndpointConnection(endpoint, contextTokens: bundle.contextTokens, limits: limits)
        profile = connection.profile
        identity = connection.identity
        let readOut: any StepReadOut = model.readOut ?? LikelihoodReadOut()
        let tokenizer = EndpointTokenizer(profile)
        let scorer: any EndpointScorer
        if let judge = readOut as? JudgeReadOut, let thought = judge.thought {
            scorer = try Self.thoughtScorer(
                judge, thought, endpoint.route, connection, tokenizer, role: model.role,
                contextTokens: bundle.contextTokens)
        } else {
            scorer = try Self.scorer(readOut, endpoint.route, connection, tokenizer)
        }
        scoring = EndpointScoring(
            scorer, readOut: readOut, tokenizer: tokenizer, traffic: connection.traffic,
            template: bundle.verifierTemplate(of: model), bundle: bundle, isOutcome: model.kind == .orm)
        guard isProbed else { return }
        let scoring = scoring
        try Blocking.wait { () async throws(StratagemError) in try await scoring.probe() }
    }

    var shape: ModelShape? { nil }
    var spread: Spread { .elsewhere }
    var summary: String { profile.summary }

    /// A server works on several requests at once and sums in another order then: a value's last digits may differ.
    var capabilities: Capabilities {
        Capabilities(repeatsSamples: false, countsFLOPs: false, knowsValues: !scoring.scorer.givesBounds)
    }

    func make(for lane: LaneSeat) throws(StratagemError) -> RoleWorker {
        .verifier(EndpointVerifier(scoring, wake: lane.wake))
    }

    // MARK: What the server can be asked

    private static func scorer(
        _ readOut: any StepReadOut, _ route: Bundle.Endpoint.Route?, _ connection: EndpointConnection,
        _ tokenizer: EndpointTokenizer
    ) throws(StratagemError) -> any EndpointScorer {
        let (profile, traffic) = (connection.profile, connection.traffic)
        let name = type(of: readOut).name
        if let served = readOut as? ServedReadOut {
            guard profile.kind == .vLLM else {
                throw refuse(
                    "route", "\"\(served.route.rawValue)\" is a route of vLLM", connection,
                    "Start its model with vLLM (--runner pooling), or read it by its tokens or as a judge")
            }
            let tag = try ids(of: served.tokens, connection, tokenizer).first
            return RouteScorer(profile: profile, traffic: traffic, readOut: served, tag: tag)
        }
        if let judge = readOut as? JudgeReadOut {
            let isChat = route != .completions
            var ask: [Int32] = []
            if !isChat, profile.keepsTokens {
                ask = try tokens(of: [PromptPart(template: judge.ask)], connection, tokenizer)
            }
            return JudgeScorer(profile: profile, traffic: traffic, readOut: judge, isChat: isChat, ask: ask)
        }
        if let route {
            throw refuse(
                "route", "\"\(route.rawValue)\" is for read_out = \"judge\"", connection,
                "The read-out '\(name)' chooses its own route: remove the line")
        }
        if readOut is LikelihoodReadOut {
            guard profile.kind == .vLLM else {
                throw refuse(
                    "read_out",
                    profile.kind == .llamaServer
                        ? "\"likelihood\" needs the log-probabilities of a prompt's own tokens, which llama-server does not return"
                        : "\"likelihood\" needs exact log-probabilities of a prompt's own tokens. Of the servers with OpenAI's interface alone some return none, and llama_cpp.server returns those of the next place",
                    connection,
                    "Use vLLM, or the weights in this process (gguf = \"FILE.gguf\")")
            }
            return PromptScorer(profile: profile, traffic: traffic, readOut: readOut)
        }
        guard readOut is TokenReadOut || readOut is StepTagReadOut || readOut is TurnReadOut else {
            throw refuse(
                "read_out", "\"\(name)\" cannot be read from a server", connection,
                "Use the weights in this process (gguf = \"FILE.gguf\")")
        }
        guard profile.keepsTokens else {
            throw refuse(
                "read_out",
                "\"\(name)\" needs the probabilities of chosen tokens after exact tokens, which a server with OpenAI's interface alone does not return",
                connection,
                "Use vLLM or llama-server, the weights in this process (gguf = \"FILE.gguf\"), or read_out = \"judge\"")
        }
        let ids = try ids(of: readOut.tokens, connection, tokenizer)
        let verdicts = zip(readOut.tokens, ids).filter { $0.0.key == "good" || $0.0.key == "bad" }.map(\.1)
        guard Set(verdicts).count == verdicts.count else {
            throw refuse("good", "and bad name the same token", connection, "Name tokens that differ")
        }
        return NextTokenScorer(profile: profile, traffic: traffic, readOut: readOut, ids: ids, verdicts: verdicts)
    }

    private static func refuse(_ key: String, _ why: String, _ connection: EndpointConnection, _ remedy: String)
        -> StratagemError
    {
        StratagemError(
            .user, .badBundle, "\(key): \(why) (\(connection.address.root) is \(connection.profile.summary)). \(remedy)"
        )
    }

    private static func tokens(
        of parts: [PromptPart], _ connection: EndpointConnection, _ tokenizer: EndpointTokenizer
    ) throws(StratagemError) -> [Int32] {
        let traffic = connection.traffic
        return try Blocking.wait { () async throws(StratagemError) in
            try await traffic.perform(root: 0, request: "POST /tokenize") { client throws(EndpointFailure) in
                try await tokenizer.tokens(of: parts, isRoot: false, on: client)
            }.0
        }
    }

    /// A judge that writes before its verdict: what it wrote is continued, which no conversation can do.
    private static func thoughtScorer(
        _ judge: JudgeReadOut, _ thought: JudgeThought, _ route: Bundle.Endpoint.Route?,
        _ connection: EndpointConnection, _ tokenizer: EndpointTokenizer, role: String, contextTokens: Int
    ) throws(StratagemError) -> ThoughtScorer {
        guard route != .chat else {
            throw refuse(
                "route", "\"chat\" cannot continue a thought, and the verdict's text (verdict) stands behind it",
                connection, "Remove the line, and write the turns of the model's chat template into template and ask")
        }
        func ids(_ key: String, _ words: [String]) throws(StratagemError) -> [Int32] {
            var found: [Int32] = []
            for word in words {
                guard let id = try id(of: word, connection, tokenizer), !found.contains(id) else { continue }
                found.append(id)
            }
            guard !found.isEmpty else {
                throw refuse(
                    key, "is \(words), none of which is one token of that model", connection,
                    "Name tokens of the model's own vocabulary")
            }
            return found
        }
        let keepsTokens = connection.profile.keepsTokens
        let good = keepsTokens ? try ids("yes", judge.yes) : []
        let bad = keepsTokens ? try ids("no", judge.no) : []
        guard !bad.contains(where: good.contains) else {
            throw refuse("no", "and yes are the same token", connection, "Name tokens that differ")
        }
        return ThoughtScorer(
            connection, tokenizer, role: role, judge, thought, good: good, bad: bad, contextTokens: contextTokens)
    }

    /// The ids of a read-out's tokens in the server's vocabulary.
    private static func ids(
        of tokens: [ReadOutToken], _ connection: EndpointConnection, _ tokenizer: EndpointTokenizer
    ) throws(StratagemError) -> [Int32] {
        var ids: [Int32] = []
        for token in tokens {
            guard let id = try id(of: token.text, connection, tokenizer) else {
                throw refuse(
                    token.key, "is '\(token.text)', which is not one token of that model", connection,
                    "Name a token of the model's own vocabulary")
            }
            ids.append(id)
        }
        return ids
    }

    /// The id of a text that is one token of the server's vocabulary; nil if it is several.
    private static func id(of text: String, _ connection: EndpointConnection, _ tokenizer: EndpointTokenizer)
        throws(StratagemError) -> Int32?
    {
        var found = try tokens(of: [PromptPart(template: text)], connection, tokenizer)
        if found.count != 1 {
            // A tokenizer that puts a space before every text makes two tokens of a text that already has a space.
            let letter = try tokens(of: [PromptPart(template: "a")], connection, tokenizer)
            let both = try tokens(of: [PromptPart(template: "a" + text)], connection, tokenizer)
            found = both.starts(with: letter) ? Array(both.dropFirst(letter.count)) : []
        }
        return found.count == 1 ? found[0] : nil
    }
}
