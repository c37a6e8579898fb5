import LanguageModels
import Locking
import SearchCore

/// Draws samples from a server. There is one for each role; it may be called from any thread.
final class EndpointSampler: Sendable {
    let profile: ServerProfile
    let traffic: EndpointTraffic
    let tokenizer: EndpointTokenizer
    let rules: StopRules
    private let stop: [String]
    /// Whether the server was seen not to count the tokens of a stream.
    private let countsWholeOnly = Locked(false)

    init(_ profile: ServerProfile, traffic: EndpointTraffic, rules: StopRules, stop: [String]) {
        self.profile = profile
        self.traffic = traffic
        self.stop = stop
        self.rules = rules
        tokenizer = EndpointTokenizer(profile)
    }

    /// Never throws: an error becomes the ending of the sample, with what was counted until then.
    func sample(_ request: SampleRequest) async -> SampleResult {
        if profile.isChat, let refusal = chatRefusal(request) { return SampleResult(ending: .failed(refusal)) }
        var assembly = SampleAssembly(rules: rules, until: request.until, after: request.tail)
        var read = 0
        var requests = 0
        var ending: SampleEnding?
        do {
            while ending == nil, assembly.tokens < request.maxTokens {
                let segment = try await segment(request, after: assembly, number: requests)
                read += segment.promptTokensRead ?? 0
                requests += 1
                let before = assembly.tokens
                ending = assembly.take(segment)
                if ending == nil, segment.ending == .untold { ending = untold(request) }
                if Task.isCancelled, ending == nil { ending = .cancelled }
                guard assembly.tokens > before || ending != nil else {
                    ending = .failed(
                        "\(profile.model): the server stopped before the first token, and does not say why")
                    break
                }
            }
        } catch {
            ending = Task.isCancelled ? .cancelled : .failed(error.message)
        }
        var result = assembly.result(ending ?? .truncated)
        result.promptTokensRead = read
        result.requests = requests
        return result
    }

    /// For a `finish_reason: stop` without details: if no delimiter is among the stop strings, it can only be the end
    /// of the answer.
    private func untold(_ request: SampleRequest) -> SampleEnding {
        guard case .steps = request.until else { return .finished }
        return .failed(
            "the server of \(profile.model) does not report whether a step or the answer ended: search by steps needs vLLM, SGLang or llama-server. Strategies that sample whole answers work: best-of-n, majority"
        )
    }

    /// Why a conversation cannot give this sample; nil if it can.
    private func chatRefusal(_ request: SampleRequest) -> String? {
        let remedy = "Strategies that sample whole answers work: best-of-n, majority"
        if case .steps = request.until {
            return
                "\(profile.model) is asked in conversations (route = \"chat\"), which have no steps: search by steps needs vLLM, SGLang or llama-server. \(remedy)"
        }
        return request.isContinued
            ? "\(profile.model) is asked in conversations (route = \"chat\"), and cannot continue an answer. \(remedy)"
            : nil
    }

    // MARK: One request

    private func segment(_ request: SampleRequest, after assembly: SampleAssembly, number: Int)
        async throws(StratagemError) -> Segment
    {
        let granted = request.maxTokens - assembly.tokens
        let seed = request.seed(segment: number)
        var stops = stop
        if case .steps = request.until { stops += rules.steps.serverStops ?? [] }
        let query = SampleQuery(
            profile: profile, request: request, ids: assembly.ids, text: assembly.text, most: granted, seed: seed,
            stop: stops)
        let (segment, _) = try await traffic.perform(request.origin, request: "POST \(query.route.path)") {
            client, slot throws(EndpointFailure) in
            if !self.countsWholeOnly.withLock({ $0 }) {
                if let streamed = try await self.stream(query, slot: slot, told: Told(), on: client) { return streamed }
                // `llama_cpp.server` counts in whole answers only.
                self.countsWholeOnly.withLock { $0 = true }
            }
            return try await self.whole(query, on: client)
        }
        // A separate step, because a server may close the stream's connection after it, and the sample must not be
        // drawn again for that.
        do throws(StratagemError) {
            guard segment.ending != nil, !Task.isCancelled else { return segment }
            if let whole = completed(segment) { return whole }
            return try await traffic.perform(root: request.origin.root, request: "POST /detokenize", isSmall: true) {
                client throws(EndpointFailure) in
                try await self.complete(segment, on: client)
            }.0
        } catch {
            // What was sampled is charged even if the caller has cancelled.
            guard Task.isCancelled else { throw error }
            return segment
        }
    }

    /// What has been received so far, in case the caller cancels in the middle.
    private final class Told: Sendable {
        let reader = Locked<(any SegmentReader)?>(nil)
    }

    /// Nil if the stream was complete, but had no count of tokens.
    private func stream(_ query: SampleQuery, slot: Int?, told: Told, on client: EndpointClient)
        async throws(EndpointFailure)
        -> Segment?
    {
        let fresh = query.makeReader()
        told.reader.withLock { $0 = fresh }
        do {
            try await client.stream(
                query.route, query.body(isStreamed: true, slot: slot), closes: profile.kind == .llamaServer
            ) {
                event throws(EndpointFailure) in
                try told.reader.withLock { reader throws(EndpointFailure) in try reader?.take(event) }
            }
        } catch {
            guard error.kind == .cancelled, let segment = told.reader.withLock({ $0?.segment }) else { throw error }
            return segment
        }
        guard let reader = told.reader.withLock({ $0 }) else { throw .nonsense("nothing") }
        if reader.segment.ending == nil {
            if Task.isCancelled { return reader.segment }
            if reader.lacksCount { return nil }
            throw EndpointFailure(.lost, "its stream ended in the middle")
        }
        return try Self.checked(reader.segment, query)
    }

    /// The same without a stream: the server goes on if the caller cancels.
    private func whole(_ query: SampleQuery, on client: EndpointClient) async throws(EndpointFailure) -> Segment {
        var reader = query.makeReader()
        try reader.take(try await client.post(query.route, query.body(isStreamed: false)))
        guard !reader.lacksCount else {
            throw .nonsense(
                "neither its streams nor its whole answers have a count of tokens, and a server that gives none cannot be a policy, because the cost would be unknown"
            )
        }
        guard reader.segment.ending != nil else { throw .nonsense("an answer without \"finish_reason\"") }
        return try Self.checked(reader.segment, query)
    }

    private static func checked(_ segment: Segment, _ query: SampleQuery) throws(EndpointFailure) -> Segment {
        guard segment.tokens <= query.most else {
            throw .nonsense("\(segment.tokens) tokens, expected at most \(query.most)")
        }
        guard segment.tokens > 0 || segment.pieces.allSatisfy(\.bytes.isEmpty) else {
            throw .nonsense("a text, and 0 as the number of its tokens")
        }
        return segment
    }

    /// The segment with what was held back, if the server need not be asked for it.
    private func completed(_ told: Segment) -> Segment? {
        var segment = told
        switch (profile.kind, told.ending) {
        case (.other, .stop(let word)): segment.pieces.append(.init(bytes: word))
        case (.other, _), (.vLLM, _): break
        case (.llamaServer, _) where !told.pieces.allSatisfy(\.knowsIDs): return nil
        case (.llamaServer, .end):
            if told.held.tokens > 0 { segment.pieces.append(told.held) }
            segment.held = .init()
        case (.llamaServer, .limit) where told.held.tokens == 0: break
        case (.llamaServer, _): return nil
        }
        return segment
    }

    /// Adds text and ids that llama-server held back or cut from the last tokens.
    private func complete(_ told: Segment, on client: EndpointClient) async throws(EndpointFailure) -> Segment {
        var segment = told
        for index in segment.pieces.indices where !segment.pieces[index].knowsIDs {
            // Incomplete characters, whose tokens the server does not report. Tokenising them again nearly always gives
            // the same tokens.
            segment.pieces[index].ids = try await tokenizer.plain(segment.pieces[index].bytes, client)
            segment.pieces[index].tokens = segment.pieces[index].ids.count
        }
        try await addHeld(&segment, on: client)
        return segment
    }

    private func addHeld(_ segment: inout Segment, on client: EndpointClient) async throws(EndpointFailure) {
        var held = segment.held
        segment.held = .init()
        switch segment.ending {
        case .stop(let word):
            // The text contains neither the stop string nor the rest of its last token. If a text came along with that
            // token, it was not held back.
            if held.tokens == 0, let last = segment.pieces.popLast() { held = last }
            guard held.knowsIDs, !held.ids.isEmpty else {
                throw .nonsense("it stopped at a string, and reported no token of it")
            }
            let sent = held.bytes
            let spelled = try await tokenizer.text(of: held.ids, on: client)
            held.bytes = Self.text(spelled, from: sent + word)
            segment.pieces.append(held)
        case .end:
            guard held.tokens > 0 else { return }
            segment.pieces.append(held)
        case .limit:
            // The beginning of what might have become a stop string, or tokens without text.
            guard held.tokens > 0, held.knowsIDs else { return }
            let spelled = try await tokenizer.text(of: held.ids, on: client)
            if try await tokenizer.plain(spelled, client) == held.ids { held.bytes = spelled }
            segment.pieces.append(held)
        case .untold, nil: break
        }
    }

    /// The part of `spelled` that begins with `start`; only `start` if there is none.
    private static func text(_ spelled: [UInt8], from start: [UInt8]) -> [UInt8] {
        guard spelled.count >= start.count else { return start }
        let at = (0...spelled.count - start.count).first { spelled[$0...].starts(with: start) }
        return at.map { Array(spelled[$0...]) } ?? start
    }
}
