import SearchCore

/// A TOML file that names each role's source, the prompt's template, where a step ends and
/// how a verifier is read. `BundleReader` makes it from the file and checks it.
public struct Bundle: Sendable, Equatable {
    /// The purpose of a model.
    public enum Kind: String, Sendable, CaseIterable {
        /// Continues text.
        case policy
        /// Scores every step.
        case prm
        /// Scores whole answers only.
        case orm
    }

    /// A source and the role that it plays.
    public struct Model: Sendable, Equatable {
        /// The name that asks use for it: "policy", "prm", "reviser", …
        public var role: String
        public var kind: Kind
        public var source: Source
        /// A verifier's own prompt; has `{problem}`.
        public var template: String?
        /// How steps are shown to a verifier and how it is read; nil if nothing is read: a policy, a script, a program.
        public var readOut: (any StepReadOut)?

        public init(
            role: String, kind: Kind, source: Source, template: String? = nil, readOut: (any StepReadOut)? = nil
        ) {
            self.role = role
            self.kind = kind
            self.source = source
            self.template = template
            self.readOut = readOut
        }

        public static func == (one: Model, other: Model) -> Bool {
            one.role == other.role && one.kind == other.kind && one.source == other.source
                && one.template == other.template
                && one.readOutSettings == other.readOutSettings
        }

        /// The text from before there were several read-outs is unchanged, because stores contain it.
        var readOutSettings: [String] {
            let read = readOut.map { [type(of: $0).name] + $0.settings } ?? [TokenReadOut.name, "", "0"]
            guard case .endpoint(let endpoint) = source, let route = endpoint.route else { return read }
            return read + ["route", route.rawValue]
        }
    }

    public var name: String
    /// The TOML file that the bundle was read from, for messages.
    public var file: String
    /// Where a step ends.
    public var steps: StepRule
    /// Strings that end an answer besides the model's own end token.
    public var stop: [String]
    /// Tokens that a sequence may hold, prompt included.
    public var contextTokens: Int
    /// The temperature that the model's makers use. For information only: strategies have their own default.
    public var temperature: Double?
    public var answers: AnswerFunctions
    /// Whether the bundle itself says how answers are found or compared.
    public var namesAnswers: Bool
    public var prompt: PromptTemplate
    /// The models by role.
    public var models: [String: Model]
    public var strategies: StrategyDefaults

    public init(
        name: String, file: String, steps: StepRule = .delimiter("\n"), stop: [String] = [], contextTokens: Int,
        temperature: Double? = nil, answers: AnswerFunctions = .init(), namesAnswers: Bool = false,
        prompt: PromptTemplate,
        models: [String: Model], strategies: StrategyDefaults = .init()
    ) {
        self.name = name
        self.file = file
        self.steps = steps
        self.stop = stop
        self.contextTokens = contextTokens
        self.temperature = temperature
        self.answers = answers
        self.namesAnswers = namesAnswers
        self.prompt = prompt
        self.models = models
        self.strategies = strategies
    }

    /// Models that continue text, by role.
    public var policies: [Model] { sorted { $0.kind == .policy } }
    /// Models that score, by role.
    public var verifiers: [Model] { sorted { $0.kind != .policy } }

    /// Everything that influences results besides weights and strategies' parameters: see `ModelSource.settings`.
    public var settings: String {
        var parts = [steps.setting, "\(stop.count)"] + stop
        parts += [
            "\(contextTokens)", answers.extract, answers.equal, answers.aggregate, prompt.problem, prompt.revise,
            prompt.attempt,
        ]
        if let canonical = answers.canonical { parts.append("canonical \(canonical)") }
        if let thought = answers.thought { parts += ["thought", thought.opens, thought.closes] }
        for model in models.values.sorted(by: { $0.role < $1.role }) {
            parts += [model.role, model.kind.rawValue, model.template ?? "-"] + model.readOutSettings
        }
        // The lengths are included; otherwise a quote could move from one part to the next unnoticed.
        return parts.map { "\($0.utf8.count):\($0)" }.joined(separator: "\n")
    }

    private func sorted(where isWanted: (Model) -> Bool) -> [Model] {
        models.values.filter(isWanted).sorted { $0.role < $1.role }
    }
}
