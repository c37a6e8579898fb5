import LanguageModels
import Locking
import SearchCore

/// Scores texts on a server: makes them what the server reads, and checks what comes back. There is one for each role;
/// it may be called from any thread.
final class EndpointScoring: Sendable {
    let traffic: EndpointTraffic
    let scorer: any EndpointScorer
    let judgesWholeAnswersOnly: Bool
    private let tokenizer: EndpointTokenizer
    private let template: PromptTemplate
    private let rule: StepRule
    private let readOut: any StepReadOut
    private let contextTokens: Int
    /// Spaces at the template's end, which a tokenizer joins with the first word of the first step.
    private let lead: [UInt8]
    /// The tokens of recently seen steps.
    private let known = Locked<[PlacedStep: ScoredPiece]>([:])
    private static let knownMost = 4096

    init(
        _ scorer: any EndpointScorer, readOut: any StepReadOut, tokenizer: EndpointTokenizer, traffic: EndpointTraffic,
        template: PromptTemplate, bundle: Bundle, isOutcome: Bool
    ) {
        (self.scorer, self.readOut, self.tokenizer, self.traffic) = (scorer, readOut, tokenizer, traffic)
        (self.template, rule, contextTokens) = (template, bundle.steps, bundle.contextTokens)
        judgesWholeAnswersOnly = isOutcome
        lead = scorer.sendsTokens ? template.spacesAtEnd : []
    }

    /// What a job came to.
    struct Result: Sendable {
        /// The text with its steps scored; nil if the job failed.
        var text: ScoredText?
        var values: [Double] = []
        /// What is charged.
        var tokens = 0
        var requests = 0
        /// The tokens that the server had to read.
        var read = 0
        var failure: String?
    }

    // MARK: Prompts

    func root(problem: [UInt8], attempts: [[UInt8]]) async throws(StratagemError) -> ScoredText {
        let parts = template.render(problem: problem, attempts: attempts).dropping(spaces: lead.count)
        let text = ScoredText(prompt: try await piece(parts, isRoot: true, root: 0))
        guard !scorer.sendsTokens || text.length <= contextTokens else {
            throw StratagemError(
                .user, .contextExceeded,
                "\(text.length) tokens of prompt do not fit in the verifier's context of \(contextTokens). Shorten the problem, or raise the bundle's context if \(traffic.clients[0].address.root) allows it"
            )
        }
        return text
    }

    private func piece(_ parts: [PromptPart], isRoot: Bool, root: UInt64) async throws(StratagemError) -> ScoredPiece {
        var piece = ScoredPiece(bytes: parts.flatMap(\.bytes))
        guard scorer.sendsTokens else { return piece }
        let tokenizer = tokenizer
        piece.ids = try await traffic.perform(root: root, request: "POST /tokenize") { client throws(EndpointFailure) in
            try await tokenizer.tokens(of: parts, isRoot: isRoot, on: client)
        }.0
        return piece
    }

    /// The number of tokens of a step, if it is known without asking the server, or an estimate.
    func estimate(_ steps: [[UInt8]], at place: StepPlace) -> Int {
        placed(steps, at: place).reduce(0) { count, step in
            count + (known.withLock { $0[step] }?.tokens ?? (step.text.count + 3) / 4)
        }
    }

    /// An outcome verifier is shown an answer as one text, and its verdict is that of every step.
    private func placed(_ steps: [[UInt8]], at place: StepPlace) -> [PlacedStep] {
        PlacedStep.all(steps, at: place, joined: judgesWholeAnswersOnly && !scorer.showsSteps)
    }

    private func piece(of step: PlacedStep, root: UInt64) async throws(StratagemError) -> ScoredPiece {
        if let known = known.withLock({ $0[step] }) { return known }
        let parts = readOut.layOut(step, rule, lead: lead)
        let piece = try await piece(parts, isRoot: false, root: root)
        known.withLock { known in
            if known.count >= Self.knownMost { known = [:] }
            known[step] = piece
        }
        return piece
    }

    /// A step with the question behind it, if there is one. Where the question stays, the step does so only with it.
    private func asked(_ step: PlacedStep, number: Int, root: UInt64) async throws(StratagemError) -> AskedStep {
        guard let judge = scorer.asks else { return AskedStep(step: try await piece(of: step, root: root)) }
        let parts = judge.layOutQuestion(step.stepText(rule, lead: lead), number: number)
        let question = try await piece(parts, isRoot: false, root: root)
        let stays = judge.thought?.next != nil
        return AskedStep(
            step: stays ? ScoredPiece(bytes: []) : try await piece(of: step, root: root), question: question)
    }

    // MARK: Jobs

    /// Never throws: an error becomes the result's failure, with what was read until then.
    /// - Parameter isFinished: the last step ends an answer.
    func score(_ steps: [[UInt8]], below above: ScoredText, isFinished: Bool) async -> Result {
        let meter = ScoreMeter()
        var result = Result()
        do {
            result = try await score(steps, below: above, isFinished: isFinished, meter)
        } catch {
            result.failure = error.message
        }
        let reading = meter.reading
        (result.requests, result.read) = (reading.requests, reading.read)
        result.tokens = scorer.readsFromTheStart ? reading.tokens : result.tokens + reading.passing
        return result
    }

    private func score(_ steps: [[UInt8]], below above: ScoredText, isFinished: Bool, _ meter: ScoreMeter)
        async throws(StratagemError) -> Result
    {
        var asked: [AskedStep] = []
        let placed = placed(steps, at: StepPlace(begins: above.parent == nil, ends: isFinished))
        for (index, step) in placed.enumerated() {
            asked.append(try await self.asked(step, number: above.steps + index + 1, root: above.root))
        }
        let own = asked.reduce(0) { $0 + $1.step.tokens } + (asked.last?.question.tokens ?? 0)
        guard !scorer.sendsTokens || above.length + own <= contextTokens else {
            throw StratagemError(
                .model, .contextExceeded,
                "\(above.length + own) tokens do not fit in the verifier's context of \(contextTokens)")
        }
        var result = Result()
        var text = above
        for (value, stays) in try await scorer.scores(of: asked, below: above, meter: meter) {
            guard (0...1.0001).contains(value) else {
                throw StratagemError(
                    .model, .endpointFailed,
                    "\(traffic.clients[0].address.root): a step got the value \(value), expected one in [0, 1]")
            }
            text = ScoredText(below: text, stays, value: min(1, value))
            result.tokens += stays.tokens
            result.values.append(min(1, value))
        }
        if judgesWholeAnswersOnly {
            result.values = Array(repeating: text.value ?? .nan, count: steps.count)
        }
        result.text = text
        return result
    }

    /// Scores an answer of two steps, so that a server that cannot do this is refused before a search begins.
    func probe() async throws(StratagemError) {
        let root = try await root(problem: Array("What is 2 plus 3?".utf8), attempts: [])
        if try await scorer.probe(root) { return }
        let delimiter = rule.delimiter(of: [])
        let steps = ["2 plus 3 is 5.", "The answer is 5."].map { Array($0.utf8) + delimiter }
        _ = try await score(steps, below: root, isFinished: true, ScoreMeter())
    }
}
