import LanguageModels
import SearchCore

/// Scripts as a model source: what a run is given instead of a bundle.
public struct ScriptedSource: ModelSource {
    public var name = "scripted"
    public var laneCount = 1
    public var prompt = PromptTemplate(problem: "{problem}", revise: "{problem}{attempts}", attempt: "\n{attempt}")
    public var steps = StepRule.delimiter("\n")
    public var answerFunctions = AnswerFunctions()
    /// A script has no place to say it.
    public var namesAnswers: Bool { false }
    /// By role.
    public var models: [String: Script]
    public var verifiers: [String: Script]
    public var modelBehavior = ScriptedBehavior()
    public var verifierBehavior = ScriptedBehavior()
    /// Verifiers among them that are outcome verifiers, by role.
    public var outcomeVerifiers: Set<String> = ["orm"]

    public init(models: [String: Script], verifiers: [String: Script]) {
        self.models = models
        self.verifiers = verifiers
    }

    /// One script as "policy", "reviser" and "prm".
    public init(_ script: Script, behavior: ScriptedBehavior = ScriptedBehavior()) {
        self.init(models: ["policy": script, "reviser": script], verifiers: ["prm": script])
        modelBehavior = behavior
        verifierBehavior.shuffle = behavior.shuffle
    }

    public var weights: [String: WeightsIdentity] {
        models.merging(verifiers) { model, _ in model }.mapValues { .text("\($0)") }
    }
    public var capabilities: [String: Capabilities] {
        func promises(_ behavior: ScriptedBehavior) -> Capabilities { Capabilities(countsFLOPs: behavior.shape != nil) }
        return models.mapValues { _ in promises(modelBehavior) }.merging(
            verifiers.mapValues { _ in promises(verifierBehavior) }
        ) { model, _ in model }
    }
    public var strategyDefaults = StrategyDefaults()
    public var modelRoles: Set<String> { Set(models.keys) }
    public var verifierRoles: Set<String> { Set(verifiers.keys) }

    public func makeModels(wake: @escaping @Sendable () -> Void) throws(StratagemError) -> ModelSet {
        var policies: [String: any LanguageModel] = [:]
        for (role, script) in models { policies[role] = try ScriptedModel(script, behavior: modelBehavior, wake: wake) }
        var scorers: [String: any Verifier] = [:]
        for (role, script) in verifiers {
            var behavior = verifierBehavior
            if outcomeVerifiers.contains(role) { behavior.judgesWholeAnswersOnly = true }
            scorers[role] = try ScriptedVerifier(script, behavior: behavior, wake: wake)
        }
        return ModelSet(models: policies, verifiers: scorers)
    }
}
