import StrategyKit

/// Budget forcing of s1, Muennighoff et al. 2025 (arXiv 2501.19393): one chain of thought whose length is forced. When
/// the model would end its thinking, the end is replaced by "Wait", and it continues to think; when it has thought for
/// too long, the end and "Final Answer:" are appended, and it has to answer. Its last answer counts.
///
/// `end_of_thinking` marks the end of thinking in the text. Without it, the end is the step that ends the answer: that
/// step is dropped, and "Wait" follows the step before it. Every ignored end is another pass at the answer, so N limits
/// their number: N passes, but at most 6 ignored ends, the most in the paper. Greedy, as in the paper.
///
/// The thought grows step by step, which costs no more than sampling it at once: no depth is sampled twice.
struct BudgetForcing: SequentialStrategy {
    static let ignored = Parameter.int(
        "thinking_n_ignore", "how often the end of thinking is ignored", derived: "N - 1, at most 6", in: 0...1024)
    static let wait = Parameter.text("thinking_n_ignore_str", "the text that replaces it", default: "Wait")
    static let longest = Parameter.int(
        "max_tokens_thinking", "tokens of thought after which the model has to answer; 0 is off", default: 0,
        in: 0...Int(Int32.max))
    static let end = Parameter.text(
        "end_of_thinking", "the text that ends the model's thought; if empty, the step that ends the answer",
        default: "")
    static let finalAnswer = Parameter.text(
        "final_answer", "the text after that end when the model has to answer", default: "Final Answer:")
    static let temperature = Parameter.float(
        "temperature", "of sampling; 0 takes the most likely token, as in the paper", default: 0, in: 0...10)
    static let info = StrategyInfo(
        id: "org.stratagem.budget-forcing", name: "budget-forcing", version: "1.0.0",
        summary: "One chain of thought that is extended with \"Wait\", or ended early",
        parameters: [Standard.n, ignored, wait, longest, end, finalAnswer, temperature, Standard.topP, Standard.minP],
        roles: [.model("policy", "thinks and answers")])
    /// A thought with more steps is not continued any more: the model has to answer.
    private static let stepsMax = 256

    private let host: Host
    private let ignoredMax: Int
    private let wait: String
    private let longest: Int
    private let end: String
    private let finalAnswer: String
    private let sampling: Sampling
    /// The node from which the thought continues.
    private var place: NodeID
    private var tokens = 0
    private var steps = 0
    /// Oldest first.
    private var answers: [NodeID] = []
    private var modelFailed = false

    init(_ setup: Setup) throws {
        host = setup.host
        place = setup.problem.root
        ignoredMax = try setup[Self.ignored] ?? min(6, setup.generations() - 1)
        wait = try setup[Self.wait]
        longest = try setup[Self.longest]
        end = try setup[Self.end]
        finalAnswer = try setup[Self.finalAnswer]
        sampling = Sampling(
            temperature: try setup[Self.temperature], topP: try setup[Standard.topP], minP: try setup[Standard.minP])
    }

    mutating func search(_ ask: Asker) async throws {
        for ignored in 0...ignoredMax {
            guard let thought = try await think(ask) else { break }
            if ignored == ignoredMax {
                try await answer(ask, from: thought.end)
            } else if !(try await append(thought.kept + wait, ask)) {
                break
            }
        }
        if answers.isEmpty, modelFailed { throw StrategyError("the model failed before it finished an answer") }
    }

    func answer() -> [Answer] { answers.reversed().enumerated().map { Answer($1, weight: $0 == 0 ? 1 : 0) } }

    /// Continues until the model would end its thought. `place` is then before the step that ends it, of which `kept`
    /// is still thought. nil: the model has been made to answer, or cannot continue.
    private mutating func think(_ ask: Asker) async throws -> (end: NodeID, kept: String)? {
        while true {
            if longest > 0 && tokens >= longest || steps >= Self.stepsMax { try await forceAnswer(ask); return nil }
            var step = sampling
            step.maxTokens = longest > 0 ? longest - tokens : 0
            guard let id = try await one(.sample(place, steps: 1, step), ask), let node = host.node(id) else {
                return nil
            }
            tokens += node.tokens
            steps += 1
            if let kept = thought(in: node) {
                if node.isFinished { answers.append(id) }
                return (id, kept)
            }
            place = id
            // The context is full, or the token budget is spent.
            if node.isTruncated, longest == 0 || tokens < longest { return nil }
        }
    }

    /// The part of the step that belongs to the thought, if the step ends the thought; nil if it does not.
    private func thought(in node: Node) -> String? {
        let text = String(node.text)
        if !end.isEmpty, let place = text.firstIndex(ofPart: end) { return String(text[..<place]) }
        return node.isFinished ? "" : nil
    }

    private mutating func forceAnswer(_ ask: Asker) async throws {
        if end.isEmpty && finalAnswer.isEmpty { return try await answer(ask, from: place) }
        if try await append(end + finalAnswer, ask) { try await answer(ask, from: place) }
    }

    /// Samples what follows to its end, unless it has already ended.
    private mutating func answer(_ ask: Asker, from id: NodeID) async throws {
        if host.node(id)?.isFinished == true { return }
        if let last = try await one(.sample(id, sampling), ask), host.node(last)?.isFinished == true {
            answers.append(last)
        }
    }

    /// Appends words to the thought. An empty text changes nothing.
    private mutating func append(_ text: String, _ ask: Asker) async throws -> Bool {
        if text.isEmpty { return true }
        guard let id = try await one(.append(text, to: place), ask) else { return false }
        place = id
        return true
    }

    /// The one node in the result of an ask; nil if there is none.
    private mutating func one(_ what: Ask, _ ask: Asker) async throws -> NodeID? {
        let tell = try await ask([what])
        modelFailed = modelFailed || tell.contains(.modelFailed)
        return tell.nodes.first
    }
}

extension String {
    /// Where `part` begins, by its bytes.
    fileprivate func firstIndex(ofPart part: String) -> Index? {
        let bytes = Array(part.utf8)
        return utf8.indices.first { utf8[$0...].starts(with: bytes) }
    }
}

private let plugin = Plugin(name: "budget-forcing", version: "1.0.0", strategies: [Sequential<BudgetForcing>.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
