import LanguageModels
import SearchCore
import StrategyHost

/// How answers are read, compared and scored: the bundle's three functions, found
/// among the loaded plugins and called by their declared signatures.
struct AnswerReader: Sendable {
    let extractor: AnswerExtractor
    let equality: AnswerEquality
    let aggregator: StepAggregator

    init(_ names: AnswerFunctions, registry: PluginRegistry) throws(StratagemError) {
        extractor = try Self.find(.extractAnswer, names.extract, registry) { if case .extractAnswer(let found) = $0 { found } else { nil } }
        equality = try Self.find(.answersEqual, names.equal, registry) { if case .answersEqual(let found) = $0 { found } else { nil } }
        aggregator = try Self.find(.aggregateSteps, names.aggregate, registry) { if case .aggregateSteps(let found) = $0 { found } else { nil } }
    }

    private static func find<Function>(_ hook: Hook, _ name: String, _ registry: PluginRegistry,
                                       _ pick: (PluginFunction) -> Function?) throws(StratagemError) -> Function {
        guard let function = pick(try registry.function(hook, named: name)) else {
            throw StratagemError(.host, "wrong_hook", "function '\(name)' is not of hook \(hook.rawValue)")
        }
        return function
    }

    func extract(_ text: [UInt8]) -> String? { extractor(text) }
    func equal(_ a: String, _ b: String) -> Bool { equality(a, b) }

    /// A function of a plugin's may return anything: what is no value in [0, 1]
    /// counts as 0.
    func aggregate(_ values: [Double]) -> Double {
        let value = aggregator(values)
        return (0...1).contains(value) ? value : 0
    }
}
