import LanguageModels
import SearchCore
import StrategyHost

/// How answers are read, compared and scored: the bundle's functions, found
/// among the loaded plugins and called by their declared signatures.
struct AnswerReader: Sendable {
    let extractor: AnswerExtractor
    let equality: AnswerEquality
    let aggregator: StepAggregator
    /// Nil: the first spelling of an answer stands for all answers that are equal to it.
    let canonicalizer: AnswerCanonicalizer?
    private let thought: Thought?
    /// Whether the prompt ends inside a thought.
    private let promptThinks: Bool

    init(_ names: AnswerFunctions, prompt: PromptTemplate, registry: PluginRegistry) throws(StratagemError) {
        extractor = try Self.find(.extractAnswer, names.extract, registry) {
            if case .extractAnswer(let found) = $0 { found } else { nil }
        }
        equality = try Self.find(.answersEqual, names.equal, registry) {
            if case .answersEqual(let found) = $0 { found } else { nil }
        }
        aggregator = try Self.find(.aggregateSteps, names.aggregate, registry) {
            if case .aggregateSteps(let found) = $0 { found } else { nil }
        }
        canonicalizer = try Self.canonicalizer(names, registry)
        thought = names.thought
        promptThinks = names.thought?.isOpen(after: prompt.problem) ?? false
    }

    /// The function that the bundle names; if it names none, the function with the name of its equality, if one exists.
    private static func canonicalizer(_ names: AnswerFunctions, _ registry: PluginRegistry) throws(StratagemError)
        -> AnswerCanonicalizer?
    {
        let pick = { (function: PluginFunction) in
            if case .canonicalAnswer(let found) = function { found } else { nil as AnswerCanonicalizer? }
        }
        guard let named = names.canonical else {
            return (try? registry.function(.canonicalAnswer, named: names.equal)).flatMap(pick)
        }
        return named.isEmpty ? nil : try find(.canonicalAnswer, named, registry, pick)
    }

    private static func find<Function>(
        _ hook: Hook, _ name: String, _ registry: PluginRegistry,
        _ pick: (PluginFunction) -> Function?
    ) throws(StratagemError) -> Function {
        guard let function = pick(try registry.function(hook, named: name)) else {
            throw StratagemError(.host, .wrongHook, "function '\(name)' is not of hook \(hook.rawValue)")
        }
        return function
    }

    /// The answer in a text, which is in the part after the model's thoughts.
    func extract(_ text: [UInt8]) -> String? {
        guard let thought else { return extractor(text) }
        return thought.answer(in: text, isOpen: promptThinks).flatMap { extractor(Array($0)) }
    }
    /// The answer's canonical form, or itself if it has none.
    func canonical(_ answer: String) -> String { canonicalizer?(answer) ?? answer }
    func equal(_ a: String, _ b: String) -> Bool { equality(a, b) }

    /// A plugin's function may return anything: a result that is not a value in [0, 1] counts as 0.
    func aggregate(_ values: [Double]) -> Double {
        let value = aggregator(values)
        return (0...1).contains(value) ? value : 0
    }
}
