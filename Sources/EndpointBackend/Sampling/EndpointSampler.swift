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
        let route: Route
        let body: [UInt8]
        let prompt = request.ids + assembly.ids
        switch profile.kind {
        case .llamaServer:
            route = .native("completion")
            body = LlamaServerReader.body(prompt: prompt, most: granted, request: request, seed: seed, stop: stops)
        case .other where profile.isChat:
            route = .openAI("chat/completions")
            body = ChatReader.body(
                model: profile.model, user: request.bytes, most: granted, request: request, seed: seed, stop: stops)
        case .vLLM, .other:
            route = .openAI("completions")
            body = CompletionsReader.body(
                model: profile.model, prompt: profile.keepsTokens ? .ids(prompt) : .text(request.bytes + assembly.text),
                most: granted, request: request, seed: seed, stop: stops, isVLLM: profile.kind == .vLLM)
        }
        let (segment, _) = try await traffic.perform(root: request.root, request: "POST \(route.path)") {
            client throws(EndpointFailure) in
            try await self.stream(route, body, granted: granted, told: Told(), on: client)
        }
        // A separate step, because a server may close the stream's connection after it, and the sample must not be
        // drawn again for that.
        do throws(StratagemError) {
            guard segment.ending != nil, !Task.isCancelled else { return segment }
            if let whole = completed(segment) { return whole }
            return try await traffic.perform(root: request.root, request: "POST /detokenize", isSmall: true) {
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

    private func stream(
        _ route: Route, _ body: [UInt8], granted: Int, told: Told, on client: EndpointClient
    ) async throws(EndpointFailure) -> Segment {
        let fresh = makeReader()
        told.reader.withLock { $0 = fresh }
        do {
            try await client.stream(route, body, closes: profile.kind == .llamaServer) {
                event throws(EndpointFailure) in
                try told.reader.withLock { reader throws(EndpointFailure) in try reader?.take(event) }
            }
        } catch {
            guard error.kind == .cancelled, let segment = told.reader.withLock({ $0?.segment }) else { throw error }
            return segment
        }
        guard let segment = told.reader.withLock({ $0?.segment }) else { throw .nonsense("nothing") }
        guard segment.ending != nil else {
            if Task.isCancelled { return segment }
            guard told.reader.withLock({ $0?.lacksCount }) != true else {
                throw .nonsense(
                    "its stream ended without a count of tokens, and a server that gives none cannot be a policy, because the cost would be unknown"
                )
            }
            throw EndpointFailure(.lost, "its stream ended in the middle")
        }
        guard segment.tokens <= granted else {
            throw .nonsense("\(segment.tokens) tokens, expected at most \(granted)")
        }
        guard segment.tokens > 0 || segment.pieces.allSatisfy(\.bytes.isEmpty) else {
            throw .nonsense("a text, and 0 as the number of its tokens")
        }
        return segment
    }

    private func makeReader() -> any SegmentReader {
        switch profile.kind {
        case .llamaServer: LlamaServerReader(model: profile.model)
        case .other where profile.isChat: ChatReader()
        case .vLLM, .other: CompletionsReader(keepsTokens: profile.keepsTokens)
        }
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
