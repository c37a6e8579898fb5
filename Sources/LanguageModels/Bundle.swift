import SearchCore

/// A TOML file that names weights, the prompt's template, where a step ends and
/// how a verifier is read. `BundleReader` makes it from the file and checks it.
public struct Bundle: Sendable, Equatable {
    /// What a model is for.
    public enum Kind: String, Sendable, CaseIterable {
        /// Continues text.
        case policy
        /// Scores every step.
        case prm
        /// Scores whole answers only.
        case orm
    }

    /// How a step's value is read from a verifier.
    public enum ReadOut: String, Sendable, CaseIterable {
        /// The probability of `good` against `good` and all of `bad`, at the token that
        /// ends the step.
        case token
        /// How near the solution, through this step, comes to what the verifier would
        /// have said itself: the product over its tokens of p(token) / p(likeliest).
        /// Each step's first token is left out: how a step begins is a matter of style.
        case likelihood
    }

    /// One set of weights and the role that it plays.
    public struct Model: Sendable, Equatable {
        /// What asks call it: "policy", "prm", "reviser", …
        public var role: String
        public var kind: Kind
        /// Path of the weights, ready to open.
        public var gguf: String
        /// A verifier's own prompt; has `{problem}`.
        public var template: String?
        /// How a verifier's value is made.
        public var readOut: ReadOut
        /// For `ReadOut.token`: each is one token of its vocabulary.
        public var good: String
        public var bad: [String]

        public init(role: String, kind: Kind, gguf: String, template: String? = nil, readOut: ReadOut = .token, good: String = "",
                    bad: [String] = []) {
            self.role = role
            self.kind = kind
            self.gguf = gguf
            self.template = template
            self.readOut = readOut
            self.good = good
            self.bad = bad
        }
    }

    public var name: String
    /// The TOML file it came from, for messages.
    public var file: String
    /// Ends a step; a part of it.
    public var stepDelimiter: String
    /// Strings that end an answer besides the model's own end token.
    public var stop: [String]
    /// Tokens that a sequence may hold, prompt included.
    public var contextTokens: Int
    /// What its makers sample at. A note: strategies have their own default.
    public var temperature: Double?
    public var answers: AnswerFunctions
    public var prompt: PromptTemplate
    /// By role.
    public var models: [String: Model]
    public var strategies: StrategyDefaults

    public init(name: String, file: String, stepDelimiter: String = "\n", stop: [String] = [], contextTokens: Int,
                temperature: Double? = nil, answers: AnswerFunctions = .init(), prompt: PromptTemplate,
                models: [String: Model], strategies: StrategyDefaults = .init()) {
        self.name = name
        self.file = file
        self.stepDelimiter = stepDelimiter
        self.stop = stop
        self.contextTokens = contextTokens
        self.temperature = temperature
        self.answers = answers
        self.prompt = prompt
        self.models = models
        self.strategies = strategies
    }

    /// Models that continue text, by role.
    public var policies: [Model] { sorted { $0.kind == .policy } }
    /// Models that score, by role.
    public var verifiers: [Model] { sorted { $0.kind != .policy } }

    /// All that moves results besides weights and strategies' parameters: see `ModelSource.settings`.
    public var settings: String {
        var parts = [stepDelimiter, "\(stop.count)"] + stop
        parts += ["\(contextTokens)", answers.extract, answers.equal, answers.aggregate, prompt.problem, prompt.revise, prompt.attempt]
        for model in models.values.sorted(by: { $0.role < $1.role }) {
            parts += [model.role, model.kind.rawValue, model.template ?? "-", model.readOut.rawValue, model.good, "\(model.bad.count)"] + model.bad
        }
        // With lengths, or a quote could move from one part to the next unseen.
        return parts.map { "\($0.utf8.count):\($0)" }.joined(separator: "\n")
    }

    private func sorted(where isWanted: (Model) -> Bool) -> [Model] {
        models.values.filter(isWanted).sorted { $0.role < $1.role }
    }
}
