import SearchCore

/// Everything that one lane (one thread) decodes with. Not `Sendable`: it is made on its lane's thread and never leaves
/// it.
public final class ModelSet {
    /// By role: "policy", "reviser", "large" …
    public let models: [String: any LanguageModel]
    /// By role: "prm", "orm", "judge" …
    public let verifiers: [String: any Verifier]

    public init(models: [String: any LanguageModel], verifiers: [String: any Verifier]) {
        self.models = models
        self.verifiers = verifiers
    }
}

/// Where model sets come from: a bundle with its weights loaded, an endpoint, a
/// script. Shared by all lanes.
public protocol ModelSource: Sendable {
    /// The bundle's name.
    var name: String { get }
    /// The useful number of lanes: threads that decode in parallel, each with its own contexts over the same weights.
    var laneCount: Int { get }
    var modelRoles: Set<String> { get }
    var verifierRoles: Set<String> { get }
    var prompt: PromptTemplate { get }
    /// Where a step ends.
    var steps: StepRule { get }
    /// Names of the functions (see `stratagem.h`) that read answers.
    var answerFunctions: AnswerFunctions { get }
    /// Whether these functions were named, or are the defaults.
    var namesAnswers: Bool { get }
    /// The identity of each role's weights.
    var weights: [String: WeightsIdentity] { get }
    /// The shapes that are known, by role (an endpoint's are not): FLOPs and numbers of parameters are computed from
    /// them.
    var shapes: [String: ModelShape] { get }
    /// Everything that influences results besides weights and parameters, as text: prompts, context, and how answers
    /// and verifiers are read.
    var settings: String { get }
    /// The values of strategies' parameters unless the user says otherwise.
    var strategyDefaults: StrategyDefaults { get }
    /// What each role's backend guarantees; a role that is missing here gives every guarantee.
    var capabilities: [String: Capabilities] { get }
    /// How conversations are shown to the policy; nil: its model has no chat template.
    var chat: ChatPrompts? { get }
    /// Called once per lane, on the lane's thread.
    /// - Parameter wake: see ``LaneSeat/wake``.
    func makeModels(wake: @escaping @Sendable () -> Void) throws(StratagemError) -> ModelSet
}

extension ModelSource {
    public var namesAnswers: Bool { true }
    public var weights: [String: WeightsIdentity] { [:] }
    public var shapes: [String: ModelShape] { [:] }
    public var settings: String { "" }
    public var chat: ChatPrompts? { nil }
    public var capabilities: [String: Capabilities] { [:] }
    /// For callers that drive the models themselves.
    public func makeModels() throws(StratagemError) -> ModelSet { try makeModels(wake: {}) }
    public var strategyDefaults: StrategyDefaults { StrategyDefaults() }
}

/// The identity of a model: after more training it is a different model.
public enum WeightsIdentity: Sendable, Hashable {
    /// A file, identified by its bytes.
    case file(String)
    /// A name or a script, identified by its text.
    case text(String)
}

/// Parameters that a bundle sets: a policy table, for instance, belongs to the models
/// that it was fitted for.
public struct StrategyDefaults: Sendable, Equatable {
    /// The folder to which the names of files in the values are relative.
    public var folder: String
    /// The values by the strategy's short name, then by parameter, as a user would type them.
    public var values: [String: [String: String]]

    public init(folder: String = "", values: [String: [String: String]] = [:]) {
        self.folder = folder
        self.values = values
    }
}

/// Which plugin functions the bundle wants, by their names.
public struct AnswerFunctions: Sendable, Equatable, Codable {
    /// Hook `stratagem.extract_answer/1`.
    public var extract: String
    /// Hook `stratagem.answers_equal/1`.
    public var equal: String
    /// Hook `stratagem.aggregate_steps/1`: a score for a whole answer.
    public var aggregate: String
    /// Hook `stratagem.canonical_answer/1`. Nil: the function with the name of `equal`, if there is one. Empty: none,
    /// so the first spelling stands for all answers that are equal to it.
    public var canonical: String?
    /// How a model marks its thoughts: the answer is read after them. Nil: it does not mark them.
    public var thought: Thought?

    public init(
        extract: String = "gsm8k", equal: String = "numeric", aggregate: String = "last", canonical: String? = nil,
        thought: Thought? = nil
    ) {
        self.extract = extract
        self.equal = equal
        self.aggregate = aggregate
        self.canonical = canonical
        self.thought = thought
    }
}

/// How a problem, and a problem with earlier attempts, is shown to a model.
public struct PromptTemplate: Sendable, Equatable {
    /// Has `{problem}`.
    public var problem: String
    /// Has `{problem}` and `{attempts}`: for the ask REVISE.
    public var revise: String
    /// One attempt: has `{attempt}`, may have `{number}` (from 1).
    public var attempt: String
    /// For a conversation: the texts that `{turn 1}` and so on stand for. The last one is the problem.
    public var turns: [[UInt8]] = []

    public init(problem: String, revise: String, attempt: String) {
        self.problem = problem
        self.revise = revise
        self.attempt = attempt
    }

    public func render(problem text: [UInt8]) -> [PromptPart] {
        Self.fill(problem, values(problem: text))
    }

    private func values(problem text: [UInt8]) -> [String: [PromptPart]] {
        var values = ["problem": [PromptPart(text: text)]]
        for (place, turn) in turns.enumerated() { values["turn \(place + 1)"] = [PromptPart(text: turn)] }
        return values
    }

    /// With no attempts this is the plain problem.
    public func render(problem text: [UInt8], attempts: [[UInt8]]) -> [PromptPart] {
        guard !attempts.isEmpty else { return render(problem: text) }
        var shown: [PromptPart] = []
        for (index, attempt) in attempts.enumerated() {
            shown += Self.fill(
                self.attempt,
                [
                    "attempt": [PromptPart(text: attempt)],
                    "number": [PromptPart(template: "\(index + 1)")],
                ])
        }
        return Self.fill(revise, values(problem: text).merging(["attempts": shown]) { one, _ in one })
    }

    /// The spaces at its end. A tokenizer joins them with the word that follows, so a verifier puts them before the first
    /// step. None if a root with attempts would end in another number of them.
    public var spacesAtEnd: [UInt8] {
        func count(_ text: String) -> Int { text.utf8.reversed().prefix { $0 == 32 }.count }
        return count(problem) == count(revise) ? [UInt8](repeating: 32, count: count(problem)) : []
    }

    /// Replaces each `{name}` that it knows; any other brace is left as it is.
    private static func fill(_ template: String, _ values: [String: [PromptPart]]) -> [PromptPart] {
        var parts: [PromptPart] = []
        var literal = ""
        var rest = Substring(template)
        while let open = rest.firstIndex(of: "{") {
            let after = rest.index(after: open)
            if let close = rest[after...].firstIndex(of: "}"), let value = values[String(rest[after..<close])] {
                literal += rest[..<open]
                if !literal.isEmpty { parts.append(PromptPart(template: literal)) }
                literal = ""
                parts += value
                rest = rest[rest.index(after: close)...]
            } else {
                literal += rest[...open]
                rest = rest[after...]
            }
        }
        literal += rest
        if !literal.isEmpty { parts.append(PromptPart(template: literal)) }
        return parts
    }
}
