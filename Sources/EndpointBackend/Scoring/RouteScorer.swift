import LanguageModels
import SearchCore

/// vLLM's routes for models with a head. The server computes the values: `/pooling` one for every tag in a text,
/// `/classify` one for a text, `/score` one for a problem and an answer.
struct RouteScorer: EndpointScorer {
    let profile: ServerProfile
    let traffic: EndpointTraffic
    let readOut: ServedReadOut
    /// The id of the tag; nil for routes without one.
    let tag: Int32?

    /// `/score` takes two texts, and puts them together itself.
    var sendsTokens: Bool { readOut.route != .score }
    var showsSteps: Bool { tag != nil }

    func values(of steps: [ScoredPiece], below above: ScoredText, meter: ScoreMeter) async throws(StratagemError)
        -> [Double]
    {
        if let tag, steps.contains(where: { $0.ids.count { $0 == tag } != 1 }) {
            throw StratagemError(
                .model, .endpointFailed,
                "a step's text contains \(readOut.tag), so its values could not be told from those of the steps")
        }
        let route = readOut.route
        let body = body(steps, below: above)
        let sent = above.ids + steps.flatMap(\.ids)
        let told = try await traffic.perform(root: above.root, request: "POST /\(route.rawValue)") {
            client throws(EndpointFailure) in
            let answer = try await client.post(.native(route.rawValue), body)
            try ScoreAnswer.note(answer, expected: route == .pooling ? sent.count : nil, in: meter)
            try ScoreAnswer.check(model: profile.model, answer)
            return try Self.numbers(answer, route)
        }.0
        // Tags in the prompt are read too, and those of the steps above again.
        let expected = route == .pooling ? sent.count { $0 == tag } : steps.count
        guard told.count == expected else {
            let remedy =
                route == .pooling
                ? ". Is \(readOut.tag) the token at which its model is read (step_tag_id in vLLM's --pooler-config), and is its pooling STEP?"
                : ""
            throw StratagemError(
                .user, .endpointFailed,
                "\(traffic.clients[0].address.root): POST /\(route.rawValue) gave \(told.count) values, expected \(expected)\(remedy)"
            )
        }
        return try told.suffix(steps.count).map { numbers throws(StratagemError) in try value(numbers) }
    }

    /// A single number is the value; of several classes one is.
    private func value(_ numbers: [Double]) throws(StratagemError) -> Double {
        if numbers.count == 1 { return numbers[0] }
        guard numbers.indices.contains(readOut.goodClass) else {
            throw StratagemError(
                .user, .badBundle,
                "class is \(readOut.goodClass), and the model of \(traffic.clients[0].address.root) has \(numbers.count) classes, counted from 0"
            )
        }
        return numbers[readOut.goodClass]
    }

    private func body(_ steps: [ScoredPiece], below above: ScoredText) -> [UInt8] {
        var body = JSONWriter()
        body.add("model", profile.model)
        body.add("use_activation", true)
        switch readOut.route {
        case .score:
            body.add("queries", bytes: above.promptBytes)
            var text = above.answerBytes
            let answers = steps.map { step in
                text += step.bytes
                return String(decoding: text, as: UTF8.self)
            }
            body.add("documents", answers)
        case .pooling:
            body.add("input", above.ids + steps.flatMap(\.ids))
        case .classify, .chat, .completions:
            var ids = above.ids
            let texts = steps.map { step in
                ids += step.ids
                return "[\(ids.map { "\($0)" }.joined(separator: ","))]"
            }
            body.add("input", json: "[\(texts.joined(separator: ","))]")
        }
        return body.finish()
    }

    /// The numbers of each text, or of each tag in it.
    private static func numbers(_ answer: JSONValue, _ route: Bundle.Endpoint.Route) throws(EndpointFailure)
        -> [[Double]]
    {
        guard let data = answer["data"]?.array else { throw .nonsense("no \"data\"") }
        var rows: [JSONValue?] = []
        switch route {
        case .pooling:
            guard data.count == 1, let list = data[0]["data"]?.array else {
                throw .nonsense("no list of values in \"data\"")
            }
            guard list.allSatisfy({ $0.array != nil }) else {
                throw .nonsense(
                    "one result for the whole text, and not one for each tag: the server pools whole texts. Start it with --pooler-config '{\"task\":\"token_classify\", …}', or use route = \"classify\""
                )
            }
            rows = list
        case .classify, .chat, .completions: rows = inOrder(data).map { $0["probs"] }
        case .score: rows = inOrder(data).map { $0["score"] }
        }
        var numbers: [[Double]] = []
        for row in rows {
            let values = row?.array?.map(\.double) ?? [row?.double]
            guard !values.isEmpty, !values.contains(nil) else { throw .nonsense("a value that is not a number") }
            numbers.append(values.compactMap { $0 })
        }
        return numbers
    }

    private static func inOrder(_ data: [JSONValue]) -> [JSONValue] {
        data.enumerated().sorted { ($0.1["index"]?.int ?? $0.0) < ($1.1["index"]?.int ?? $1.0) }.map(\.1)
    }
}
