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
        extractor = try registry.answerExtractor(named: names.extract)
        equality = try registry.answerEquality(named: names.equal)
        aggregator = try registry.stepAggregator(named: names.aggregate)
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
